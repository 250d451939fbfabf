"""`Reading`: values, items and places of an unlocked vault, named as by `bw get` and `bw list`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bw_magics.errors import BitwardenError, NotOffered
from bw_magics.session.background import OnWait, Task
from bw_magics.steps import GET_COLLECTION, GET_FILE, Remedy

if TYPE_CHECKING:
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item
    from bw_magics.vault.listing import Items
    from bw_magics.vault.lookup import Found, Tiebreak
    from bw_magics.vault.open_vault import OpenVault
    from bw_magics.vault.places import Place
    from bw_magics.vault.reference import Reference
    from bw_magics.vault.rotation import Rotation
    from bw_magics.vault.selection import Filters, Selection

TEMPLATE = "template"

_NOT_YET: dict[str, str | Remedy] = {
    "attachment": Remedy("A file belongs to an item: {}.", GET_FILE),
    "fingerprint": "Use `bw get fingerprint me` or the web vault.",
    "exposed": "Use `bw get exposed`: it asks an outside service.",
    "send": "Use `bw get send` or the web vault.",
    "org-collection": Remedy("Use {}.", GET_COLLECTION),
}


class Reading:
    """The reads from the vault that is unlocked at the time. `contents` gives it, or raises."""

    def __init__(self, contents: Callable[[], Contents], on_wait: OnWait) -> None:
        self._contents = contents
        self._on_wait = on_wait

    def get(self, object: str, query: str, *, tiebreak: Tiebreak | None) -> object:
        """Returns a place, the value of an item's field, or a template of the CLI's JSON."""
        if object == TEMPLATE:
            from bw_magics.vault.template import template

            return template(query)
        _refuse_not_offered(object)
        return self._opened().get(object, query, tiebreak=tiebreak)

    def locate(
        self, query: str, *, what: str = "item", tiebreak: Tiebreak | None, loose: bool = False
    ) -> Found:
        """Finds an item, and tells which step found it."""
        _refuse_not_offered(what)
        return self._opened().locate(query, what=what, tiebreak=tiebreak, loose=loose)

    def resolve(self, reference: str | Reference) -> object:
        """Returns the value that a reference names."""
        from bw_magics.vault.reference import Reference

        # Parsed first: a malformed reference is a mistake whether or not the vault is unlocked.
        if not isinstance(reference, Reference):
            reference = Reference.parse(reference)
        return self._opened().resolve(reference)

    def resolve_all(self, references: Iterable[str | Reference]) -> dict[str, object]:
        """Returns the value of each reference, or the `BitwardenError` in its place."""
        found: dict[str, object] = {}
        for reference in references:
            try:
                found[str(reference)] = self.resolve(reference)
            except BitwardenError as error:
                found[str(reference)] = error
        return found

    def items(self, selection: Selection | None, filters: Filters) -> Items:
        """Selects items; without a selection, those outside trash and archive."""
        from bw_magics.vault.selection import Selection

        if filters:
            selection = replace(selection or Selection(), **filters)
        opened = self._opened()
        opened.contents.keys.used()
        # The first search decrypts every user name and URI.
        task = Task(lambda: opened.items(selection), "looking through the vault")
        return task.wait(self._on_wait)

    def rotations(self) -> list[Rotation[Item]]:
        """Lists the rotations that began and did not end."""
        found = (item.rotation for item in self._opened().items())
        return [rotation for rotation in found if rotation is not None]

    def places(self, kind: str) -> list[Place]:
        """Lists the places of a kind."""
        return self._opened().places(kind)

    def _opened(self) -> OpenVault:
        from bw_magics.vault.open_vault import OpenVault

        return OpenVault(self._contents())


def _refuse_not_offered(what: str) -> None:
    if what in _NOT_YET:
        raise NotOffered("That object is not read like this.", _NOT_YET[what])
