"""`DatabaseUri`: the parts of a database's URI, in the spellings of URLs, libpq and JDBC."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

from bw_magics.lean_regex import regex
from bw_magics.secret import Unpicklable
from bw_magics.vault.connection_string import (
    ConnectionPairs,
    connection_pairs,
    meaning,
    pairs,
    unwrapped,
)
from bw_magics.vault.uri import is_address, oracle_login, user_info

# Schemes that do not address a database, although it may be on the same host.
_NO_DATABASE = regex(
    r"""about|androidapp|app|chrome-extension|data|file|ftps?|git|gs|https?|imaps?|iosapp|javascript
    |ldaps?|mailto|moz-extension|nfs|otpauth|pop3|rdp|s3|scp|sftp|sip|smb|smtps?|ssh|steam|tel
    |telnet|view-source|vnc|wss?""",
    re.VERBOSE | re.IGNORECASE,
)
_SCHEME = regex(r"[a-z][a-z0-9+._-]*", re.IGNORECASE)
_HOST_AND_PORT = regex(r"[\w.-]+:\d+(?:/|$)")
_NAME = regex(r"[^:\[\]\s()=@]*")
_HOST = regex(
    rf"(?:\[(?P<v6>[0-9A-Fa-f:.]+(?:%(?:25)?[\w.-]+)?)\]|(?P<host>{_NAME.pattern}))(?::(?P<port>.*))?"
)
# `jdbc:mysql:replication://…`, `jdbc:jtds:sqlserver://…`, `jdbc:aws-wrapper:postgresql://…`.
_JDBC = regex(r"jdbc:(?P<words>(?:[\w+.-]+:)*[\w+.-]+):(?P<rest>//.*)", re.IGNORECASE | re.DOTALL)
_JDBC_DATABASES = (
    *("postgresql", "mysql", "mariadb", "sqlserver", "redshift", "clickhouse", "ch", "oracle"),
    *("db2", "snowflake", "databricks", "trino", "presto", "hive2", "sap", "teradata", "vertica"),
)
_JDBC_LOCAL = regex(r"jdbc:postgresql:(?P<rest>(?:///|/)?(?:[\w.-]+)?(?:\?.*)?)", re.IGNORECASE)
# Their drivers in Python take the same parameters.
_SAME_PARAMETERS = ("postgres", "snowflake")
_POSTGRESQL = ("postgres", "cockroachdb", "redshift")
_DESCRIBED = regex(r"\(\s*(host|port|service_name|sid)\s*=\s*([^()]*?)\s*\)", re.IGNORECASE)
# `joe:…@tcp(h:3306)/app`, as programs in Go write it; also behind `mysql://`.
_GO = regex(
    r"(?:mysql://)?(?:(?P<user>[^:@/]*)(?::(?P<password>.*))?@)?(?P<way>tcp6?|unix)"
    r"\((?P<place>[^()]*)\)/(?P<database>[^?]*)(?:\?.*)?",
    re.DOTALL,
)
# Without brackets, the end of an IPv6 address may be meant as a port.
_LIKE_PORT = regex(r":\d{4}$")
_WITH_PORT = regex(r"[^,]+,\s*\d+")
_FILE = regex(r"(sqlite|duckdb):(?!//)", re.IGNORECASE)
# A slip in `://` behind a scheme that names a database: `postgresql:/h/a`, `mysql//h/a`,
# `postgresql:joe:…@h/a`.
_SLIP = regex(
    r"""(?P<scheme>(?:postgres(?:ql)?|mysql|mariadb|mssql|sqlserver|snowflake|redshift|clickhouse
    |trino|databricks|cockroachdb)(?:\+\w+)?)(?::/?(?![/\d])|:/{3,}(?=[^/?]*@)|;//|//:?)""",
    re.VERBOSE | re.IGNORECASE,
)
# JDBC's parameters, without JDBC before them.
_SEMICOLON = regex(r"(?:sqlserver|mssql)(?:\+\w+)?://[^;?]*;", re.IGNORECASE)


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
        """Reads a URI or a connection string; None for one that does not address a database."""
        text = unwrapped(uri)
        if oracle := oracle_login(text):
            return _of_oracle(oracle)
        if text.startswith("("):
            return _of_description(cls("oracle"), text)
        if go := _GO.fullmatch(text):
            return _of_go(go)
        if local := _JDBC_LOCAL.fullmatch(text):
            # pgJDBC connects to this machine where no host is named.
            text = f"jdbc:postgresql://localhost/{local['rest'].lstrip('/')}"
        if "://" not in text and (string := connection_pairs(text)):
            return _of_pairs(string)
        text = _FILE.sub(r"\1:///", text)
        if slip := _SLIP.match(text):
            text = f"{slip['scheme']}://{text[slip.end() :]}"
        is_jdbc = text.lower().startswith("jdbc:") or _SEMICOLON.match(text) is not None
        if jdbc := _JDBC.fullmatch(text):
            words = jdbc["words"].lower().split(":")
            known = (each for each in words if each.partition("+")[0] in _JDBC_DATABASES)
            text = f"{next(known, words[0])}:{jdbc['rest']}"
        elif text.lower().startswith("jdbc:"):
            text = _FILE.sub(r"\1:///", text[len("jdbc:") :])
        scheme, mark, rest = text.partition("://")
        if not mark:
            scheme, rest = "", text
        if _NO_DATABASE.fullmatch(scheme) or (mark and not _SCHEME.fullmatch(scheme)):
            return None
        # The password may hold what a URI may not.
        info = user_info(text)
        place = rest[len(info) + 1 :] if info else rest.removeprefix("@")
        if not mark and not info and "@" in place.partition("/")[0]:
            info, _, place = place.partition("@")
        if not mark and ":" in place.partition("/")[0] and not _HOST_AND_PORT.match(place):
            return None
        place, _, settings = place.partition(";") if is_jdbc else (place, "", "")
        if is_jdbc and (db2 := re.search(r":(?=\w+=)", place.partition("/")[2])):
            # `jdbc:db2://host/NAME:user=…;`
            start = len(place.partition("/")[0]) + 1 + db2.start()
            place, settings = place[:start], f"{place[start + 1 :]};{settings}"
        place, _, query = place.partition("?")
        authority, _, path = place.partition("/")
        if is_jdbc and "=" in path:  # `jdbc:teradata://host/DATABASE=…,USER=…`
            path, settings = "", path.replace(",", ";")
        user, _, password = info.partition(":")
        found = cls(
            scheme=scheme or None,
            database=unquote(path) or None,
            username=unquote(user) or None,
            password=unquote(password) or None,
        )
        if place.startswith(("http://", "https://")):
            return replace(found, problem="host")
        if place.startswith("("):
            return _of_description(found, place)
        given = [*pairs(settings)] if settings else parse_qsl(query, keep_blank_values=True)
        if scheme.lower() in ("sqlserver", "mssql") and not is_jdbc:
            found, given = _of_go_parameters(found, given)
        return _with(_at(found, authority), given, is_jdbc=is_jdbc)


