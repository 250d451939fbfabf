"""The recipes of docs/integrations.md, with the real libraries, and what they write."""

from __future__ import annotations

import base64
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

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
def password() -> str:
    """The password of the database."""
    return marker("database")


@pytest.fixture(scope="module")
def database(world: World, postgres: Postgres, password: str) -> Postgres:
    """A database that the item `Sales DB` logs in to."""
    postgres.add_role("analyst", password)
    postgres.add_database("sales")
    postgres.execute(sql.SQL("alter database sales owner to analyst"))
    uri = f"postgresql://127.0.0.1:{postgres.port}/sales"
    world.add(login("Sales DB", "analyst", password, (uri,), label="Sales DB"))
    return postgres


DUCKDB = """\
import duckdb
from bw_magics import current_vault

config = {"secret_directory": "secrets", "allow_unredacted_secrets": True}
connection = duckdb.connect(config=config)
token = current_vault().resolve("bw://Warehouse DB/token")
for kind in ("", "persistent"):
    connection.execute(f"create {kind} secret {kind}_x (type http, bearer_token '{token}')")
rows = connection.execute("from duckdb_secrets(redact=false)").fetchall()
print("kept", sum(token in str(row) for row in rows))
"""


def test_a_secret_of_duckdb_keeps_the_value_and_a_persistent_one_writes_it(world: World) -> None:
    """What docs/integrations.md says leaks."""
    program = world.folder / "duck.py"
    program.write_text(DUCKDB)

    done = world.python(str(program))

    assert "kept 2" in done.stdout
    assert not world.found_in(done.stdout, done.stderr)
    assert world.found_in(folders=[world.folder / "secrets"])
    shutil.rmtree(world.folder / "secrets")


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


JUPYSQL_LEAKS = """\
import IPython
from IPython.core.history import HistoryManager
from traitlets.config import Config
shell = IPython.InteractiveShell.instance()
shell.run_cell("%load_ext sql").raise_error()
shell.run_cell("%sql {uri}", store_history=True).raise_error()
shell.run_cell("%config SqlMagic.dsn_filename = 'connections.ini'").raise_error()
shell.run_cell("%sql --section shop").raise_error()
shell.run_cell("rows = %sql select current_user")
print("user", shell.user_ns["rows"])
shell.history_manager.end_session()
"""


@pytest.mark.postgres
def test_jupysql_keeps_what_is_written_on_a_line_or_in_its_file(
    world: World, database: Postgres, password: str
) -> None:
    """What docs/integrations.md says leaks."""
    place = f"127.0.0.1:{database.port}/sales"
    uri = f"postgresql+psycopg://analyst:{password}@{place}"
    folder = world.folder / "jupysql"
    folder.mkdir()
    file = folder / "connections.ini"
    lines = [
        "[shop]",
        "drivername = postgresql+psycopg",
        "username = analyst",
        f"password = {password}",
        "host = 127.0.0.1",
        f"port = {database.port}",
        "database = sales",
    ]
    file.write_text("\n".join(lines))
    program = folder / "program.py"
    program.write_text(f"import os; os.chdir({str(folder)!r})\n{JUPYSQL_LEAKS.format(uri=uri)}")
    profile = folder / "ipython"

    done = world.python(str(program), variables={"IPYTHONDIR": str(profile)})
    program.unlink()

    assert "analyst" in done.stdout
    assert not world.found_in(done.stdout, done.stderr)
    assert world.found_in(folders=[profile]), "the history has the line"
    assert world.found_in(file.read_bytes())
    shutil.rmtree(folder)


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


MLFLOW_LEAKS = """\
import mlflow
from bw_magics import current_vault

mlflow.set_tracking_uri("file:runs")
with mlflow.start_run():
    mlflow.log_param("password", current_vault().resolve("bw://Warehouse DB/password"))
"""


def test_mlflow_stores_a_parameter_in_clear(world: World) -> None:
    """What docs/integrations.md says leaks."""
    program = world.folder / "program.py"
    program.write_text(MLFLOW_LEAKS)

    variables = {"MLFLOW_ALLOW_FILE_STORE": "true"}
    done = world.run(str(python_of("tracking")), str(program), variables=variables)

    assert not world.found_in(done.stdout, done.stderr)
    assert world.found_in(folders=[world.folder / "runs"])
    shutil.rmtree(world.folder / "runs")


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


def prefect_settings(home: Path) -> dict[str, str]:
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "200",
        "DO_NOT_TRACK": "1",
    }


