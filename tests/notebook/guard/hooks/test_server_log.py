"""The kernel's copy of what subprocesses print: masked, and never in the way of who prints."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks.server_log import ServerLog

SECRET = "correct horse battery"
# More than any pipe holds.
LINES = [f"line {number} {SECRET}\n".encode() for number in range(20_000)]


class Log:
    """A kernel's copy of stderr, which ends in a pipe of this test's."""

    def __init__(self) -> None:
        self.end, self.copy = os.pipe()
        matcher = Matcher()
        matcher.learn(SECRET)
        self.tap = ServerLog(
            SimpleNamespace(name="stdout", _original_stdstream_copy=self.copy), matcher
        )

    def write(self) -> threading.Thread:
        """Writes more than fits, in a thread."""

        def write() -> None:
            for line in LINES:
                os.write(self.copy, line)

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        return thread


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    yield log
    log.tap.remove()
    os.close(log.copy)


def read(end: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += os.read(end, 1 << 16)
    return data


def expected() -> bytes:
    return b"".join(LINES).replace(SECRET.encode(), MASK.encode())


def test_what_is_written_there_arrives_masked(log: Log) -> None:
    thread = log.write()

    assert read(log.end, len(expected())) == expected()
    thread.join(120)
    os.close(log.end)


def test_a_log_that_nobody_reads_any_more_stops_nobody_who_writes(log: Log) -> None:
    os.close(log.end)

    thread = log.write()
    thread.join(120)

    assert not thread.is_alive()


def test_a_log_that_takes_nothing_at_first_gets_all_of_it(log: Log) -> None:
    os.set_blocking(log.copy, True)
    os.set_blocking(log.tap._original, False)  # as the program that started the kernel may do

    thread = log.write()
    threading.Event().wait(0.3)  # by now the pipe is full

    assert read(log.end, len(expected())) == expected()
    thread.join(120)
    os.close(log.end)
