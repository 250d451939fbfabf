"""Journals of a test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bw_magics.session.journal.journal import Journal
from bw_magics.using import Use

Written = Callable[[int], bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "uses.jsonl"


def journal_at(path: Path) -> Journal:
    """A journal of a session of its own, as another kernel has it."""
    journal = Journal()
    journal.to(path)
    return journal


def note(journal: Journal, *names: str) -> None:
    for name in names:
        journal.note((Use(name, "password", f"id of {name}"),), "attribute")
