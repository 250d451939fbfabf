"""Trackers, which need an environment of their own: `build/trackers`, made once."""

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
from tests.libraries.case import LABEL, Case, Verdict

ROOT = Path(__file__).parents[2]
# Airflow asks for other versions of what MLflow and Weights & Biases need.
ENVIRONMENTS = {
    "trackers": ("mlflow-skinny>=3", "sqlalchemy>=2", "alembic", "wandb>=0.20"),
    "airflow": ("apache-airflow-core>=3.0",),
    "prefect": ("prefect>=3",),
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


def _running(environment: str, code: str) -> Callable[[Secret, Path], object]:
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


_MLFLOW = """
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
import mlflow
mlflow.set_tracking_uri("sqlite:///runs.db")
with mlflow.start_run():
    mlflow.log_params({"user": "etl", "password": %s})
"""
_WANDB = """
import wandb
run = wandb.init(project="x", mode="offline", config={"password": %s}, dir=".")
run.log({"loss": 1.0})
run.finish()
"""
_AIRFLOW = """
from airflow.models.xcom import XComModel
open("xcom", "w").write(str(XComModel.serialize_value({"password": %s})))
"""
# Prefect starts a server for a flow, which takes a minute or two on a busy machine.
_PREFECT = """
os.environ |= {
    "PREFECT_HOME": os.getcwd(),
    "PREFECT_LOGGING_LEVEL": "DEBUG",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "500",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
"""
_PICKLED = """
from prefect.serializers import PickleSerializer
PickleSerializer().dumps({"password": secret})
"""
_AS_JSON = """
from prefect.serializers import JSONSerializer
open("result", "wb").write(JSONSerializer().dumps({"password": secret}))
"""
_BLOCK = """
from prefect.blocks.system import Secret as Block
block = Block(value=secret)
print(block, repr(block), block.model_dump_json())
"""
_FLOW = """
from prefect import flow, task
@task
def use(password):
    if %s:
        raise RuntimeError(f"no access with {password!r}")
    return len(password)
@flow(log_prints=True)
def etl(%s):
    print("characters:", use(secret))
etl(%s)
"""
_A_PARAMETER = "the line records it as a parameter"

CASES = [
    Case("MLflow", "a parameter", _running("trackers", _MLFLOW % "secret"),
         Verdict.DELIVERED, _A_PARAMETER),
    Case("MLflow", "a dictionary as a parameter", _running("trackers", _MLFLOW % "[secret]"),
         Verdict.MASKED),
    Case("Weights & Biases", "the configuration of a run, offline",
         _running("trackers", _WANDB % "secret"), Verdict.DELIVERED, _A_PARAMETER),
    Case("Weights & Biases", "the configuration, with its repr",
         _running("trackers", _WANDB % "repr(secret)"), Verdict.MASKED),
    Case("Airflow", "an XCom", _running("airflow", _AIRFLOW % "secret"),
         Verdict.DELIVERED, "what a task returns is stored as JSON"),
    Case("Prefect", "a result, pickled", _running("prefect", _PREFECT + _PICKLED), Verdict.REFUSED),
    Case("Prefect", "a result, as JSON", _running("prefect", _PREFECT + _AS_JSON),
         Verdict.DELIVERED, "the line writes a file of it"),
    Case("Prefect", "a Secret block", _running("prefect", _PREFECT + _BLOCK), Verdict.MASKED),
    Case("Prefect", "a task of a flow", _running("prefect", _PREFECT + _FLOW % (False, "", "")),
         Verdict.MASKED),
    Case("Prefect", "a task that fails", _running("prefect", _PREFECT + _FLOW % (True, "", "")),
         Verdict.REFUSED),
    Case("Prefect", "a parameter of a flow",
         _running("prefect", _PREFECT + _FLOW % (False, "password", "secret")),
         Verdict.DELIVERED, _A_PARAMETER),
]  # fmt: skip
