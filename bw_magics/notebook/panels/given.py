"""`Given`: what the line of a magic gives for the form of a new item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bw_magics.secret import Secret, Unpicklable
from bw_magics.vault.changes import FieldValue, UriValue
from bw_magics.vault.types import HIDDEN, ItemType
from bw_magics.vault.uri import secrets_in


@dataclass(frozen=True, slots=True, repr=False)
class Given(Unpicklable):
    """Members as `Draft.update` takes them, and names of places.

    A secret among them stays in the kernel: the form says that it is there.
    """

    members: Mapping[str, Any] = field(default_factory=dict)
    organization: str | None = None
    collections: Sequence[str] = ()

    def __repr__(self) -> str:
        return f"<Given: {', '.join(self.members)}>"

    @property
    def fields(self) -> Mapping[str, Any]:
        """The custom fields, by name."""
        fields: Mapping[str, Any] = self.members.get("fields") or {}
        return fields

    def of_type(self, item_type: ItemType, known: Sequence[str]) -> Given:
        """Returns what an item of another type keeps; `known` are the members of every type."""
        kept = {*known, *item_type.members, "fields"}
        members = {name: value for name, value in self.members.items() if name in kept}
        return Given(members, self.organization, self.collections)


def is_secret_value(value: object) -> bool:
    """Tells whether the value of a custom field, or a URI, is secret."""
    if isinstance(value, FieldValue):
        return value.kind == HIDDEN or is_secret_value(value.value)
    if isinstance(value, UriValue):
        return is_secret_uri(value.uri)
    return isinstance(value, Secret)


def is_secret_uri(uri: object) -> bool:
    """Tells whether a URI is a secret, or has a password in it."""
    text = uri.uri if isinstance(uri, UriValue) else uri
    return isinstance(text, Secret) or (isinstance(text, str) and bool(secrets_in(text)))


def shown_text(value: object) -> str:
    """Returns the text of a value that is not secret, as a form shows it."""
    if isinstance(value, FieldValue):
        return shown_text(value.value)
    if isinstance(value, UriValue):
        return value.uri
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
