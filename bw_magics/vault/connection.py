"""`Connection`: the place and the login of a database, as an item describes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bw_magics.adapters.sql import with_database
from bw_magics.errors import FieldNotFound, UsageMistake
from bw_magics.secret import Unpicklable
from bw_magics.vault.database_uri import DatabaseUri, port_number, read_host
from bw_magics.vault.names import as_name

# Custom fields, by the names that people give them; case, spaces and dashes do not matter.
_FIELDS = {
    "driver": ("driver", "dialect", "engine", "scheme"),
    "host": ("host", "hostname", "server", "address"),
    "port": ("port",),
    "database": ("database", "databasename", "db", "dbname", "schema", "catalog"),
    "username": ("username", "user", "login"),
}
_IN_FILES = ("sqlite", "duckdb")
# Their clients try several hosts one after the other.
_SEVERAL_HOSTS = ("postgres", "cockroachdb")
# Services of one provider, which their clients know.
_WITHOUT_HOST = ("bigquery", "spanner")
_POSTGRESQL_PORT = 5432


class Login(Protocol):
    """The members of an item that a connection reads."""

    name: str

    @property
    def username(self) -> str | None:
        """The user name."""

    @property
    def password(self) -> str | None:
        """The password."""

    @property
    def uris(self) -> tuple[str, ...]:
        """The URIs."""

    def holds(self, what: str) -> bool:
        """Returns whether that field has a value."""

    def field(self, name: str) -> str | bool | None:
        """Returns the value of a custom field."""

    def outline(self) -> Iterator[tuple[str, str]]:
        """Returns the names of the members and fields, each with a remark."""


@dataclass(frozen=True, slots=True, repr=False)
class Connection(Unpicklable):
    """The connection to a database that an item describes; `driver` is its kind, such as
    `postgresql`.

    Custom fields (host, port, database, user, driver) win over the first URI of a database; user
    name and password are the login's own, else those in the URI.
    """

    driver: str | None
    host: str | None
    port: int | None
    database: str | None
    username: str | None
    password: str | None
    query: tuple[tuple[str, str], ...] = ()

    @property
    def parameters(self) -> dict[str, str | tuple[str, ...]]:
        """The parameters by their names; one that is given several times has all its values."""
        found: dict[str, tuple[str, ...]] = {}
        for name, value in self.query:
            found[name] = (*found.get(name, ()), value)
        return {name: values if len(values) > 1 else values[0] for name, values in found.items()}

    @classmethod
    def read(cls, item: Login, *, driver: str | None = None) -> Connection:
        """Reads the connection from an item; `driver` comes before the item's own, and may be the
        name of a driver alone.

        Raises `FieldNotFound` where there is no host or no kind of database, `UsageMistake` for a
        part that cannot be read, and what reading the members raises.
        """
        read = [*filter(None, map(DatabaseUri.parse, map(str, item.uris)))]
        # A bare host beside a URI of a database is that of a website.
        with_scheme = (uri for uri in read if uri.scheme is not None)
        uri = next(with_scheme, read[0] if read else DatabaseUri())
        fields = _fields(item)
        driver = driver and as_name(driver)
        chosen = driver or fields.get("driver") or uri.scheme
        if chosen is None:
            raise FieldNotFound(
                f"'{item.name}' does not say what kind of database it is for.",
                "Say it: --driver postgresql (in Python: driver=…), or add a field 'driver'.",
            )
        own = fields.get("driver") if driver else None
        chosen = with_database(chosen, own or uri.scheme)
        if uri.problem and uri.problem not in fields:
            raise UsageMistake(
                f"The {uri.problem} in the URI of '{item.name}' cannot be read.",
                f"Correct it in the web vault, or add a custom field '{uri.problem}'.",
            )
        if chosen.lower().startswith(_IN_FILES):
            return _in_file(item, chosen, uri, fields)
        host, port, query = _place(item, chosen, uri, fields)
        return cls(
            driver=chosen,
            host=host,
            port=port,
            database=fields.get("database") or uri.database,
            username=item.username or fields.get("username") or uri.username,
            password=item.password or uri.password,
            query=query,
        )


def _in_file(item: Login, driver: str, uri: DatabaseUri, fields: Mapping[str, str]) -> Connection:
    """Returns a connection to a file, which has no host and no user."""
    if "host" in fields or any(host for host, _ in uri.hosts):
        kind = next(each for each in _IN_FILES if driver.lower().startswith(each))
        raise UsageMistake(
            f"'{item.name}' names a host, and {kind} reads a file.",
            "Name the kind of database that is on this host: --driver postgresql.",
        )
    is_encrypted = "cipher" in driver.lower()
    return Connection(
        driver=driver,
        host=None,
        port=None,
        database=fields.get("database") or uri.database,
        username=None,
        password=item.password or uri.password if is_encrypted else None,
        query=uri.query,
    )


def _place(
    item: Login, driver: str, uri: DatabaseUri, fields: Mapping[str, str]
) -> tuple[str | None, int | None, tuple[tuple[str, str], ...]]:
    """Returns host, port and parameters. Several hosts, and a socket's folder, are parameters."""
    port = _port(fields["port"]) if fields.get("port") else None
    if fields.get("host"):
        first = uri.hosts[0][1] if len(uri.hosts) == 1 else None
        host, own = _host(fields["host"])
        return host, port or own or first, uri.query
    is_postgresql = driver.lower().startswith(_SEVERAL_HOSTS)
    if len(uri.hosts) > 1:
        if not is_postgresql:
            raise UsageMistake(
                f"The URI of '{item.name}' names several hosts, and only PostgreSQL takes them.",
                "Add a custom field 'host' with one of them.",
            )
        hosts = ",".join(host for host, _ in uri.hosts)
        ports = ",".join(str(each or port or _POSTGRESQL_PORT) for _, each in uri.hosts)
        return None, None, (("host", hosts), ("port", ports), *uri.query)
    if uri.hosts and uri.hosts[0][0]:
        host, own = uri.hosts[0]
        if host.startswith("/"):
            more = (("port", str(port or own)),) if port or own else ()
            return None, None, (("host", host), *more, *uri.query)
        return host, port or own, uri.query
    if driver.lower().startswith(_WITHOUT_HOST):
        return None, port, uri.query
    if not {name for name, _ in uri.query} & {"host", "service", "unix_socket", "odbc_connect"}:
        raise FieldNotFound(
            f"'{item.name}' has no host for a connection.",
            "Add a custom field 'host', or a URI such as postgresql://db.example.org:5432/name.",
        )
    return None, port, uri.query


