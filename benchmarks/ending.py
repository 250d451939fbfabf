"""The end of a script's process: what it takes after its last line, beside the floor's."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.demo_process import demo_process
from benchmarks.figure import Figure, at_most
from benchmarks.options import Options
from benchmarks.process import ROOT, bare_environment, run_code
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

ITEMS = 10_000
# Not slower, but for what two runs of the same program differ.
GOAL = at_most(1.05)

_TIMED = """
import sys, time
sys.argv = [{file!r}, {name!r}]
exec(compile(open({file!r}, encoding="utf-8").read(), {file!r}, "exec"))
print(time.process_time(), time.monotonic(), flush=True)
"""


def measure(report: Report, options: Options) -> None:
    """Adds the ratio of the two ends."""
    with tempfile.TemporaryDirectory() as home, demo_process(ITEMS) as demo:
        environment = {**bare_environment(Path(home)), **demo.environment}

        def ending(program: str) -> Callable[[], tuple[float, float]]:
            code = _TIMED.format(file=str(ROOT / "benchmarks" / program), name=demo.middle[0])

            def once() -> tuple[float, float]:
                run = run_code(code, environment)
                ended = time.monotonic()
                cpu, clock = map(float, run.output.split()[-2:])
                return run.cpu - cpu, ended - clock

            return once

        ways = {"bw_magics": ending("program.py"), "the floor": ending("floor.py")}
        for once in ways.values():
            once()
        say("the ends of scripts")
        taken = in_turns(ways, options.repeat)
    for at, unit in enumerate(("CPU", "wall")):
        samples = ratios(*([each[at] for each in taken[way]] for way in ways))
        what = f"End of a script's process: bw_magics / the floor, {unit}"
        report.add(Figure(what, statistics.median(samples), "×", ITEMS, GOAL, samples))
    rows = [
        [way, *(spread([each[at] * 1e3 for each in taken[way]]) for at in range(2))] for way in ways
    ]
    report.detail("The end of a script's process", ["", "CPU ms", "ms"], rows)
