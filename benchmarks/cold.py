"""From nothing to one password, as whole processes: every way there is, in turns on one server.

The official CLI needs three processes (`bw login --apikey`, `bw unlock`, `bw get password`); each
of the others is one, from the start of Python to its end. Among them the floor (`floor.py`), and
`bw_magics` with the vault kept from the run before.
"""

from __future__ import annotations

import importlib.metadata
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.demo_process import DemoProcess, Traffic, demo_process
from benchmarks.figure import Figure, Goal, at_least, at_most
from benchmarks.official_cli import OfficialCli, Steps
from benchmarks.options import Options
from benchmarks.process import Run
from benchmarks.programs import program
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

BW, OURS, FLOOR, KEPT, OTHER = (
    "bw login + unlock + get",
    "bw_magics",
    "the floor",
    "bw_magics, vault kept",
    "python-vaultwarden",
)

RATIO_GOALS = {10: at_least(25), 1_000: at_least(25), 10_000: at_least(20)}
FLOOR_GOAL = at_most(1.25)
KEPT_GOALS = {10_000: at_least(40), 50_000: at_least(40)}

Taken = Run | Steps


def measure(report: Report, options: Options) -> None:
    """Adds the figures of all sizes."""
    cli = OfficialCli.find(options.bw)
    report.versions["bw"] = cli.version if cli else "not found (npm ci in tests/interop)"
    other = _version("python-vaultwarden")
    report.versions[OTHER] = other or "not installed (the group bench)"
    rows: list[list[str]] = []
    traffic: list[list[str]] = []
    steps: list[list[str]] = []
    for items in options.curve:
        is_whole = items in options.sizes
        with tempfile.TemporaryDirectory() as home, demo_process(items) as demo:
            ways = _ways(demo, Path(home))
            if is_whole:
                ways |= _others(demo, Path(home), cli, with_library=other is not None)
            asked = _warm_up(demo, ways)
            taken = in_turns(
                ways, options.repeat, on_turn=lambda turn: _say(demo.items, turn, options.repeat)
            )
            _check_size(asked[OURS], items)
        _points(report, items, taken)
        if not is_whole:
            continue
        _figures(report, items, taken, asked)
        rows += _rows(items, taken)
        traffic += [_traffic_row(items, way, asked[way]) for way in (OURS, KEPT)]
        if BW in taken:
            steps.append(_steps_row(items, taken[BW]))
    headings = ["way", "items", "s", "CPU s", "× bw_magics", "× its CPU"]
    note = (
        "Seconds are medians with the least and the most; ratios are medians of the turns. "
        "python-vaultwarden logs in, syncs and derives the key; the items of a personal vault it "
        "returns as the server sent them. Their keys and names are decrypted around its `decrypt` "
        "(vaultwarden_program.py), as far as the first hit. It keeps nothing, does not look for "
        "a second item of that name, and takes the e-mail for the salt."
    )
    report.detail("From nothing to one password", headings, rows, note)
    if steps:
        headings = ["`bw`", "login, s", "unlock, s", "get, s"]
        report.detail("What `bw` does in that time", headings, steps)
    headings = ["a cold start asks", "items", "requests", "downloads", "MB"]
    report.detail("What the server sent for it", headings, traffic)


def _ways(demo: DemoProcess, home: Path) -> dict[str, Callable[[], Taken]]:
    return {
        OURS: program(demo, home, "program.py"),
        FLOOR: program(demo, home, "floor.py"),
        KEPT: program(demo, home, "program.py", str(home / "kept")),
    }


def _others(
    demo: DemoProcess, home: Path, cli: OfficialCli | None, *, with_library: bool
) -> dict[str, Callable[[], Taken]]:
    ways: dict[str, Callable[[], Taken]] = {}
    if with_library:
        ways[OTHER] = program(demo, home, "vaultwarden_program.py")
    if cli is not None:
        ways[BW] = lambda: cli.first_secret(demo, *demo.middle)
    return ways


def _warm_up(demo: DemoProcess, ways: Mapping[str, Callable[[], Taken]]) -> dict[str, Traffic]:
    """Runs each of the Python programs until everything is compiled and kept; what the last run
    asked the server for.
    """
    asked = {}
    for way, run in ways.items():
        if way == BW:
            continue
        for _ in range(2):
            demo.traffic()
            run()
        asked[way] = demo.traffic()
    return asked


def _check_size(traffic: Traffic, items: int) -> None:
    """Official servers send every item twice: then one is more than 2 kB."""
    if traffic.bytes < items * 2_000:
        raise RuntimeError("The demo server does not send its items as official ones do.")


def _figures(
    report: Report, items: int, taken: Mapping[str, Sequence[Taken]], asked: Mapping[str, Traffic]
) -> None:
    walls = {way: [run.wall for run in runs] for way, runs in taken.items()}

    def ratio(what: str, slower: str, faster: str, goal: Goal | None) -> None:
        if slower in walls and faster in walls:
            samples = ratios(walls[slower], walls[faster])
            report.add(Figure(what, statistics.median(samples), "×", items, goal, samples))

    ratio("Cold first secret: `bw` / bw_magics", BW, OURS, RATIO_GOALS.get(items))
    ratio("Cold first secret: bw_magics / the floor", OURS, FLOOR, FLOOR_GOAL)
    ratio("Cold first secret: python-vaultwarden / bw_magics", OTHER, OURS, None)
    goal = KEPT_GOALS.get(items)
    ratio("With the vault cache: `bw` / bw_magics", BW, KEPT, goal)
    downloads = asked[KEPT].downloads
    report.add(
        Figure("With the vault cache: downloads of the vault", downloads, "", items, at_most(0))
    )


def _points(report: Report, items: int, taken: Mapping[str, Sequence[Taken]]) -> None:
    for way, runs in taken.items():
        report.point(f"cold {way}, s", items, statistics.median(run.wall for run in runs))
        report.point(f"cold {way}, CPU s", items, statistics.median(run.cpu for run in runs))


def _rows(items: int, taken: Mapping[str, Sequence[Taken]]) -> list[list[str]]:
    ours = taken[OURS]
    return [
        [
            way,
            f"{items:,}",
            spread([run.wall for run in taken[way]]),
            spread([run.cpu for run in taken[way]]),
            f"{_times(taken[way], ours, 'wall'):.2f}",
            f"{_times(taken[way], ours, 'cpu'):.2f}",
        ]
        for way in (BW, OTHER, OURS, KEPT, FLOOR)
        if way in taken
    ]


def _times(one: Sequence[Taken], other: Sequence[Taken], what: str) -> float:
    return statistics.median(
        ratios([getattr(run, what) for run in one], [getattr(run, what) for run in other])
    )


def _steps_row(items: int, runs: Sequence[Taken]) -> list[str]:
    steps = [run for run in runs if isinstance(run, Steps)]
    medians = (
        statistics.median(getattr(run, step).wall for run in steps)
        for step in ("login", "unlock", "get")
    )
    return [f"{items:,} items", *(f"{seconds:.2f}" for seconds in medians)]


def _traffic_row(items: int, way: str, asked: Traffic) -> list[str]:
    return [
        way,
        f"{items:,}",
        str(len(asked.requests)),
        str(asked.downloads),
        f"{asked.bytes / 1e6:.2f}" if asked.bytes >= 1e4 else f"{asked.bytes / 1e6:.4f}",
    ]


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _say(items: int, turn: int, repeat: int) -> None:
    say(f"cold start, {items:,} items, turn {turn + 1} of {repeat}")
