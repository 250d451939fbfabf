"""From an item to a real database server: odd passwords, every way to name the host."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.adapters.sql import drivername, make_engine, make_url
from bw_magics.errors import BitwardenError, ExtraMissing, FieldNotFound, NotPickled, UsageMistake
from tests.adapters.conftest import Login
from tests.adapters.passwords import NASTY
from tests.later import pandas, sqlalchemy
from tests.postgres import Postgres

# Where the database is.


@pytest.mark.parametrize(
    ("uris", "fields", "expected"),
    [
        (
            ["postgresql://db.example:5433/sales"],
            {},
            ("postgresql+psycopg", "db.example", 5433, "sales"),
        ),
        (["postgres://db.example/sales"], {}, ("postgresql+psycopg", "db.example", None, "sales")),
        (["jdbc:postgresql://db.example/s"], {}, ("postgresql+psycopg", "db.example", None, "s")),
        (["mysql+pymysql://db.example"], {}, ("mysql+pymysql", "db.example", None, None)),
        (
            ["https://console.example", "postgresql://db.example/x"],
            {},
            ("postgresql+psycopg", "db.example", None, "x"),
        ),
        (
            ["https://console.example"],
            {"host": "db.example", "port": "5432", "database": "x", "driver": "postgresql"},
            ("postgresql+psycopg", "db.example", 5432, "x"),
        ),
        (
            ["postgresql://old.example:1/old"],
            {"Host": "new.example", "PORT": " 2 ", "DB name": "new"},
            ("postgresql+psycopg", "new.example", 2, "new"),
        ),
        (
            ["db.example:5432"],
            {"driver": "PostgreSQL"},
            ("postgresql+psycopg", "db.example", 5432, None),
        ),
        (
            ["postgresql://[2001:db8::1]:5432/x"],
            {},
            ("postgresql+psycopg", "2001:db8::1", 5432, "x"),
        ),
        (
            ["console.example.org", "rdp://desk.example", "postgresql://db.example/x"],
            {},
            ("postgresql+psycopg", "db.example", None, "x"),
        ),
        (
            ["ada:pa-ss@db.example:5432/x"],
            {"driver": "postgresql"},
            ("postgresql+psycopg", "db.example", 5432, "x"),
        ),
        (["sqlite:///relative.db"], {}, ("sqlite", None, None, "relative.db")),
        (["sqlite:////srv/x.db"], {}, ("sqlite", None, None, "/srv/x.db")),
        ([], {"driver": "sqlite"}, ("sqlite", None, None, None)),
        (
            ["postgresql://db.example/my%20db"],
            {},
            ("postgresql+psycopg", "db.example", None, "my db"),
        ),
    ],
)
def test_where_a_database_is(
    login: Login, uris: list[str], fields: dict[str, str], expected: tuple[object, ...]
) -> None:
    url = login(*uris, **fields).sqlalchemy_url()

    assert (url.drivername, url.host, url.port, url.database) == expected
    is_file = expected[0] == "sqlite"
    assert (url.username, url.password) == ((None, None) if is_file else ("analyst", "pw"))


SOCKET = "/var/run/postgresql"


@pytest.mark.parametrize(
    ("uri", "expected", "query"),
    [
        ("postgresql://a.org:5432,b.org:5433/app", (None, None, "app"),
            {"host": "a.org,b.org", "port": "5432,5433"}),
        ("postgresql://a.org,[2001:db8::1]:1/app?target_session_attrs=primary", (None, None, "app"),
            {"host": "a.org,2001:db8::1", "port": "5432,1", "target_session_attrs": "primary"}),
        (f"postgresql:///app?host={SOCKET}", (None, None, "app"), {"host": SOCKET}),
        ("postgresql://%2Fvar%2Frun%2Fpostgresql/app", (None, None, "app"), {"host": SOCKET}),
        (f"postgresql:///app?host={SOCKET}&port=5433", (None, None, "app"),
            {"host": SOCKET, "port": "5433"}),
        ("postgresql://a.org/?dbname=app&port=5433", ("a.org", 5433, "app"), {}),
        ("mysql:///app?unix_socket=/run/mysqld.sock", (None, None, "app"),
            {"unix_socket": "/run/mysqld.sock"}),
        ("jdbc:sqlserver://h:1433;databaseName=a", ("h", 1433, "a"), {}),
        ("jdbc:sqlserver://h;database=a;encrypt=true;portNumber=14330", ("h", 14330, "a"), {}),
        ("jdbc:sqlserver://h\\SQLEXPRESS;databaseName=a", ("h\\SQLEXPRESS", None, "a"), {}),
        ("jdbc:sqlserver://h\\SQLEXPRESS:1433;databaseName=a", ("h", 1433, "a"), {}),
        ("jdbc:sqlserver://h;instanceName=X;databaseName=a", ("h\\X", None, "a"), {}),
        ("mssql://h\\X/a", ("h\\X", None, "a"), {}),
        ("jdbc:mysql://h:3306/a?useSSL=false", ("h", 3306, "a"), {}),
        ("jdbc:oracle:thin:@//h:1521/service", ("h", 1521, None), {"service_name": "service"}),
        ("jdbc:oracle:thin:@h:1521:ORCL", ("h", 1521, "ORCL"), {}),
        ("jdbc:oracle:thin:@h:1521/service", ("h", 1521, None), {"service_name": "service"}),
        ("jdbc:oracle:thin:@tcps://h:2484/service?wallet_location=/x", ("h", 2484, None),
            {"service_name": "service"}),
        ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=h.Org)(PORT=1522))"
            "(CONNECT_DATA=(SERVICE_NAME=Service)))", ("h.Org", 1522, None),
            {"service_name": "Service"}),
        ("oracle://h/?service_name=service", ("h", None, None), {"service_name": "service"}),
        ("postgresql://[fe80::1%25eth0]:5433/app", ("fe80::1%eth0", 5433, "app"), {}),
        ("postgresql:///app?host=a.org,b.org&port=1,2", (None, None, "app"),
            {"host": "a.org,b.org", "port": "1,2"}),
        ("postgresql:///app?host=a.org:1&host=b.org:2", (None, None, "app"),
            {"host": ("a.org:1", "b.org:2")}),
        ("postgresql:///app?service=sales", (None, None, "app"), {"service": "sales"}),
        ("jdbc:postgresql://a.org,b.org/app?user=joe&password=Made-up-1", (None, None, "app"),
            {"host": "a.org,b.org", "port": "5432,5432"}),
        ("jdbc:postgresql:app", ("localhost", None, "app"), {}),
        ("jdbc:aws-wrapper:postgresql://h/app", ("h", None, "app"), {}),
        ("host=h port=5433 dbname='my app'", ("h", 5433, "my app"), {}),
        ("host=a,b port=1,2 dbname=app sslmode=require", (None, None, "app"),
            {"host": "a,b", "port": "1,2", "sslmode": "require"}),
        ("host=/run/postgresql dbname=app", (None, None, "app"), {"host": "/run/postgresql"}),
        ("jdbc:jtds:sqlserver://h:1433/a;instance=X", ("h", 1433, "a"), {}),
        ("Server=tcp:h,14330;Initial Catalog=a;Encrypt=true", ("h", 14330, "a"), {}),
        ("mssql://h,14330/a", ("h", 14330, "a"), {}),
        ("jdbc:mysql:replication://h:3306/a", ("h", 3306, "a"), {}),
        ("jdbc:redshift://h:5439/dev?ssl=true", ("h", 5439, "dev"), {}),
        ("redshift+redshift_connector://h:5439/dev", ("h", 5439, "dev"), {}),
        ("jdbc:db2://h:50000/SAMPLE:sslConnection=true;", ("h", 50000, "SAMPLE"), {}),
        ("jdbc:teradata://h/DATABASE=a,CHARSET=UTF8", ("h", None, "a"), {}),
        ("jdbc:clickhouse:http://h:8123/a", ("h", 8123, "a"), {}),
        ("snowflake://acc.eu-west-1/a/public?warehouse=w", ("acc.eu-west-1", None, "a/public"),
            {"warehouse": "w"}),
        ("jdbc:snowflake://acc.snowflakecomputing.com/?db=a&warehouse=w",
            ("acc.snowflakecomputing.com", None, "a"), {"warehouse": "w"}),
        ("mongodb+srv://cluster.example.org/a?retryWrites=true", ("cluster.example.org", None, "a"),
            {"retryWrites": "true"}),
    ],
)  # fmt: skip
def test_other_spellings_of_a_place(
    login: Login, uri: str, expected: tuple[object, ...], query: dict[str, str]
) -> None:
    url = login(uri).sqlalchemy_url()

    assert (url.host, url.port, url.database) == expected
    assert dict(url.query) == query
    assert (url.username, url.password) == ("analyst", "pw")


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://h/app?user=joe&password=Made-up-1",
        "jdbc:postgresql://h/app?user=joe&password=Made-up-1",
        "jdbc:sqlserver://h;databaseName=app;user=joe;password=Made-up-1",
        "jdbc:oracle:thin:joe/Made-up-1@//h:1521/app",
    ],
)
def test_user_and_password_among_the_parameters(login: Login, uri: str) -> None:
    url = login(uri, username=None, password=None).sqlalchemy_url()

    assert (url.username, url.password, url.host) == ("joe", "Made-up-1", "h")
    assert "Made-up-1" not in repr(url)


@pytest.mark.parametrize(
    ("uri", "driver", "says"),
    [
        ("postgresql://h:54e2/app", None, "The port in the URI of 'Sales'"),
        ("postgresql://h:5432:1/app", None, "The port in the URI of 'Sales'"),
        ("postgresql://h:99999/app", None, "The port in the URI of 'Sales'"),
        ("postgresql://a:1,b:x/app", None, "The port in the URI of 'Sales'"),
        ("postgresql://[::1/app", None, "The host in the URI of 'Sales'"),
        ("jdbc:sqlserver://h;portNumber=x", None, "The port in the URI of 'Sales'"),
        ("mysql://a,b/app", None, "several hosts"),
        ("postgresql://h/app", "sqlite", "names a host, and sqlite reads a file"),
        ("postgresql://h/app", "duckdb", "names a host, and duckdb reads a file"),
        ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=x))", None, "The description in the URI"),
        ("jdbc:mysql://address=(host=h)(port=3306)/app", None, "The host in the URI of 'Sales'"),
        ("jdbc:mysql:loadbalance://a:3306,b/app", None, "several hosts"),
        ("postgresql://h:\uff15\uff14\uff13\uff12/app", None, "The port in the URI of 'Sales'"),
        ("postgresql://h:0/app", None, "The port in the URI of 'Sales'"),
        ("host=h port=54e2 dbname=app", None, "The port in the URI of 'Sales'"),
    ],
)
def test_the_part_that_cannot_be_read_is_named(
    login: Login, uri: str, driver: str | None, says: str
) -> None:
    with pytest.raises(UsageMistake) as caught:
        login(uri).sqlalchemy_url(driver)

    assert says.replace("'Sales'", f"'{login(uri).name}'") in caught.value.fact


def test_a_field_replaces_a_port_that_cannot_be_read(login: Login) -> None:
    assert login("postgresql://h:54e2/app", port="5432").sqlalchemy_url().port == 5432


@pytest.mark.parametrize(
    "driver",
    [
        "postgresql psycopg", "sqlite+nothing", "é", "../x", "a+b+c", "a.b.c", "+psycopg",
        "x" * 999,
        "postgresql+psycopg_async", "sqlite+aiosqlite", "mysql+asyncmy", "postgresql+asyncpg",
    ],
)  # fmt: skip
def test_a_driver_that_is_none_is_one_typed_error(login: Login, driver: str) -> None:
    with pytest.raises((UsageMistake, ExtraMissing)):
        make_engine(login("postgresql://h/app", host="").sqlalchemy_url(driver))


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///x.db?timeout=canary",
        "sqlite:///x.db?detect_types=canary",
        "mysql+pymysql://h/app?connect_timeout=canary",
        "mysql+pymysql://h/app?read_timeout=1.canary",
    ],
)
def test_a_parameter_that_the_driver_does_not_take_is_not_repeated(login: Login, uri: str) -> None:
    host = None if uri.startswith("sqlite") else "h"
    with pytest.raises(UsageMistake) as caught:
        make_engine(login(uri, **({"host": host} if host else {})).sqlalchemy_url())
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "parameters" in caught.value.remedy


def test_an_engine_of_a_file_needs_no_user(login: Login, tmp_path: Path) -> None:
    for uri in (f"sqlite:///{tmp_path}/a.db", f"jdbc:sqlite:{tmp_path}/a.db"):
        with make_engine(login(uri).sqlalchemy_url()).connect() as connection:
            assert connection.scalar(sqlalchemy.text("select 1")) == 1


def test_options_in_the_uri_are_kept(login: Login) -> None:
    url = login("postgresql://db.example/x?sslmode=verify-full&options=-c%20a%3Db").sqlalchemy_url()

    assert dict(url.query) == {"sslmode": "verify-full", "options": "-c a=b"}


def test_the_drivers_own_name_is_taken_as_it_is(login: Login) -> None:
    item = login("postgresql://db.example/x")

    assert item.sqlalchemy_url("postgresql+psycopg2").drivername == "postgresql+psycopg2"
    assert item.sqlalchemy_url(driver="mysql+pymysql").drivername == "mysql+pymysql"


def test_user_and_password_in_the_uri_count_where_the_login_has_none(login: Login) -> None:
    uri = "postgresql://ada:p%40ss%2Fw@rd@db.example/x"
    inside = login(uri, username=None, password=None).sqlalchemy_url()
    beside = login(uri, username="bob", password="own").sqlalchemy_url()

    assert (inside.username, inside.password, inside.host) == ("ada", "p@ss/w@rd", "db.example")
    assert (beside.username, beside.password) == ("bob", "own")


@pytest.mark.parametrize(
    ("uris", "fields", "error", "says"),
    [
        ([], {}, FieldNotFound, "--driver"),
        (["https://console.example"], {}, FieldNotFound, "--driver"),
        (["https://console.example"], {"driver": "postgresql"}, FieldNotFound, "field 'host'"),
        (["postgresql:///x"], {}, FieldNotFound, "field 'host'"),
        (["postgresql://db.example/x"], {"port": "a lot"}, UsageMistake, "port"),
        (["postgresql://db.example/x"], {"port": "70000"}, UsageMistake, "port"),
    ],
)
def test_an_item_that_does_not_say_enough_is_one_typed_error(
    login: Login,
    uris: list[str],
    fields: dict[str, str],
    error: type[BitwardenError],
    says: str,
) -> None:
    with pytest.raises(error) as caught:
        login(*uris, **fields).sqlalchemy_url()
    assert says in str(caught.value)
    assert "a lot" not in str(caught.value)


# Passwords.


@pytest.mark.parametrize("password", NASTY)
def test_a_password_is_the_same_in_the_url_and_hidden_in_its_repr(
    login: Login, password: str
) -> None:
    url = login("postgresql://db.example/x", password=password).sqlalchemy_url()

    assert url.password == password
    again = sqlalchemy.make_url(url.render_as_string(hide_password=False))
    assert again.password == password
    if len(password) > 3:
        assert password not in repr(url)
        assert password not in str(url)
    with pytest.raises(NotPickled, match="not pickled"):
        pickle.dumps(url)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_a_password(password: str) -> None:
    url = make_url("postgresql", username=password, password=password, host="h", database="d")

    again = sqlalchemy.make_url(url.render_as_string(hide_password=False))
    assert (again.username, again.password) == (password, password)


@pytest.mark.postgres
@pytest.mark.parametrize("number", range(len(NASTY)))
def test_postgresql_accepts_it(postgres: Postgres, login: Login, number: int) -> None:
    password = NASTY[number]
    role = f"role @{number}: {password[:5]!r}"
    postgres.add_role(role, password)
    item = login(
        f"postgresql://127.0.0.1:{postgres.port}/postgres", username=role, password=password
    )

    engine = make_engine(item.sqlalchemy_url())
    try:
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("select current_user")) == role
    finally:
        engine.dispose()


@pytest.mark.postgres
def test_a_wrong_password_is_refused_by_the_server_and_not_shown(
    postgres: Postgres, login: Login
) -> None:
    """Control: the server asks for the password."""

    postgres.add_role("control", "right")
    item = login(
        f"postgresql://127.0.0.1:{postgres.port}/postgres",
        username="control",
        password="wrong-canary-4711",
    )
    engine = make_engine(item.sqlalchemy_url())

    with pytest.raises(sqlalchemy.exc.OperationalError) as caught, engine.connect():
        raise AssertionError("not reached")
    assert "wrong-canary-4711" not in str(caught.value) + repr(engine)


@pytest.mark.postgres
def test_pandas_reads_and_writes_through_the_engine(postgres: Postgres, login: Login) -> None:
    from psycopg import sql

    postgres.add_role("pandas", "p@ndas:/%")
    postgres.add_database("frames")
    postgres.execute(sql.SQL("grant all on database frames to pandas"))
    postgres.execute(sql.SQL("alter database frames owner to pandas"))
    item = login(
        host="127.0.0.1",
        port=str(postgres.port),
        database="frames",
        driver="postgresql+psycopg",
        username="pandas",
        password="p@ndas:/%",
    )
    engine = make_engine(item.sqlalchemy_url())
    try:
        frame = pandas.DataFrame({"month": [1, 2], "sales": [10.5, 12.25]})
        frame.to_sql("sales", engine, index=False)
        again = pandas.read_sql("select * from sales order by month", engine)
    finally:
        engine.dispose()

    assert again.equals(frame)


def test_sqlite_opens_the_file_that_the_item_names(login: Login, tmp_path: Any) -> None:
    engine = make_engine(
        login(f"sqlite:///{tmp_path}/x.db", username=None, password=None).sqlalchemy_url()
    )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table t (x int)"))
    engine.dispose()

    assert (tmp_path / "x.db").exists()


# What is not installed.


@pytest.mark.parametrize(
    ("missing", "driver", "line"),
    [
        ("sqlalchemy", "postgresql", "pip install 'bw_magics[sql]'"),
        ("psycopg", "postgresql+psycopg", "pip install 'bw_magics[sql]'"),
        ("pymysql", "mysql+pymysql", "pip install pymysql"),
        ("psycopg2", "psycopg2", "pip install psycopg2-binary"),
        ("pyodbc", "mssql", "pip install pyodbc"),
        ("oracledb", "oracle", "pip install oracledb"),
        ("MySQLdb", "mysqlclient", "pip install mysqlclient"),
        ("snowflake", "snowflake", "pip install snowflake-sqlalchemy"),
        ("duckdb_engine", "duckdb", "pip install duckdb-engine"),
        ("MySQLdb", "mysql+mysqldb", "pip install mysqlclient"),
        ("cx_Oracle", "oracle+cx_oracle", "pip install oracledb"),
        ("mariadb", "mariadb+mariadbconnector", "pip install mariadb"),
        ("sqlalchemy_bigquery", "bigquery", "pip install sqlalchemy-bigquery"),
    ],
)
def test_what_is_not_installed_names_the_line_that_installs_it(
    login: Login, monkeypatch: pytest.MonkeyPatch, missing: str, driver: str, line: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    where = "postgresql://db.example/x" if driver != "duckdb" else "duckdb:///here.db"

    with pytest.raises(ExtraMissing) as caught:
        make_engine(login(where).sqlalchemy_url(driver))
    assert caught.value.remedy == line
    assert isinstance(caught.value, ImportError)


def test_a_database_without_any_driver_names_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pymysql", "MySQLdb", "mysql.connector", "psycopg", "psycopg2", "asyncpg"):
        monkeypatch.setitem(sys.modules, module, None)

    for database, package in (("mysql", "pymysql"), ("postgres", "'bw_magics[sql]'")):
        with pytest.raises(ExtraMissing) as caught:
            make_engine(make_url(database, host="db.example"))
        assert caught.value.remedy == f"pip install {package}"


@pytest.mark.parametrize(
    ("uri", "field", "driver", "expected"),
    [
        ("postgresql://h/app", None, "asyncpg", "postgresql+asyncpg"),
        ("postgresql://h/app", None, "psycopg", "postgresql+psycopg"),
        ("postgresql://h/app", None, "psycopg3", "postgresql+psycopg"),
        ("cockroachdb://h/app", None, "asyncpg", "cockroachdb+asyncpg"),
        ("mysql://h/app", None, "pyodbc", "mysql+pyodbc"),
        ("sqlserver://h/app", None, "pyodbc", "mssql+pyodbc"),
        ("https://h", "mariadb", "aiomysql", "mysql+aiomysql"),
        ("https://h", "oracle", "oracledb", "oracle+oracledb"),
        ("https://h", "PyMySQL", None, "mysql+pymysql"),
        ("https://h", None, "asyncpg", "postgresql+asyncpg"),
        ("mysql://h/app", None, "asyncpg", "postgresql+asyncpg"),
        ("sqlite:///x.db", None, "aiosqlite", "sqlite+aiosqlite"),
    ],
)
def test_a_driver_alone_belongs_to_the_items_kind_of_database(
    login: Login, uri: str, field: str | None, driver: str | None, expected: str
) -> None:
    is_file = uri.startswith("sqlite")
    fields = {} if is_file else {"host": "db.example"} | ({"driver": field} if field else {})

    assert login(uri, **fields).sqlalchemy_url(driver).drivername == expected


def test_an_unknown_kind_of_database_is_not_repeated(login: Login) -> None:
    with pytest.raises(UsageMistake) as caught:
        make_engine(login("postgresql://db.example/x").sqlalchemy_url("nosuchthing"))
    assert "nosuchthing" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgres", "postgresql+psycopg"),
        ("PostgreSQL", "postgresql+psycopg"),
        ("postgresql+asyncpg", "postgresql+asyncpg"),
        ("sqlite", "sqlite"),
        ("snowflake", "snowflake"),
        ("postgres+psycopg2", "postgresql+psycopg2"),
        ("SQLServer+pyodbc", "mssql+pyodbc"),
        ("jdbc:postgresql", "postgresql+psycopg"),
        ("postgresql://", "postgresql+psycopg"),
        ("postgresql+psycopg://db", "postgresql+psycopg"),
    ],
)
def test_a_driver_that_is_installed_is_chosen(given: str, expected: str) -> None:
    assert drivername(given) == expected
