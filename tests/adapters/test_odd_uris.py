"""URIs of databases as people keep them: other tools' spellings, wrappers, passwords, fields."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bw_magics.adapters.sql import make_engine
from bw_magics.errors import ExtraMissing, UsageMistake
from bw_magics.secret import Secret
from tests.adapters.conftest import Login
from tests.later import psycopg, sqlalchemy

PASSWORD = "Made-up-1"
ODBC = "Server=h;Port=3306;Database=a;Uid=joe;Pwd=Made-up-1"


def parts(url: Any) -> tuple[object, ...]:
    return url.get_backend_name(), url.host, url.port, url.database, url.username, url.password


JOE = ("joe", PASSWORD)
POSTGRESQL = ("postgresql", "h", None, "a", *JOE)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        # What configurations put around it.
        ('"postgresql://joe:Made-up-1@h/a"', POSTGRESQL),
        ("'postgresql://joe:Made-up-1@h/a'", POSTGRESQL),
        ("<postgresql://joe:Made-up-1@h/a>", POSTGRESQL),
        ("`postgresql://joe:Made-up-1@h/a`", POSTGRESQL),
        ("DATABASE_URL=postgresql://joe:Made-up-1@h/a", POSTGRESQL),
        ('export DATABASE_URL="postgresql://joe:Made-up-1@h/a"', POSTGRESQL),
        ("sqlalchemy.url = postgresql://joe:Made-up-1@h/a", POSTGRESQL),
        ("url=jdbc:postgresql://h/a?user=joe&password=Made-up-1", POSTGRESQL),
        # Connection strings of other programs.
        (f"Driver={{MySQL ODBC 8.0 Unicode Driver}};{ODBC}", ("mysql", "h", 3306, "a", *JOE)),
        (ODBC, ("mysql", "h", 3306, "a", *JOE)),
        ("DRIVER={PostgreSQL Unicode};SERVER=h;DATABASE=a;UID=joe;PWD=Made-up-1", POSTGRESQL),
        ("Host=h;Port=5433;Database=a;Username=joe;Password=Made-up-1",
            ("postgresql", "h", 5433, "a", *JOE)),
        ("User ID=joe;Password=Made-up-1;Host=h;Database=a", POSTGRESQL),
        ("Driver={Snowflake};Server=h;Database=a;UID=joe;PWD=Made-up-1",
            ("snowflake", "h", None, "a", *JOE)),
        ("Driver={ODBC Driver 18 for SQL Server};Server=tcp:h,1433;Database=a;Uid=joe;"
            "Pwd={Made}}up;1}", ("mssql", "h", 1433, "a", "joe", "Made}up;1")),
        ('Server=h;Database=a;User Id=joe;Password="Made-up-1"', ("mssql", "h", None, "a", *JOE)),
        ("Provider=MSOLEDBSQL;Server=h;Database=a;UID=joe;PWD=Made-up-1",
            ("mssql", "h", None, "a", *JOE)),
        ("Data Source=/srv/x.db;Version=3;", ("sqlite", None, None, "/srv/x.db", None, None)),
        ("password=Made-up-1 user=joe host=h dbname=a", POSTGRESQL),
        (r"password=Made\ \'up\\1 user=joe host=h dbname=a",
            ("postgresql", "h", None, "a", "joe", r"Made 'up\1")),
        ("joe:Made-up-1@tcp(h:3306)/a?parseTime=true", ("mysql", "h", 3306, "a", *JOE)),
        ("mysql://joe:Made-up-1@tcp([2001:db8::1]:3306)/a",
            ("mysql", "2001:db8::1", 3306, "a", *JOE)),
        ("joe:Made-up-1@unix(/run/mysqld.sock)/a", ("mysql", None, None, "a", *JOE)),
        # Oracle.
        ("joe/Made-up-1@//h:1521/s", ("oracle", "h", 1521, None, *JOE)),
        ("joe/Made-up-1@h:1521/s", ("oracle", "h", 1521, None, *JOE)),
        ('joe/"Made@up"@h:1521/s', ("oracle", "h", 1521, None, "joe", "Made@up")),
        ("sqlplus joe/Made-up-1@h:1521/s", ("oracle", "h", 1521, None, *JOE)),
        ("joe/Made-up-1@(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1521))(CONNECT_DATA=(SID=X)))",
            ("oracle", "h", 1521, "X", *JOE)),
        ("Data Source=h:1521/s;User Id=joe;Password=Made-up-1", ("oracle", "h", 1521, None, *JOE)),
        # JDBC.
        ("jdbc:hive2://h:10000/a;principal=hive/_HOST@REALM;user=joe;password=Made-up-1",
            ("hive", "h", 10000, "a", *JOE)),
        ("jdbc:postgresql:///a?user=joe&password=Made-up-1",
            ("postgresql", "localhost", None, "a", *JOE)),
        ("jdbc:teradata://h/DATABASE=a,USER=joe,PASSWORD=Made-up-1",
            ("teradatasql", "h", None, "a", *JOE)),
        # Passwords with what a URI may not hold.
        ("postgresql://joe:p?ss@h/a", ("postgresql", "h", None, "a", "joe", "p?ss")),
        ("postgresql://joe:p?s#s/@h:5433/a?sslmode=require",
            ("postgresql", "h", 5433, "a", "joe", "p?s#s/")),
        ("postgresql://joe:p/s@s@h/a", ("postgresql", "h", None, "a", "joe", "p/s@s")),
        ("postgresql://joe:Made-up-1@h/a?options=-c%20x%3Da@b", POSTGRESQL),
        # A slip in `://`, and what other programs take.
        ("postgresql:/joe:Made-up-1@h/a", POSTGRESQL),
        ("postgresql//joe:Made-up-1@h/a", POSTGRESQL),
        ("postgresql:joe:Made-up-1@h/a", POSTGRESQL),
        ("postgres;//joe:Made-up-1@h/a", POSTGRESQL),
        ("postgresql:////joe:Made-up-1@h/a", POSTGRESQL),
        ("mysql:/joe:Made-up-1@h:3307/a", ("mysql", "h", 3307, "a", *JOE)),
        ("sqlserver://h:1433;database=a;user=joe;password=Made-up-1",
            ("mssql", "h", 1433, "a", *JOE)),
        ("sqlserver://joe:Made-up-1@h:1433?database=a", ("mssql", "h", 1433, "a", *JOE)),
        ("sqlserver://joe:Made-up-1@h/SQLEXPRESS?database=a",
            ("mssql", "h\\SQLEXPRESS", None, "a", *JOE)),
        ("DATABASE=a;HOSTNAME=h;PORT=50000;PROTOCOL=TCPIP;UID=joe;PWD=Made-up-1;",
            ("db2", "h", 50000, "a", *JOE)),
        ("oracle+oracledb://joe:Made-up-1@(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1521))"
            "(CONNECT_DATA=(SID=X)))", ("oracle", "h", 1521, "X", *JOE)),
        # Hosts.
        ("postgresql://joe:Made-up-1@2001:db8::1/a",
            ("postgresql", "2001:db8::1", None, "a", *JOE)),
        ("timescaledb://joe:Made-up-1@h/a", POSTGRESQL),
        ("sqlite:x.db", ("sqlite", None, None, "x.db", None, None)),
        ("sqlite:/srv/x.db", ("sqlite", None, None, "/srv/x.db", None, None)),
        ("bigquery://", ("bigquery", None, None, None, None, None)),
        ("bigquery:///data", ("bigquery", None, None, "data", None, None)),
    ],
)  # fmt: skip
def test_the_parts_are_read(login: Login, uri: str, expected: tuple[object, ...]) -> None:
    assert parts(login(uri, username=None, password=None).sqlalchemy_url()) == expected


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("postgresql://::1:5432/a", "The host in the URI"),
        ("jdbc:bigquery://https://www.googleapis.com/bigquery/v2:443;ProjectId=p", "The host in"),
        ("Data Source=(localdb)\\MSSQLLocalDB;Initial Catalog=a", "The host in the URI"),
        ("joe:Made-up-1@tcp(h:99999)/a", "The port in the URI"),
        ("Host=h;Port=x;Database=a", "The port in the URI"),
    ],
)
def test_the_part_that_cannot_be_read_is_named(login: Login, uri: str, says: str) -> None:
    with pytest.raises(UsageMistake, match=says):
        login(uri, username=None).sqlalchemy_url()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("db.example.org:5433", ("db.example.org", 5433)),
        (" db.example.org ", ("db.example.org", None)),
        ("https://db.example.org/", ("db.example.org", None)),
        ("tcp:db.example.org,1433", ("db.example.org", 1433)),
        ("[2001:db8::1]:5433", ("2001:db8::1", 5433)),
        ("2001:db8::1", ("2001:db8::1", None)),
        ("db.example.org/sales", ("db.example.org", None)),
        ("h\\SQLEXPRESS", ("h\\SQLEXPRESS", None)),
    ],
)
def test_a_field_for_the_host_may_hold_its_port(
    login: Login, host: str, expected: tuple[str, int | None]
) -> None:
    url = login(driver="mssql", host=host).sqlalchemy_url()

    assert (url.host, url.port) == expected
    assert login(driver="mssql", host=host, port="7").sqlalchemy_url().port == 7


@pytest.mark.parametrize("host", ["the big one", "h:canary", "user@h:1", "(x)"])
def test_a_field_that_is_not_a_host_is_named_and_not_repeated(login: Login, host: str) -> None:
    with pytest.raises(UsageMistake, match="field 'host' is not a host") as caught:
        login(driver="mssql", host=host).sqlalchemy_url()
    assert host not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ssl=true", {"sslmode": "require"}),
        ("currentSchema=sales", {"options": "-c search_path=sales"}),
        ("schema=public&pgbouncer=true&connection_limit=1", {"options": "-c search_path=public"}),
        ("ApplicationName=Load&connectTimeout=5", {
            "application_name": "Load", "connect_timeout": "5",
        }),
        ("targetServerType=preferSecondary", {"target_session_attrs": "prefer-standby"}),
        ("tcpKeepAlive=true&prepareThreshold=0", {"keepalives": "1"}),
        ("reWriteBatchedInserts=true&stringtype=unspecified", {}),
        ("sslmode=verify-full&channelBinding=require", {
            "sslmode": "verify-full", "channel_binding": "require",
        }),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["jdbc:postgresql", "postgresql"])
def test_other_programs_parameters_become_those_of_libpq(
    login: Login, scheme: str, query: str, expected: dict[str, str]
) -> None:
    found = dict(login(f"{scheme}://h/a?{query}").sqlalchemy_url().query)

    assert found == expected
    # libpq itself knows each of these names.
    psycopg.conninfo.make_conninfo(**found)


@pytest.mark.parametrize(
    "uri",
    [
        "joe/Made-up-1@//h:1521/s",
        "joe/Made-up-1@h:1521/s",
        "joe/Made-up-1@tcps://h:2484/s",
        "sqlplus joe/Made-up-1@h:1521:SID",
        "joe/Made-up-1@(DESCRIPTION=(ADDRESS=(HOST=h)(PORT=1521))(CONNECT_DATA=(SID=X)))",
        "joe:Made-up-1@tcp(h:3306)/a",
        "DATABASE_URL=postgresql://joe:Made-up-1@h/a",
        "postgresql:/joe:Made-up-1@h/a",
        "postgresql//joe:Made-up-1@h/a",
        "postgresql:joe:Made-up-1@h/a",
        "postgresql:////joe:Made-up-1@h/a",
        "https:/joe:Made-up-1@h/a",
        f"Driver={{MySQL}};{ODBC}",
    ],
)
def test_a_password_in_such_a_uri_is_a_secret(login: Login, uri: str) -> None:
    shown = login(uri).uri

    assert isinstance(shown, Secret)
    assert PASSWORD not in repr(shown)
    assert PASSWORD not in json.dumps(login(uri).hosts)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("postgresql://joe@h/a?sslpassword=Made-up-1&sslmode=require",
            "postgresql+psycopg://joe@h/a?sslmode=require&sslpassword=..."),
        ("snowflake://joe@acme/a?passcode=Made-up-1&role=R",
            "snowflake://joe@acme/a?passcode=...&role=R"),
        ("trino://joe@h/a?access_token=Made-up-1", "trino://joe@h/a?access_token=..."),
        ("duckdb:///x.db?motherduck_token=Made-up-1", "duckdb:///x.db?motherduck_token=..."),
        ("clickhouse://h/a?password=Made-up-1&password=Made-up-1",
            "clickhouse://h/a?password=...&password=..."),
        ("teradatasql://h/?user=joe&password=Made-up-1",
            "teradatasql://h?password=...&user=joe"),
        ("mssql+pyodbc:///?odbc_connect=Driver%3DX%3BUID%3Djoe%3BPWD%3DMade-up-1",
            "mssql+pyodbc://?odbc_connect=Driver%3DX%3BUID%3Djoe%3BPWD%3D..."),
    ],
)  # fmt: skip
def test_a_secret_parameter_is_hidden_in_every_repr(login: Login, uri: str, shown: str) -> None:
    url = login(uri, username=None, password=None).sqlalchemy_url()

    assert repr(url) == str(url) == shown
    assert PASSWORD in url.render_as_string(hide_password=False)
    assert PASSWORD not in repr(url.set(host="other"))
    assert PASSWORD in str(url.query)
    assert url == sqlalchemy.make_url(url.render_as_string(hide_password=False))


def test_the_repr_of_an_engine_hides_secret_parameters(login: Login) -> None:
    url = login("postgresql://joe@h/a?sslpassword=Made-up-1", password=None).sqlalchemy_url()

    assert PASSWORD not in repr(make_engine(url))


def test_a_url_without_secret_parameters_is_one_of_sqlalchemys_own(login: Login) -> None:
    assert type(login("postgresql://h/a?sslmode=require").sqlalchemy_url()) is sqlalchemy.URL


@pytest.mark.parametrize(
    "uri",
    [
        "github.com/joe@v1:80",
        "example.org/@joe",
        "registry.example.org/team/image@sha256:aaaa",
        "jdbc:hive2://h:10000/default;principal=hive/_HOST@REALM",
    ],
)
def test_an_address_with_a_sign_of_a_login_is_not_a_secret(login: Login, uri: str) -> None:
    assert not isinstance(login(uri).uri, Secret)


@pytest.mark.parametrize(
    ("kind", "package"),
    [
        ("trino", "trino"),
        ("presto", "pyhive"),
        ("jdbc:hive2", "pyhive"),
        ("impala", "impyla"),
        ("awsathena+rest", "pyathena"),
        ("clickhousedb", "clickhouse-connect"),
        ("jdbc:db2", "ibm-db-sa"),
        ("jdbc:teradata", "teradatasqlalchemy"),
        ("exa+pyodbc", "sqlalchemy-exasol"),
        ("firebird", "sqlalchemy-firebird"),
        ("spanner+spanner", "sqlalchemy-spanner"),
        ("druid", "pydruid"),
    ],
)
def test_a_database_that_sqlalchemy_does_not_know_names_its_package(
    login: Login, kind: str, package: str
) -> None:
    with pytest.raises(ExtraMissing) as caught:
        make_engine(login(f"{kind}://h:1000/a").sqlalchemy_url())
    assert caught.value.remedy == f"pip install {package}"


@pytest.mark.parametrize("driver", ["pg", "pgsql", "psql", "questdb", "TimescaleDB", " Postgres "])
def test_other_names_of_postgresql(login: Login, driver: str) -> None:
    url = login("postgresql://h/a").sqlalchemy_url(driver)
    assert url.drivername == "postgresql+psycopg"


def test_another_name_of_sqlite(login: Login) -> None:
    assert make_engine(login("sqlite:///x.db").sqlalchemy_url("sqlite3")).dialect.name == "sqlite"


@pytest.mark.parametrize(
    ("driver", "meant"),
    [
        ("postgresqll", "postgresql"),
        ("psycop2", "psycopg2"),
        ("mysq", "mysql"),
        ("mssl", "mssql"),
        ("snowflak", "snowflake"),
        ("postgresql+psycopgg", "psycopg"),
        ("hunter2horse", ""),
    ],
)
def test_a_driver_that_is_misspelt_names_the_likely_one(
    login: Login, driver: str, meant: str
) -> None:
    with pytest.raises(UsageMistake) as caught:
        make_engine(login("postgresql://h/a").sqlalchemy_url(driver))

    assert (f"Did you mean {meant}?" in str(caught.value)) is bool(meant)
    assert "hunter2" not in str(caught.value)
