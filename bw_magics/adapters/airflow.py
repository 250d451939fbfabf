"""Airflow: a login as the members of a connection, and its masker."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from bw_magics.secrecy.parts import secret_parts
from bw_magics.secret import Secret

_TYPES = {"postgresql": "postgres", "https": "http"}
_FIELDS = ("conn_type", "host", "port", "schema", "extra")


class ConnectionLogin(Protocol):
    """The members of an item that a connection has."""

    @property
    def username(self) -> str | None:
        """The user name."""

    @property
    def password(self) -> str | None:
        """The password."""

    @property
    def uri(self) -> str | None:
        """The first URI."""

    def holds(self, what: str) -> bool:
        """Returns whether that field has a value."""

    def field(self, name: str) -> str | bool | None:
        """Returns the value of a custom field."""


def connection_members(item: ConnectionLogin) -> dict[str, object]:
    """Makes what Airflow reads as the JSON of a connection; custom fields come before the URI."""
    uri = urlsplit(item.uri or "")
    scheme = uri.scheme.partition("+")[0]
    found: dict[str, object] = {
        "conn_type": _TYPES.get(scheme, scheme),
        "login": item.username,
        "password": item.password,
        "host": uri.hostname,
        "port": uri.port,
        "schema": uri.path.strip("/"),
    }
    found |= {name: item.field(name) for name in _FIELDS if item.holds(f"field:{name}")}
    for value in found.values():
        if isinstance(value, Secret):
            masked(value)
    found["port"] = int(str(found["port"])) if found["port"] else None
    return found


def masked(text: str) -> str:
    """Tells Airflow's masker the text and the secret parts of it; returns the text."""
    # Airflow imports its secrets backends while it is being imported itself.
    from airflow.sdk.log import mask_secret

    for part in (text, *secret_parts(text)):
        mask_secret(str(part))
    return text
