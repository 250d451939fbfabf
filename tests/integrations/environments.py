"""Environments of their own for large libraries, made once and kept in `build/libraries`."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.integrations.world import ROOT

HOME = ROOT / "build" / "libraries"

# By name, what is installed beside the project.
ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    "airflow": ("apache-airflow==3.3.2",),
    "dbt": ("dbt-core==1.10.23", "dbt-postgres==1.10.2"),
    "tracking": ("mlflow-skinny==3.17.2", "prefect==3.9.1"),
}


def python_of(name: str) -> Path:
    """The interpreter of an environment, which is made first where it is not there or of
    other versions."""
    folder = HOME / name
    python, stamp = folder / "bin" / "python", folder / "stamp"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = "\n".join([*ENVIRONMENTS[name], sys.version, *project["dependencies"]])
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
            install = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
            subprocess.run([*install, *ENVIRONMENTS[name], "--editable", str(ROOT)], check=True)
            stamp.write_text(wanted)
    return python
