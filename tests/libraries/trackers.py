"""Trackers, in environments of their own."""

from __future__ import annotations

from tests.libraries.case import Case, Verdict
from tests.libraries.environment import running

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
    Case("MLflow", "a parameter", running("trackers", _MLFLOW % "secret"),
         Verdict.DELIVERED, _A_PARAMETER),
    Case("MLflow", "a dictionary as a parameter", running("trackers", _MLFLOW % "[secret]"),
         Verdict.MASKED),
    Case("Weights & Biases", "the configuration of a run, offline",
         running("trackers", _WANDB % "secret"), Verdict.DELIVERED, _A_PARAMETER),
    Case("Weights & Biases", "the configuration, with its repr",
         running("trackers", _WANDB % "repr(secret)"), Verdict.MASKED),
    Case("Airflow", "an XCom", running("airflow", _AIRFLOW % "secret"),
         Verdict.DELIVERED, "what a task returns is stored as JSON"),
    Case("Prefect", "a result, pickled", running("prefect", _PREFECT + _PICKLED), Verdict.REFUSED),
    Case("Prefect", "a result, as JSON", running("prefect", _PREFECT + _AS_JSON),
         Verdict.DELIVERED, "the line writes a file of it"),
    Case("Prefect", "a Secret block", running("prefect", _PREFECT + _BLOCK), Verdict.MASKED),
    Case("Prefect", "a task of a flow", running("prefect", _PREFECT + _FLOW % (False, "", "")),
         Verdict.MASKED),
    Case("Prefect", "a task that fails", running("prefect", _PREFECT + _FLOW % (True, "", "")),
         Verdict.REFUSED),
    Case("Prefect", "a parameter of a flow",
         running("prefect", _PREFECT + _FLOW % (False, "password", "secret")),
         Verdict.DELIVERED, _A_PARAMETER),
]  # fmt: skip