def _of_go_parameters(
    uri: DatabaseUri, given: list[tuple[str, str]]
) -> tuple[DatabaseUri, list[tuple[str, str]]]:
    """Reads `sqlserver://host/instance?database=name` of Go's driver, and what it leaves."""
    named = [value for name, value in given if name.lower() == "database"]
    if not named:
        return uri, given
    instance = [("instance", uri.database)] if uri.database else []
    rest = [(name, value) for name, value in given if name.lower() != "database"]
    return replace(uri, database=named[-1]), [*instance, *rest]


def _of_pairs(string: ConnectionPairs) -> DatabaseUri:
    """Reads the parts of a connection string."""
    scheme, given = string.kind, string.pairs
    parts = {meaning(name): value for name, value in given if meaning(name) and value}
    found = DatabaseUri(scheme)
    rest: list[tuple[str, str]] = []
    if scheme in ("sqlite", "duckdb"):
        return replace(found, database=parts.get("host") or parts.get("database"))
    if scheme == "oracle" and (place := parts.pop("host", "")):
        found = _of_oracle_place(found, place)
    if string.is_libpq:
        rest = [(name, value) for name, value in given if not meaning(name)]
        if "," in parts.get("host", "") or "," in parts.get("port", ""):
            rest += [(name, parts.pop(name)) for name in ("host", "port") if name in parts]
    if host := parts.pop("host", ""):
        # `tcp:host,1433` of SQL Server; a socket's folder of PostgreSQL.
        host = re.sub(r"^(?:tcp|np|lpc|admin):", "", host, flags=re.IGNORECASE)
        found = replace(found, hosts=((host, None),)) if host[:1] == "/" else _at(found, host)
    return _with(found, [*parts.items(), *rest], is_jdbc=True)


def _of_go(go: re.Match[str]) -> DatabaseUri:
    """Reads `user:password@tcp(host:port)/name`; the parameters are those of Go's driver."""
    found = DatabaseUri(
        "mysql",
        database=unquote(go["database"]) or None,
        username=go["user"] or None,
        password=go["password"] or None,
    )
    if go["way"] == "unix":
        return replace(found, query=(("unix_socket", go["place"]),))
    return _at(found, go["place"])


