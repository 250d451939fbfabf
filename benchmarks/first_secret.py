"""From nothing to one password: the official CLI and `bw_magics`, side by side in one run.

Both ask the same demo server, one process of it for each size of vault, in turns. The official
CLI needs three processes (`bw login --apikey`, `bw unlock`, `bw get password`); `bw_magics` is
one, from the start of Python to its end. Besides: how long a password takes once the vault is
unlocked, and what `%load_ext bw_magics` adds to a kernel.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load_ext
from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.markdown import table
from benchmarks.official_cli import OfficialCli, Steps
from benchmarks.process import Run, bare_environment, run_program
from bw_magics.settings import VERSION

SIZES = (10, 1_000, 10_000)

RATIO_GOAL = 20
WARM_GOAL = 100
LOADING_GOAL = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured with a vault of one size; `warm` is in microseconds."""

    items: int
    official: list[Steps]
    ours: list[Run]
    warm: float


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.first_secret",
        description="Login, unlock and one password: the official CLI and bw_magics.",
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--repeat", type=int, default=5, help="how often each is run")
    parser.add_argument("--repeat-bw", type=int, help="fewer runs of bw, where it takes long")
    parser.add_argument("--bw", type=Path, help="the bw to measure, instead of the tests' own")
    return parser.parse_args(words)


def measure(
    items: int, cli: OfficialCli | None, *, repeat: int, repeat_official: int, home: Path
) -> Measured:
    """Measures a vault of one size: both in turns, and which of them comes first in turns."""
    with demo_process(items) as demo:
        environment = {**bare_environment(home), **demo.environment}
        name, password = demo.logins[items // 2]

        def program() -> None:
            run = run_program("program.py", environment, name)
            if run.output != password:
                raise RuntimeError("bw_magics gave another password than the one in the vault.")
            ours.append(run)

        def official_cli() -> None:
            if cli is not None and len(official) < repeat_official:
                official.append(cli.first_secret(demo, name, password))

        official: list[Steps] = []
        ours: list[Run] = []
        program()  # compiles what is not compiled yet
        ours.clear()
        for turn in range(repeat):
            both: list[Callable[[], None]] = [program, official_cli]
            for one in both if turn % 2 else reversed(both):
                one()
        return Measured(items, official, ours, _warm_get(demo, environment, home))


def _warm_get(demo: DemoProcess, environment: dict[str, str], home: Path) -> float:
    names = home / "names.json"
    names.write_text(json.dumps([name for name, _ in demo.logins]), encoding="utf-8")
    return float(run_program("warm_get.py", environment, str(names)).output)


def comparison(measured: Sequence[Measured]) -> str:
    """The table of both, with the ratio beside its goal."""
    rows = []
    for size in measured:
        ours, ours_cpu = _median(size.ours, "wall"), _median(size.ours, "cpu")
        row = [f"{size.items:,}"]
        if size.official:
            theirs, theirs_cpu = _median(size.official, "wall"), _median(size.official, "cpu")
            steps = (
                statistics.median(getattr(run, step).wall for run in size.official)
                for step in ("login", "unlock", "get")
            )
            row += [
                " + ".join(f"{seconds:.2f}" for seconds in steps),
                f"{theirs:.2f}",
                f"{ours:.3f}",
                f"{theirs / ours:.1f} ×",
                f"≥ {RATIO_GOAL} ×",
                f"{theirs_cpu:.2f}",
                f"{ours_cpu:.3f}",
                f"{theirs_cpu / ours_cpu:.1f} ×",
            ]
        else:
            row += ["", "", f"{ours:.3f}", "", f"≥ {RATIO_GOAL} ×", "", f"{ours_cpu:.3f}", ""]
        rows.append(row)
    headings = [
        "items", "bw login + unlock + get, s", "bw, s", "bw_magics, s", "ratio", "goal",
        "bw, CPU s", "bw_magics, CPU s", "ratio of CPU",
    ]  # fmt: skip
    return table(headings, rows)


def _median(runs: Sequence[Run] | Sequence[Steps], what: str) -> float:
    values: list[float] = [getattr(run, what) for run in runs]
    return statistics.median(values)


def _load_average() -> str:
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def main(words: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    options = arguments(words)
    cli = OfficialCli.find(options.bw)
    print("## From nothing to one password\n")
    print(
        f"bw_magics {VERSION}, bw {cli.version if cli else 'not found: npm ci in tests/interop'}; "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {_load_average()} before.\n"
        f"Whole processes, medians of {options.repeat}, in turns on one server; PBKDF2 with "
        "600,000 iterations.\n"
        "The items are generated logins, beside the few dozen of the demo vault.\n"
    )
    with tempfile.TemporaryDirectory() as home:
        measured = [
            measure(
                items,
                cli,
                repeat=options.repeat,
                repeat_official=options.repeat_bw or options.repeat,
                home=Path(home),
            )
            for items in options.sizes
        ]
    print(comparison(measured))
    print("\n## One password more, from the unlocked vault\n")
    rows = [[f"{size.items:,}", f"{size.warm:.0f}", f"< {WARM_GOAL}"] for size in measured]
    print(table(["items", "µs", "goal"], rows))
    loading = load_ext.measure(options.repeat)
    print("\n## `%load_ext bw_magics` in a running kernel\n")
    print(
        table(
            ["", "ms", "goal"],
            [["median", f"{loading.seconds * 1e3:.1f}", f"< {LOADING_GOAL}"]],
        )
    )
    print("\n" + textwrap.fill(f"It imports {', '.join(loading.modules)}.", 100))
    print(f"Heavy ones among them: {', '.join(loading.heavy) or 'none'}.")
    print(f"\nLoad {_load_average()} after.")


if __name__ == "__main__":
    main()
