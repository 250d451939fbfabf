"""Secrets that come in pieces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks.stream import Joint, KernelStream

SECRET = "correct horse battery"


def joint(*secrets: str) -> Joint:
    matcher = Matcher()
    for secret in secrets or (SECRET,):
        matcher.learn(secret)
    return Joint(matcher)


def shown(pieces: list[str], *secrets: str, may_hold: bool = True) -> str:
    stream = joint(*secrets)
    out = b"".join(stream.feed(piece.encode(), may_hold=may_hold)[0] for piece in pieces)
    return (out + stream.rest()).decode()


def test_two_pieces_are_masked_as_one() -> None:
    assert shown(["a correct ho", "rse battery b"]) == f"a {MASK} b"


@pytest.mark.parametrize("size", range(4, 21))
def test_any_pieces_long_enough_show_nothing(size: int) -> None:
    text = f"<{SECRET}>"
    pieces = [text[start : start + size] for start in range(0, len(text), size)]

    assert shown(pieces).replace(MASK, "").strip("<cor>") == ""


def test_character_by_character_only_its_first_three_are_seen() -> None:
    assert shown(list(f"<{SECRET}>")) == f"<cor{MASK}>"


def test_what_only_begins_like_a_secret_comes_out_whole() -> None:
    stream = joint()

    assert stream.feed(b"it is correct ")[0] == b"it is "
    assert stream.is_holding
    assert stream.feed(b"at last")[0] == b"correct at last"
    assert stream.feed(b"and correct")[0] == b"and "
    assert stream.rest() == b"correct"
    assert not stream.is_holding


def test_after_a_pause_the_rest_is_masked() -> None:
    stream = joint()
    first = stream.feed(b"correct ")[0] + stream.rest()

    assert first == b"correct "
    assert stream.feed(b"horse battery!")[0] == MASK.encode() + b"!"


def test_a_secret_that_was_masked_is_not_found_again_with_what_follows() -> None:
    assert shown([SECRET, SECRET, f" {SECRET}"]) == f"{MASK}{MASK} {MASK}"


def test_a_stream_that_cannot_wait_shows_the_beginning_and_masks_the_rest() -> None:
    assert shown(["correct ho", "rse battery"], may_hold=False) == f"correct ho{MASK}"


@given(
    st.lists(
        st.sampled_from([SECRET, "correct ", "horse", "x", "é\n", "second secret!"]), max_size=8
    ),
    st.lists(st.integers(4, 30), min_size=1, max_size=12),
)
def test_however_a_text_is_cut_nothing_is_lost_and_no_secret_whole(
    words: list[str], sizes: list[int]
) -> None:
    text = "".join(words)
    pieces, rest = [], text
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    out = shown([*pieces, rest], SECRET, "second secret!")

    assert SECRET not in out
    assert "second secret!" not in out
    if SECRET not in text and "second secret!" not in text:
        assert out == text


class Buffers:
    """As much of a kernel's stream as joining needs: a text for each cell, until it is flushed."""

    def __init__(self) -> None:
        self.written: list[tuple[dict[str, str], str]] = []
        self.shown: list[tuple[str, str]] = []

    @property
    def pub_thread(self) -> Buffers:
        return self

    def schedule(self, _: object) -> None:
        """No loop runs here: nothing comes out by itself."""

    def write(self, cell: int, text: str) -> None:
        self.written.append(({"msg_id": f"cell {cell}"}, text))

    def flush(self) -> None:
        for parent, text in self._flush_buffers():
            self.shown.append((parent["msg_id"], text))

    def _flush_buffers(self) -> Iterator[tuple[dict[str, str], str]]:
        written, self.written = self.written, []
        yield from written


@pytest.mark.parametrize("cells", [1, 2, 64, 65, 200])
def test_whatever_many_cells_held_back_comes_out(cells: int) -> None:
    matcher = Matcher()
    matcher.learn(SECRET)
    buffers = Buffers()
    stream = KernelStream(buffers, matcher, on_mask=lambda: None)
    for cell in range(cells):
        buffers.write(cell, f"{cell} is correct ")
        buffers.flush()
    assert buffers.shown == [(f"cell {cell}", f"{cell} is ") for cell in range(cells)]
    buffers.shown.clear()

    stream.release()
    assert buffers.shown == [(f"cell {cell}", "correct ") for cell in range(cells)]


def test_what_cells_have_printed_is_not_remembered_for_ever() -> None:
    matcher = Matcher()
    matcher.learn(SECRET)
    buffers = Buffers()
    stream = KernelStream(buffers, matcher, on_mask=lambda: None)
    for cell in range(200):
        buffers.write(cell, f"{cell} is correct ")
        buffers.flush()
    stream.release()

    buffers.write(200, "nothing")
    buffers.flush()
    assert len(stream._joints) == 64
