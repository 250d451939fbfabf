"""The one place that all messages pass: real sessions, both packers, and failures."""

from __future__ import annotations

import base64
import collections
import html
import json
import shlex
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session

from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks import kernel as kernel_module
from bw_magics.notebook.guard.hooks.kernel import KernelMessages
from bw_magics.notebook.guard.hooks.packed import readable
from bw_magics.notebook.guard.hooks.passage import letting_through
from bw_magics.notebook.guard.hooks.payload import masked
from bw_magics.notebook.guard.hooks.stream import KernelStream, Searched
from bw_magics.notebook.guard.hooks.withheld import SENTENCE
from tests.later import pandas

from .messages import WITHOUT_PAYLOAD, every

SECRET = 'correct "horse"\nbattery\\staple'
KINDS = sorted(every(""))


class CountingStream:
    """As much of a kernel's stream as giving out what was held back needs."""

    def __init__(self) -> None:
        self.flushes = 0

    def flush(self) -> None:
        self.flushes += 1

    def _flush_buffers(self) -> Iterator[tuple[dict[str, Any], str]]:
        yield from ()


@pytest.fixture(params=["json", "orjson", "json with ascii"])
def session(request: pytest.FixtureRequest) -> Session:
    if request.param == "json with ascii":
        pack = lambda message: json.dumps(message, default=str).encode()  # noqa: E731
        return Session(key=b"key", pack=pack, unpack=json.loads)
    return Session(key=b"key", packer=request.param, unpacker=request.param)


@pytest.fixture
def matcher() -> Matcher:
    matcher = Matcher()
    matcher.learn(SECRET)
    return matcher


@pytest.fixture
def masks() -> list[None]:
    return []


@pytest.fixture
def tap(session: Session, matcher: Matcher, masks: list[None]) -> Iterator[KernelMessages]:
    tap = KernelMessages(session, matcher, on_mask=lambda: masks.append(None))
    yield tap
    tap.remove()


def sent(session: Session, kind: str, content: Any) -> tuple[dict[str, Any], Any]:
    """The message as its receiver reads it, its signature checked, and what `send` returned."""
    frames: list[list[bytes]] = []

    class Socket:
        def send_multipart(self, parts: list[bytes], **_: object) -> None:
            frames.append(list(parts))

    returned = session.send(Socket(), kind, content, ident=b"topic")  # type: ignore[arg-type]
    receiver = Session(key=session.key)
    _, parts = receiver.feed_identities(frames[0])
    return receiver.deserialize(parts), returned


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_arrives_masked_and_signed(
    tap: KernelMessages, session: Session, masks: list[None], kind: str
) -> None:
    message, returned = sent(session, kind, every(SECRET)[kind])

    assert json.dumps(SECRET)[1:-1] not in json.dumps(message["content"])
    assert MASK in json.dumps(message["content"])
    assert message["header"]["msg_type"] == kind
    assert masks
    # The kernel logs what it sent.
    assert json.dumps(SECRET)[1:-1] not in json.dumps(returned["content"])


LAYERS: dict[str, Callable[[str], str]] = {
    "json in json": lambda s: json.dumps({"shown": json.dumps({"d": s})}),
    "json of a repr": lambda s: json.dumps({"shown": repr(s)}),
    "json of HTML": lambda s: json.dumps(html.escape(s)),
    "repr of json": lambda s: repr(json.dumps(s)),
    "json of the repr of bytes": lambda s: json.dumps(repr(s.encode())),
    "json with slashes escaped": lambda s: json.dumps(s).replace("/", r"\/"),
    "a URL in json": lambda s: json.dumps({"url": urllib.parse.quote(s, safe="/!'()*,;:@$&=+")}),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        "pa$$w0rd\"with'both<&>quotes",
        "tab\tand\\back\\slash-12345",
        'Grüße "world" done/12',
        'say "hello" to Äda/12',
        '"§$%&/()=?`´#"',
    ],
)
def test_what_is_escaped_in_layers_is_masked_in_a_message_that_escapes_it_again(
    session: Session, value: str, layer: str
) -> None:
    matcher = Matcher()
    matcher.learn(value)
    KernelMessages(session, matcher, on_mask=lambda: None)
    text = LAYERS[layer](value)

    message, _ = sent(session, "error", {"ename": "E", "evalue": text, "traceback": []})

    assert MASK in message["content"]["evalue"]


