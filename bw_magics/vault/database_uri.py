"""`DatabaseUri`: the parts of a database's URI, in the spellings of URLs, libpq and JDBC."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

from bw_magics.secret import Unpicklable

# Schemes that do not address a database, although it may be on the same host.
_NO_DATABASE = frozenset(
    {"http", "https", "ftp", "ftps", "sftp", "ssh", "file", "mailto", "androidapp", "iosapp"}
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"[\w.-]+:\d+(?:/|$)")
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<host>[^:\[\]]*))(?::(?P<port>.*))?")
_ORACLE = re.compile(r"oracle:(?:thin|oci):(?:(?P<info>[^@]*)@|@)(?P<place>.*)", re.IGNORECASE)
_POSTGRESQL = ("postgres", "cockroachdb", "redshift")
# The names that libpq, JDBC drivers and SQL Server give to the parts, without case.
_MEANINGS = {
    "database": "database", "databasename": "database", "dbname": "database",
    "user": "username", "username": "username", "password": "password",
    "servername": "host", "port": "port", "portnumber": "port", "instancename": "instance",
}  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseUri(Unpicklable):
    """The parts of a URI; `hosts` are pairs of a host and its port.

    `problem` names the part that cannot be read: the caller may not need it.
    """

    scheme: str | None = None
    hosts: tuple[tuple[str, int | None], ...] = ()
    database: str | None = None
    username: str | None = None
    password: str | None = None
    query: tuple[tuple[str, str], ...] = field(default=())
    problem: str = ""

    @classmethod
    def parse(cls, uri: str) -> DatabaseUri | None:
        """Reads a URI; None for one that does not address a database."""
        text = uri.strip()
        is_jdbc = text.lower().startswith("jdbc:")
        if is_jdbc:
            text = text[len("jdbc:") :]
            if oracle := _ORACLE.fullmatch(text):
                return _of_oracle(oracle["info"] or "", oracle["place"])
            if text.lower().startswith(("sqlite:", "duckdb:")) and "://" not in text:
                text = text.replace(":", ":///", 1)
        scheme, mark, rest = text.partition("://")
        if not mark:
            scheme, rest = "", text
        if scheme.lower() in _NO_DATABASE or (mark and not _SCHEME.fullmatch(scheme)):
            return None
        if not mark and ":" in rest.partition("/")[0] and not _HOST_AND_PORT.match(rest):
            return None
        # The password may hold what a URI may not: user info is all before the last @.
        info, at, place = rest.rpartition("@") if "@" in rest.partition("?")[0] else ("", "", rest)
        place, _, settings = place.partition(";") if is_jdbc else (place, "", "")
        place, _, query = place.partition("?")
        authority, _, path = place.partition("/")
        user, _, password = info.partition(":")
        found = cls(
            scheme=scheme or None,
            database=unquote(path) or None,
            username=unquote(user) or None if at else None,
            password=unquote(password) or None if at else None,
        )
        if settings:
            given = [pair.partition("=")[::2] for pair in settings.split(";") if "=" in pair]
        else:
            given = parse_qsl(query, keep_blank_values=True)
        return _with(_at(found, authority), given, is_jdbc=is_jdbc)


def _at(uri: DatabaseUri, authority: str) -> DatabaseUri:
    """Adds hosts and ports."""
    hosts, problem = [], ""
    for each in authority.split(",") if authority else ():
        found = _HOST.fullmatch(each)
        if found is None:
            return replace(uri, problem="host")
        host, text = found["v6"] or unquote(found["host"]), found["port"]
        port = port_number(text) if text else None
        if text and port is None:
            problem = "port"
        if host and port and "\\" in host:
            # Beside a port, the name of an instance means nothing.
            host = host.partition("\\")[0]
        hosts.append((host, port))
    return replace(uri, hosts=tuple(hosts), problem=problem)


def _with(uri: DatabaseUri, given: list[tuple[str, str]], *, is_jdbc: bool) -> DatabaseUri:
    """Adds the parts that parameters name; JDBC's others are dropped: no other driver has them."""
    scheme = (uri.scheme or "").lower()
    is_named = is_jdbc or scheme.startswith(_POSTGRESQL)
    parts: dict[str, str] = {}
    rest = []
    for name, value in given:
        meaning = _MEANINGS.get(name.lower())
        if is_named and meaning and value:
            parts[meaning] = value
        elif not is_jdbc or scheme.startswith("postgres"):
            rest.append((name, value))
    hosts, problem = uri.hosts, uri.problem
    if "host" in parts and not hosts:
        hosts = ((parts["host"], None),)
    if "port" in parts and len(hosts) < 2 and "," not in parts["port"]:
        port = port_number(parts["port"])
        problem = problem if port else "port"
        if hosts or port is None:
            hosts = tuple((host, port) for host, _ in hosts)
        else:
            rest.append(("port", parts["port"]))
    if "instance" in parts and len(hosts) == 1 and hosts[0][1] is None:
        hosts = ((f"{hosts[0][0]}\\{parts['instance']}", None),)
    return replace(
        uri,
        hosts=hosts,
        database=uri.database or parts.get("database"),
        username=uri.username or parts.get("username"),
        password=uri.password or parts.get("password"),
        query=tuple(rest),
        problem=problem,
    )


def _of_oracle(info: str, place: str) -> DatabaseUri:
    """Reads `//host:1521/service` and `host:1521:SID`."""
    user, _, password = info.partition("/")
    found = DatabaseUri("oracle", username=user or None, password=password or None)
    if place.startswith("//"):
        authority, _, service = place[2:].partition("/")
        query = (("service_name", service),) if service else ()
        return replace(_at(found, authority), query=query)
    authority, _, sid = place.rpartition(":") if place.count(":") == 2 else (place, "", "")
    if place.startswith("("):
        return replace(found, problem="description")
    return replace(_at(found, authority), database=sid or None)


def port_number(text: str) -> int | None:
    """Reads the number of a port; None for what is not one."""
    text = text.strip()
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536:
        return int(text)
    return None
