"""Twenty kernels that read at once: together they read as much as their processors allow.

Each has the vault open and reads for some seconds; first one of them alone, then all. What they do
while they read is watched with an audit hook: a file, a socket or a lock file that they shared
would have to be opened, and nothing is.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.demo_process import demo_process
from benchmarks.figure import Figure, at_least, at_most
from benchmarks.kernel import Kernel, kernel
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import spread

# A lock that all of them need would leave each a twentieth. Caches and switches cost something.
SHARE_GOAL = at_least(0.75)

KERNELS = 20
SIZE = 1_000
_SECONDS = 2.0
_WATCHED = 1_000

_PREPARE = """
import random, sys, time
_names = [item.name for item in bw_session.items() if item.name.startswith("item-")]
_names = [name for name in _names if bw_session[name].type == "login"]
_picked = random.Random(1).choices(_names, k=200)
def _read(begin, seconds):
    while time.time() < begin:
        time.sleep(0.001)
    count, processor, end = 0, time.process_time(), time.time() + seconds
    while time.time() < end:
        for name in _picked:
            bw_session[name].password
        count += len(_picked)
    return {"reads": count, "cpu": time.process_time() - processor}
_read(0, 0.2)
"""

# A hook stays for the life of the process, so it is the last thing.
_WATCH = """
_events, _watching = {{}}, False
def _note(event, details):
    if _watching:
        _events[event] = _events.get(event, 0) + 1
sys.addaudithook(_note)
def _watched():  # one statement: IPython compiles and runs each by itself
    global _watching
    _watching = True
    for at in range({reads}):
        bw_session[_picked[at % len(_picked)]].password
    _watching = False
_watched()
"""


def measure(report: Report, options: Options) -> None:
    """Adds the figures."""
    with tempfile.TemporaryDirectory() as folder, demo_process(SIZE) as demo, ExitStack() as stack:
        kernels: list[Kernel] = []
        for number in range(KERNELS):
            say(f"kernel {number + 1} of {KERNELS}")
            home = Path(folder, str(number))
            home.mkdir()
            kernels.append(stack.enter_context(kernel(home, demo.environment)))
        say("all of them open the vault")
        for each in kernels:
            each.unlock()
        _all(kernels, _PREPARE)
        alone, together = [], []
        for turn in range(options.repeat):
            say(f"one, then {KERNELS} at once, turn {turn + 1} of {options.repeat}")
            alone.append(_reading(kernels[:1]))
            together.append(_reading(kernels))
        events = _watched(kernels)
    _figures(report, alone, together, events)


def _all(kernels: list[Kernel], code: str) -> None:
    for each, cell in [(each, each.begin(code)) for each in kernels]:
        each.finish(cell)


def _reading(kernels: list[Kernel]) -> dict[str, float]:
    """Reads a second and of the processor's, of all together."""
    begin = time.time() + 0.5
    _all(kernels, f"_taken = _read({begin!r}, {_SECONDS!r})")
    told = [each.value("_taken") for each in kernels]
    reads = sum(each["reads"] for each in told)
    return {"second": reads / _SECONDS, "cpu": reads / sum(each["cpu"] for each in told)}


def _watched(kernels: list[Kernel]) -> dict[str, int]:
    events: dict[str, int] = {}
    _all(kernels, _WATCH.format(reads=_WATCHED))
    for each in kernels:
        for event, count in each.value("_events").items():
            events[event] = events.get(event, 0) + count
    return events


def _figures(
    report: Report,
    alone: list[dict[str, float]],
    together: list[dict[str, float]],
    events: dict[str, int],
) -> None:
    shares = [many["cpu"] / one["cpu"] for one, many in zip(alone, together, strict=True)]
    reached = sum(events.values())
    report.add(
        Figure(
            f"{KERNELS} kernels reading at once: files, sockets and processes that they touch",
            reached,
            "",
            SIZE,
            at_most(0),
        ),
        Figure(
            f"{KERNELS} kernels reading at once: reads of a CPU second, against one alone",
            statistics.median(shares),
            "×",
            SIZE,
            SHARE_GOAL,
            shares,
        ),
    )
    rows: list[list[str]] = [
        [what, spread([one["second"] for one in taken]), spread([one["cpu"] for one in taken])]
        for what, taken in (("one kernel", alone), (f"{KERNELS} kernels at once", together))
    ]
    told: dict[str, Any] = events or {"none": ""}
    note = (
        f"On {os.cpu_count()} cores. Audit events in {KERNELS * _WATCHED:,} reads: "
        + ", ".join(f"{event} {count}".strip() for event, count in told.items())
        + "."
    )
    headings = ["", "reads a second", "reads a CPU second"]
    report.detail("Twenty kernels reading at once", headings, rows, note)
