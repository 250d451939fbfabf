"""`Reading`: values, items and places of an unlocked vault, named as by `bw get` and `bw list`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bw_magics.errors import NotOffered, UsageMistake
from bw_magics.session.background import OnWait, Task
from bw_magics.session.state import no_machine
from bw_magics.steps import GET_COLLECTION, GET_FILE, Remedy
from bw_magics.using import using

if TYPE_CHECKING:
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item
    from bw_magics.vault.listing import Items
    from bw_magics.vault.lookup import Found
    from bw_magics.vault.open_vault import OpenVault
    from bw_magics.vault.places import Place
    from bw_magics.vault.references import AnyReference
    from bw_magics.vault.rotation import Rotation
    from bw_magics.vault.secret_source import MachineSource
    from bw_magics.vault.selection import Filters, Selection
    from bw_magics.vault.tiebreak import Tiebreak

TEMPLATE = "template"

_NOT_YET: dict[str, str | Remedy] = {
    "attachment": Remedy("A file belongs to an item: {}.", GET_FILE),
    "fingerprint": "Use `bw get fingerprint me` or the web vault.",
    "exposed": "Use `bw get exposed`: it asks an outside service.",
    "send": "Use `bw get send` or the web vault.",
    "org-collection": Remedy("Use {}.", GET_COLLECTION),
}


class Reading:
    """The reads from the vault that is unlocked at the time; `contents` gives it, or raises.
    `machine` gives the Secrets Manager beside it, or None.
    """

    def __init__(
        self,
        contents: Callable[[], Contents],
        on_wait: OnWait,
        machine: Callable[[], MachineSource | None],
    ) -> None:
        self._contents = contents
        self._on_wait = on_wait
        self._machine = machine

    def get(self, object: str, query: str, *, tiebreak: Tiebreak | None) -> object:
        """Returns a place, the value of an item's field, or a template of the CLI's JSON."""
        from bw_magics.vault.names import as_name

        _check_tiebreak(tiebreak)
        if as_name(object) == TEMPLATE:
            from bw_magics.vault.template import template

            return template(query)
        if query == "":
            from bw_magics.vault.reference import is_reference

            if is_reference(object):
                return self.resolve(object)
        _refuse_not_offered(object)
        if query == "":
            raise UsageMistake("The call names no item.", 'Write get("password", "ITEM").')
        with using("get"):
            return self._opened().get(object, query, tiebreak=tiebreak)

    def locate(
        self, query: str, *, what: str = "item", tiebreak: Tiebreak | None, loose: bool = False
    ) -> Found:
        """Finds an item, and tells which step found it."""
        _refuse_not_offered(what)
        _check_tiebreak(tiebreak)
        return self._opened().locate(query, what=what, tiebreak=tiebreak, loose=loose)

    def resolve(self, reference: str | AnyReference) -> object:
        """Returns the value that a reference names."""
        from bw_magics.vault.machine_reference import MachineReference
        from bw_magics.vault.references import parse_reference

        # Parsed first: a malformed reference is a mistake whether or not the vault is unlocked.
        if isinstance(reference, str):
            reference = parse_reference(reference)
        if not isinstance(reference, MachineReference):
            with using("reference"):
                return self._opened().resolve(reference)
        machine = self._machine()
        if machine is None:
            raise no_machine()
        return machine.resolve(reference)

    def check(self, reference: str | AnyReference) -> None:
        """Finds what a reference names, and reads no value. Raises as `resolve`."""
        from bw_magics.vault.machine_reference import MachineReference
        from bw_magics.vault.references import parse_reference

        if isinstance(reference, str):
            reference = parse_reference(reference)
        if not isinstance(reference, MachineReference):
            self._opened().check(reference)
            return
        machine = self._machine()
        if machine is None:
            raise no_machine()
        machine.check(reference)

    def resolve_all(self, references: Iterable[str | AnyReference]) -> dict[str, object]:
        """Returns the value of each reference, or the `BitwardenError` in its place."""
        from bw_magics.vault.secret_source import resolve_all

        with using("reference"):
            return resolve_all(self.resolve, references)

    def items(self, selection: Selection | None, filters: Filters) -> Items:
        """Selects items; without a selection, those outside trash and archive."""
        from bw_magics.vault.selection import selection_of

        selection = selection_of(selection, filters)
        opened = self._opened()
        opened.contents.keys.used()
        task = Task(lambda: opened.items(selection), "looking through the vault")
        if selection is None or (selection.search is None and selection.url is None):
            return task.wait(self._on_wait)
        # The first search decrypts every user name and URI.
        return task.wait(self._on_wait, progress=lambda: _searched(opened.contents))

    def rotations(self) -> list[Rotation[Item]]:
        """Lists the rotations that began and did not end."""
        contents = self._opened().contents
        contents.keys.used()
        found = (contents.item_at(at).rotation for at in contents.rotating)
        return [rotation for rotation in found if rotation is not None]

    def places(self, kind: str) -> list[Place]:
        """Lists the places of a kind."""
        return self._opened().places(kind)

    def _opened(self) -> OpenVault:
        from bw_magics.vault.open_vault import OpenVault

        return OpenVault(self._contents())


def _searched(contents: Contents) -> str:
    return f"looking through the vault: {contents.searched:,} of {len(contents):,} items"


def _check_tiebreak(tiebreak: object) -> None:
    if tiebreak is None:
        return
    from bw_magics.vault.tiebreak import Tiebreak

    if not isinstance(tiebreak, Tiebreak):
        raise UsageMistake(
            f"A tiebreak is a Tiebreak, not {type(tiebreak).__name__}.",
            'Write tiebreak=Tiebreak(folder="Work"), from bw_magics.',
        )


def _refuse_not_offered(what: str) -> None:
    from bw_magics.vault.names import as_name

    if as_name(what) in _NOT_YET:
        raise NotOffered("That object is not read like this.", _NOT_YET[what])
