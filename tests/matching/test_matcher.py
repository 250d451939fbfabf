"""Where secrets count, how they are found among many, and that learning stays cheap."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.crowded import learnt
from benchmarks.learning import OUTPUT, VALUES
from bw_magics.matching import matcher as module
from bw_magics.matching.encodings.escapes import Unescaped, unescaped
from bw_magics.matching.encodings.forms import needles_of
from bw_magics.matching.found import Source
from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search import automaton, patterns
from bw_magics.matching.search.index import Index
from bw_magics.matching.search.needle import Needles, encode
from bw_magics.secrecy.parts import MOST_PARTS


def knowing(*secrets: str) -> Matcher:
    matcher = Matcher()
    for secret in secrets:
        matcher.learn(secret)
    return matcher


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "a hunter2!",
        "'hunter2'",
        "user:hunter2@host",
        "\\nhunter2\\n",
        "%20hunter2",
        "\x1b[31mhunter2\x1b[0m",
        r"'\x1b[31mhunter2\x1b[0m'",
        r"\u001b[1;31mhunter2\u001b[0m",
        r"\U0001f600hunter2",
        "x=hunter2&y",
        "–hunter2–",
    ],
)
def test_a_short_secret_is_masked_where_it_stands_alone(text: str) -> None:
    assert knowing("hunter2").mask(text) == text.replace("hunter2", MASK)


@pytest.mark.parametrize("text", ["hunter21", "xhunter2", "_hunter2", "hunter2_", "headhunter2x"])
def test_a_short_secret_inside_a_word_is_left_alone(text: str) -> None:
    assert knowing("hunter2").mask(text) is text


@pytest.mark.parametrize(
    "text", ["1739204", "0.739204", "739204.5", "1,739204", "739204e3", "x739204"]
)
def test_a_short_number_inside_a_number_is_left_alone(text: str) -> None:
    assert knowing("739204").mask(text) is text


@pytest.mark.parametrize("text", ["739204", "code 739204.", "(739204)", "739204, then", "-739204"])
def test_a_short_number_that_stands_alone_is_masked(text: str) -> None:
    assert knowing("739204").mask(text) == text.replace("739204", MASK)


def test_a_long_secret_is_masked_anywhere() -> None:
    assert knowing("long-enough-12").mask("xlong-enough-12y") == f"x{MASK}y"


def test_secrets_that_overlap_are_covered_together() -> None:
    matcher = knowing("abcdefghijklmnop", "mnopqrstuvwxyz12", "hijkl", "efghij")

    assert matcher.mask("--abcdefghijklmnopqrstuvwxyz12--") == f"--{MASK}--"
    assert matcher.mask("abcdefghijklmnopabcdefghijklmnop") == MASK * 2


def test_a_short_secret_does_not_hide_a_long_one_behind_it() -> None:
    matcher = knowing("secretA", "etAbcdefghijkl")

    assert matcher.mask("secretAbcdefghijkl") == f"secr{MASK}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1mcorrect\x1b[0m horse", f"\x1b[1m{MASK}\x1b[0m{MASK}"),
        ("\x1b[38;5;28mcorr\x1b[39mect\x1b[1m horse\x1b[0m.", None),
    ],
)
def test_colour_codes_inside_a_value_do_not_hide_it(text: str, shown: str | None) -> None:
    masked = knowing("correct horse").mask(text)

    assert "corr" not in masked
    assert "horse" not in masked
    assert shown is None or masked == shown


def test_inline_tags_inside_a_value_do_not_hide_it_in_html() -> None:
    text = '<pre>token <span style="color: #008080">correct</span> <b>horse</b>!</pre>'
    matcher = knowing("correct horse")

    shown = matcher.mask(text, is_html=True)

    assert "correct" not in shown
    assert "horse" not in shown
    assert shown.count("<") == text.count("<")
    assert matcher.mask("<td>correct</td><td> horse</td>", is_html=True).count(MASK) == 0


def test_a_text_without_secrets_is_the_very_same_object() -> None:
    text = "nothing to see"

    assert knowing("correct horse battery").mask(text) is text


def test_halves_of_surrogate_pairs_are_searched_like_anything_else() -> None:
    matcher = knowing("correct horse battery", "with \udcff inside it")

    assert matcher.mask("\ud83d correct horse battery") == f"\ud83d {MASK}"
    assert matcher.mask("with \udcff inside it") == MASK


def test_a_value_that_passes_is_masked_for_its_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    matcher = Matcher()
    matcher.learn_for("739204", 60.0)

    assert not matcher.is_empty
    assert matcher.mask("739204 17392045") == f"{MASK} 17392045"
    assert matcher.hits(b"739204")
    now += 61
    assert matcher.mask("739204") == "739204"
    assert not matcher.hits(b"739204")


IN_MESSAGES = st.sampled_from(
    [
        "correct",
        "horse",
        "battery",
        " ",
        " ",
        '"',
        "hunter2",
        "s3cret/key+",
        "739204",
        "x",
        "'",
        "\n",
    ]
)


@given(
    st.lists(st.lists(IN_MESSAGES, min_size=1, max_size=4).map("".join), min_size=1, max_size=4),
    st.lists(IN_MESSAGES, max_size=6).map("".join),
    st.booleans(),
)
def test_every_find_is_a_hit(known: list[str], text: str, is_passing: bool) -> None:
    matcher = knowing(*(value for value in known if len(value) >= 6))
    if is_passing:
        matcher.learn_for("739204", 60.0)
    for data in (text.encode(), json.dumps({"text": text}).encode()):
        assert matcher.hits(data) or not matcher.spans(data)


def secrets(count: int, start: int = 0) -> list[str]:
    return [
        f"marker-{number:06}-{number * 7919 % 99991:05}-x" for number in range(start, start + count)
    ]


@pytest.mark.parametrize("together", [True, False], ids=["all at once", "one by one"])
def test_thousands_of_secrets_are_all_found(together: bool) -> None:
    matcher = Matcher()
    known = secrets(2000)
    for secret in known:
        matcher.learn(secret)
        if not together:
            assert matcher.mask(secret) == MASK
    text = "\n".join(known)

    assert matcher.mask(text) == "\n".join([MASK] * len(known))
    assert all(matcher.hits(f'{{"text":"{secret}"}}'.encode()) for secret in known[::100])


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many needles went into each automaton that was made."""
    sizes: list[int] = []

    class Counted(automaton.Automaton):
        def __init__(self, needles: Sequence[bytes]) -> None:
            sizes.append(len(needles))
            super().__init__(needles)

    monkeypatch.setattr(patterns, "Automaton", Counted)
    # With numpy large texts need no automaton.
    monkeypatch.setattr(patterns, "has_numpy", lambda: False)
    return sizes


