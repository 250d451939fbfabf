"""A real Airflow, in an environment of its own: connections, variables, its masker, its files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo.items.machine_secrets import PlainSecret
from bw_magics.demo.items.plain import NOTE, hidden, item, login, text
from tests.integrations.environments import python_of
from tests.integrations.world import OTHER, WORK, World, marker

pytestmark = [pytest.mark.libraries, pytest.mark.install]

BACKEND = "bw_magics.integrations.airflow.BitwardenBackend"

Airflow = Callable[..., str]


@pytest.fixture(scope="module")
def airflow(world: World) -> Airflow:
    """Runs a program in Airflow's environment, with a home and a database of its own."""
    python = str(python_of("airflow"))
    home = world.folder / "airflow"
    base = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__SECRETS__BACKEND": BACKEND,
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections": "Work"}),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW_VAR_CONTROL": "visible-in-the-log",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }

    def run(
        *command: str,
        variables: dict[str, str] | None = None,
        credentials: dict[str, str] | None = None,
    ) -> str:
        settings = base | (variables or {})
        done = world.run(python, *command, variables=settings, credentials=credentials)
        return done.stdout + done.stderr

    return run


BAD = """\
import json, os, sys, traceback
import airflow
from bw_magics import bw_session
from bw_magics.integrations.airflow import BitwardenBackend
from pathlib import Path

def enter():
    bw_session.login(client_id=os.environ["BW_CLIENTID"], server=os.environ["BW_SERVER"],
                     client_secret=os.environ["BW_CLIENTSECRET"],
                     certificate_authority=Path(os.environ["BW_CA_FILE"]))
    bw_session.unlock(password=os.environ["BW_PASSWORD"])

name, changes = sys.argv[1], json.loads(sys.argv[2])
os.environ.update(changes)
if name in ("locked", "logged out"):
    enter()
    bw_session.lock() if name == "locked" else bw_session.logout()
path = sys.argv[5] if len(sys.argv) > 5 else None
backend = BitwardenBackend(connections=path, variables=path)
ask = backend.get_conn_value if sys.argv[4] == "connection" else backend.get_variable
try:
    value = ask(sys.argv[3])
    print("VALUE" if value else "NOTHING")
except Exception as error:
    print(type(error).__mro__)
    traceback.print_exception(error)
"""


@pytest.mark.parametrize(
    ("name", "changes", "asked", "kind", "says"),
    [
        ("found", {}, "Warehouse DB", "connection", "VALUE"),
        ("not found", {}, "Warehouse BD", "connection", "NOTHING"),
        ("locked", {}, "Warehouse DB", "connection", "locked"),
        ("logged out", {}, "Warehouse DB", "connection", "logged out"),
        ("ambiguous", {}, "Twin", "connection", "2 items fit"),
        ("no such field", {}, "No password", "variable", "password"),
        ("unattended", {"BW_CLIENTID": ""}, "Lake", "connection", "BW_CLIENTID is not set"),
        ("wrong password", {"BW_PASSWORD": "made-up-wrong"}, "Lake", "connection", "password"),
        ("offline", {"BW_SERVER": "https://localhost:1"}, "Lake", "connection", "refused the"),
    ],
)
def test_bad_input_is_airflows_own_error_without_a_value(
    world: World,
    airflow: Airflow,
    name: str,
    changes: dict[str, str],
    asked: str,
    kind: str,
    says: str,
) -> None:
    shown = airflow("-c", BAD, name, json.dumps(changes), asked, kind)

    assert says in shown
    assert ("AirflowException" in shown) is (says not in ("VALUE", "NOTHING"))
    assert not world.found_in(shown)
    assert "made-up-wrong" not in shown


MACHINE = "bws://Reporting"


@pytest.mark.parametrize("kind", ["connection", "variable"])
@pytest.mark.parametrize(
    ("changes", "asked", "path", "says"),
    [
        ({}, "WAREHOUSE", MACHINE, "VALUE"),
        ({}, "WAREHOUSE", "bws://reporting/", "VALUE"),
        ({}, "WAREHOSE", MACHINE, "NOTHING"),
        ({}, "WAREHOUSE", "bws://Nowhere", "No secret fits"),
        ({}, "DAMAGED", MACHINE, "cannot be read"),
        ({"BWS_ACCESS_TOKEN": ""}, "WAREHOUSE", MACHINE, "BWS_ACCESS_TOKEN is not set"),
        ({"BWS_ACCESS_TOKEN": "unknown"}, "WAREHOUSE", MACHINE, "access token"),
        ({"BWS_ACCESS_TOKEN": "idle"}, "WAREHOUSE", MACHINE, "may read no secrets"),
        ({"BW_SERVER": "https://localhost:1"}, "WAREHOUSE", MACHINE, "refused the"),
    ],
)
def test_a_project_of_the_secrets_manager_gives_both_with_a_token_alone(
    world: World,
    airflow: Airflow,
    kind: str,
    changes: dict[str, str],
    asked: str,
    path: str,
    says: str,
) -> None:
    accounts, token = world.machines.store.accounts, "BWS_ACCESS_TOKEN"
    known = {"idle": accounts[2].access_token, "unknown": accounts[0].access_token[:-9]}
    given = {name: known.get(value, value) for name, value in changes.items()}

    shown = airflow(
        *("-c", BAD, "found", json.dumps(given), asked, kind, path),
        credentials=world.machine_credentials,
    )

    assert says in shown
    assert ("AirflowException" in shown) is (says not in ("VALUE", "NOTHING"))
    assert not world.found_in(shown)
    assert token not in shown or says.startswith(token)


