"""The first secret of the Secrets Manager from nothing: `bw_magics`, the floor, the official SDK.

Whole processes in turns on one server, as in `cold`. Names and values are the demo's own.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.figure import Figure, at_most
from benchmarks.options import Options
from benchmarks.process import ROOT, Run, bare_environment, run, run_program
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread
from bw_magics.demo.items.awkward import ORGANIZATION
from tests.witness.sdk import VERSION, python

OURS, FLOOR, SDK = "bw_magics", "the floor (httpx)", "bitwarden-sdk"
GOAL = at_most(1.3)

_REFERENCE = "bws://Reporting/WAREHOUSE_PASSWORD"
_VALUE = "demo-machine-warehouse-1"


def measure(report: Report, options: Options) -> None:
    """Adds the figures."""
    with tempfile.TemporaryDirectory() as home, demo_process(10) as demo:
        ways = _ways(demo, Path(home))
        report.versions[SDK] = VERSION if SDK in ways else "not installed"
        asked = {}
        for way, once in ways.items():
            for _ in range(2):
                demo.traffic()
                once()
            asked[way] = demo.traffic()
        repeat = max(options.repeat, 5)
        taken = in_turns(
            ways, repeat, on_turn=lambda turn: say(f"machine, turn {turn + 1} of {repeat}")
        )
    walls = {way: [each.wall for each in runs] for way, runs in taken.items()}
    for way, goal in ((FLOOR, GOAL), (SDK, None)):
        if way in walls:
            found = ratios(walls[OURS], walls[way])
            report.add(
                Figure(
                    f"first secret of the Secrets Manager: bw_magics / {way}",
                    statistics.median(found),
                    "×",
                    goal=goal,
                    samples=found,
                )
            )
    rows = [
        [
            way,
            spread(walls[way]),
            spread([each.cpu for each in runs]),
            spread(ratios(walls[way], walls[OURS])),
            str(len(asked[way].requests)),
        ]
        for way, runs in taken.items()
    ]
    headings = ["way", "s", "CPU s", "× bw_magics", "requests"]
    note = (
        "Seconds are medians with the least and the most; ratios are medians of the turns. The SDK "
        "lists, finds the key, and gets the value; it loads native code in place of httpx."
    )
    report.detail("The first secret of the Secrets Manager", headings, rows, note)


def _ways(demo: DemoProcess, home: Path) -> dict[str, Callable[[], Run]]:
    environment = {**bare_environment(home), **demo.environment}
    ways = {
        OURS: _checked(lambda: run_program("machine_program.py", environment, _REFERENCE)),
        FLOOR: _checked(lambda: run_program("machine_floor.py", environment, _REFERENCE)),
    }
    try:
        interpreter = python()
    except (OSError, subprocess.CalledProcessError):
        return ways
    native = {**environment, "ORGANIZATION": ORGANIZATION.id}
    del native["PYTHONPATH"]
    program = ROOT / "benchmarks" / "machine_sdk.py"
    ways[SDK] = _checked(lambda: run([interpreter, program, _REFERENCE], native))
    return ways


def _checked(once: Callable[[], Run]) -> Callable[[], Run]:
    def checked() -> Run:
        found = once()
        if found.output != _VALUE:
            raise RuntimeError("A program gave another value than that of the secret.")
        return found

    return checked
