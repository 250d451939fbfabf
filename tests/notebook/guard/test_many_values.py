"""100,000 values in one guard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bw_magics.matching.mask import MASK
from bw_magics.secret import Secret
from tests.notebook.guard.test_guard import Stage

pytestmark = pytest.mark.long

COUNT = 100_000
VALUES = [f"made-up-{number * 7919 % 1_000_003:07d}-{number:06x}" for number in range(COUNT)]
# Ten times what docs/guard.md allows 10,000 values.
MOST = 300_000_000


PAGES = Path("/proc/self/statm")


def resident() -> int:
    """The memory of this process in bytes; 0 where the system does not say."""
    return int(PAGES.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if PAGES.exists() else 0


@pytest.fixture(scope="module")
def learnt() -> Iterator[tuple[Stage, int]]:
    """A guard that knows all of them, and the memory that it took for that."""
    stage = Stage()
    stage.guard.show_secrets("plain")
    before = resident()
    for number, value in enumerate(VALUES):
        stage.guard.learn(Secret(value, f"Item {number} / password"))
    stage.sent("the first output")
    yield stage, resident() - before
    stage.guard.close()


def test_all_of_them_are_masked_in_one_output(learnt: tuple[Stage, int]) -> None:
    stage, _ = learnt

    assert stage.sent("\n".join(VALUES)) == "\n".join([MASK] * COUNT)
    assert stage.sent("nothing to see\n" * COUNT) == "nothing to see\n" * COUNT


@pytest.mark.skipif(not PAGES.exists(), reason="the system does not say how much that is")
def test_they_take_no_more_memory_than_is_stated(learnt: tuple[Stage, int]) -> None:
    _, held = learnt

    assert 0 < held < MOST