@pytest.mark.parametrize(
    "parted",
    [
        "<b>cor</b>rect horse battery",
        'correct <span class="k">horse</span> battery',
        'correct <a href="https://shop.example/100%" title="\u00e9">horse</a> battery',
        "correct <FONT\ncolor=red>horse</FONT\t> battery",
        "correct <i>horse</i> <wbr>battery",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "two\n<p>lines\t{}</p>", "C:\\new {}", "\x07{}", "<td>{}<b "]
)
def test_what_inline_tags_part_is_masked_in_html(
    session: Session, parted: str, around: str
) -> None:
    matcher = Matcher()
    matcher.learn("correct horse battery")
    KernelMessages(session, matcher, on_mask=lambda: None)
    text = around.format(parted)

    shown = {"data": {"text/plain": "<HTML object>", "text/html": text}, "metadata": {}}
    message, _ = sent(session, "display_data", shown)
    assert MASK in message["content"]["data"]["text/html"]

    widget = {"comm_id": "1", "data": {"method": "update", "state": {"value": text + "</p>"}}}
    message, _ = sent(session, "comm_msg", widget)
    assert MASK in message["content"]["data"]["state"]["value"]


ODD: dict[str, Callable[[str], object]] = {
    "set": lambda s: {s},
    "frozenset": lambda s: frozenset([s]),
    "tuple": lambda s: (s, 1),
    "deque": lambda s: collections.deque([s]),
    "values of a dictionary": lambda s: {"a": s}.values(),
    "items of a dictionary": lambda s: {"a": s}.items(),
    "iterator": lambda s: iter([s, "innocent"]),
    "bytes": lambda s: s.encode(),
    "array": lambda s: numpy.array([s]),
    "series": lambda s: pandas.Series([s]),
}


# How much text is beside it: large texts are searched by themselves.
BESIDE = [0, 3000, 1 << 17]


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("packer", ["json", "orjson"])
@pytest.mark.parametrize("odd", ODD)
def test_what_becomes_text_only_when_it_is_packed_is_masked_too(
    odd: str, packer: str, beside: int
) -> None:
    session = Session(key=b"key", packer=packer, unpacker=packer)
    secret = "correct horse battery staple"
    matcher = Matcher()
    matcher.learn(secret)
    KernelMessages(session, matcher, on_mask=lambda: None)
    plain = {"text/plain": "ü\n" * beside}
    data = {"application/json": {"x": ODD[odd](secret)}}
    for kind, content in (
        ("display_data", {"data": {**plain, **data}, "metadata": {}}),
        ("display_data", {"data": plain, "metadata": {"x": ODD[odd](secret)}}),
        ("comm_msg", {"comm_id": "1", "data": {"x": ODD[odd](secret)}}),
    ):
        shown = json.dumps(sent(session, kind, content)[0]["content"])

        assert secret not in shown
        assert base64.b64encode(secret.encode()).decode()[:12] not in shown
        assert MASK in shown
        assert ("innocent" in shown) is (odd == "iterator")


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize(
    "data",
    [
        {"text/html": "<p>correct <b>horse</b> battery staple"},
        {"text/html": "x", "text/plain": "\x1b[1mcorrect\x1b[0m horse battery staple"},
        {"image/svg+xml; charset=utf-8": '<text x="1">correct horse battery staple</text>'},
        {"text/markdown": "correct horse\n  battery staple", "image/png": "iVBORw0KGgo="},
    ],
    ids=["tags", "colours", "picture", "folded"],
)
def test_a_secret_in_one_of_several_texts_is_masked(
    tap: KernelMessages, session: Session, matcher: Matcher, data: dict[str, str], beside: int
) -> None:
    matcher.learn("correct horse battery staple")
    for mime in ("text/latex", "image/jpeg"):
        content = {"data": {mime: "ü\n" * beside, **data}, "metadata": {}, "transient": {}}
        shown = sent(session, "display_data", content)[0]["content"]
        assert MASK in json.dumps(shown)
        assert shown["data"][mime] == "ü\n" * beside


@pytest.mark.parametrize("kind", KINDS)
def test_held_back_text_goes_out_before_later_messages(
    session: Session, matcher: Matcher, kind: str
) -> None:
    stream = CountingStream()
    tap = KernelStream(stream, matcher, on_mask=lambda: None)
    KernelMessages(session, matcher, on_mask=lambda: None, streams=[tap])

    sent(session, kind, every("shown")[kind])
    assert not stream.flushes, "nothing was held back"
    tap.holding.add("a cell")
    sent(session, kind, every("shown")[kind])

    shown_in_place = {"display_data", "error", "execute_result", "input_request"}
    assert stream.flushes == 2 * (kind in shown_in_place), "what was written, what was held back"


