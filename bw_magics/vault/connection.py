"""`Connection`: where a database is and how to log in there, as an item says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from bw_magics.errors import FieldNotFound, UsageMistake
from bw_magics.secret import Unpicklable

# Custom fields, by the names that people give them; case, spaces and dashes do not matter.
_FIELDS = {
    "driver": ("driver", "dialect", "engine", "scheme"),
    "host": ("host", "hostname", "server", "address"),
    "port": ("port",),
    "database": ("database", "databasename", "db", "dbname", "schema", "catalog"),
    "username": ("username", "user", "login"),
}
# Schemes that do not address a database, although it may be on the same host.
_NO_DATABASE = frozenset(
    {"http", "https", "ftp", "ftps", "sftp", "ssh", "file", "mailto", "androidapp", "iosapp"}
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_IN_FILES = ("sqlite", "duckdb")


class Login(Protocol):
    """What a connection reads of an item."""

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
        """Whether that field has a value."""

    def field(self, name: str) -> str | bool | None:
        """The value of a custom field."""

    def outline(self) -> Iterator[tuple[str, str]]:
        """The names of the members and fields, each with a remark."""


@dataclass(frozen=True, slots=True, repr=False)
class Connection(Unpicklable):
    """What an item says of a database; `driver` is its kind, such as `postgresql`.

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

    @classmethod
    def read(cls, item: Login, *, driver: str | None = None) -> Connection:
        """What the item says; `driver` comes before what it says itself.

        Raises `FieldNotFound` where there is no host or no kind of database, `UsageMistake` for a
        port that is none, and what reading the members raises.
        """
        uri = next(_database_uris(item), _Uri())
        fields = _fields(item)
        chosen = driver or fields.get("driver") or uri.scheme
        host = fields.get("host") or uri.host
        database = fields.get("database") or uri.database
        if chosen is None:
            raise FieldNotFound(
                f"'{item.name}' does not say what kind of database it is for.",
                "Say it: --driver postgresql (in Python: driver=…), or add a field 'driver'.",
            )
        if host is None and not chosen.lower().startswith(_IN_FILES):
            raise FieldNotFound(
                f"'{item.name}' has no host for a connection.",
                "Add a custom field 'host', or a URI such as postgresql://db.example.org:5432/name.",
            )
        return cls(
            driver=chosen,
            host=host,
            port=_port(fields.get("port")) if fields.get("port") else uri.port,
            database=database,
            username=item.username or fields.get("username") or uri.username,
            password=item.password or uri.password,
            query=uri.query,
        )


@dataclass(frozen=True, slots=True, repr=False)
class _Uri(Unpicklable):
    scheme: str | None = None
    host: str | None = None
    port: int | None = None
    database: str | None = None
    username: str | None = None
    password: str | None = None
    query: tuple[tuple[str, str], ...] = ()


def _database_uris(item: Login) -> Iterator[_Uri]:
    for uri in item.uris:
        text = str(uri).strip()
        if text.lower().startswith("jdbc:"):
            text = text[len("jdbc:") :]
        scheme, mark, rest = text.partition("://")
        if not mark:
            scheme, rest = "", text
        if scheme.lower() in _NO_DATABASE or (mark and not _SCHEME.fullmatch(scheme)):
            continue
        if not mark and ":" in rest.partition("/")[0] and not _is_host_and_port(rest):
            continue
        # The password may hold what a URI may not: user info is all before the last @.
        info, at, place = rest.rpartition("@") if "@" in rest.partition("?")[0] else ("", "", rest)
        try:
            parts = urlsplit(f"//{place}")
            port = parts.port
        except ValueError:
            continue
        user, _, password = info.partition(":")
        yield _Uri(
            scheme=scheme or None,
            host=parts.hostname,
            port=port,
            database=unquote(parts.path.removeprefix("/")) or None,
            username=unquote(user) or None if at else None,
            password=unquote(password) or None if at else None,
            query=tuple(parse_qsl(parts.query)),
        )


def _is_host_and_port(text: str) -> bool:
    return re.match(r"[\w.-]+:\d+(?:/|$)", text) is not None


def _fields(item: Login) -> dict[str, str]:
    """The first custom field for each part; only those are decrypted."""
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


def _port(text: str | None) -> int:
    text = (text or "").strip()
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536:
        return int(text)
    raise UsageMistake("The item's custom field 'port' is no port.", "It is a number below 65536.")


def credentials(item: Login) -> tuple[str, str]:
    """User name and password of a login. Raises `FieldNotFound` where one is missing."""
    username, password = item.username, item.password
    if username is None or password is None:
        missing = "user name" if username is None else "password"
        raise FieldNotFound(f"'{item.name}' has no {missing}.", "Add it in the web vault.")
    return username, password
