"""The passwords of a vault as programs ask for them: by a service and a user name."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bw_magics.errors import Ambiguous, FieldNotFound, NotFound, NotWritable, UsageMistake
from bw_magics.integrations.source import resolve
from bw_magics.session.process_vault import current_vault
from bw_magics.session.storage.keyring import SERVICE as OF_KEYRING
from bw_magics.using import unrecorded, using
from bw_magics.vault.reference import is_reference
from bw_magics.vault.tiebreak import Tiebreak

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

_WAY = "keyring"
_KEPT_BY_KEYRINGS = {"username", "password", "uri", "passwordHistory"}


def find_password(service: str, username: str | None) -> tuple[str, str] | None:
    """Finds a user name and a password: of the login that fits, or of a reference.

    Returns None where no login fits, and where several do and no user name is given. Raises
    `Ambiguous` where several fit a user name, what resolving raises, and `StateError`.
    """
    if is_reference(service):
        return username or "", str(resolve(service, way=_WAY))
    item = _find(service, username)
    with using(_WAY):
        return (item.username or "", item.password or "") if item is not None else None


def save_password(service: str, username: str, password: str) -> None:
    """Changes the login's password, or creates a login. Raises as `find_password`, and
    `UsageMistake` for what is not kept in a login of the vault.
    """
    if service == OF_KEYRING:
        raise UsageMistake("The API key that opens the vault is not kept in the vault.")
    if is_reference(service):
        raise UsageMistake("A reference is read, and not set.", "Name the login or its address.")
    item = _find(service, username)
    if item is not None:
        item.edit(password=password)
        return
    given = {"name": service, "username": username, "password": password}
    current_vault().create("login", **given, uris=[service] if "://" in service else [])


def trash_password(service: str, username: str) -> None:
    """Puts a login into the trash. Raises `NotFound`, and `NotWritable` where it holds more."""
    item = None if is_reference(service) else _find(service, username)
    if item is None:
        raise NotFound("The vault has no such password.")
    if {name for name, _ in item.outline()} - _KEPT_BY_KEYRINGS:
        raise NotWritable(f"'{item.name}' holds more than a password.")
    item.trash()


def _find(service: str, username: str | None) -> Item | None:
    """Finds the login of that name, else the only one with that host and port."""
    if service == OF_KEYRING:
        return None
    vault, tiebreak = current_vault(), Tiebreak(username=username or None)
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
    with unrecorded():
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
