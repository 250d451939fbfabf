"""A text that was clear is not searched again, and nothing is passed over for that."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable
from unittest import mock

import pytest

from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks.clear_texts import LEAST, MOST, PIECE, ClearTexts

VALUE = "aB3$x'Zq9 \"w/9kLm"
CHANCE = random.Random(2026)


def rows(size: int, name: str = "row") -> bytes:
    count = size // 20 + 1
    return b"".join(b"%b %d, %.6f\n" % (name.encode(), i, CHANCE.random()) for i in range(count))[
        :size
    ]


@pytest.fixture
def matcher() -> Matcher:
    matcher = Matcher()
    matcher.learn(VALUE)
    return matcher


def searched(matcher: Matcher, clear: ClearTexts, data: bytes) -> int:
    """How many bytes of a clear text were searched."""
    with mock.patch.object(matcher, "hits", wraps=matcher.hits) as hits:
        assert not clear.hits(data)
    return sum(len(call.args[0]) for call in hits.mock_calls)


def test_a_clear_text_is_searched_once(matcher: Matcher) -> None:
    clear, text = ClearTexts(matcher), rows(10 * PIECE)

    assert searched(matcher, clear, text) == len(text)
    assert searched(matcher, clear, bytes(bytearray(text))) == 0


def test_of_a_text_that_begins_alike_only_the_end_is_searched(matcher: Matcher) -> None:
    clear, scripts = ClearTexts(matcher), rows(10 * PIECE, "script")
    searched(matcher, clear, scripts + rows(PIECE))

    assert 0 < searched(matcher, clear, scripts + rows(PIECE, "other")) < 4 * PIECE


def test_a_page_that_begins_otherwise_has_the_same_pieces(matcher: Matcher) -> None:
    clear, page = ClearTexts(matcher), rows(20 * PIECE)
    searched(matcher, clear, page)

    assert 0 < searched(matcher, clear, b"   " + page) < 3 * PIECE


def test_a_text_that_goes_on_is_searched_behind_its_end(matcher: Matcher) -> None:
    clear, shown = ClearTexts(matcher), VALUE.encode()
    for size in (3 * PIECE, 3 * PIECE - 9, 3 * PIECE + 9, 3 * PIECE + matcher.longest):
        text = rows(size).replace(b"\n", b" ")
        for cut in (1, 8, len(shown) - 1):
            assert searched(matcher, clear, text + shown[:cut]) > 0
            assert clear.hits(text + shown), (size, cut)
            assert clear.hits(text + shown + rows(PIECE)), (size, cut)


def test_html_is_searched_once_with_its_tags_and_without(matcher: Matcher) -> None:
    clear, text = ClearTexts(matcher), b"<td><b>1</b>2</td>\n" * (PIECE // 5)
    split = VALUE[:5].encode() + b"<b></b>" + VALUE[5:].encode()

    assert searched(matcher, clear, text) == len(text)
    with mock.patch.object(matcher, "hits", wraps=matcher.hits) as hits:
        assert not clear.hits(text, is_html=True)
        searched_bytes = sum(len(call.args[0]) for call in hits.mock_calls)
        assert searched_bytes == len(text.replace(b"<b>", b"").replace(b"</b>", b""))
        assert not clear.hits(text, is_html=True)
        assert sum(len(call.args[0]) for call in hits.mock_calls) == searched_bytes
    assert not clear.hits(text + split)
    assert clear.hits(text + split, is_html=True)


def test_a_value_in_other_letters_than_the_compared_ones_is_found(matcher: Matcher) -> None:
    clear, text = ClearTexts(matcher), rows(4 * PIECE)
    searched(matcher, clear, text)
    shown = VALUE.encode()

    for place in range(PIECE, PIECE + 5 * len(shown), len(shown) + 1):
        other = text[:place] + shown + text[place + len(shown) :]
        assert clear.hits(other), place


def test_a_new_value_makes_it_search_all(matcher: Matcher) -> None:
    clear, text = ClearTexts(matcher), rows(4 * PIECE) + b"token_" + b"5" * 40
    searched(matcher, clear, text)

    matcher.learn("token_" + "5" * 40)

    assert clear.hits(text)


def test_a_value_that_passes_is_looked_for_in_what_was_clear(matcher: Matcher) -> None:
    clear, text = ClearTexts(matcher), rows(4 * PIECE) + b" hunter2 "
    searched(matcher, clear, text)

    matcher.learn_for("hunter2", 60)

    assert clear.hits(text)


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": json.dumps,
    "by numbers": lambda text: "".join(f"&#{ord(c)};" if not c.isalnum() else c for c in text),
    "escaped three times": lambda text: html.escape(json.dumps(json.dumps(text))),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_value_is_found_across_the_edge_of_what_was_clear(matcher: Matcher, form: str) -> None:
    clear, before, after = ClearTexts(matcher), rows(3 * PIECE), rows(3 * PIECE)
    searched(matcher, clear, before + after)
    shown = FORMS[form](VALUE).encode()
    for edge in (PIECE, 2 * PIECE, 3 * PIECE):
        for place in range(edge - len(shown) - 3, edge + 3, 5):
            text = before[:place] + shown + before[place + len(shown) :] + after
            assert matcher.hits(text)
            assert clear.hits(text), (edge, place)


def test_a_text_with_a_value_is_not_taken_for_clear(matcher: Matcher) -> None:
    clear, text = ClearTexts(matcher), rows(4 * PIECE) + VALUE.encode()

    assert clear.hits(text)
    assert clear.hits(text)


def test_small_and_huge_texts_are_not_kept(matcher: Matcher) -> None:
    clear = ClearTexts(matcher)
    for text in (rows(LEAST - 1), rows(MOST + 1)):
        assert searched(matcher, clear, text) == searched(matcher, clear, text) == len(text)


def test_the_newest_pieces_are_kept_within_a_bound(matcher: Matcher) -> None:
    clear = ClearTexts(matcher)
    texts = [rows(20 * PIECE, f"text {number}") for number in range(12)]
    for text in texts:
        searched(matcher, clear, text)

    known = clear._known
    texts_of = {id(piece.text): piece.text for each in known[1:3] for piece in each.values()}
    assert sum(map(len, texts_of.values())) <= 2 * MOST
    assert searched(matcher, clear, texts[-1]) == searched(matcher, clear, texts[-3]) == 0
    assert searched(matcher, clear, texts[0]) == len(texts[0])


@pytest.mark.parametrize("size", [40, LEAST, 2 * LEAST, MOST + 1])
@pytest.mark.parametrize(
    "signs",
    [
        b"\x1b",
        b"\x1b(B",
        b"\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\",
        b"\x1b]0;a title\x07",
        b"\x1b[?25l",
        b"\x1b[" * 2_000 + b"0m" * 2_000,
        b"<b" * 2_000 + b">" * 2_000,
        b"\x1b[1m\x1b(B<b>\x1b</b>",
    ],
)
@pytest.mark.parametrize("is_html", [False, True])
def test_what_is_left_of_markup_is_searched_once(
    matcher: Matcher, signs: bytes, size: int, is_html: bool
) -> None:
    clear, text = ClearTexts(matcher), rows(size) + signs + rows(size)

    assert not clear.hits(text, is_html=is_html)
    assert not clear.hits(text, is_html=is_html)
    assert clear.hits(text + VALUE.encode(), is_html=is_html)
    assert clear.hits(text + b"\x1b[1m".join((VALUE[:7].encode(), VALUE[7:].encode())))


@pytest.mark.parametrize("value", ["x" * 50_000, "irregular-" + "8fK2" * 20_000])
def test_values_that_reach_too_far_are_searched_for_each_time(value: str) -> None:
    matcher = Matcher()
    matcher.learn(value)
    clear, text = ClearTexts(matcher), rows(4 * PIECE)
    searched(matcher, clear, text)

    assert clear.hits(text[:PIECE] + value.encode() + text[PIECE:])


def test_many_values_with_no_word_are_searched_for_each_time() -> None:
    matcher = Matcher()
    for number in range(40):
        matcher.learn("".join(CHANCE.choices("!?;:,", k=12 + number)))
    clear, text = ClearTexts(matcher), b"<td>12</td>" * PIECE

    assert matcher.reach is None
    assert searched(matcher, clear, text) == searched(matcher, clear, text) == len(text)
