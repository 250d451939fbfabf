"""Comparison of ids, and values found by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from bw_magics.lean_regex import regex

Value = TypeVar("Value")

_ID = regex(r"[0-9A-Za-z_-]{1,64}")
_GUID = regex(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

_AROUND = ("{", "u")


def id_key(id: str) -> str:
    """Returns an id as ids compare: GUIDs are the same in capitals, small letters and braces, and
    behind `urn:uuid:`.
    """
    key = id.strip().lower()
    return key.removeprefix("urn:uuid:").strip("{}") if key[:1] in _AROUND else key


def same_id(one: str, other: str) -> bool:
    """Returns whether two ids are the same, in whatever spelling."""
    return id_key(one) == id_key(other)


def is_id(value: object) -> bool:
    """Returns whether a value of an answer can be an id: a GUID, or what other servers use."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_guid(text: str) -> bool:
    """Returns whether a text has the form of an official server's ids, and is not a name."""
    return _GUID.fullmatch(id_key(text)) is not None


class ById(Mapping[str, Value]):
    """Values by id. Ids keep the spelling of the server, and are found in any."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[tuple[str, Value]] = ()) -> None:
        self._entries = {id_key(id): (id, value) for id, value in entries}

    def __getitem__(self, id: str) -> Value:
        return self._entries[id_key(id)][1]

    def __iter__(self) -> Iterator[str]:
        return (id for id, _ in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)