def _fields(item: Login) -> dict[str, str]:
    """Returns the first custom field for each part; only those are decrypted."""
    wanted = {name: part for part, names in _FIELDS.items() for name in names}
    found: dict[str, tuple[int, str]] = {}
    for name, _ in item.outline():
        key = re.sub(r"[\s_-]", "", name).lower()
        part = wanted.get(key)
        if part is None or not item.holds(f"field:{name}"):
            continue
        rank = _FIELDS[part].index(key)
        value = item.field(name)
        if isinstance(value, str) and value and (part not in found or rank < found[part][0]):
            found[part] = rank, value
    return {part: value for part, (_, value) in found.items()}


def _host(text: str) -> tuple[str, int | None]:
    found = read_host(text)
    if found is None:
        raise UsageMistake(
            "The item's custom field 'host' is not a host.", "It is a name such as db.example.org."
        )
    return found


def _port(text: str) -> int:
    port = port_number(text)
    if port is None:
        raise UsageMistake(
            "The item's custom field 'port' is not a port.", "It is a number below 65536."
        )
    return port


def credentials(item: Login) -> tuple[str, str]:
    """Returns user name and password of a login. Raises `FieldNotFound` if one is missing."""
    username, password = item.username, item.password
    if username is None or password is None:
        missing = "user name" if username is None else "password"
        raise FieldNotFound(f"'{item.name}' has no {missing}.", "Add it in the web vault.")
    return username, password
