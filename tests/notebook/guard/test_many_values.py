"""100,000 values in one guard."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from bw_magics.matching.mask import MASK
from bw_magics.secret import Secret
from tests.notebook.guard.test_guard import Stage

pytestmark = pytest.mark.long

COUNT = 100_000
VALUES = [f"made-up-{number * 7919 % 1_000_003:07d}-{number:06x}" for number in range(COUNT)]
# Ten times what docs/guard.md allows 10,000 values.
MOST = 300_000_000


@pytest.fixture(scope="module")
def learnt() -> Iterator[tuple[Stage, int]]:
    """A guard that knows all of them, and the memory that it took for that."""
    stage = Stage()
    stage.guard.show_secrets("plain")
    tracemalloc.start()
    try:
        for number, value in enumerate(VALUES):
            stage.guard.learn(Secret(value, f"Item {number} / password"))
        stage.sent("the first output")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    yield stage, held
    stage.guard.close()


def test_all_of_them_are_masked_in_one_output(learnt: tuple[Stage, int]) -> None:
    stage, _ = learnt

    assert stage.sent("\n".join(VALUES)) == "\n".join([MASK] * COUNT)
    assert stage.sent("nothing to see\n" * COUNT) == "nothing to see\n" * COUNT


def test_they_take_no_more_memory_than_is_stated(learnt: tuple[Stage, int]) -> None:
    _, held = learnt

    assert held < MOST
