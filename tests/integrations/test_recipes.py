"""The recipes of docs/integrations.md, with the real libraries, and what they write."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator

import pytest
from psycopg import sql

from bw_magics.demo.items.plain import login
from tests.integrations.environments import python_of
from tests.integrations.world import World, marker
from tests.postgres import Postgres, programs, running

pytestmark = [pytest.mark.libraries, pytest.mark.install]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    where = programs()
    if where is None:
        pytest.skip("PostgreSQL is not installed")
    with running(where) as server:
        yield server


@pytest.fixture(scope="module")
def database(world: World, postgres: Postgres) -> Postgres:
    """A database that the item `Sales DB` logs in to."""
    password = marker("database")
    postgres.add_role("analyst", password)
    postgres.add_database("sales")
    postgres.execute(sql.SQL("alter database sales owner to analyst"))
    uri = f"postgresql://127.0.0.1:{postgres.port}/sales"
    world.add(login("Sales DB", "analyst", password, (uri,), label="Sales DB"))
    return postgres


JUPYSQL = """\
import IPython
shell = IPython.InteractiveShell.instance()
shell.run_cell('''
%load_ext bw_magics
%load_ext sql
%bw_login
%bw_unlock
engine = %bw_connect Sales DB
%sql engine
rows = %sql select current_user
print(rows)
%sql --connections
''').raise_error()
shell.run_cell('''
import keyring, sqlalchemy
from bw_magics.integrations.keyring import BitwardenKeyring
keyring.set_keyring(BitwardenKeyring())
url = sqlalchemy.URL.create("postgresql+psycopg", "analyst",
                            keyring.get_password("Sales DB", "analyst"),
                            engine.url.host, engine.url.port, "sales")
second = sqlalchemy.create_engine(url)
%sql second --alias second
again = %sql select 'as ' || current_user
print(again)
''').raise_error()
"""


@pytest.mark.postgres
def test_jupysql_connects_with_the_engine_and_with_the_keyring(
    world: World, database: Postgres
) -> None:
    program = world.folder / "jupysql.py"
    program.write_text(JUPYSQL)
    home = {"IPYTHONDIR": str(world.folder / "ipython"), "HOME": str(world.folder)}

    done = world.python(str(program), variables=home)

    assert "analyst" in done.stdout
    assert "as analyst" in done.stdout
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])


MLFLOW = """\
import logging, sys
import mlflow
from bw_magics import current_vault

logging.basicConfig(level="DEBUG")
vault = current_vault()
mlflow.set_tracking_uri(sys.argv[1])
with vault.env(MLFLOW_TRACKING_USERNAME="bw://Tracking/username",
               MLFLOW_TRACKING_PASSWORD="bw://Tracking/password"):
    print("experiments", mlflow.search_experiments())
"""


class _Tracking(http.server.BaseHTTPRequestHandler):
    """Answers the one request of the recipe as a tracking server behind basic authentication."""

    received: list[str] = []  # noqa: RUF012 - of the one server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.received.append(self.headers.get("Authorization", ""))
        data = json.dumps({"experiments": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def test_mlflow_sends_the_credentials_to_its_server_and_writes_none(world: World) -> None:
    password = marker("tracking")
    world.add(login("Tracking", "ada", password, label="Tracking"))
    program = world.folder / "program.py"
    program.write_text(MLFLOW)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Tracking) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        address = f"http://127.0.0.1:{server.server_port}"
        done = world.run(str(python_of("tracking")), str(program), address)
        server.shutdown()

    expected = base64.b64encode(f"ada:{password}".encode()).decode()
    assert f"Basic {expected}" in _Tracking.received
    assert "experiments []" in done.stdout
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])
    assert expected not in done.stdout + done.stderr


PREFECT = """\
from prefect import flow, task
from bw_magics import current_vault

@task
def load():
    password = current_vault().resolve("bw://Warehouse DB/password")
    return len(password)

@task(persist_result=True)
def returns_it():
    return current_vault().resolve("bw://Warehouse DB/password")

@flow
def nightly():
    print("length", load())
    returned = returns_it(return_state=True)
    print("kept", returned.is_completed(), returned.type)

@flow
def takes(text: str):
    return None

nightly()
takes("{visible}")
"""


def test_prefect_keeps_nothing_of_a_secret_that_is_read_in_the_task(world: World) -> None:
    home = world.folder / "prefect"
    program = world.folder / "program.py"
    program.write_text(PREFECT.replace("{visible}", "visible-parameter"))
    variables = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "200",
        "DO_NOT_TRACK": "1",
    }

    done = world.run(str(python_of("tracking")), str(program), variables=variables)

    assert f"length {len(world.password)}" in done.stdout
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"visible-parameter" in kept, "control: parameters are kept"
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])


PROFILE = """\
shop:
  target: dev
  outputs:
    dev:
      type: postgres
      host: 127.0.0.1
      port: {port}
      dbname: sales
      schema: public
      user: analyst
      password: "{{{{ env_var('DBT_ENV_SECRET_PASSWORD') }}}}"
"""

DBT = """\
import subprocess, sys
from pathlib import Path
from bw_magics import current_vault

vault = current_vault()
dbt = Path(sys.executable).parent / "dbt"
with vault.env(DBT_ENV_SECRET_PASSWORD="bw://Sales DB/password"):
    subprocess.run([dbt, "--debug", "build", "--profiles-dir", "."], check=True)
"""


@pytest.mark.postgres
def test_dbt_builds_with_a_variable_that_its_logs_mask(world: World, database: Postgres) -> None:
    folder = world.folder / "shop"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    (folder / "profiles.yml").write_text(PROFILE.format(port=database.port))
    (folder / "models" / "sales.sql").write_text("select 30 as total\n")
    (folder / "program.py").write_text(f"import os; os.chdir({str(folder)!r})\n{DBT}")
    quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

    done = world.run(str(python_of("dbt")), str(folder / "program.py"), variables=quiet)

    assert "Completed successfully" in done.stdout
    assert (folder / "target" / "manifest.json").exists()
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])
