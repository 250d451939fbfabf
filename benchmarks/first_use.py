"""What is done for the first time in a notebook: the unlock, a TAB, a status.

The unlock, with everything set in the environment, beside the plain program that logs in, unlocks
and reads one password.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.demo_process import demo_process
from benchmarks.figure import Figure, at_most
from benchmarks.kernel import kernel
from benchmarks.options import Options
from benchmarks.process import bare_environment, run_program
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import ratios, spread

ITEMS = 1_000
TAB, STATUS, UNLOCK = "First TAB", "First `%bw_status`", "First unlock in a notebook"
GOALS = {TAB: at_most(100), STATUS: at_most(50)}
UNLOCK_GOAL = at_most(1.15)

_BEGIN = """
import time
_shell = get_ipython()
def _timed(action):
    begin, cpu = time.perf_counter(), time.process_time()
    action()
    return [(time.perf_counter() - begin) * 1e3, (time.process_time() - cpu) * 1e3]
def _tab():
    found = _shell.complete(None, "%bw_get password item-0", 23)[1]
    assert any("item-0" in each for each in found), found
def _unlock():
    _shell.run_line_magic("load_ext", "bw_magics")
    _shell.run_line_magic("bw_unlock", "")
    _shell.user_ns["bw_session"][{name!r}].password
"""

_CELLS = {
    UNLOCK: "_unlock",
    TAB: "_tab",
    STATUS: 'lambda: _shell.run_line_magic("bw_status", "")',
}


def measure(report: Report, options: Options) -> None:
    """Adds the figures of a vault of 1,000 items."""
    taken: dict[str, list[list[float]]] = {what: [] for what in _CELLS}
    plain: list[list[float]] = []
    with demo_process(ITEMS) as demo:
        for turn in range(options.repeat + 1):
            say(f"first uses, turn {turn} of {options.repeat}")
            with (
                tempfile.TemporaryDirectory() as home,
                kernel(Path(home), demo.environment) as notebook,
            ):
                environment = {**bare_environment(Path(home)), **demo.environment}
                run = run_program("program.py", environment, demo.middle[0])
                notebook.run(_BEGIN.format(name=demo.middle[0]))
                told = {}
                for what, action in _CELLS.items():
                    notebook.run(f"_taken = _timed({action})")
                    told[what] = notebook.value("_taken")
            if turn:  # the first one compiles what is not compiled yet
                plain.append([run.wall * 1e3, run.cpu * 1e3])
                for what, times in told.items():
                    taken[what].append(times)
    figure = f"{UNLOCK} and a password / the plain program"
    for at, unit in ((1, "CPU"), (0, "wall")):
        for what, goal in GOALS.items():
            times = [each[at] for each in taken[what]]
            report.add(
                Figure(f"{what}, {unit}", statistics.median(times), "ms", ITEMS, goal, times)
            )
        samples = ratios(*([each[at] for each in way] for way in (taken[UNLOCK], plain)))
        median = statistics.median(samples)
        report.add(Figure(f"{figure}, {unit}", median, "×", ITEMS, UNLOCK_GOAL, samples))
    taken["the plain program, from its start to its end"] = plain
    rows = [
        [what, *(spread([each[at] for each in times]) for at in range(2))]
        for what, times in taken.items()
    ]
    report.detail("First uses in a notebook", ["", "ms", "CPU ms"], rows, __doc__ or "")
