"""Options for Spark's readers, under names that Spark redacts. The cluster is in tests/clusters."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bw_magics.adapters.py4j_log import keep_out
from bw_magics.adapters.spark import check_hidden, hides, jdbc_options
from bw_magics.errors import FieldNotFound, UsageMistake
from bw_magics.secret import Secret
from tests.adapters.conftest import Login

PASSWORD = Secret("marker-5ecret", "Warehouse DB / password")


class Session:
    """A session's settings, which is all of it that is read here."""

    def __init__(self, **settings: str) -> None:
        self._settings = {name.replace("_", "."): text for name, text in settings.items()}
        self.conf = self

    def get(self, name: str, default: str) -> str:
        return self._settings.get(name, default)


@pytest.mark.parametrize(
    ("driver", "port", "database", "url"),
    [
        ("postgresql", 5433, "sales", "jdbc:postgresql://db.example:5433/sales"),
        ("postgresql+psycopg", None, "a b", "jdbc:postgresql://db.example/a%20b"),
        ("postgres", None, None, "jdbc:postgresql://db.example/"),
        ("mysql", 3306, "x", "jdbc:mysql://db.example:3306/x"),
        ("mariadb", None, "x", "jdbc:mariadb://db.example/x"),
        ("mssql+pyodbc", 1433, "x", "jdbc:sqlserver://db.example:1433;databaseName=x"),
        ("oracle", 1521, "x", "jdbc:oracle:thin:@//db.example:1521/x"),
    ],
)
def test_a_database_has_a_jdbc_address(
    driver: str, port: int | None, database: str | None, url: str
) -> None:
    options = jdbc_options(
        driver,
        host="db.example",
        port=port,
        database=database,
        username="etl",
        password=PASSWORD,
        query={},
    )

    assert options == {"url": url, "user": "etl", "password": PASSWORD}
    assert isinstance(options["password"], Secret)
    assert "marker" not in repr(options)


def test_another_database_is_refused() -> None:
    with pytest.raises(UsageMistake, match="no database with a JDBC address"):
        jdbc_options(
            "dbase", host="h", port=None, database=None, username=None, password=None, query={}
        )


@pytest.mark.parametrize(
    ("name", "is_hidden"),
    [
        ("password", True),
        ("sfPassword", True),
        ("sfToken", True),
        ("clientSecret", True),
        ("fs.s3a.access.key", True),
        ("url", True),
        ("user", False),
        ("pem_private_key", False),
        ("apiKey", False),
    ],
)
def test_spark_redacts_some_names_and_not_others(name: str, is_hidden: bool) -> None:
    assert hides(None, name) is is_hidden
    if is_hidden:
        check_hidden(None, {name: PASSWORD})
    else:
        with pytest.raises(UsageMistake, match=name) as refused:
            check_hidden(None, {name: PASSWORD})
        assert "marker" not in str(refused.value)
    check_hidden(None, {name: "not a secret"})


def test_the_session_says_what_it_redacts() -> None:
    session: Any = Session(spark_redaction_regex="(?i)apikey")

    assert hides(session, "apiKey")
    assert not hides(session, "password")


def test_an_item_gives_its_options(login: Login) -> None:
    item = login(
        "postgresql://db.example:5433/sales",
        password="marker-5ecret",
        token="marker-t0ken",
        ssh="marker-ssh",
    )

    options = item.spark_options(sfToken="token")
    assert options["url"] == "jdbc:postgresql://db.example:5433/sales"
    assert options["user"] == "analyst"
    assert options["password"] == "marker-5ecret"
    assert options["sfToken"] == "marker-t0ken"
    assert "marker" not in repr({name: options[name] for name in ("password",)})


def test_an_item_without_a_host_has_only_the_options_that_are_named(login: Login) -> None:
    item = login("https://console.example", password="marker-5ecret")

    assert item.spark_options(clientSecret="password") == {"clientSecret": "marker-5ecret"}
    with pytest.raises(UsageMistake, match="apiKey"):
        item.spark_options(apiKey="password")
    with pytest.raises(FieldNotFound):
        item.spark_options(clientSecret="nothing")


@pytest.mark.parametrize("logger", ["py4j.clientserver", "py4j.java_gateway"])
@pytest.mark.parametrize("value", ["marker-py4j-7", "two\nlines-marker\\7"])
def test_a_secret_stays_out_of_the_log_of_commands_to_java(
    caplog: pytest.LogCaptureFixture, logger: str, value: str
) -> None:
    value += logger
    secret = Secret(value, "Warehouse DB / password")
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n")
    log = logging.getLogger(logger)
    caplog.set_level(logging.DEBUG, logger)

    log.debug(f"Command to send: c\no1\noption\nspassword\ns{escaped}\ne\n")
    assert "marker" in caplog.text
    caplog.clear()
    keep_out(["analyst", secret, None])
    log.debug(f"Command to send: c\no1\noption\nspassword\ns{escaped}\ne\n")
    log.debug("Answer received: %s", f"!ys{escaped}")
    log.debug("Command to send: c\no1\noption\nsuser\nsanalyst\ne\n")

    assert "marker" not in caplog.text
    assert "analyst" in caplog.text
