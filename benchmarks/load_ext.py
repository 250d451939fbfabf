"""What `%load_ext bw_magics` adds to a running kernel: time and modules."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from benchmarks.process import bare_environment

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

_CELL = """
import json, sys, time
_before = set(sys.modules)
_shell = get_ipython()
_started = time.perf_counter()
_shell.run_line_magic("load_ext", "bw_magics")
_taken = time.perf_counter() - _started
print(json.dumps([_taken, sorted(set(sys.modules) - _before)]))
"""


@dataclass(frozen=True, slots=True)
class Loading:
    """The median of the seconds it took, and the modules that it imported."""

    seconds: float
    modules: tuple[str, ...]

    @property
    def heavy(self) -> tuple[str, ...]:
        """Those of the modules that loading must not import."""
        return tuple(
            module
            for module in self.modules
            if any(module == heavy or module.startswith(f"{heavy}.") for heavy in HEAVY)
        )


def measure(repeat: int) -> Loading:
    """Loads the extension in that many fresh kernels, timed inside of each."""
    taken: list[float] = []
    modules: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        _load(Path(home))  # compiles what is not compiled yet
        for _ in range(repeat):
            seconds, modules = _load(Path(home))
            taken.append(seconds)
    return Loading(statistics.median(taken), tuple(modules))


def _load(home: Path) -> tuple[float, list[str]]:
    manager, client = start_new_kernel(
        env={**bare_environment(home), "IPYTHONDIR": str(home / ".ipython")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    printed: list[str] = []

    def output(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    try:
        client.execute_interactive(_CELL, timeout=60, output_hook=output)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    seconds, modules = json.loads("".join(printed))
    return seconds, modules