@pytest.mark.parametrize("count", [500, 4000])
def test_learning_and_printing_one_by_one_is_linear(compiled: list[int], count: int) -> None:
    matcher = Matcher()
    needles = set[bytes]()
    for secret in secrets(count):
        matcher.learn(secret)
        needles |= needles_of(secret).keys()
        assert matcher.mask(f"value: {secret}") == f"value: {MASK}"

    assert sum(compiled) <= 4 * len(needles)


def test_large_texts_between_what_is_learnt_cost_no_more_than_they_are_long(
    compiled: list[int],
) -> None:
    matcher = Matcher()
    text = "nothing to see " * 200
    known = secrets(500)
    for secret in known:
        matcher.learn(secret)
        matcher.mask(text)

    assert sum(compiled) * patterns._BYTES <= 4 * len(known) * (len(text) + patterns._CALL)


def test_what_is_known_is_compiled_once(compiled: list[int]) -> None:
    matcher = knowing(*secrets(500))
    for _ in range(5):
        assert not matcher.hits(b"nothing to see" * 100_000)

    assert len(compiled) == 1


def test_one_more_among_many_compiles_that_one_alone(compiled: list[int]) -> None:
    matcher = knowing(*secrets(500))
    matcher.hits(b"nothing to see" * 100_000)
    matcher.learn("correct horse battery")
    for _ in range(5):
        assert matcher.hits(b"correct horse battery" * 1000)
    assert matcher.hits(secrets(1)[0].encode())

    assert compiled[1:] == [len(needles_of("correct horse battery"))]


def test_a_value_learnt_again_is_nothing_new(compiled: list[int]) -> None:
    matcher = knowing("correct horse battery")
    text = b"nothing to see" * 1000
    matcher.hits(text)
    for _ in range(5):
        matcher.learn("correct horse battery")
        matcher.hits(text)

    assert matcher.has_learnt("correct horse battery")
    assert compiled == [len(needles_of("correct horse battery"))]


def test_learning_alone_makes_no_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def count(value: str) -> Needles:
        made.append(value)
        return needles_of(value)

    monkeypatch.setattr(module, "needles_of", count)
    known = secrets(100)
    matcher = knowing(*known)
    assert not made

    matcher.hits(b"")
    assert made == known


def test_without_the_library_the_same_is_found(
    monkeypatch: pytest.MonkeyPatch, compiled: list[int]
) -> None:
    monkeypatch.setattr(patterns, "is_available", lambda: False)
    known = secrets(200)
    matcher = knowing(*known)

    assert matcher.mask(" ".join(known * 10)) == " ".join([MASK] * 2000)
    assert matcher.hits(known[-1].encode())
    assert not matcher.hits(b"marker")
    assert not compiled


def test_a_text_may_be_searched_while_another_thread_learns() -> None:
    matcher = Matcher()
    known = secrets(1500)
    missed: list[str] = []

    def search() -> None:
        for secret in known:
            matcher.learn(secret)
            if matcher.mask(secret) != MASK:
                missed.append(secret)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not missed


