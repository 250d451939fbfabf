"""Sizes are told in the unit that fits them."""

from __future__ import annotations

import pytest

from bw_magics.client.size import progress_in_words, size_in_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (35, "35 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (3_000_000, "2.9 MiB"),
        (512 * 1024**2, "512 MiB"),
        (5 * 1024**4, "5120 GiB"),
        (1024**2 - 1, "1 MiB"),
        (1024**2 - 60, "1023.9 KiB"),
        (1024**3 - 1, "1 GiB"),
    ],
)
def test_a_size_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words


@pytest.mark.parametrize(
    ("done", "size", "words"),
    [
        (0, 35, "0 of 35 bytes"),
        (35, 35, "35 of 35 bytes"),
        (100, 3_000_000, "0 of 2.9 MiB"),
        (1_500_000, 3_000_000, "1.4 of 2.9 MiB"),
        (70_000, None, "68.4 KiB"),
        (70_000, 0, "68.4 KiB"),
        (0, 1, "0 of 1 byte"),
        (1, 1024**2 - 1, "0 of 1 MiB"),
    ],
)
def test_progress_in_words(done: int, size: int | None, words: str) -> None:
    assert progress_in_words(done, size) == words
