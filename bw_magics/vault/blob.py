"""Blob items: all contents of an item in one encrypted envelope. Read only.

See docs/protocol.md, Blob items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from bw_magics.answer import Answer
from bw_magics.crypto.enc_string import EncString
from bw_magics.errors import CryptographyError, Unreadable
from bw_magics.vault.types import ITEM_TYPES

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherKey

MARK = "format_version"
FORMAT = 1
VERSION = "1"

# What lies inside the envelope; everything else is beside it.
INSIDE = frozenset(
    {"name", "notes", "fields", "passwordHistory"} | {type.name for type in ITEM_TYPES.values()}
)

# Members that are called otherwise inside.
_RENAMED = {"fingerprint": "keyFingerprint", "secureNoteType": "type"}

Opened = dict[str, Any]


def is_blob(data: str | None) -> bool:
    """Returns whether an item's `data` is a blob, by the test of official clients and servers."""
    return data is not None and MARK in data and MARK in _members(data)


class Blob:
    """A blob, taken apart but not opened."""

    __slots__ = ("envelope", "wrapped_key")

    def __init__(self, wrapped_key: EncString, envelope: bytes) -> None:
        self.wrapped_key = wrapped_key
        self.envelope = envelope

    def __repr__(self) -> str:
        return f"<Blob of {len(self.envelope)} bytes>"

    @classmethod
    def parse(cls, data: str) -> Blob:
        """Returns the blob in an item's `data`; raises `Unreadable` and `CryptographyError`."""
        members = Answer(_members(data))
        if members.get(MARK) != FORMAT:
            raise Unreadable("Its contents are of a format that is not known here.")
        wrapped, envelope = members.text("wrapped_cek"), members.text("envelope")
        if wrapped is None or envelope is None:
            raise Unreadable("Its contents were not sent completely.")
        try:
            import base64

            return cls(EncString.parse(wrapped), base64.b64decode(envelope, validate=True))
        except ValueError:
            raise Unreadable("Its contents are not valid base64.") from None

    def open(self, item_key: EitherKey, type: int | None) -> Opened:
        """Returns the contents as members of an item that is not a blob, in clear.

        `type` is what stands outside; another one inside is refused. Raises `Unreadable` and
        `CryptographyError`.
        """
        from bw_magics.crypto.cose.envelope import VAULT_ITEM, open_data_envelope
        from bw_magics.crypto.wrapping import unwrap_content_key

        key = unwrap_content_key(self.wrapped_key, under=item_key)
        value = open_data_envelope(key, self.envelope, content=VAULT_ITEM)
        if not isinstance(value, dict) or value.get("version") != VERSION:
            raise Unreadable("Its contents are of a version that is not known here.")
        contents, known = value.get("content"), ITEM_TYPES.get(type or 0)
        if not isinstance(contents, dict):
            raise Unreadable("Its contents are not those of an item.")
        particular = contents.get("typeData")
        if not isinstance(particular, dict):
            raise Unreadable("Its contents do not say of which type it is.")
        if known is None or particular.get("type") != known.name:
            raise Unreadable("Its contents are of another type than the item.")
        members = {_RENAMED.get(str(name), name): each for name, each in particular.items()}
        return {**{str(name): each for name, each in contents.items()}, known.name: members}


class PlainAnswer(Answer):
    """A part of an opened blob: its texts are not encrypted.

    Numbers and truth values read as text where an item that is not a blob has them as text.
    """

    __slots__ = ()

    def text(self, name: str) -> str | None:
        """Returns the member as text; an empty string counts as missing."""
        value = self.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int) else super().text(name)

    def object(self, name: str) -> PlainAnswer:
        """Returns the member as a `PlainAnswer`; an empty one if it is missing or not an object."""
        return PlainAnswer(self.get(name))

    def objects(self, name: str) -> Iterator[PlainAnswer]:
        """Returns the objects in the list of that name."""
        return (PlainAnswer(entry.members) for entry in super().objects(name))


class BlobRecord(Answer):
    """A blob item's JSON object, whose members from inside the envelope are opened when they are
    asked for. One that cannot be opened lacks them; `require` raises the reason.

    `open` gives the contents, and keeps them as long as the vault is unlocked.
    """

    __slots__ = ("_open",)

    def __init__(self, record: Answer, open: Callable[[Answer], Opened]) -> None:
        super().__init__(record.members)
        self._open = open

    def get(self, name: str) -> Any:
        """Returns the member as it is, or None."""
        if name not in INSIDE:
            return super().get(name)
        try:
            return self._contents().get(name)
        except (CryptographyError, Unreadable):
            return None

    def object(self, name: str) -> Answer:
        """Returns the member as an `Answer`, in clear where it lies inside."""
        return PlainAnswer(self.get(name)) if name in INSIDE else super().object(name)

    def objects(self, name: str) -> Iterator[Answer]:
        """Returns the objects in the list of that name, in clear where it lies inside."""
        found = super().objects(name)
        return (PlainAnswer(each.members) for each in found) if name in INSIDE else found

    def require(self, name: str) -> None:
        """Raises `Unreadable` where the item of that name cannot be opened."""
        try:
            self._contents()
        except (CryptographyError, Unreadable) as problem:
            raise Unreadable(
                f"'{name}' cannot be read: {problem.fact}", "Look at it in the web vault."
            ) from None

    def _contents(self) -> Opened:
        return self._open(Answer(self.members))


def is_plain(holder: Answer, member: str) -> bool:
    """Returns whether a member of an item's part is in clear, because it comes from a blob."""
    return isinstance(holder, PlainAnswer) or (isinstance(holder, BlobRecord) and member in INSIDE)


def _members(data: str) -> dict[str, Any]:
    try:
        members = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}
