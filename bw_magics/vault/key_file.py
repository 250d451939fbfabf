"""The key file of a service account, as an item holds it: a JSON attachment, or the notes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol

from bw_magics.errors import FieldNotFound
from bw_magics.secret import Secret

_SECRET_MEMBERS = ("private_key", "private_key_id", "refresh_token", "client_secret")


class KeyFile(Protocol):
    """A file of an item."""

    @property
    def name(self) -> str:
        """Its name."""


class OpenFile(Protocol):
    """The same, to be read."""

    def text(self) -> str:
        """Reads the text in it."""


class WithKeyFile(Protocol):
    """What is read of an item that holds one."""

    name: str

    @property
    def attachments(self) -> Iterable[KeyFile]:
        """Its files."""

    def attachment(self, name: str) -> OpenFile:
        """Finds one of them."""

    def holds(self, what: str) -> bool:
        """Tells whether that field has a value."""

    def get(self, what: str) -> object:
        """Reads the value of a field."""


def service_account(item: WithKeyFile) -> dict[str, Any]:
    """Reads the members of the key file, the secret ones as `Secret`. Raises `FieldNotFound`."""
    file = next((each.name for each in item.attachments if each.name.endswith(".json")), None)
    text = ""
    if file is not None:
        text = item.attachment(file).text()
    elif item.holds("notes"):
        text = str(item.get("notes"))
    try:
        account = json.loads(text)
    except ValueError:
        account = None
    if not isinstance(account, dict):
        raise FieldNotFound(
            f"'{item.name}' has no key file of a service account.",
            "Attach its JSON file, or put it into the notes.",
        )
    return {
        name: Secret(value, f"{item.name} / {name}")
        if name in _SECRET_MEMBERS and isinstance(value, str)
        else value
        for name, value in account.items()
    }
