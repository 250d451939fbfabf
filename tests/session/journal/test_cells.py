"""A use belongs to the cell that began it, also in its threads and tasks."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor

from bw_magics.session.journal.journal import Journal
from tests.session.journal.conftest import note


def test_a_thread_belongs_to_its_cell_while_others_run() -> None:
    journal, go = Journal(), threading.Event()

    def use(name: str) -> None:
        go.wait()
        note(journal, name)

    threads = []
    for count, name in ((1, "A"), (2, "B"), (3, "C")):
        contextvars.copy_context().run(journal.cells.begin, count, f"message {count}")
        threads.append(threading.Thread(target=use, args=(name,)))
        threads[-1].start()
    go.set()
    for each in threads:
        each.join()

    found = {entry.item: (entry.cell, entry.message) for entry in journal.entries()}
    assert found == {"A": (1, "message 1"), "B": (2, "message 2"), "C": (3, "message 3")}


def test_a_task_belongs_to_its_cell_while_others_run() -> None:
    journal = Journal()

    async def use(name: str, go: asyncio.Event) -> None:
        await go.wait()
        note(journal, name)
        await asyncio.to_thread(note, journal, f"{name} in a thread")

    async def kernel() -> None:
        go = asyncio.Event()
        tasks = []
        for count, name in ((1, "A"), (2, "B")):
            journal.cells.begin(count, "")
            tasks.append(asyncio.create_task(use(name, go)))
        go.set()
        await asyncio.gather(*tasks)
        note(journal, "C")

    asyncio.run(kernel())

    found = {entry.item: entry.cell for entry in journal.entries()}
    assert found == {"A": 1, "A in a thread": 1, "B": 2, "B in a thread": 2, "C": 2}


def test_a_reason_lasts_until_its_cell_or_block_ends_also_in_threads() -> None:
    journal = Journal()
    journal.cells.begin(1, "")
    with journal.because("inner"):
        note(journal, "A")
    note(journal, "B")
    journal.because("nightly load")
    note(journal, "C")
    thread = threading.Thread(target=note, args=(journal, "D"))
    thread.start()
    thread.join()
    journal.cells.begin(2, "")
    note(journal, "E")

    found = {entry.item: entry.reason for entry in journal.entries()}
    assert found == {"A": "inner", "B": "", "C": "nightly load", "D": "nightly load", "E": ""}


def test_a_program_has_no_cells() -> None:
    journal = Journal()
    with ThreadPoolExecutor() as pool:
        pool.submit(note, journal, "A").result()
    journal.cells.begin(1, "message")
    journal.cells.end()
    note(journal, "B")

    assert [(each.cell, each.message) for each in journal.entries()] == [(None, ""), (None, "")]
