"""SQLAlchemy: a URL and an engine, from values in which every character is right as it is."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bw_magics.adapters.extra import load, missing_extra
from bw_magics.errors import UsageMistake

if TYPE_CHECKING:
    import sqlalchemy

# Databases that have several drivers: the first that is installed is taken. By module, with the
# package that brings it.
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
_SAME = {"postgres": "postgresql", "sqlserver": "mssql", "mariadb": "mysql", "jdbc": ""}


def make_url(
    driver: str,
    *,
    username: str | None = None,
    password: str | None = None,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
    query: Mapping[str, str] | None = None,
) -> sqlalchemy.URL:
    """A `sqlalchemy.URL`, whose repr hides the password; nothing has to be quoted.

    `driver` is a database or DIALECT+DRIVER; of a database with several drivers the first that is
    installed is taken.
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
    """An engine for the URL. Raises `ExtraMissing` where the driver is not installed, and
    `UsageMistake` for one that SQLAlchemy does not know.
    """
    library = load("sqlalchemy", extra="sql", what="SQLAlchemy")
    try:
        engine: sqlalchemy.Engine = library.create_engine(url, **options)
        return engine
    except library.exc.NoSuchModuleError:
        pass
    except ImportError:
        name = url.drivername.partition("+")[2] or url.drivername
        raise missing_extra(_PACKAGES.get(name, name), "The database's driver") from None
    raise UsageMistake(
        "SQLAlchemy does not know that kind of database.",
        "Name a driver that is installed: --driver postgresql+psycopg.",
    )


def drivername(driver: str) -> str:
    """The name as SQLAlchemy has it, with a driver that is installed where there is a choice."""
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