def _at(uri: DatabaseUri, authority: str) -> DatabaseUri:
    """Adds hosts and ports."""
    if authority.count(":") > 1 and is_address(authority):
        if _LIKE_PORT.search(authority):
            return replace(uri, problem="host")
        return replace(uri, hosts=((authority, None),))
    hosts: list[tuple[str, int | None]] = []
    problem = ""
    for each in authority.split(",") if authority else ():
        found = _HOST.fullmatch(each)
        if found is None:
            return replace(uri, problem="host")
        host, text = (found["v6"] or "").replace("%25", "%"), found["port"]
        host = host or unquote(found["host"] or "")
        port = port_number(text) if text else None
        if text and port is None:
            problem = "port"
        if host and port and "\\" in host:
            # Beside a port, the name of an instance means nothing.
            host = host.partition("\\")[0]
        if hosts and each.isdigit() and hosts[-1][1] is None:
            # `host,1433`, as SQL Server writes a port.
            hosts[-1] = hosts[-1][0], port_number(each)
            continue
        hosts.append((host, port))
    return replace(uri, hosts=tuple(hosts), problem=problem)


def _with(uri: DatabaseUri, given: list[tuple[str, str]], *, is_jdbc: bool) -> DatabaseUri:
    """Adds the parts that parameters name; JDBC's others are dropped: no other driver has them."""
    scheme = (uri.scheme or "").lower()
    is_named = is_jdbc or scheme.startswith(_POSTGRESQL)
    is_server = scheme in ("sqlserver", "mssql")
    parts: dict[str, str] = {}
    rest = []
    for name, value in given:
        means = meaning(name)
        # libpq takes several of both, and a host beside the one in the URI.
        is_several = means in ("host", "port") and "," in value
        is_place = is_several or (means == "host" and not is_jdbc)
        if (is_named or (is_server and means == "instance")) and means and value and not is_place:
            parts[means] = value
        elif not is_jdbc or scheme.startswith(_SAME_PARAMETERS):
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


def _of_oracle(oracle: re.Match[str]) -> DatabaseUri:
    """Reads `//host:1521/service`, `host:1521:SID` and their siblings of JDBC."""
    password = (oracle["password"] or "").strip('"')
    found = DatabaseUri("oracle", username=oracle["user"] or None, password=password or None)
    return _of_oracle_place(found, oracle["place"])


def _of_oracle_place(found: DatabaseUri, place: str) -> DatabaseUri:
    """Adds the place that an Oracle login or connection string names."""
    if place.startswith("("):
        return _of_description(found, place)
    place = re.sub("^(?:tcps?:)?//", "", place, flags=re.IGNORECASE).partition("?")[0]
    if place.count(":") == 2 and "/" not in place:
        authority, _, sid = place.rpartition(":")
        return replace(_at(found, authority), database=sid or None)
    authority, _, service = place.partition("/")
    # `service:dedicated` names the kind of server, too.
    query = (("service_name", service.partition(":")[0]),) if service else ()
    return replace(_at(found, authority), query=query)


def _of_description(uri: DatabaseUri, text: str) -> DatabaseUri:
    """Reads the one host of an Oracle Net description; several are not one place."""
    pairs = _DESCRIBED.findall(text)
    named = {name.lower(): value for name, value in pairs}
    hosts = {value for name, value in pairs if name.lower() == "host"}
    port = port_number(named.get("port", "1521"))
    if len(hosts) != 1 or port is None:
        return replace(uri, problem="description")
    service = named.get("service_name")
    return replace(
        uri,
        hosts=((named["host"], port),),
        database=named.get("sid"),
        query=(("service_name", service),) if service else (),
    )


def read_host(text: str) -> tuple[str, int | None] | None:
    """Reads a host that may have its port, as people write it into a field: `db.example.org:5432`,
    `tcp:h,1433`, `https://h/`; None for what is not one. Several hosts and a socket's folder stay.
    """
    host = text.strip()
    if host.startswith("/") or ("," in host and not _WITH_PORT.fullmatch(host)):
        return host, None
    host = re.sub(r"^(?:[a-z][a-z0-9+.-]*://|(?:tcp|np|lpc|admin):)", "", host, flags=re.IGNORECASE)
    found = _at(DatabaseUri(), host.partition("/")[0])
    if found.problem or len(found.hosts) != 1 or not found.hosts[0][0]:
        return None
    return found.hosts[0]


def port_number(text: str) -> int | None:
    """Reads the number of a port; None for what is not one."""
    text = text.strip()
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536:
        return int(text)
    return None
