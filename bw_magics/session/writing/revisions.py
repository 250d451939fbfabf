"""`OwnRevisions`: which revisions of an item were made from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bw_magics.secret import Unpicklable
from bw_magics.vault.ids import id_key
from bw_magics.vault.item import Item
from bw_magics.vault.record import member_of

Record = Mapping[str, Any]


class OwnRevisions(Unpicklable):
    """For each item the revisions that this vault's own edits lead on from without a gap.

    So an item object that was read before an own edit can be edited again without a conflict,
    and one that somebody else changed in between cannot.
    """

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._lines: dict[str, tuple[frozenset[str], str]] = {}

    def __repr__(self) -> str:
        return f"<OwnRevisions of {len(self._last)} items>"

    def leads(self, item: Item, fresh: Record) -> bool:
        """Tells whether only own edits lie between an item as it was read and a record."""
        seen, now = _revision(item.record), _revision(fresh)
        if seen == now:
            return True
        before, latest = self._lines.get(item.id, (frozenset(), ""))
        return now == latest and seen in before

    def wrote(self, record: Record) -> None:
        """Notes the record that came of a change made here."""
        self._last[id_key(str(member_of(record, "id")))] = _revision(record)

    def is_latest(self, record: Record) -> bool:
        """Tells whether nobody else has changed the item since a change made here."""
        return self._last.get(id_key(str(member_of(record, "id")))) == _revision(record)

    def moved(self, before: Record, answer: Record, now: Record) -> None:
        """Notes the record of now, where it has the revision that the answer to a change made here
        names, and that change moved the item's revision.
        """
        revision = _revision(answer)
        if revision not in (str(None), _revision(before)) and revision == _revision(now):
            self.wrote(now)

    def note(self, item: Item, fresh: Record, answer: Record) -> None:
        """Notes that an edit led from one record to another."""
        self.wrote(answer)
        before, latest = self._lines.get(item.id, (frozenset(), ""))
        start = _revision(fresh)
        line = before if start == latest else frozenset[str]()
        self._lines[item.id] = (line | {start}, _revision(answer))


def _revision(record: Record) -> str:
    return str(member_of(record, "revisionDate"))
