"""Whole processes, timed from their start to their end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

# All that a measured process gets of the environment: no settings of this machine, such as a
# bundle of certificates that would be read at every start.
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Run:
    """One process: what it printed, and the seconds it took by the clock and of CPU."""

    output: str
    wall: float
    cpu: float


def bare_environment(home: Path) -> dict[str, str]:
    """An environment with nothing of this machine in it but the way to programs; the package is
    that of this checkout.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT)}


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> Run:
    """Runs a program to its end. Raises `RuntimeError` with what it said if it fails."""
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None
        with process.stdout:
            output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            raise RuntimeError(f"{Path(command[0]).name} ended with {process.returncode}: {said}")
    return Run(output.decode().strip(), wall, usage.ru_utime + usage.ru_stime)


def run_program(name: str, environment: Mapping[str, str], *arguments: str) -> Run:
    """Runs one of the programs in this folder with the Python that runs this."""
    return run([sys.executable, ROOT / "benchmarks" / name, *arguments], environment)


def run_code(code: str, environment: Mapping[str, str]) -> Run:
    """Runs a text of Python with the Python that runs this."""
    return run([sys.executable, "-c", code], environment)
