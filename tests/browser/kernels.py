"""Kernels of other versions: an environment each, made once and kept in `build/kernels`."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

ROOT = Path(__file__).parents[2]
HOME = ROOT / "build" / "kernels"

# By name, what is installed beside the project; "newest" is the environment that runs the tests.
NEWEST = "newest"
KERNELS: dict[str, tuple[str, ...]] = {
    "6.17": ("ipykernel==6.17.1", "ipython==7.34.0"),
    "6.29": ("ipykernel==6.29.5",),
    "6.31": ("ipykernel==6.31.0", "ipython<9"),
    "7.0": ("ipykernel==7.0.1",),
    "7.3": ("ipykernel==7.3.0",),
    NEWEST: (),
}
# What `make test-all` tries beside the newest one.
FEW_KERNELS = ("6.17", "6.31")


def parameter(name: str, *more: object) -> ParameterSet:
    """Makes a parameter of a kernel; all but the newest have the marker `old_kernels`."""
    marks = () if name == NEWEST else (pytest.mark.old_kernels,)
    return pytest.param(name, *more, marks=marks)


def python_of(name: str) -> Path:
    """The interpreter of a kernel's environment, which is made first where it is not there or
    not of these versions.
    """
    if name == NEWEST:
        return Path(sys.executable)
    folder = HOME / name
    python = folder / "bin" / "python"
    stamp = folder / "stamp"
    wanted = _stamp(name)
    with _alone():
        if not stamp.is_file() or stamp.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            _install(python, *KERNELS[name], "--editable", str(ROOT))
            stamp.write_text(wanted)
    return python


def add_libraries(name: str) -> None:
    """Installs beside a kernel what the routes of tests/leaks hand values to, where it is not
    there.
    """
    stamp = HOME / name / "libraries"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["dependency-groups"]["leaks"],
        *project["project"]["optional-dependencies"]["sql"],
    ]
    python = python_of(name)
    if name == NEWEST:
        return
    with _alone():
        if not stamp.is_file() or stamp.read_text() != "\n".join(wanted):
            _install(python, *KERNELS[name], *wanted)
            stamp.write_text("\n".join(wanted))


def install_kernels(names: Iterable[str], data: Path) -> None:
    """Makes kernels known to a Jupyter server with that data folder, under their names."""
    for name in names:
        folder = data / "kernels" / name
        folder.mkdir(parents=True, exist_ok=True)
        python = str(python_of(name))
        specification = {
            "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
            "metadata": {"debugger": True},
        }
        (folder / "kernel.json").write_text(json.dumps(specification))


def versions_of(name: str) -> str:
    """The versions of ipykernel and IPython, as they say themselves."""
    code = "import ipykernel, IPython; print(ipykernel.__version__, IPython.__version__)"
    command = [str(python_of(name)), "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keeps other processes of the test run from making an environment at the same time."""
    HOME.mkdir(parents=True, exist_ok=True)
    # SQLite's lock works on every system, and ends with the process.
    with contextlib.closing(sqlite3.connect(HOME / "lock", timeout=900)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _install(python: Path, *packages: str) -> None:
    install = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*install, *packages], check=True)


def _stamp(name: str) -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return "\n".join([*KERNELS[name], sys.version, *project["dependencies"]])


if __name__ == "__main__":
    for kernel in sys.argv[1:] or KERNELS:
        python_of(kernel)
        print(kernel, versions_of(kernel))
