"""SQLAlchemy: a URL and an engine, from values that need no quoting."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bw_magics.adapters.extra import load, missing_extra
from bw_magics.errors import UsageMistake

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
_PACKAGES = {"psycopg": "sql", "pymysql": "pymysql", "pyodbc": "pyodbc", "oracledb": "oracledb"}
_SAME = {
    "postgres": "postgresql",
    "sqlserver": "mssql",
    "mariadb": "mysql",
    "jdbc": "",
    "ch": "clickhouse",
    "hive2": "hive",
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
    """Makes a `sqlalchemy.URL`, whose repr hides the password.

    The values need no quoting. `driver` is a database or DIALECT+DRIVER; for a database alone, the
    first installed driver is used.
    """
    library = load("sqlalchemy", extra="sql", what="SQLAlchemy")
    url: sqlalchemy.URL = library.URL.create(
        drivername(driver),
        username=username,
        password=password,
        host=host,
        port=port,
        database=database,
        query=dict(query or {}),
    )
    return url


def make_engine(url: sqlalchemy.URL, **options: Any) -> sqlalchemy.Engine:
    """Makes an engine for the URL.

    Raises `ExtraMissing` for a driver that is not installed, and `UsageMistake` for a database
    that SQLAlchemy does not know, or whose driver does not take these parts.
    """
    library = load("sqlalchemy", extra="sql", what="SQLAlchemy")
    try:
        engine: sqlalchemy.Engine = library.create_engine(url, **options)
        return engine
    except library.exc.NoSuchModuleError:
        pass
    except library.exc.ArgumentError:
        raise UsageMistake(
            f"SQLAlchemy cannot make an engine for {url.get_backend_name()} from these parts.",
            "Name the kind of database: --driver postgresql.",
        ) from None
    except ImportError:
        name = url.drivername.partition("+")[2] or url.drivername
        raise missing_extra(_PACKAGES.get(name, name), "The database's driver") from None
    raise UsageMistake(
        "SQLAlchemy does not know that kind of database.",
        "Name a driver that is installed: --driver postgresql+psycopg.",
    )


def drivername(driver: str) -> str:
    """Returns SQLAlchemy's name of the database, with the first installed driver."""
    name = driver.strip().lower()
    name = _SAME.get(name, name)
    for module, suffix in _DRIVERS.get(name, ()):
        if _is_installed(module):
            return f"{name}+{suffix}"
    return name


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
