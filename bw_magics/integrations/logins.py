"""Finds a login as programs name it: by its name, or by an address, and by its user name."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bw_magics.errors import Ambiguous, FieldNotFound, NotFound
from bw_magics.vault.lookup import Tiebreak

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item


def find_login(vault: Vault, service: str, username: str | None) -> Item | None:
    """Finds the login of that name, else the only one with that host and port.

    Returns None where there is none, and where several fit and no user name is given. Raises
    `Ambiguous` where several fit a user name, and `Unreadable`, `StateError`.
    """
    tiebreak = Tiebreak(username=username or None)
    try:
        for what in ("password", "item"):
            with suppress(NotFound, FieldNotFound):
                item = vault.find(service, what=what, tiebreak=tiebreak)
                if item.holds("password") or _is_bare(item):
                    return item
    except Ambiguous:
        if username:
            raise
        return None
    place = _place(service)
    found = [
        item
        for item in (vault.items(url=service) if place else [])
        if item.holds("password") and tiebreak.fits(item) and place in map(_place, item.uris)
    ]
    if len(found) > 1 and username:
        names = ", ".join(item.name for item in found[:5])
        raise Ambiguous(f"{len(found)} logins fit: {names}.", "Ask by the name of one.")
    return found[0] if len(found) == 1 else None


def _is_bare(item: Item) -> bool:
    """Returns whether it is a login with an empty password, which a vault keeps as none."""
    return item.type == "login" and {name for name, _ in item.outline()} <= {"username", "uri"}


def _place(uri: str) -> tuple[str, int] | None:
    """Returns the host and port of a URI: another port is another server."""
    try:
        parts = urlsplit(uri if "://" in uri else f"https://{uri}")
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None
