"""`%bw_connect`: an engine that connects to a real PostgreSQL, and shows no secret."""

from __future__ import annotations

import sys

import pytest

from bw_magics.demo import DemoServer
from bw_magics.demo.items.plain import login, text
from bw_magics.errors import (
    BitwardenError,
    ExtraMissing,
    FieldNotFound,
    NotFound,
    UsageMistake,
    VaultLocked,
)
from tests.adapters.conftest import postgres as postgres
from tests.later import psycopg_sql as sql
from tests.later import sqlalchemy
from tests.notebook.conftest import Notebook, trust, variables
from tests.postgres import Postgres

PASSWORD = "canary p@ss:w/rd?%23#&=+'\""
ITEM = "Reporting DB"


@pytest.fixture
def reporting(
    postgres: Postgres,
    own_server: DemoServer,
    notebook: Notebook,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Notebook:
    """A notebook whose vault has an item for the database."""
    postgres.execute(sql.SQL("drop role if exists reporter"))
    postgres.add_role("reporter", PASSWORD)
    account = own_server.accounts[0]
    fields = [text("host", "127.0.0.1"), text("port", str(postgres.port))]
    fields += [text("database", "postgres"), text("driver", "postgresql")]
    own_server.add_item(account, login(ITEM, "reporter", PASSWORD, fields=fields))
    trust(own_server, tmp_path_factory.mktemp("authority"), monkeypatch)
    for name, value in variables(own_server).items():
        monkeypatch.setenv(name, value)
    notebook("%bw_login\n%bw_unlock")
    return notebook


@pytest.mark.postgres
@pytest.mark.parametrize("options", ["", "--driver postgresql+psycopg"])
def test_the_engine_connects_and_shows_neither_user_nor_host(
    reporting: Notebook, options: str
) -> None:
    came = reporting(f"%bw_connect {ITEM} {options}")
    engine = came.value

    assert isinstance(engine, sqlalchemy.Engine)
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("select current_user")) == "reporter"
    engine.dispose()
    shown = came.text + str(came.displayed)
    assert f"Engine of '{ITEM}' (postgresql)" in shown
    for told in ("reporter", "127.0.0.1", "canary"):
        assert told not in shown


@pytest.mark.postgres
def test_jupysql_takes_the_engine_by_its_name(
    reporting: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLOOMBER_STATS_ENABLED", "false")
    reporting(f"engine = %bw_connect {ITEM}")
    cells = (
        "%load_ext sql",
        "%config SqlMagic.displaycon = False",
        "%sql engine --alias reports",
        "%sql select current_user as who, 6 * 7 as answer",
    )
    shown = ""
    for cell in cells:
        came = reporting(cell)
        shown += came.text + str(came.displayed)
    reporting("engine.dispose()")

    assert "42" in shown
    assert "canary" not in shown


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("%bw_connect", UsageMistake),
        ("%bw_connect nothing-of-that-name --driver postgresql", NotFound),
        ("%bw_connect Notebook hub --driver postgresql", FieldNotFound),
        ("%bw_connect Notebook hub", FieldNotFound),
        ("%bw_connect Warehouse DB --driver canary-driver", UsageMistake),
        ("%bw_connect Warehouse DB --driver sqlite", UsageMistake),
        ("%bw_connect Warehouse DB --driver sqlite+pysqlite", UsageMistake),
        ("%bw_connect Warehouse DB --drivers x", UsageMistake),
    ],
)
def test_a_mistaken_line_is_one_typed_error(
    unlocked: Notebook, line: str, error: type[BitwardenError]
) -> None:
    refusal = unlocked.refusal(line)

    assert type(refusal) is error
    assert refusal.remedy
    assert "canary" not in str(refusal)
    assert "nothing-of-that-name" not in refusal.fact


def test_locked_it_names_the_reason(unlocked: Notebook) -> None:
    unlocked("%bw_lock")
    assert isinstance(unlocked.refusal("%bw_connect Warehouse DB"), VaultLocked)


def test_without_sqlalchemy_it_names_the_line_that_installs_it(
    unlocked: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    refusal = unlocked.refusal("%bw_connect Warehouse DB")

    assert isinstance(refusal, ExtraMissing)
    assert refusal.remedy == "%pip install 'bw_magics[sql]'"