DAG = """\
from airflow.sdk import Connection, Variable, dag, task
from airflow.sdk.log import mask_logs

def show(text):
    \"\"\"Prints a line as the log of a task has it: Airflow's own processor masks it.\"\"\"
    print(mask_logs(None, "info", {"event": text})["event"])

@dag(schedule=None)
def nightly():
    @task
    def load():
        connection = Connection.get("warehouse")
        settings = Variable.get("settings")
        show(f"password {connection.password} {connection!r}")
        show(f"extra {connection.extra} {connection.extra_dejson['token']}")
        show(f"variable {settings} {Variable.get('settings', deserialize_json=True)['api_token']}")
        show(f"control {Variable.get('control')}")
        show(f"lengths {len(connection.password)} {len(settings)} {connection.port}")
        show(f"schema {connection.schema} {connection.get_uri()}")
    load()

made = nightly()
if __name__ == "__main__":
    made.test()
"""


def test_a_task_gets_them_and_airflow_writes_masks(world: World, airflow: Airflow) -> None:
    password, token = marker("airflow"), marker("extra")
    settings = json.dumps({"api_token": marker("variable"), "stage": "production"})
    world.add(
        login(
            "warehouse",
            "loader",
            password,
            ("postgresql://warehouse.demo.example:5433/analytics",),
            label="connection",
            folderId=WORK.id,
            fields=[hidden("extra", json.dumps({"token": token})), text("schema", "sales")],
        ),
        login("warehouse", "loader", marker("other"), label="else", folderId=OTHER.id),
        item(NOTE, "settings", notes=settings, folderId=OTHER.id),
    )
    folder = world.folder / "airflow" / "dags"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nightly.py").write_text(DAG)
    airflow("-m", "airflow", "db", "migrate")

    shown = airflow(str(folder / "nightly.py"))

    assert f"lengths {len(password)} {len(settings)} 5433" in shown
    assert "password ***" in shown
    assert "schema sales postgres://loader:***@" in shown
    assert "control visible-in-the-log" in shown, "Airflow masks only what it is told"
    (folder / "nightly.py").unlink()
    assert not world.found_in(shown, folders=[Path(world.folder)])


def test_a_task_gets_them_from_the_secrets_manager_and_airflow_writes_masks(
    world: World, airflow: Airflow
) -> None:
    store, password = world.machines.store, marker("airflow")
    settings = json.dumps({"api_token": marker("variable"), "stage": "production"})
    uri = f"postgres://loader:{password}@warehouse:5433/sales?token={marker('extra')}"
    store.add(PlainSecret("warehouse", uri))
    store.add(PlainSecret("settings", settings))
    folder = world.folder / "airflow" / "dags"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nightly.py").write_text(DAG)
    paths = {"connections": MACHINE, "variables": MACHINE}
    variables = {"AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps(paths)}
    given: dict[str, Any] = {"variables": variables, "credentials": world.machine_credentials}
    airflow("-m", "airflow", "db", "migrate", **given)

    shown = airflow(str(folder / "nightly.py"), **given)

    (folder / "nightly.py").unlink()
    assert f"lengths {len(password)} {len(settings)} 5433" in shown
    assert "password ***" in shown
    assert "control visible-in-the-log" in shown
    assert not world.found_in(shown, folders=[Path(world.folder)])


LEAKS = """\
import os
from airflow.sdk import Connection, dag, task
from airflow.sdk.execution_time.cache import SecretCache

@dag(schedule=None)
def leaks():
    @task
    def load():
        SecretCache.init()
        password = Connection.get("leaky").password
        if SecretCache._cache is not None:
            print("cached in clear", password in SecretCache.get_connection_uri("leaky"))
        return password if os.environ["RETURNS"] else None
    load()

made = leaks()
if __name__ == "__main__":
    made.test()
"""


def test_what_airflow_shows_and_stores_in_clear(world: World, airflow: Airflow) -> None:
    """What docs/integrations.md says leaks."""
    password = marker("leaky")
    world.machines.store.add(PlainSecret("leaky", f"postgres://loader:{password}@warehouse/sales"))
    folder = world.folder / "airflow" / "dags"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "leaks.py"
    program.write_text(LEAKS)
    variables = {"AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections": MACHINE})}
    given: dict[str, Any] = {"variables": variables, "credentials": world.machine_credentials}
    airflow("-m", "airflow", "db", "migrate", **given)

    asked = airflow("-m", "airflow", "connections", "get", "leaky", "-o", "json", **given)
    variables |= {"AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG", "RETURNS": ""}
    loud = airflow(str(program), **given)
    before = world.found_in(folders=[world.folder])
    variables |= {
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__SECRETS__USE_CACHE": "True",
        "RETURNS": "1",
    }
    returned = airflow(str(program), **given)
    stored = world.found_in(folders=[world.folder])
    shutil.rmtree(world.folder / "airflow")

    assert password in asked
    assert password in loud
    assert not before
    assert "cached in clear True" in returned
    assert f"Returned value was: {password}" in returned
    assert [each for each in stored if "airflow.db" in each], "an XCom"


def test_a_connection_leaves_entries_in_the_journal_that_a_variable_names(
    world: World, airflow: Airflow, tmp_path: Path
) -> None:
    path = tmp_path / "uses.jsonl"
    changes = json.dumps({"BW_MAGICS_JOURNAL": str(path)})

    assert "VALUE" in airflow("-c", BAD, "found", changes, "Warehouse DB", "connection")

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    found = [(line["item"], line["field"], line["way"]) for line in lines]
    assert ("Warehouse DB", "password", "Airflow") in found
    assert {way for _, _, way in found} == {"Airflow"}
    assert len(found) == len({*found})
    assert not world.found_in(path.read_text())
