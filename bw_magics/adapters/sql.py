"""SQLAlchemy: a URL and an engine, from values that need no quoting."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bw_magics.adapters.extra import load, missing_extra
from bw_magics.adapters.libpq import libpq_parameters
from bw_magics.errors import ExtraMissing, UsageMistake

if TYPE_CHECKING:
    import sqlalchemy

# The drivers of each database, as module and suffix; the first installed one is used.
_DRIVERS = {
    "postgresql": (("psycopg", "psycopg"), ("psycopg2", "psycopg2"), ("asyncpg", "asyncpg")),
    "mysql": (
        ("pymysql", "pymysql"),
        ("MySQLdb", "mysqldb"),
        ("mysql.connector", "mysqlconnector"),
    ),
    "mssql": (("pyodbc", "pyodbc"), ("pymssql", "pymssql")),
    "oracle": (("oracledb", "oracledb"), ("cx_Oracle", "cx_oracle")),
}
# The package of a driver where it has another name; `sql` is an extra of this package.
_PACKAGES = {
    "psycopg": "sql",
    "psycopg_async": "sql",
    "psycopg2": "psycopg2-binary",
    "mysqldb": "mysqlclient",
    "mysqlconnector": "mysql-connector-python",
    "mariadbconnector": "mariadb",
    "cx_oracle": "oracledb",
    "pysqlcipher": "sqlcipher3",
}
# The packages that teach SQLAlchemy a database.
_DATABASE_PACKAGES = {
    "awsathena": "pyathena",
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "clickhousedb": "clickhouse-connect",
    "cockroachdb": "sqlalchemy-cockroachdb",
    "crate": "sqlalchemy-cratedb",
    "databricks": "databricks-sqlalchemy",
    "db2": "ibm-db-sa",
    "dremio": "sqlalchemy-dremio",
    "druid": "pydruid",
    "duckdb": "duckdb-engine",
    "exa": "sqlalchemy-exasol",
    "firebird": "sqlalchemy-firebird",
    "hana": "sqlalchemy-hana",
    "hive": "pyhive",
    "ibm_db_sa": "ibm-db-sa",
    "impala": "impyla",
    "monetdb": "sqlalchemy-monetdb",
    "pinot": "pinotdb",
    "presto": "pyhive",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
    "spanner": "sqlalchemy-spanner",
    "teradatasql": "teradatasqlalchemy",
    "trino": "trino",
}
_BY_LIBPQ = ("+psycopg", "+psycopg2", "+psycopg_async", "+psycopg2cffi")
# The databases of each driver, the usual one first, and how SQLAlchemy spells the driver.
_POSTGRESQL = ("postgresql", "cockroachdb", "redshift")
_OF_DRIVER = {
    "psycopg": (_POSTGRESQL, "psycopg"),
    "psycopg3": (_POSTGRESQL, "psycopg"),
    "psycopg2": (_POSTGRESQL, "psycopg2"),
    "asyncpg": (_POSTGRESQL, "asyncpg"),
    "pg8000": (_POSTGRESQL, "pg8000"),
    "pymysql": (("mysql",), "pymysql"),
    "mysqldb": (("mysql",), "mysqldb"),
    "mysqlclient": (("mysql",), "mysqldb"),
    "mysqlconnector": (("mysql",), "mysqlconnector"),
    "aiomysql": (("mysql",), "aiomysql"),
    "asyncmy": (("mysql",), "asyncmy"),
    "mariadbconnector": (("mysql",), "mariadbconnector"),
    "pyodbc": (("mssql", "mysql"), "pyodbc"),
    "aioodbc": (("mssql", "mysql"), "aioodbc"),
    "pymssql": (("mssql",), "pymssql"),
    "oracledb": (("oracle",), "oracledb"),
    "cx_oracle": (("oracle",), "cx_oracle"),
    "pysqlite": (("sqlite",), "pysqlite"),
    "aiosqlite": (("sqlite",), "aiosqlite"),
    "pysqlcipher": (("sqlite",), "pysqlcipher"),
}
_SAME = {
    "postgres": "postgresql",
    "pg": "postgresql",
    "pgsql": "postgresql",
    "psql": "postgresql",
    "sqlite3": "sqlite",
    "sqlserver": "mssql",
    "mariadb": "mysql",
    "jdbc": "",
    "ch": "clickhouse",
    "hive2": "hive",
    "questdb": "postgresql",
    "teradata": "teradatasql",
    "timescaledb": "postgresql",
    "sap": "hana",
}


def make_url(
    driver: str,
    *,
    username: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
    query: Mapping[str, str | tuple[str, ...]] | None = None,
) -> sqlalchemy.URL:
    """Makes a `sqlalchemy.URL`, whose repr hides the password and secret parameters.

    The values need no quoting. `driver` is a database or DIALECT+DRIVER; for a database alone, the
    first installed driver is used.
    """
    library = load("sqlalchemy", extra="sql", what="SQLAlchemy")
    name = drivername(driver)
    if query and name.endswith(_BY_LIBPQ):
        query = libpq_parameters(query)
    url: sqlalchemy.URL = library.URL.create(
        name,
        username=username,
        password=password,
        host=host,
        port=port,
        database=database,
        query=dict(query or {}),
    )
    if url.query:
        from bw_magics.adapters.hidden_query import hidden_query

        return hidden_query(url)
    return url


def make_engine(url: sqlalchemy.URL, **options: Any) -> sqlalchemy.Engine:
    """Makes an engine for the URL.

    Raises `ExtraMissing` for a driver that is not installed, and `UsageMistake` for a database
    that SQLAlchemy does not know, whose driver does not take these parts, or whose driver is only
    for asynchronous engines.
    """
    library = load("sqlalchemy", extra="sql", what="SQLAlchemy")
    try:
        engine: sqlalchemy.Engine = library.create_engine(url, **options)
        if engine.dialect.is_async:
            raise _only_asynchronous()
        return engine
    except library.exc.NoSuchModuleError:
        pass
    except library.exc.ArgumentError:
        raise UsageMistake(
            f"SQLAlchemy cannot make an engine for {url.get_backend_name()} from these parts.",
            "Name the kind of database: --driver postgresql.",
        ) from None
    except ImportError:
        raise _driver_missing(url.drivername) from None
    except ValueError:
        # SQLAlchemy converts parameters such as timeout; its error would quote the value.
        raise UsageMistake(
            "The driver does not take one of the parameters in the URI, or its name is odd.",
            "Correct the parameters behind the ? of the URI; a driver is named as in "
            "--driver postgresql+psycopg.",
        ) from None
    package = _DATABASE_PACKAGES.get(url.get_backend_name())
    if package is not None:
        raise missing_extra(package, "SQLAlchemy's package for the database")
    raise UsageMistake(
        "SQLAlchemy does not know that kind of database.",
        f"{_likely(url.drivername)}Name the database and its driver: --driver postgresql+psycopg.",
    )


def _likely(drivername: str) -> str:
    """Suggests the database or driver that a misspelt one is likely meant for; or says nothing."""
    from difflib import get_close_matches

    known = [*_DRIVERS, "sqlite", *_DATABASE_PACKAGES, *_OF_DRIVER]
    kind, _, driver = drivername.partition("+")
    for name in filter(None, (driver, kind)):
        if name not in known and (found := get_close_matches(name, known, n=1)):
            return f"Did you mean {found[0]}? "
    return ""


def _only_asynchronous() -> UsageMistake:
    return UsageMistake(
        "This driver is only for asynchronous engines.",
        "Use create_async_engine(item.sqlalchemy_url()), or name another driver: "
        "--driver postgresql+psycopg.",
    )


def with_database(driver: str, kind: str | None) -> str:
    """Puts the database before the name of a driver alone: `asyncpg` is `postgresql+asyncpg`.

    `kind` is the database that is meant if it has such a driver. Other names stay as they are.
    """
    name = driver.strip().lower()
    if name not in _OF_DRIVER or name in _DRIVERS:
        return driver
    databases, suffix = _OF_DRIVER[name]
    own = _named(kind or "").partition("+")[0]
    return f"{own if own in databases else databases[0]}+{suffix}"


def drivername(driver: str) -> str:
    """Returns SQLAlchemy's name of the database, with the first installed driver."""
    name = _named(driver)
    for module, suffix in _DRIVERS.get(name, ()):
        if _is_installed(module):
            return f"{name}+{suffix}"
    return name


def _named(driver: str) -> str:
    named = driver.strip().lower().removeprefix("jdbc:").partition("://")[0]
    name, plus, suffix = named.partition("+")
    name = _SAME.get(name, name)
    return f"{name}+{suffix}" if plus and name else name


def _driver_missing(drivername: str) -> ExtraMissing:
    """Makes the error for a driver that is not installed; for a database alone its usual one."""
    database, _, name = drivername.partition("+")
    usual = _DRIVERS.get(database, ((database, database),))[0][1]
    name = name or usual
    return missing_extra(_PACKAGES.get(name, name), "The database's driver")


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
