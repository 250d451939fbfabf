"""A vault of 200,000 items in a real kernel: what each step takes, and the memory at its peak.

A step that finds something else than is in the vault fails. At the end the ceilings on a sync
answer come so near that the status has to tell them. Linux only. The kernel is that of a notebook:
its own memory is in the figures.
"""

from __future__ import annotations

import sys

from benchmarks.figure import Figure, Told, at_most, digits
from benchmarks.opened import opened
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report

ITEMS = 200_000
GOAL = at_most(1_000)

_PREPARE = """
import time
def _peak():
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
_taken = []
def _step(what, action):
    begin, cpu = time.perf_counter(), time.process_time()
    is_right = action()
    cpu = time.process_time() - cpu
    _taken.append([what, time.perf_counter() - begin, cpu, _peak()])
    assert is_right, what
_begin, _cpu = time.perf_counter(), time.process_time()
"""

_OPENED = """
_took = time.perf_counter() - _begin, time.process_time() - _cpu
_taken.append(["`%load_ext`, sync and unlock", *_took, _peak()])
assert bw_session.status.state == "unlocked"
"""

_STEPS = """
from bw_magics.notebook.panels.browsed import Browsed
_shell, _panel = get_ipython(), Browsed(bw_session)
_step("a password", lambda: bw_session[{name!r}].password == {password!r})
_step("a TAB", lambda: _shell.complete(None, "%bw_get password item-0", 23)[1])
_step("`%bw_status`", lambda: _shell.run_line_magic("bw_status", "") is None)
_step("the browser panel: all items", lambda: _panel.found("")["total"] >= {items})
_step("the browser panel: the first letter", lambda: _panel.found("q")["entries"])
_step("the browser panel: the next one", lambda: _panel.found("qu")["entries"])
_step("the first search", lambda: [each.name for each in bw_session.items(search={name!r})])
_step("another search", lambda: bw_session.items(search={name!r})[0].name == {name!r})
_step("`items()`", lambda: len(bw_session.items()) >= {items})
_step("`%bw_list items`, shown", lambda: _shell.run_line_magic("bw_list", "items")._repr_html_())
"""

# The ceiling itself is left as it is, but for a vault that fills four fifths of it.
_CEILING = """
from bw_magics.client import transport
from bw_magics.vault import snapshot
_ceilings = snapshot.MOST_ITEMS, transport.SYNC_CEILING >> 20
_far = bw_session.status.problem
snapshot.MOST_ITEMS = len(bw_session._contents()) * 5 // 4
_near = bw_session.status.problem
"""


def measure(report: Report, options: Options) -> None:
    """Adds the peak, and a row for each step."""
    if sys.platform != "linux":
        report.text_detail("A large vault", "Measured on Linux only.")
        return
    say(f"a vault of {ITEMS:,} items")
    with opened(ITEMS, _PREPARE) as (demo, notebook):
        notebook.run(_OPENED)
        name, password = demo.middle
        notebook.run(_STEPS.format(name=name, password=password, items=ITEMS))
        taken = notebook.value("_taken")
        notebook.run(_CEILING)
        ceilings, far, near = notebook.value("[_ceilings, _far, _near]")
    peak = max(each[3] for each in taken)
    what = "Peak memory of a kernel: sync, unlock, search, TAB, table, panel"
    report.add(Figure(what, peak, "MB", ITEMS, GOAL))
    told = "{:,} items, {:,} MiB".format(*ceilings)
    is_told = far is None and near is not None and "cannot be opened" in near
    what = "Ceiling on a sync answer, told by the status from four fifths of it on"
    report.add(Told(what, told, "stated and told", is_told))
    rows = [[what, *map(digits, each)] for what, *each in taken]
    report.detail("A large vault", ["", "s", "CPU s", "peak MB"], rows, __doc__ or "")
