"""`Reading`: what a vault reads once it is unlocked, the way `bw get` and `bw list` name it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bw_magics.errors import BitwardenError, NotOffered
from bw_magics.secret import Unpicklable
from bw_magics.session.background import Task

if TYPE_CHECKING:
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item
    from bw_magics.vault.lookup import Found, Tiebreak
    from bw_magics.vault.open_vault import OpenVault
    from bw_magics.vault.places import Place
    from bw_magics.vault.reference import Reference
    from bw_magics.vault.selection import Selection

_NOT_YET = {
    "attachment": "A file belongs to an item: vault[ITEM].attachment(FILE), or %bw_get attachment "
    "FILE --itemid ID.",
    "fingerprint": "Use `bw get fingerprint me` or the web vault.",
    "template": "Templates are for `bw create`, which this version does not have.",
    "exposed": "Use `bw get exposed`: it asks an outside service.",
    "send": "Use `bw get send` or the web vault.",
    "org-collection": "Use `%bw_get collection NAME`.",
}


class Reading(Unpicklable):
    """Values, items and places of an unlocked vault."""

    def _contents(self) -> Contents:
        raise NotImplementedError

    def _waiting(self, what: str) -> None:
        raise NotImplementedError

    def get(self, object: str, query: str, *, tiebreak: Tiebreak | None = None) -> object:
        """What `bw get OBJECT QUERY` means: the value, a `Secret` where it is one.

        `object` is `item`, `username`, `password`, `uri`, `totp`, `notes`, a member of the item's
        type (`number`, `privateKey`, …), the name of a custom field (`field:NAME` forces that),
        or `folder`, `collection`, `organization`. The item is found by id, exact name, or exact
        name ignoring case. Raises `NotFound`, `FieldNotFound`, `Ambiguous`, `Unreadable`.
        """
        _refuse_not_offered(object)
        return self._opened().get(object, query, tiebreak=tiebreak)

    def find(
        self,
        query: str,
        *,
        what: str = "item",
        tiebreak: Tiebreak | None = None,
        loose: bool = False,
    ) -> Item:
        """The item of that id or name; with `loose` also by a part of its name or a URI's host."""
        return self.locate(query, what=what, tiebreak=tiebreak, loose=loose).item

    def locate(
        self,
        query: str,
        *,
        what: str = "item",
        tiebreak: Tiebreak | None = None,
        loose: bool = False,
    ) -> Found:
        """The same, with the step that found it."""
        _refuse_not_offered(what)
        return self._opened().locate(query, what=what, tiebreak=tiebreak, loose=loose)

    def __getitem__(self, name: str) -> Item:
        """The item of exactly that name or id, case ignored. Raises `NotFound`, which is also a
        `KeyError`.
        """
        return self.locate(name).item

    def resolve(self, reference: str | Reference) -> object:
        """What a reference (`bw://[PATH/]ITEM/FIELD`) means: the value, a `Secret` where it is one.

        The item is found by id, exact name, or exact name ignoring case. Raises `UsageMistake` for
        what is no reference; `NotFound` and `FieldNotFound` with the closest spellings;
        `Ambiguous`, `Unreadable`.
        """
        from bw_magics.vault.reference import Reference

        # Parsed first: a malformed reference is a mistake whether or not the vault is unlocked.
        if not isinstance(reference, Reference):
            reference = Reference.parse(reference)
        return self._opened().resolve(reference)

    def resolve_all(self, references: Iterable[str | Reference]) -> dict[str, object]:
        """What each of several references means, by the reference as text: its value, or the
        `BitwardenError` that says why there is none.
        """
        found: dict[str, object] = {}
        for reference in references:
            try:
                found[str(reference)] = self.resolve(reference)
            except BitwardenError as error:
                found[str(reference)] = error
        return found

    def items(self, selection: Selection | None = None) -> list[Item]:
        """The items outside trash and archive, or those of a `Selection`."""
        opened = self._opened()
        opened.contents.keys.used()
        # The first search decrypts every user name and URI.
        return Task(lambda: opened.items(selection), "looking through the vault").wait(
            self._waiting
        )

    def places(self, kind: str) -> list[Place]:
        """All places of a kind: `folder`, `collection` or `organization`."""
        return self._opened().places(kind)

    def _opened(self) -> OpenVault:
        from bw_magics.vault.open_vault import OpenVault

        return OpenVault(self._contents())


def _refuse_not_offered(what: str) -> None:
    if what in _NOT_YET:
        raise NotOffered("That object is not read like this.", _NOT_YET[what])
