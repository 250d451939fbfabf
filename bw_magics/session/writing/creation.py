"""`Creation`: creates an item once, whatever becomes of the server's answers.

The texts of a new item are unique: its key is random, and so is every text's vector. So an item
whose creation was not answered can be told from every other one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from bw_magics.errors import NotFound, WriteUnclear
from bw_magics.secret import Unpicklable
from bw_magics.session.writing.lost_answer import looking
from bw_magics.session.writing.turn import Turn
from bw_magics.vault.names import normal
from bw_magics.vault.record import member_of

if TYPE_CHECKING:
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.vault.draft import Draft

Record = Mapping[str, Any]

_SALT = secrets.token_bytes(32)

# As many creates without an answer are remembered, each for a day: then no server is still at it.
MOST_MISSING = 1000
REMEMBERED = 24 * 3600.0


@dataclass(frozen=True, slots=True, repr=False)
class Wanted:
    """What is to be created: its type and name, and a fingerprint of all it holds."""

    kind: str
    name: str
    fingerprint: bytes

    @classmethod
    def of(cls, draft: Draft, places: Sequence[str | None]) -> Wanted:
        """Takes a draft, and the places where it goes."""
        text = json.dumps([places, draft.changes], default=_members)
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=_SALT).digest()
        return cls(draft.item_type.name, normal(draft.name or ""), digest)

    @property
    def key(self) -> tuple[str, str]:
        """What two creates of one thing have in common, although a generated secret differs."""
        return self.kind, self.name


@dataclass(frozen=True, slots=True, repr=False)
class _Missing:
    """A create whose answer is missing, with its request and its time."""

    wanted: Wanted
    record: Record
    since: float


class Creation(Unpicklable):
    """The creates of one vault, with those whose answers are still missing.

    At most `MOST_MISSING` are remembered, each for `REMEMBERED` seconds; the oldest goes first.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._missing: dict[tuple[str, str], _Missing] = {}

    def __repr__(self) -> str:
        return "<Creation>"

    def create(
        self, api: WritingApi, wanted: Wanted, record: Record, targets: Sequence[str]
    ) -> tuple[Record, Record]:
        """Creates an item and returns the server's record and the record sent for it.

        After a lost answer it looks whether the item is there. It sends it once more where it is
        not, but not where the server may still be at it: then, and where the look fails, it raises
        `WriteUnclear`. Called again for the same item, it looks first.
        """
        record, found, is_again = self._arrived(wanted, record)
        if found is None:
            found = self._sent(api, wanted, record, targets, is_again=is_again)
        self._missing.pop(wanted.key, None)
        return found, record

    def _arrived(self, wanted: Wanted, record: Record) -> tuple[Record, Record | None, bool]:
        """Returns the record to send, and the server's where an earlier request did arrive."""
        self._forget_old()
        before = self._missing.get(wanted.key)
        if before is None:
            return record, None, False
        self._turn.sync()
        found = self._found(before.record)
        if before.wanted.fingerprint == wanted.fingerprint:
            # The very same texts are sent again: whichever request arrives, it makes that item.
            return before.record, (found[0] if found else None), True
        if found:
            del self._missing[wanted.key]
            raise WriteUnclear(
                f"An earlier create of '{wanted.name}', whose answer was lost, did arrive: the "
                "vault has that item, and the one of now was not created.",
                "Use or change the item in the vault, or give the new one another name.",
            )
        return record, None, False

    def _sent(
        self,
        api: WritingApi,
        wanted: Wanted,
        record: Record,
        targets: Sequence[str],
        *,
        is_again: bool,
    ) -> Record:
        for is_last in (False, True):
            try:
                answer = api.create_item(record, targets)
            except NotFound:
                # An official server may answer 404 although it has created the item, and then not
                # list it: it is not sent again.
                self._remember(wanted, record)
                self._turn.sync()
                found = self._found(record)
                if not found:
                    raise WriteUnclear(
                        "The server does not show the new item, which it may have created.",
                        "Look for it in the web vault before you create it again.",
                    ) from None
                return found[0]
            except WriteUnclear as lost:
                self._remember(wanted, record)
                with looking(lost):
                    self._turn.sync()
                found = self._found(record)
                if found:
                    return found[0]
                if lost.is_late or is_last:
                    raise self._unclear(lost) from None
                is_again = True
            else:
                if is_again:
                    self._refuse_twins(wanted, record)
                return answer
        raise AssertionError("a create ends in its second round")

    def _remember(self, wanted: Wanted, record: Record) -> None:
        self._missing.pop(wanted.key, None)  # so that the newest stands last
        self._missing[wanted.key] = _Missing(wanted, record, time.monotonic())
        self._forget_old()

    def _forget_old(self) -> None:
        oldest = time.monotonic() - REMEMBERED
        for key in [key for key, each in self._missing.items() if each.since < oldest]:
            del self._missing[key]
        for key in [*self._missing][:-MOST_MISSING]:
            del self._missing[key]

    def _refuse_twins(self, wanted: Wanted, record: Record) -> None:
        """Raises `WriteUnclear` where a request that seemed lost has arrived after all."""
        self._turn.sync()
        if len(self._found(record)) > 1:
            self._missing.pop(wanted.key, None)
            raise WriteUnclear(
                f"The vault has '{wanted.name}' twice: a request that seemed lost arrived too.",
                "They are the same: put one of them into the trash.",
            )

    def _unclear(self, lost: WriteUnclear) -> WriteUnclear:
        unclear = WriteUnclear(
            f"{lost.fact} The vault does not list the new item so far.",
            "Wait a minute, then run the same create again: it looks first, so that there is one "
            "item and not two.",
        )
        unclear.is_late = lost.is_late
        return unclear

    def _found(self, record: Record) -> list[Record]:
        """Returns the records in the vault with the texts that were sent."""
        contents = self._turn.contents()
        member = "key" if record.get("key") else "name"
        items = (*contents.items(), *contents.items(trashed=True))
        known = (contents.record(item.id) for item in items)
        return [each for each in known if member_of(each, member) == record[member]]


def _members(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(getattr(value, field.name) for field in fields(value))]
    raise TypeError
