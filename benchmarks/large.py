"""A vault of 200,000 items in a real kernel: what each step takes, and the memory at its peak.

Linux only. The kernel is that of a notebook: its own memory is in the figures.
"""

from __future__ import annotations

import sys

from benchmarks.figure import Figure, at_most, digits
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
    action()
    cpu = time.process_time() - cpu
    _taken.append([what, time.perf_counter() - begin, cpu, _peak()])
"""

_STEPS = """
from bw_magics.notebook.panels.browsed import Browsed
_shell, _panel = get_ipython(), Browsed(bw_session)
_step("a password", lambda: bw_session[{name!r}].password)
_step("a TAB", lambda: _shell.complete(None, "%bw_get password item-0", 23))
_step("`%bw_status`", lambda: _shell.run_line_magic("bw_status", ""))
_step("the browser panel: all items", lambda: _panel.found(""))
_step("the browser panel: the first letter", lambda: _panel.found("q"))
_step("the browser panel: the next one", lambda: _panel.found("qu"))
_step("the first search", lambda: bw_session.items(search={name!r}))
_step("another search", lambda: bw_session.items(search={name!r}))
_step("`items()`", bw_session.items)
_step("`%bw_list items`, shown", lambda: _shell.run_line_magic("bw_list", "items")._repr_html_())
"""


def measure(report: Report, options: Options) -> None:
    """Adds the peak, and a row for each step."""
    if sys.platform != "linux":
        report.text_detail("A large vault", "Measured on Linux only.")
        return
    say(f"a vault of {ITEMS:,} items")
    with opened(ITEMS, _PREPARE) as (demo, notebook):
        notebook.run("_step('sync and unlock', lambda: None)")
        notebook.run(_STEPS.format(name=demo.middle[0]))
        taken = notebook.value("_taken")
    peak = max(each[3] for each in taken)
    what = "Peak memory of a kernel: sync, unlock, search, TAB, table, panel"
    report.add(Figure(what, peak, "MB", ITEMS, GOAL))
    rows = [[what, *map(digits, each)] for what, *each in taken]
    report.detail("A large vault", ["", "s", "CPU s", "peak MB"], rows, __doc__ or "")
