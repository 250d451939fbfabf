"""Connection strings: their names and values, what these mean, and the kind of database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bw_magics.lean_regex import regex

# `host=… dbname=…` of libpq; `Server=…;Database=…` of ADO, ODBC and Npgsql.
_LIBPQ = regex(
    r"(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*=\s*\S", re.IGNORECASE
)
_ADO = regex(r"[A-Za-z][\w ]*?\s*=[^;]*;")
_PAIR = regex(
    r"\s*(?P<name>[A-Za-z][\w. ]*?)\s*=\s*"
    r"""(?:\{(?P<braced>(?:[^{}]|\}\})*)\}|'(?P<quoted>(?:[^'\\]|\\.)*)'|"(?P<double>[^"]*)"|"""
    r"(?P<bare>[^;]*))\s*(?:;|$)"
)
_LIBPQ_PAIR = regex(
    r"(?P<name>\w+)\s*=\s*(?:'(?P<quoted>(?:[^'\\]|\\.)*)'|(?P<escaped>(?:[^\s\\]|\\.)*))"
)
# `export DATABASE_URL="postgresql://…"`, `sqlalchemy.url = …`, `<postgresql://…>`.
_BEFORE = regex(r"(?:export\s+|set\s+)?[A-Za-z_][\w.]*\s*=\s*(?=[\"'<]?[a-z][\w+.:-]*://)", re.I)
_AROUND = {'"': '"', "'": "'", "`": "`", "<": ">"}
# The names that libpq, JDBC drivers and SQL Server give to the parts, without case and blanks.
_MEANINGS = {
    "database": "database", "databasename": "database", "dbname": "database", "db": "database",
    "initialcatalog": "database", "user": "username", "username": "username", "uid": "username",
    "userid": "username", "password": "password", "pwd": "password", "servername": "host",
    "server": "host", "datasource": "host", "addr": "host", "address": "host", "host": "host",
    "hostname": "host", "networkaddress": "host", "hostaddr": "host", "port": "port",
    "portnumber": "port", "instancename": "instance", "instance": "instance",
}  # fmt: skip
# The kinds of databases by a word in the name of an ODBC driver or OLE DB provider.
_BY_DRIVER = {
    "sql server": "mssql", "freetds": "mssql", "sqlncli": "mssql", "oledbsql": "mssql",
    "sqloledb": "mssql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql",
    "oracle": "oracle", "oraoledb": "oracle", "snowflake": "snowflake", "redshift": "redshift",
    "sqlite": "sqlite", "databricks": "databricks", "spark": "databricks", "duckdb": "duckdb",
    "teradata": "teradatasql", "clickhouse": "clickhouse", "bigquery": "bigquery", "hana": "hana",
}  # fmt: skip
# Microsoft's own client has no name for the port; others have one.
_BY_PORT = {"5432": "postgresql", "3306": "mysql", "1521": "oracle"}
_ORACLE_PLACE = regex(r"\(\s*DESCRIPTION|(?://)?[\w.-]+(?::\d+)?/\w", re.IGNORECASE)
_FILE = regex(r".*\.(?:db3?|sqlite3?)", re.IGNORECASE)


def unwrapped(text: str) -> str:
    """Returns a URI without what configurations put around it: a variable's name, quotes, `<>`."""
    text = text.strip()
    text = _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text
    if len(text) > 1 and text[-1] == _AROUND.get(text[0]):
        return text[1:-1].strip()
    return text


def meaning(name: str) -> str:
    """Returns the part that a parameter names: `host`, `database`, …; else an empty text."""
    return _MEANINGS.get(re.sub(r"[\s_.]", "", name).lower(), "")


def pairs(text: str, pattern: re.Pattern[str] = _PAIR) -> Iterator[tuple[str, str]]:
    """Yields the names and values of a connection string, without quotes and braces."""
    for found in pattern.finditer(text):
        groups = found.groupdict()
        quoted = groups["quoted"] if groups["quoted"] is not None else groups.get("escaped")
        if quoted is not None:
            yield found["name"], re.sub(r"\\(.)", r"\1", quoted)
        elif (braced := groups.get("braced")) is not None:
            yield found["name"], braced.replace("}}", "}")
        else:
            yield found["name"], groups.get("double") or (groups["bare"] or "").strip()


class ConnectionPairs(NamedTuple):
    """A connection string's kind of database, None where it does not tell, and its pairs."""

    kind: str | None
    pairs: list[tuple[str, str]]
    is_libpq: bool


def connection_pairs(text: str) -> ConnectionPairs | None:
    """Reads a connection string; None for a text that is not one."""
    if _ADO.match(text):
        found = [*pairs(text)]
        means = {meaning(name) for name, _ in found}
        if "host" in means or any(_names_driver(name) for name, _ in found):
            return ConnectionPairs(_kind(found), found, is_libpq=False)
    if _LIBPQ.match(text):
        return ConnectionPairs("postgresql", [*pairs(text, _LIBPQ_PAIR)], is_libpq=True)
    return None


def _kind(found: list[tuple[str, str]]) -> str | None:
    for name, value in found:
        if _names_driver(name):
            words = (kind for word, kind in _BY_DRIVER.items() if word in value.lower())
            return next(words, None)
    given = {name.strip().lower(): value for name, value in found}
    place = given.get("data source", "")
    if _FILE.fullmatch(place):
        return "sqlite"
    if _ORACLE_PLACE.match(place):
        return "oracle"
    if "hostname" in given and "protocol" in given:
        return "db2"  # `DATABASE=…;HOSTNAME=…;PROTOCOL=TCPIP` of IBM's own client
    if "port" in given:
        return _BY_PORT.get(given["port"]) or ("postgresql" if "host" in given else None)
    return "postgresql" if "host" in given else "mssql"


def _names_driver(name: str) -> bool:
    return name.strip().lower() in ("driver", "provider")