def test_a_value_that_another_thread_finds_known_is_found() -> None:
    matcher = Matcher()
    shown: list[str] = []

    class Known(dict[str, Source]):
        def __setitem__(self, value: str, source: Source) -> None:
            super().__setitem__(value, source)
            shown.append(matcher.mask(value))  # what another thread may do from here on

    matcher._known = Known()
    matcher.learn("correct horse battery")

    assert shown == [MASK]


@pytest.mark.parametrize(
    "value", ["correct horse battery", "p@s!w0#d/é-1", "one\ntwo two two two 2"]
)
def test_an_interrupt_while_a_value_is_taken_in_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    add, steps = Index.add, 0

    def interrupted(index: Index, needle: bytes) -> None:
        nonlocal steps
        steps -= 1
        if steps == 0:
            raise KeyboardInterrupt
        add(index, needle)
        if steps == -1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Index, "add", interrupted)
    for number in range(1, len(needles_of(value)) + 3):
        steps = number
        matcher = knowing(value)
        for _ in range(2):
            with contextlib.suppress(KeyboardInterrupt):
                matcher.hits(b"")
        for form in (value, json.dumps(json.dumps(value)), value.encode().hex()):
            assert MASK in matcher.mask(form)


def test_a_forked_child_is_not_stopped_by_a_lock_that_nobody_holds_there() -> None:
    code = """
import os
from bw_magics.matching.matcher import Matcher
matcher = Matcher()
matcher.learn("correct horse battery")
matcher._lock.acquire()
pid = os.fork()
if not pid:
    os._exit(0 if matcher.mask("correct horse battery") == "[REDACTED]" else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    subprocess.run([sys.executable, "-c", code], timeout=240, check=True, env=dict(os.environ))


@given(
    st.lists(
        st.text(st.characters(codec="utf-8"), min_size=12, max_size=24), min_size=1, max_size=4
    ),
    st.lists(st.text(max_size=8), max_size=5),
)
def test_no_secret_is_left_in_any_mixture(known: list[str], between: list[str]) -> None:
    matcher = knowing(*known)
    text = "".join(part + secret for part in ["", *between] for secret in known)

    shown = matcher.mask(text)

    assert not any(secret in shown.replace(MASK, "\0") for secret in known)


@given(st.text(max_size=60))
def test_a_tail_that_may_begin_a_secret_is_recognised(text: str) -> None:
    matcher = knowing("correct horse battery")

    assert matcher.begun((text + "correct ho").encode("utf-8", "surrogatepass")) == 10
    assert matcher.begun((text + "x").encode("utf-8", "surrogatepass")) == 0


def test_of_several_that_begin_alike_the_one_that_goes_on_counts() -> None:
    matcher = knowing("token-aaaa-0001", "token-aaaa-0002", "token-bbbb-0001")

    assert matcher.begun(b"token-") == 6
    assert matcher.begun(b"token-aaaa-000") == 14
    assert matcher.begun(b"token-aaaa-0003") == 0
    assert matcher.begun(b"token-aaaa-0001") == 0
    assert matcher.begun(b"token-token-bb") == 8


@pytest.mark.parametrize("what", VALUES)
def test_what_is_searched_for_of_one_value_is_bounded(what: str) -> None:
    """`python -m benchmarks --only learning` prints what that costs."""
    matcher = learnt(VALUES[what])

    assert len(matcher._of_needle) <= 16 * MOST_PARTS
    assert sum(map(len, matcher._of_needle)) <= 1 << 20
    assert len(matcher._anchors) <= MOST_PARTS
    assert len(matcher._cuts) <= 2 * MOST_PARTS


@pytest.mark.parametrize("what", ["signs", "words with blanks"])
def test_a_value_without_a_word_has_no_text_unescaped_place_by_place(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text without it gets no list of places."""
    made: list[int] = []
    of = Unescaped.of
    matcher = learnt(VALUES[what])

    def counted(data: bytes) -> Unescaped:
        made.append(len(data))
        return of(data)

    monkeypatch.setattr(Unescaped, "of", counted)

    for piece in OUTPUT:
        assert not matcher.hits(piece)
    assert made == []


@given(st.binary(max_size=200) | st.text(max_size=200).map(encode))
@example(b"a+b\r\nc")
@example(b"\\u0026amp;+%2525")
def test_both_ways_of_undoing_escapes_agree(data: bytes) -> None:
    assert unescaped(data) == Unescaped.of(data).data


def test_what_lies_between_near_escapes_is_searched_with_them() -> None:
    matcher = knowing(*(f"name{number:03} & more" for number in range(300)))
    apart = b".," * (module._NEAR // 4)
    text = (apart + b"\\t") * 40 + apart * 8 + b"name007 \\u0026 more" + apart * 8

    with mock.patch.object(matcher._anchors, "places", wraps=matcher._anchors.places) as places:
        assert matcher.spans(text)
    assert [len(call.args[0]) > module._NEAR for call in places.mock_calls] == [True, True]
