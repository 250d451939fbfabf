"""A block names the way of a use, as long as it lasts; no value gets into a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bw_magics.errors import JournalProblem, SecretTyped
from bw_magics.secret import MASK, Secret
from bw_magics.session.journal.journal import Journal
from bw_magics.using import Use, record, unrecorded, using
from tests.journals import own_journal, uses

USE = Use("A", "password")


@pytest.fixture
def journal() -> Iterator[Journal]:
    with own_journal() as journal:
        yield journal


def in_own_block() -> None:
    with using("own"):
        record(USE)


READS: dict[str, tuple[Callable[[], None], str]] = {
    "as it is": (lambda: record(USE), "attribute"),
    "in a block of its own": (in_own_block, "own"),
}


@pytest.mark.parametrize("block", [using, unrecorded])
@pytest.mark.parametrize(("read", "way"), READS.values(), ids=[*READS])
def test_a_task_that_outlives_the_block_it_began_in_leaves_an_entry(
    journal: Journal, block: type[using], read: Callable[[], None], way: str
) -> None:
    async def later(is_over: asyncio.Event) -> None:
        await is_over.wait()
        read()

    async def main() -> None:
        is_over = asyncio.Event()
        with block("outer") if block is using else block():
            task = asyncio.create_task(later(is_over))
            await asyncio.sleep(0)
        is_over.set()
        await task

    asyncio.run(main())

    assert uses(journal) == [("A", "password", way)]


def test_a_block_that_hands_values_on_records_each_before_it_is_read(journal: Journal) -> None:
    with using("adapter", at_once=True):
        record(USE)
        assert uses(journal) == [("A", "password", "adapter")]
        record(USE)
        with using("reference", field="totp"):
            record(USE)

    assert uses(journal) == [("A", "password", "adapter"), ("A", "totp", "adapter")]


def test_a_block_that_hands_values_on_gets_none_that_cannot_be_recorded(
    journal: Journal, tmp_path: Path
) -> None:
    journal.to(tmp_path / "nowhere" / "uses.jsonl", checks=False)
    handed_on: list[Use] = []

    def adapt() -> None:
        with using("adapter", at_once=True):
            record(USE)
            handed_on.append(USE)

    with pytest.raises(JournalProblem):
        adapt()

    assert handed_on == []


def test_a_secret_is_not_a_reason(journal: Journal) -> None:
    """A program has no guard that knows the values."""
    with pytest.raises(SecretTyped):
        journal.because(Secret("made-up-password-7", "A / password"))

    record(USE)
    assert [entry.reason for entry in journal.entries()] == [""]


def test_a_reason_that_turns_out_to_be_a_secret_is_masked(journal: Journal, path: Path) -> None:
    known: list[str] = []
    journal.is_secret = known.__contains__
    journal.to(path)
    journal.because("made-up-password-7")
    known.append("made-up-password-7")

    record(USE)

    assert [entry.reason for entry in journal.entries()] == [MASK]
    assert "made-up-password-7" not in path.read_text()