def test_what_a_stream_was_searched_for_is_not_searched_again(
    tap: KernelMessages, session: Session, matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[bytes] = []

    def count(data: bytes, *, is_joined: bool = True) -> bool:
        searched.append(data)
        return False

    monkeypatch.setattr(matcher, "hits", count)

    sent(session, "stream", {"name": "stdout", "text": Searched("nothing to see")})
    assert not searched

    sent(session, "stream", {"name": "stdout", "text": "nothing to see"})
    sent(session, "error", {"ename": "E", "evalue": Searched("x"), "traceback": []})
    assert len(searched) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_without_secrets_arrives_as_it_is(
    tap: KernelMessages, session: Session, masks: list[None], kind: str
) -> None:
    content = every("nothing \x1b[31mto\x1b[0m see")[kind]

    assert sent(session, kind, content)[0]["content"] == content
    assert not masks


def nested(value: Any, shape: str, depth: int) -> Any:
    for _ in range(depth):
        value = [value] if shape == "lists" else {"a": value}
    return value


# Each has an escape that only unpacking undoes, and is deeper than a walk could call itself.
@pytest.mark.parametrize("shape", ["lists", "mappings"])
@pytest.mark.parametrize("member", ["application/json", "metadata", "comm", "widget", "debugger"])
def test_a_deeply_nested_output_is_searched_and_sent(member: str, shape: str) -> None:
    def content(text: str) -> tuple[str, dict[str, Any]]:
        value = nested(text, shape, 700)
        if member == "comm":
            return "comm_msg", {"comm_id": "1", "data": {"content": value}}
        if member == "widget":
            return "comm_msg", {"comm_id": "1", "data": {"state": {"value": value}}}
        if member == "debugger":
            # A text in a mapping is masked by its name.
            members = nested([text], shape, 700)
            return "debug_reply", {"body": {"variables": members}, "seq": 1}
        display: dict[str, Any] = {"data": {}, "metadata": {}, "transient": {}}
        display["metadata" if member == "metadata" else "data"] = {"application/json": value}
        return "display_data", display

    session, matcher = Session(key=b"key"), Matcher()
    matcher.learn(SECRET)
    tap = KernelMessages(session, matcher, on_mask=lambda: None)
    try:
        for text, shown in (("\x1b[31mred", "\x1b[31mred"), (f"\x1b(B {SECRET}", f"\x1b(B {MASK}")):
            message, _ = sent(session, *content(text))
            assert message["content"] == content(shown)[1]
    finally:
        tap.remove()


@pytest.mark.parametrize("odd", [None, 7, "", "red", {}, {"text": None}, [], [None], [["red"]]])
@pytest.mark.parametrize(
    ("kind", "member"),
    [
        ("execute_reply", "payload"),
        ("execute_reply", "user_expressions"),
        ("complete_reply", "metadata"),
    ],
)
def test_members_of_an_odd_shape_stay_as_they_are(
    tap: KernelMessages, session: Session, kind: str, member: str, odd: Any
) -> None:
    for value in (odd, {"_jupyter_types_experimental": odd, "x": odd}):
        content: dict[str, Any] = {
            "status": "ok",
            "matches": [],
            "seen": "\x1b[31m",
            member: value,
        }

        message, _ = sent(session, kind, content)

        assert message["content"] == content


@pytest.mark.parametrize("kind", WITHOUT_PAYLOAD)
def test_other_messages_arrive_as_they_are(
    tap: KernelMessages, session: Session, matcher: Matcher, kind: str
) -> None:
    for word in ("status", "password", "idle", "execution_state"):
        matcher.learn(word)

    assert sent(session, kind, WITHOUT_PAYLOAD[kind])[0]["content"] == WITHOUT_PAYLOAD[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_guard_fails_the_payload_is_withheld_and_the_message_arrives(
    tap: KernelMessages,
    session: Session,
    matcher: Matcher,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise RuntimeError(SECRET)

    for search in ("hits", "mask"):
        monkeypatch.setattr(matcher, search, fail)
    message, _ = sent(session, kind, every(SECRET)[kind])

    assert json.dumps(SECRET)[1:-1] not in json.dumps(message["content"])
    assert message["content"].keys() == every(SECRET)[kind].keys()
    if kind in ("stream", "display_data", "error"):
        assert SENTENCE in json.dumps(message["content"])


@pytest.mark.parametrize("kind", WITHOUT_PAYLOAD)
def test_where_the_guard_fails_the_cell_still_ends(
    tap: KernelMessages,
    session: Session,
    matcher: Matcher,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matcher, "hits", lambda *_: 1 / 0)

    assert sent(session, kind, WITHOUT_PAYLOAD[kind])[0]["content"] == WITHOUT_PAYLOAD[kind]


def test_what_cannot_be_sent_fails_as_it_did_without_the_guard(
    tap: KernelMessages, session: Session
) -> None:
    circle: dict[str, Any] = {}
    circle["circle"] = circle

    with pytest.raises((RecursionError, ValueError)):
        sent(session, "display_data", {"data": {"application/json": circle}, "metadata": {}})


def test_a_value_is_let_through_on_purpose(tap: KernelMessages, session: Session) -> None:
    with letting_through():
        message, _ = sent(session, "stream", {"name": "stdout", "text": SECRET})

    assert message["content"]["text"] == SECRET
    assert sent(session, "stream", {"name": "stdout", "text": SECRET})[0]["content"]["text"] == MASK


def test_removing_it_leaves_the_session_as_it_was(session: Session, matcher: Matcher) -> None:
    before = dict(vars(session))
    tap = KernelMessages(session, matcher, on_mask=lambda: None)
    tap.remove()

    assert vars(session) == before
    assert (
        sent(session, "stream", {"name": "stdout", "text": SECRET})[0]["content"]["text"] == SECRET
    )


def test_removing_it_leaves_what_somebody_wrapped_around_it(
    session: Session, matcher: Matcher
) -> None:
    tap = KernelMessages(session, matcher, on_mask=lambda: None)
    inner = session.serialize
    calls: list[None] = []

    def outer(*arguments: Any) -> Any:
        calls.append(None)
        return inner(*arguments)

    vars(session)["serialize"] = outer
    tap.remove()

    assert (
        sent(session, "stream", {"name": "stdout", "text": SECRET})[0]["content"]["text"] == SECRET
    )
    assert calls
    del vars(session)["serialize"]


def test_a_packer_other_than_json_is_searched_too(matcher: Matcher) -> None:
    session = Session(key=b"key", packer="pickle", unpacker="pickle")
    tap = KernelMessages(session, matcher, on_mask=lambda: None)
    frames = session.serialize(session.msg("stream", {"name": "stdout", "text": SECRET}))
    tap.remove()

    assert session.unpack(frames[-1])["text"] == MASK


HIDDEN = "p%40s%21w0%23d%2f%c3%a9-1"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": "stdout", "text": "<b>Report</b> " + "word " * 6800 + HIDDEN}),
        ("display_data", {"data": {"text/html": "<b>x</b> " * 7800 + HIDDEN}, "metadata": {}}),
        (
            "error",
            {"ename": "E", "evalue": "x", "traceback": ["word " * 8000, "word " * 8000 + HIDDEN]},
        ),
    ],
    ids=["a text with tags", "a text of tags", "several texts"],
)
def test_what_is_found_in_a_part_is_found_in_a_large_message(
    session: Session, kind: str, content: dict[str, Any]
) -> None:
    matcher = Matcher()
    matcher.learn("p@s!w0#d/é-1")
    KernelMessages(session, matcher, on_mask=lambda: None)

    assert MASK in json.dumps(sent(session, kind, content)[0]["content"])


def html_object(text: str) -> dict[str, Any]:
    """Returns what a kernel sends for `IPython.display.HTML`."""
    data = {"text/plain": "<IPython.core.display.HTML object>", "text/html": text}
    return {"data": data, "metadata": {}, "transient": {}}


ROUTES: dict[str, Callable[[str], tuple[str, dict[str, Any]]]] = {
    "a stream": lambda text: ("stream", {"name": "stdout", "text": text}),
    "a text": lambda text: (
        "display_data",
        {"data": {"text/plain": text}, "metadata": {}, "transient": {}},
    ),
    "HTML": lambda text: ("display_data", html_object(text)),
    "HTML of a library": lambda text: (
        "display_data",
        {"data": {"text/plain": text, "text/html": text}, "metadata": {}, "transient": {}},
    ),
    "JSON": lambda text: (
        "display_data",
        {"data": {"application/json": {"a": [text, None], text: 1}}, "metadata": {}},
    ),
    "a widget": lambda text: (
        "comm_msg",
        {"comm_id": "1", "data": {"method": "update", "state": {"value": text, "list": [text]}}},
    ),
    "a traceback": lambda text: ("error", {"ename": "E", "evalue": text, "traceback": [text, ""]}),
}
BETWEEN = [
    *""" \n\t\r"'.<>\\%&+/-#é€{}:,$!=""",
    *(
        "<b>",
        "</I>",
        '<span class="x">',
        "<a\nb>",
        "<td>",
        "&amp;",
        "%41",
        "\\n",
        "\x07",
        "\x1b[1m",
    ),
]
ENCODINGS: list[Callable[[str], str]] = [
    *(json.dumps, repr, html.escape, urllib.parse.quote, urllib.parse.quote_plus, shlex.quote),
    *(lambda s: json.dumps(s, ensure_ascii=False), lambda s: s.replace('"', '""')),
]
words = st.text("abcXYZ019", min_size=1, max_size=6)
parts = st.lists(st.one_of(words, st.sampled_from(BETWEEN)), min_size=1, max_size=7).map("".join)


@pytest.mark.parametrize("large", [0, 1 << 16])
@pytest.mark.parametrize("packer", ["json", "json with ascii", "orjson"])
@pytest.mark.parametrize("route", ROUTES)
@given(
    st.lists(parts.filter(lambda text: len(text.strip()) >= 6), min_size=1, max_size=3),
    st.lists(st.sampled_from(ENCODINGS), max_size=2),
    st.data(),
)
def test_what_would_be_masked_is_seen_in_the_packed_message(
    route: str,
    packer: str,
    large: int,
    known: list[str],
    encodings: list[Callable[[str], str]],
    data: st.DataObject,
) -> None:
    matcher = Matcher()
    for value in known:
        matcher.learn(value)
    text = data.draw(st.sampled_from(known))
    for encode in encodings:
        text = encode(text)
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(st.sampled_from(BETWEEN)) + text[place:]
    kind, content = ROUTES[route](data.draw(parts) + text + data.draw(parts))
    name = packer.partition(" ")[0]
    session = Session(key=b"key", packer=name, unpacker=name)
    if packer == "json with ascii":
        session.pack = lambda content: json.dumps(content).encode()
    tap = KernelMessages(session, matcher, on_mask=lambda: None)
    packed = session.pack(content)

    if masked(kind, content, matcher) != content:
        with mock.patch.object(kernel_module, "_LARGE", large):
            assert tap._may_hit(kind, content, packed)


FILL = "<tr><td>12.34</td>\n  <td>a text</td></tr>\n" * 3_000
LARGE_PARTS = {
    "in HTML": ({"text/html": f"{FILL}{SECRET}{FILL}"}, True),
    "in tags of HTML": ({"text/html": f"{FILL}<b>{SECRET[:9]}</b>{SECRET[9:]}{FILL}"}, True),
    "in tags of a plain text": ({"text/plain": f"{FILL}<b>{SECRET[:9]}</b>{SECRET[9:]}"}, False),
    "in colours": ({"text/plain": f"{FILL}{SECRET[:9]}\x1b[1m{SECRET[9:]}{FILL}"}, True),
    "escaped": ({"text/html": f"{FILL}{html.escape(SECRET)}{FILL}"}, True),
    "in an image": ({"image/png": f"{FILL}{SECRET}"}, False),
    "beside a large text": ({"text/html": FILL, "application/json": [SECRET]}, True),
    "nowhere": ({"text/html": FILL, "text/plain": FILL}, False),
}


@pytest.mark.parametrize("where", LARGE_PARTS)
@pytest.mark.parametrize("kind", ["display_data", "execute_result", "update_display_data"])
def test_a_large_text_is_searched_as_it_is(kind: str, where: str) -> None:
    data, is_masked = LARGE_PARTS[where]
    matcher = Matcher()
    matcher.learn(SECRET)
    session = Session(key=b"key")
    KernelMessages(session, matcher, on_mask=lambda: None)
    seen = mock.Mock(wraps=readable)

    with mock.patch(f"{kernel_module.__name__}.readable", seen):
        sent = session.serialize(session.msg(kind, {"data": data, "metadata": {}}))

    assert (MASK.encode() in sent[-1]) is is_masked
    assert all(len(call.args[0]) < 1000 for call in seen.call_args_list)
