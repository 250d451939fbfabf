"""The custom fields of an item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.errors import Unreadable
from bw_magics.vault.field_labels import field_labels, labelled
from bw_magics.vault.sealed import UNREADABLE, Sealed
from bw_magics.vault.types import BOOLEAN, LINKED, LINKED_MEMBERS, TEXT

# As text; the clients write the first pair, importers and other programs the second.
_TRUTHS = {"true": True, "false": False, "1": True, "0": False}
_KINDS = {TEXT: "text", BOOLEAN: "boolean", LINKED: "linked"}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field: `text`, `hidden`, `boolean` or `linked`.

    `value` is a `Secret` for a hidden one, a `bool` for a boolean one; for a linked one it is the
    value of the member it points to. None where there is no value, or where `problem` says why it
    cannot be read. An unknown kind counts as hidden.
    """

    name: str
    value: str | bool | None
    kind: str
    problem: str | None = None


class CustomFields:
    """The custom fields of one item, decrypted one by one.

    `linked` reads the member of the item that a linked field points to.
    """

    __slots__ = ("_linked", "_sealed")

    def __init__(self, sealed: Sealed, linked: Callable[[str], str | None]) -> None:
        self._sealed = sealed
        self._linked = linked

    def __iter__(self) -> Iterator[CustomField]:
        """Yields all fields in their order; an unreadable one does not affect the others."""
        self._sealed.use()
        for entry in self._entries():
            try:
                yield self.read(entry)
            except Unreadable as problem:
                yield CustomField(self.name(entry), None, _kind(entry), problem.fact)

    def names(self) -> Iterator[tuple[str, bool]]:
        """Yields the texts by which `find` finds each of them, and whether the value is secret."""
        entries = [*self._entries()]
        for label, entry in zip(field_labels(map(self.name, entries)), entries, strict=True):
            yield label, _kind(entry) == "hidden"

    def name(self, entry: Answer) -> str:
        """Returns the name of a field, or a mark that it cannot be read."""
        name = self._name_or_none(entry)
        return UNREADABLE if name is None else name

    def find(self, name: str) -> Answer | None:
        """Returns the first field of that name; `NAME#2` is the second one of the name `NAME`."""
        entries = [*self._entries()]
        found = labelled(map(self._name_or_none, entries), name)
        return None if found is None else entries[found]

    def read(self, entry: Answer) -> CustomField:
        """Returns a field with its value. Raises `Unreadable`."""
        name, kind = self._name(entry), _kind(entry)
        value: str | bool | None
        if kind == "linked":
            target = self.target(entry)
            value = self._linked(target) if target else None
        elif kind == "hidden":
            value = self._sealed.secret(entry, "value", name)
        else:
            value = self._sealed.text(entry, "value", name)
            if kind == "boolean" and value is not None:
                value = self._truth(value, name)
        return CustomField(name, value, kind)

    def is_set(self, entry: Answer, holds: Callable[[str], bool]) -> bool:
        """Returns whether a field has a value; `holds` tells it of a linked field's member."""
        target = self.target(entry)
        return self._sealed.is_set(entry, "value") if target is None else holds(target)

    def target(self, entry: Answer) -> str | None:
        """Returns the member that a linked field points to; None for any other kind."""
        if _kind(entry) != "linked":
            return None
        return LINKED_MEMBERS.get(entry.integer("linkedId") or 0, "")

    def _truth(self, text: str, name: str) -> bool:
        truth = _TRUTHS.get(text.strip().lower())
        if truth is None:
            # The text may be a secret that was typed in the wrong place.
            raise Unreadable(
                f"The boolean field '{name}' of '{self._sealed.name}' is neither true nor false.",
                "Set it again in the web vault, or make it a text field.",
            )
        return truth

    def _entries(self) -> Iterator[Answer]:
        for entry in self._sealed.record.objects("fields"):
            self._sealed.use()
            yield entry

    def _name_or_none(self, entry: Answer) -> str | None:
        try:
            return self._name(entry)
        except Unreadable:
            return None

    def _name(self, entry: Answer) -> str:
        return self._sealed.text(entry, "name", "name of a field") or ""


def _kind(entry: Answer) -> str:
    number = entry.integer("type")
    return "text" if number is None else _KINDS.get(number, "hidden")
