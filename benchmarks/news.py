"""Syncing an open vault: with nothing new, and after one change by another client."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.demo_process import DemoProcess, Traffic
from benchmarks.figure import Figure, at_most
from benchmarks.kernel import Kernel
from benchmarks.opened import opened
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import spread

CPU_GOAL = at_most(5)
_SYNCS = 20

# Every decryption of a value under a symmetric key goes through one of these.
_PREPARE = """
import time
from bw_magics.crypto.keys import Series, SymmetricKey
from bw_magics.vault import name_reader
_count = 0
def _counting(decrypt):
    def counted(*arguments):
        global _count
        _count += 1
        return decrypt(*arguments)
    return counted
for _kind in (Series, SymmetricKey):
    _kind._open = _counting(_kind._open)
name_reader.decrypt_text_once = _counting(name_reader.decrypt_text_once)
def _sync():
    global _count
    _count = 0
    begin, processor = time.perf_counter(), time.process_time()
    news = bw_session.sync()
    return {
        "news": news,
        "ms": (time.perf_counter() - begin) * 1e3,
        "cpu": (time.process_time() - processor) * 1e3,
        "decryptions": _count,
        "names": bw_session._contents().decrypted_names,
    }
"""


def measure(report: Report, options: Options) -> None:
    """Adds the figures of all sizes."""
    rows = []
    for items in options.sizes:
        say(f"sync, {items:,} items")
        with opened(items, _PREPARE) as (demo, notebook):
            # A name for each item, and a key for two of three.
            if int(notebook.value("_count")) < items * 1.6:
                raise RuntimeError("Decryptions are not counted any more.")
            rows += _nothing_new(report, demo, notebook)
            rows += _one_change(report, demo, notebook, options.repeat)
    headings = ["sync", "items", "requests", "MB", "ms", "CPU ms", "decryptions", "names"]
    note = "CPU is that of the whole kernel meanwhile: HTTP and TLS are in it."
    report.detail("Sync of an open vault", headings, rows, note)


def _nothing_new(report: Report, demo: DemoProcess, notebook: Kernel) -> list[list[str]]:
    _sync(notebook, demo)  # opens the connection again where it was closed
    taken = [_sync(notebook, demo) for _ in range(_SYNCS)]
    if any(told["news"] for told, _ in taken):
        raise RuntimeError("There was something new, but nothing had changed.")
    cpu = [told["cpu"] for told, _ in taken]
    requests = max(len(traffic.requests) for _, traffic in taken)
    what = "Sync with nothing new"
    report.add(
        Figure(f"{what}: requests", requests, "", demo.items, at_most(1)),
        Figure(f"{what}: our own CPU", statistics.median(cpu), "ms", demo.items, CPU_GOAL, cpu),
    )
    return [_row("nothing new", demo.items, taken)]


def _one_change(
    report: Report, demo: DemoProcess, notebook: Kernel, repeat: int
) -> list[list[str]]:
    taken = []
    for number in range(1, repeat + 1):
        name = demo.change()
        taken.append(_sync(notebook, demo))
        changed = f"bw_session[{name!r}].password == 'demo-changed-{number}'"
        if not taken[-1][0]["news"] or not notebook.value(changed):
            raise RuntimeError("The change did not arrive.")
    names = max(told["names"] for told, _ in taken)
    what = "Resync after one change: names decrypted"
    report.add(Figure(what, names, "", demo.items, at_most(1)))
    return [_row("one change", demo.items, taken)]


def _sync(notebook: Kernel, demo: DemoProcess) -> tuple[dict[str, Any], Traffic]:
    demo.traffic()
    told: dict[str, Any] = notebook.value("_sync()")
    return told, demo.traffic()


def _row(what: str, items: int, taken: list[tuple[dict[str, Any], Traffic]]) -> list[str]:
    return [
        what,
        f"{items:,}",
        str(max(len(traffic.requests) for _, traffic in taken)),
        f"{max(traffic.bytes for _, traffic in taken) / 1e6:.2f}",
        spread([told["ms"] for told, _ in taken]),
        spread([told["cpu"] for told, _ in taken]),
        str(max(told["decryptions"] for told, _ in taken)),
        str(max(told["names"] for told, _ in taken)) if what != "nothing new" else "",
    ]
