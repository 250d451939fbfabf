"""A journal of a test's own, in the place of the process's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bw_magics.session.journal.journal import OF_PROCESS, Journal
from bw_magics.using import record_with


@contextmanager
def own_journal() -> Iterator[Journal]:
    """Gives a journal that gets the uses inside the block."""
    journal = Journal()
    record_with(journal.note)
    try:
        yield journal
    finally:
        journal.to(None)
        record_with(OF_PROCESS.note)


def uses(journal: Journal) -> list[tuple[str, str, str]]:
    """Item, field and way of each entry."""
    return [(entry.item, entry.field, entry.way) for entry in journal.entries()]
