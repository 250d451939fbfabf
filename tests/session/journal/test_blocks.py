"""A block names the way of a use, as long as it lasts; no value gets into a reason."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
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


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_use_in_a_signal_handler_is_refused_while_another_is_noted(
    journal: Journal, path: Path
) -> None:
    import fcntl

    journal.to(path)
    refused: list[str] = []
    with path.open("rb") as held:
        # So that the journal waits, and the handler comes in between.
        fcntl.flock(held, fcntl.LOCK_EX)

        def handle(*_: object) -> None:
            try:
                record(USE)
            except JournalProblem as problem:
                refused.append(str(problem))
            fcntl.flock(held, fcntl.LOCK_UN)

        def interrupt() -> None:
            while journal._lock.acquire(blocking=False):
                journal._lock.release()
                time.sleep(0.001)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

        before = signal.signal(signal.SIGUSR1, handle)
        try:
            thread = threading.Thread(target=interrupt)
            thread.start()
            record(Use("B", "password"))
            thread.join()
        finally:
            signal.signal(signal.SIGUSR1, before)

    assert refused
    assert "signal handler" in refused[0]
    assert [entry.item for entry in journal.read()] == ["B"]
    assert journal.verify().is_whole
