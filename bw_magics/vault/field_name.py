"""`FieldName`: the name of an item's part, in a query or a reference."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from bw_magics.errors import FieldNotFound
from bw_magics.lean_regex import regex
from bw_magics.vault.names import as_name, closest, normal
from bw_magics.vault.types import ITEM_TYPES

CUSTOM = "field:"

# What `get` gives that is not a part of an item.
PLACES = ("folder", "collection", "organization")

# What people write for a name of the CLI's; a custom field of that name is found before.
_MEANT = {
    "url": "uri",
    "website": "uri",
    "link": "uri",
    "user": "username",
    "login": "username",
    "email": "username",
    "e-mail": "username",
    "mail": "username",
    "pass": "password",
    "passwd": "password",
    "pw": "password",
    "pwd": "password",
    "otp": "totp",
    "2fa": "totp",
    "mfa": "totp",
    "note": "notes",
    "comment": "notes",
    "cvv": "code",
    "key": "privateKey",
}

# The members of all types, and what every item has.
_USUAL = frozenset(
    (*("item", "notes", "uri"), *(name for each in ITEM_TYPES.values() for name in each.members))
)
_CAPITAL = regex(r"_([a-z0-9])")


class FieldName(NamedTuple):
    """The name of a part of an item, as OBJECT in `%bw_get OBJECT NAME` and as a reference's FIELD.

    `item` and `notes` are parts of every item; other names are members of the item's type, else
    custom fields. With `is_custom` (`field:NAME`) it is always a custom field. `text` is in NFC.
    """

    text: str
    is_custom: bool = False

    @classmethod
    def parse(cls, text: str | FieldName) -> FieldName:
        """Reads `NAME` or `field:NAME`; a `FieldName` stays as it is."""
        if isinstance(text, FieldName):
            return text
        text = as_name(text)
        # A field may have no name: it is always a custom one.
        return cls(normal(text.removeprefix(CUSTOM)), is_custom=text.startswith(CUSTOM) or not text)

    @classmethod
    def custom(cls, label: str, taken: Container[str]) -> FieldName:
        """Returns the name of a custom field: with `field:` only where it would be read as one of
        `taken` or as something else.
        """
        is_custom = label in taken or label[:1] in ("", "#") or label.startswith(CUSTOM)
        return cls(normal(label), is_custom=is_custom)

    def __str__(self) -> str:
        return f"{CUSTOM}{self.text}" if self.is_custom else self.text

    @property
    def meant(self) -> str:
        """The name that is likely meant: `username` for `user`; else the name itself."""
        return _MEANT.get(self.text.casefold(), self.text)

    @property
    def is_usual(self) -> bool:
        """Whether it is a word that people write for a member, so that it is not a typed secret."""
        return self.text.casefold() in _MEANT or self.member in _USUAL

    @property
    def member(self) -> str:
        """The name in Bitwarden's spelling: `privateKey` for `private_key`."""
        return _CAPITAL.sub(lambda found: found[1].upper(), self.text)


ITEM = FieldName("item")


def no_field(owner: str, type: str, what: FieldName, held: Sequence[str]) -> FieldNotFound:
    """Returns the error for a field that an item does not have, with what was likely meant."""
    likely = [what.meant] if what.meant in held else closest(what.text, held)
    remedy = f"It has: {', '.join(held)}." if held else "It has no members that are set."
    if likely:
        remedy = f"Did you mean '{likely[0]}'? {remedy}"
    return FieldNotFound(f"'{owner}' ({type}) has no field '{what.text}'.", remedy, closest=likely)