def test_prefect_keeps_nothing_of_a_secret_that_is_read_in_the_task(world: World) -> None:
    home = world.folder / "prefect"
    program = world.folder / "program.py"
    program.write_text(PREFECT.replace("{visible}", "visible-parameter"))

    done = world.run(str(python_of("tracking")), str(program), variables=prefect_settings(home))

    assert f"length {len(world.password)}" in done.stdout
    assert "kept True" in done.stdout, "the task completes"
    assert "Failed to serialize object of type 'Secret'" in done.stdout + done.stderr
    assert not list(home.glob("storage/*")), "and its result is not persisted"
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"visible-parameter" in kept, "control: parameters are kept"
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])


PREFECT_LEAKS = """\
from prefect import flow, task
from prefect.blocks.system import Secret
from bw_magics import current_vault

@task(persist_result=True, result_serializer="json")
def as_json():
    return current_vault().resolve("bw://Lake/password")

@flow
def takes(text: str):
    as_json()

vault = current_vault()
takes(str(vault.resolve("bw://Warehouse DB/password")))
Secret(value=str(vault.resolve("bw://Warehouse DB/token"))).save("stored")
print("read again", Secret.load("stored").get() == vault.resolve("bw://Warehouse DB/token"))
"""


def test_prefect_stores_parameters_in_clear_and_its_own_block_encrypted(world: World) -> None:
    """What docs/integrations.md says leaks."""
    home = world.folder / "prefect-leaks"
    program = world.folder / "program.py"
    program.write_text(PREFECT_LEAKS)

    done = world.run(str(python_of("tracking")), str(program), variables=prefect_settings(home))

    assert "read again True" in done.stdout
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert world.password.encode() in kept, "a parameter"
    assert world.key.encode() in kept, "a result that is serialized as JSON"
    assert world.token.encode() not in kept, "a block"
    assert list(home.rglob("*.key")) or b"ENCRYPTION_KEY" in kept, "the key is beside the database"
    shutil.rmtree(home)


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

PREFIXED = "DBT_ENV_SECRET_PASSWORD"
QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

DBT = """\
import subprocess, sys
from pathlib import Path
from bw_magics import current_vault

vault = current_vault()
dbt = Path(sys.executable).parent / "dbt"
with vault.env(DBT_ENV_SECRET_PASSWORD="bw://Sales DB/password"):
    subprocess.run([dbt, "--debug", "build", "--profiles-dir", "."], check=True)
"""


def shop(folder: Path, port: int, model: str = "select 30 as total\n", name: str = "") -> None:
    """Makes a project of dbt; `name` is the variable that the profile reads."""
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    profile = PROFILE.format(port=port)
    (folder / "profiles.yml").write_text(profile.replace(PREFIXED, name or PREFIXED))
    (folder / "models" / "sales.sql").write_text(model)
    program = DBT.replace(PREFIXED, name or PREFIXED)
    (folder / "program.py").write_text(f"import os; os.chdir({str(folder)!r})\n{program}")


@pytest.mark.postgres
def test_dbt_builds_with_a_variable_that_its_logs_mask(world: World, database: Postgres) -> None:
    folder = world.folder / "shop"
    shop(folder, database.port)

    done = world.run(str(python_of("dbt")), str(folder / "program.py"), variables=QUIET)

    assert "Completed successfully" in done.stdout
    assert (folder / "target" / "manifest.json").exists()
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder])


USES = "select '{{ env_var('NAME') }}' as total\n"


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("name", "is_written"), [(PREFIXED, False), ("SHOP_PASSWORD", True)], ids=["with", "without"]
)
def test_dbt_refuses_a_prefixed_variable_in_a_model_and_writes_another_one(
    world: World, database: Postgres, name: str, is_written: bool
) -> None:
    """What docs/integrations.md says leaks."""
    folder = world.folder / f"shop-{is_written}"
    shop(folder, database.port, USES.replace("NAME", name), name)

    program = str(folder / "program.py")
    done = world.run(str(python_of("dbt")), program, variables=QUIET, check=False)

    assert (done.returncode == 0) is is_written
    assert bool(world.found_in(folders=[folder / "target"])) is is_written
    if not is_written:
        assert "not allowed" in done.stdout or "secret" in done.stdout.lower()
        assert not world.found_in(done.stdout, done.stderr, folders=[folder])
    shutil.rmtree(folder)
