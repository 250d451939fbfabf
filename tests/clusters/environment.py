"""The environment of the clusters: Ray, Spark and this project, made once in `build/clusters`."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = ROOT / "build" / "clusters"
PACKAGES = ("ray[default]>=2.9", "pyspark>=3.5", "pandas>=2.2", "pyarrow>=15")


def python_of_clusters(outside: Mapping[str, str]) -> Path:
    """The interpreter of the environment; installs it where it is missing or out of date."""
    python = HOME / "bin" / "python"
    stamp = HOME / "stamp"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = "\n".join([*PACKAGES, sys.version, *project["dependencies"]])
    HOME.mkdir(parents=True, exist_ok=True)
    # SQLite's lock works on every system, and ends with the process.
    with contextlib.closing(sqlite3.connect(HOME.with_suffix(".lock"), timeout=900)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if not stamp.is_file() or stamp.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
            install = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
            subprocess.run(
                [*install, "install", *PACKAGES, "--editable", str(ROOT)],
                check=True,
                env=dict(outside),
            )
            stamp.write_text(wanted)
    return python
