"""What a use costs more because the journal records it: in memory, in a file, many at once.

One kernel does it in turns with the read itself. Each row is the quickest of many short rounds, in
the time of the thread: other work on the machine only adds to it.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.demo_process import demo_process
from benchmarks.figure import Figure, at_most, digits
from benchmarks.kernel import kernel
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

GOAL = at_most(3)
# Rounds for one turn of the other benchmarks, and uses in a round.
_ROUNDS, _USES = 5, 500
_LARGEST = 1_000

_PREPARE = """
import json, random, time
from bw_magics.using import Use, record, using
with open({names!r}, encoding="utf-8") as _file:
    _names = json.load(_file)
_picked = random.Random(1).choices(_names, k={uses})
_of = [(name, "password", bw_session[name].id, "") for name in _picked]
def _read():
    for name in _picked:
        bw_session[name].password
def _record():
    for each in _of:
        record(Use(*each))
def _record_at_once():
    with using("reference"):
        _record()
def _timed(action, path):
    bw_session.journal.to(path or None)
    action()
    least = float("inf")
    for _ in range(5):
        begin = time.thread_time()
        action()
        least = min(least, time.thread_time() - begin)
    bw_session.journal.to(None)
    return least / {uses} * 1e6
"""

READ = "a read with its entry"
_ENTRIES = {
    "an entry in memory": ("_record", False),
    "an entry in memory, 500 at once": ("_record_at_once", False),
    "an entry in a file": ("_record", True),
    "an entry in a file, 500 at once": ("_record_at_once", True),
}


def measure(report: Report, options: Options) -> None:
    """Adds the figures of the largest vault up to a thousand items."""
    items = max((size for size in options.sizes if size <= _LARGEST), default=_LARGEST)
    say(f"the journal, {items:,} items")
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_process(items) as demo,
        kernel(Path(folder), demo.environment) as notebook,
    ):
        names, uses = Path(folder, "names.json"), Path(folder, "uses.jsonl")
        names.write_text(json.dumps([name for name, _ in demo.logins]), encoding="utf-8")
        notebook.unlock()
        notebook.run(_PREPARE.format(names=str(names), uses=_USES))

        def timed(action: str, path: str) -> Callable[[], float]:
            return lambda: float(notebook.value(f"_timed({action}, {path!r})"))

        contestants = {READ: timed("_read", "")} | {
            what: timed(action, str(uses) if is_file else "")
            for what, (action, is_file) in _ENTRIES.items()
        }
        taken = in_turns(contestants, options.repeat * _ROUNDS)
    rows = []
    for what, values in taken.items():
        if what != READ:
            goal = None if _ENTRIES[what][1] else GOAL
            report.add(Figure(f"Journal: {what}", min(values), "µs", items, goal, values))
        times = statistics.median(ratios(values, taken[READ]))
        rows.append([what, digits(min(values)), spread(values), f"{times:.2f}"])
    headings = ["what", "µs, the quickest", "µs", "× the read"]
    report.detail("What the journal costs", headings, rows)
