"""What `%load_ext bw_magics` adds to a running kernel: time and modules."""

from __future__ import annotations

import statistics
import tempfile
import textwrap
from pathlib import Path

from benchmarks.figure import Figure, at_most
from benchmarks.kernel import kernel
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report

# What is imported when it is first used, and not before.
HEAVY = frozenset(
    {
        "anywidget",
        "bw_magics.client",
        "bw_magics.crypto",
        "bw_magics.demo",
        "cryptography",
        "dotenv",
        "flask",
        "httpx",
        "ipywidgets",
        "msgspec",
        "trustme",
        "truststore",
    }
)

GOAL = at_most(50)

_CELL = """
import sys, time
_before = set(sys.modules)
_shell = get_ipython()
_started = time.perf_counter()
_shell.run_line_magic("load_ext", "bw_magics")
_taken = time.perf_counter() - _started
_modules = sorted(set(sys.modules) - _before)
"""


def measure(report: Report, options: Options) -> None:
    """Loads the extension in fresh kernels, timed inside of each."""
    taken: list[float] = []
    modules: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        _load(Path(home))  # compiles what is not compiled yet
        for turn in range(options.repeat):
            say(f"%load_ext, turn {turn + 1} of {options.repeat}")
            seconds, modules = _load(Path(home))
            taken.append(seconds * 1e3)
    found = heavy(modules)
    report.add(
        Figure(
            "`%load_ext bw_magics` in a running kernel",
            statistics.median(taken),
            "ms",
            goal=GOAL,
            samples=taken,
        ),
        Figure("Heavy modules that it imports", len(found), "", goal=at_most(0)),
    )
    report.text_detail(
        "What `%load_ext` imports",
        textwrap.fill(f"{', '.join(modules)}.", 100)
        + f"\n\nHeavy ones among them: {', '.join(found) or 'none'}.",
    )


def heavy(modules: list[str]) -> list[str]:
    """Those of the modules that loading must not import."""
    return [
        module
        for module in modules
        if any(module == name or module.startswith(f"{name}.") for name in HEAVY)
    ]


def _load(home: Path) -> tuple[float, list[str]]:
    with kernel(home) as fresh:
        fresh.run(_CELL)
        seconds, modules = fresh.value("[_taken, _modules]")
    return seconds, modules
