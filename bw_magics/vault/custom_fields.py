"""The custom fields of an item."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.errors import Unreadable
from bw_magics.vault.names import normal
from bw_magics.vault.sealed import UNREADABLE, Sealed
from bw_magics.vault.types import LINKED_MEMBERS

TEXT, HIDDEN, BOOLEAN, LINKED = range(4)
_NUMBERED = re.compile(r"(.*)#([0-9]{1,6})", re.DOTALL)
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
        """All of them, in their order; one that cannot be read does not affect the others."""
        self._sealed.use()
        for entry in self._entries():
            try:
                yield self.read(entry)
            except Unreadable as problem:
                yield CustomField(self.name(entry), None, _kind(entry), problem.fact)

    def names(self) -> Iterator[tuple[str, bool]]:
        """The texts by which `find` finds each of them, and whether the value is secret."""
        entries = [*self._entries()]
        for label, entry in zip(labels(map(self.name, entries)), entries, strict=True):
            yield label, _kind(entry) == "hidden"

    def name(self, entry: Answer) -> str:
        """The name of a field, or a mark that it cannot be read."""
        try:
            return self._name(entry)
        except Unreadable:
            return UNREADABLE

    def find(self, name: str) -> Answer | None:
        """The first field of that name; `NAME#2` is the second one of the name `NAME`."""
        named: list[tuple[str, Answer]] = []
        for entry in self._entries():
            with suppress(Unreadable):
                named.append((normal(self._name(entry)), entry))
        wanted, number = normal(name), 1
        if not any(each == wanted for each, _ in named) and (found := _NUMBERED.fullmatch(wanted)):
            wanted, number = found[1], int(found[2])
        found_entries = [entry for each, entry in named if each == wanted]
        return found_entries[number - 1] if 0 < number <= len(found_entries) else None

    def read(self, entry: Answer) -> CustomField:
        """A field with its value. Raises `Unreadable`."""
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
        """Whether a field has a value; `holds` says so for the member a linked field points to."""
        target = self.target(entry)
        return self._sealed.is_set(entry, "value") if target is None else holds(target)

    def target(self, entry: Answer) -> str | None:
        """The member that a linked field points to; None for any other kind."""
        if _kind(entry) != "linked":
            return None
        return LINKED_MEMBERS.get(entry.integer("linkedId") or 0, "")

    def _truth(self, text: str, name: str) -> bool:
        truth = _TRUTHS.get(text.strip().lower())
        if truth is None:
            # What stands there may be a secret that was typed in the wrong place.
            raise Unreadable(
                f"The boolean field '{name}' of '{self._sealed.name}' is neither true nor false.",
                "Set it again in the web vault, or make it a text field.",
            )
        return truth

    def _entries(self) -> Iterator[Answer]:
        for entry in self._sealed.record.objects("fields"):
            self._sealed.use()
            yield entry

    def _name(self, entry: Answer) -> str:
        return self._sealed.text(entry, "name", "name of a field") or ""


def labels(names: Iterable[str]) -> list[str]:
    """A label for each of several names, by which it is found: `NAME`, then `NAME#2`, `NAME#3`."""
    all = [*map(normal, names)]
    found: list[str] = []
    for index, name in enumerate(all):
        number = str(all[:index].count(name) + 1)
        label = name
        while number != "1" and (label == name or label in all):
            label, number = f"{name}#{number}", f"0{number}"
        found.append(label)
    return found


def _kind(entry: Answer) -> str:
    number = entry.integer("type")
    return "text" if number is None else _KINDS.get(number, "hidden")
