"""Environments of their own for libraries that the tests' environment cannot have, made once in
`build/`, and cases that are programs there.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from bw_magics.secret import Secret
from tests.libraries.case import LABEL

ROOT = Path(__file__).parents[2]
# Airflow asks for other versions of what MLflow and Weights & Biases need.
ENVIRONMENTS = {
    "trackers": ("mlflow-skinny>=3", "sqlalchemy>=2", "alembic", "wandb>=0.20"),
    "airflow": ("apache-airflow-core>=3.0",),
    "prefect": ("prefect>=3",),
    "tools": (
        "icecream",
        "plotly>=5.20",
        "pysnooper",
        "pytest>=8",
        "rollbar>=1",
        "sentry-sdk>=2",
        "stackprinter",
    ),
    "pages": ("gradio>=5", "streamlit>=1.40"),
}
PATIENCE = 600

_BEGIN = f"""
import logging, os, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from bw_magics.secret import Secret
secret = Secret(sys.stdin.read(), {LABEL!r})
"""


def python_of(name: str) -> Path:
    """The interpreter of an environment; installs it where it is missing or out of date."""
    home = ROOT / "build" / name
    python, stamp = home / "bin" / "python", home / "stamp"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = "\n".join([*ENVIRONMENTS[name], sys.version, *project["dependencies"]])
    home.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(home.with_suffix(".lock"), timeout=900)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        if not stamp.is_file() or stamp.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
            install = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
            subprocess.run(
                [*install, "install", *ENVIRONMENTS[name], "--editable", str(ROOT)], check=True
            )
            stamp.write_text(wanted)
    return python


def running(environment: str, code: str) -> Callable[[Secret, Path], object]:
    """Makes what a case does of a program; the secret reaches it through its standard input."""

    def does(secret: Secret, folder: Path) -> None:
        finished = subprocess.run(
            [str(python_of(environment)), "-c", _BEGIN + code],
            input=str(secret).encode(),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "AIRFLOW_HOME": str(folder)},
            timeout=PATIENCE,
            check=False,
        )
        if finished.returncode:
            raise RuntimeError(f"the program ended with {finished.returncode}")

    return does
