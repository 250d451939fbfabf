"""Whatever escapes a value, in however many layers, is undone and found."""

from __future__ import annotations

import csv
import functools
import html
import http.cookies
import io
import json
import re
import shlex
import urllib.parse
from collections.abc import Callable, Iterator

import httpx
import pygments
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pygments.formatters import LatexFormatter
from pygments.lexers import TextLexer

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.escapes import Unescaped
from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import encode
from tests.later import sqlalchemy

ESCAPES: dict[str, Callable[[str], str]] = {
    "json": json.dumps,
    "json without ascii": lambda s: json.dumps(s, ensure_ascii=False),
    "json with slashes escaped": lambda s: json.dumps(s).replace("/", r"\/"),
    "json for a script element": lambda s: (
        json.dumps(s).replace("/", r"\u002f").replace("<", r"\u003C").replace("&", r"\u0026")
    ),
    "repr": repr,
    "ascii": ascii,
    "repr of bytes": lambda s: repr(s.encode()),
    "html": html.escape,
    "html with apostrophes named": lambda s: html.escape(s).replace("&#x27;", "&apos;"),
    "html by numbers": lambda s: "".join(c if c.isalnum() else f"&#{ord(c)};" for c in s),
    "url": lambda s: urllib.parse.quote(s, safe=""),
    "url in small letters": lambda s: re.sub(
        "%..", lambda found: found[0].lower(), urllib.parse.quote(s, safe="")
    ),
    "url path": lambda s: urllib.parse.quote(s, safe="/!'()*,;:@$&=+"),
    "url form": urllib.parse.quote_plus,
    "encodeURIComponent": lambda s: urllib.parse.quote(s, safe="!'()*"),
    "SQLAlchemy": lambda s: sqlalchemy.URL.create("postgresql", "user", s).render_as_string(
        hide_password=False
    ),
    "httpx": lambda s: str(httpx.URL("https://db.example").copy_with(username="u", password=s)),
    "csv": lambda s: _csv(s),
    "regular expression": re.escape,
    "a shell's word": shlex.quote,
    "single quotes of a shell": lambda s: "'" + s.replace("'", "'\\''") + "'",
    "cookie": lambda s: http.cookies.SimpleCookie({"token": s}).output(),
    "octal": lambda s: "".join(
        f"\\{byte:03o}" if byte > 126 or byte in b"\"'\\" else chr(byte) for byte in s.encode()
    ),
    "SQL": lambda s: s.replace("'", "''"),
    "double quotes of a shell": lambda s: re.sub(r'([$`"\\])', r"\\\1", s),
    "blanks of HTML": lambda s: html.escape(s).replace(" ", "&nbsp;"),
    "blanks that do not break": lambda s: s.replace(" ", "\u00a0"),
    "blanks as wide as digits": lambda s: s.replace(" ", "\u2007"),
    "thin blanks": lambda s: s.replace(" ", "\u2009"),
    "wide blanks of HTML": lambda s: html.escape(s).replace(" ", "&emsp;"),
    "half-wide blanks of HTML": lambda s: html.escape(s).replace(" ", "&ensp;"),
    "thin blanks of HTML": lambda s: html.escape(s).replace(" ", "&thinsp;"),
    "url in Latin-1": lambda s: urllib.parse.quote(
        s, safe="", encoding="latin-1" if max(s) < "\u0100" else "utf-8"
    ),
    "escape of JavaScript": lambda s: "".join(
        c if c.isascii() and c.isalnum() else _by_number(c) for c in s
    ),
    "names of characters": lambda s: s.encode("ascii", "namereplace").decode(),
    "folded YAML": lambda s: yaml.safe_dump({"value": s}, width=10, allow_unicode=True),
    "escaped and folded YAML": lambda s: yaml.safe_dump([s], width=20, default_style='"'),
    "Pygments for LaTeX": lambda s: pygments.highlight(s, TextLexer(), LatexFormatter()),
    "Markdown": lambda s: re.sub(r"([^\w\s])", r"\\\1", s),
}

VALUES = (
    "pa$$w0rd\"with'both<&>quotes",
    "tab\tand\\back\\slash%41+plus/and=",
    "Grüße, 世界! 🔑 done",
    'say "hello" to Äda/12',
    "Ab3+xY9/kLm2QwErTyUiOp=zz",
    "one line\nand another & more",
    r"DOMAIN\user:x/y",
    "100% of it, or more",
    "ends with a backslash\\",
    "correct horse's battery",
)

# Further layers around each.
LAYERS: dict[str, Callable[[str], str]] = {
    "": str,
    " in a message": json.dumps,
    " in JSON in a message": lambda s: json.dumps(json.dumps({"shown": s})),
    " in a URL": lambda s: urllib.parse.quote(s, safe=""),
    " in HTML": html.escape,
}


def _by_number(character: str) -> str:
    if ord(character) < 256:
        return f"%{ord(character):02X}"
    units = character.encode("utf-16-be").hex().upper()
    return "".join(f"%u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _csv(text: str) -> str:
    file = io.StringIO()
    csv.writer(file).writerow([text, "next"])
    return file.getvalue()


def knowing(*secrets: str) -> Matcher:
    matcher = Matcher()
    for secret in secrets:
        matcher.learn(secret)
    return matcher


@functools.cache
def knowing_only(value: str) -> Matcher:
    """A matcher for all tests that search with it and teach it nothing more."""
    return knowing(value)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_found_however_it_was_escaped(value: str, escape: str, layer: str) -> None:
    text = LAYERS[layer](f"before {ESCAPES[escape](value)} after")
    matcher = knowing_only(value)

    shown = matcher.mask(text)

    assert MASK in shown
    assert matcher.hits(text.encode())
    left = Unescaped.of(encode(shown.replace(MASK, "\0"))).data
    assert Unescaped.of(encode(value)).data.rstrip(b"\\") not in left
    for kept in ("before", "after"):
        assert kept in shown


# These are undone where they are the only layer, as docs/guard.md says.
ALONE = {
    "Pygments for LaTeX",
    "blanks as wide as digits",
    "blanks of HTML",
    "blanks that do not break",
    "escape of JavaScript",
    "escaped and folded YAML",
    "folded YAML",
    "names of characters",
    "url in Latin-1",
}


# Among many other values, so that parts of a large text are chosen by where escapes are.
_OTHERS = [f"other {number} & value-{number:03}x" for number in range(100)]
_LARGE_TEXTS = {
    "no other escapes": "12.345, 67.89; " * 9_000,
    "a few other escapes": ("0123456789, " * 2_900 + "50 % & more") * 4,
}


@pytest.fixture(scope="module")
def crowd() -> Matcher:
    return knowing(*_OTHERS, *VALUES, "*/&b")


@pytest.mark.parametrize("text", _LARGE_TEXTS)
@pytest.mark.parametrize("escape", ESCAPES)
def test_an_escaped_value_is_found_in_a_large_text(crowd: Matcher, escape: str, text: str) -> None:
    around = _LARGE_TEXTS[text]
    assert not crowd.hits(around.encode())
    # All in one text: one search, and as many places as there are values.
    shown = [ESCAPES[escape](value) for value in VALUES]
    size = len(around) // len(shown)
    parts = [f"{around[n * size : (n + 1) * size]} {each} " for n, each in enumerate(shown)]
    alone = [len(crowd.spans(encode(f" {each} "))) for each in shown]
    assert len(crowd.spans(encode("".join(parts)))) == sum(alone) > 0
    for each in shown:
        assert crowd.hits(encode(f"{around[:size]} {each} {around[size:]}"))


def test_a_value_of_signs_among_many_escapes_is_never_ruled_out(crowd: Matcher) -> None:
    # Such a text is not unescaped as a whole, but the strings of a message are, one by one.
    many = "50 % & more\\n" * 6_000
    around = _LARGE_TEXTS["no other escapes"]
    crowd.learn("§$/&?§$/&?§$/")
    assert crowd.hits(encode(f"{around}{many}{html.escape('§$/&?§$/&?§$/')}{many}{around}"))


@given(
    st.text(min_size=0, max_size=20),
    st.from_regex("[A-Za-z0-9]{4,9}", fullmatch=True),
    st.text(min_size=0, max_size=20),
    st.lists(st.sampled_from(sorted(set(ESCAPES) - ALONE)), min_size=1, max_size=2)
    | st.sampled_from(sorted(ESCAPES)).map(lambda escape: [escape]),
)
def test_any_value_with_a_word_in_it_is_found_in_layers_of_escapes(
    before: str, run: str, after: str, layers: list[str]
) -> None:
    # What is escaped in the value itself is not told from what escaped it, and `\xc2\x80` may be
    # one character or two. Pygments marks braces with the first control characters.
    value = re.sub("[\0\1\2\\\\%&+\r\"'\x80-\xff]", "-", f"{before} {run} {after}").strip()
    matcher = knowing(value)
    text = value
    for layer in layers:
        text = ESCAPES[layer](text)

    assert len(value) < 6 or matcher.hits(encode(text))


def test_what_was_escaped_is_masked_where_it_stood() -> None:
    matcher = knowing('say "hello" to Äda/12')

    assert (
        matcher.mask(r'{"a": "x \"say \\\"hello\\\" to \\u00c4da\\/12\" y", "b": "100%25"}')
        == rf'{{"a": "x \"{MASK}\" y", "b": "100%25"}}'
    )


@pytest.mark.parametrize(
    "text",
    [
        r"say \"hallo\" to \u00c4da/12",
        "hello 100%25 hello &amp; hello",
        r"C:\hello\to\Ada",
        'say "hello" to Ada/12',
    ],
)
def test_what_only_looks_alike_is_left_alone(text: str) -> None:
    assert knowing('say "hello" to Äda/12').mask(text) is text


def test_a_short_value_counts_as_a_whole_word_in_escaped_forms_too() -> None:
    matcher = knowing("né/hunt2")

    assert matcher.mask(r'"n\u00e9\/hunt2"') == f'"{MASK}"'
    assert matcher.mask(r'"xn\u00e9\/hunt2"') == r'"xn\u00e9\/hunt2"'
    assert matcher.mask(r'"n\u00e9\/hunt2x"') == r'"n\u00e9\/hunt2x"'


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        (rb"a\\\\nb", b"a\nb"),
        (rb"\ud83d\udd11", "🔑".encode()),
        (rb"\ud83d alone", "\ud83d alone".encode("utf-8", "surrogatepass")),
        (rb"\U0001f511", "🔑".encode()),
        (rb"\UFFFFFFFF", b"\\UFFFFFFFF"),
        (rb"\xc3\xa4\xe4", b"\xc3\x83\xc2\xa4\xc3\xa4"),
        (rb"\xc3\xa4", "ä".encode()),
        (rb"\xe4", "ä".encode()),
        (b"%25%32%35", b"%"),
        (b"&amp;amp;lt;", b"<"),
        (b"&#x1F511;&#128273;&unknown;&;", "🔑🔑&unknown;&;".encode()),
        (b"100% & more \\", b"100% & more \\"),
    ],
)
def test_escapes_are_undone_until_none_is_left(escaped: bytes, plain: bytes) -> None:
    assert Unescaped.of(escaped).data == plain


@given(st.binary(max_size=80))
def test_any_bytes_can_be_unescaped_and_every_byte_knows_where_it_stood(data: bytes) -> None:
    view = Unescaped.of(data)

    assert len(view.data) == len(view.starts) == len(view.ends)
    assert view.starts == sorted(view.starts)
    assert all(0 <= a < b <= len(data) for a, b in zip(view.starts, view.ends, strict=True))


@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize(
    "value", ["p@s!w0#d/é-1", "пароль-密码/12", '"§$%&/()=?`´#"', "!!!---???", "a1&b2%c3/d4-e5"]
)
def test_a_value_of_short_runs_or_none_is_found_too(value: str, escape: str) -> None:
    assert Anchor.of(value, is_free=True).is_bare
    matcher = knowing(value)

    assert MASK in matcher.mask(f"<{json.dumps(ESCAPES[escape](value))}>")
    assert matcher.hits(encode(json.dumps(ESCAPES[escape](value))))


@pytest.fixture
def undone(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is unescaped, in a text or of a value that is taken in."""
    texts: list[bytes] = []
    original = Unescaped.of

    def count(data: bytes) -> Unescaped:
        texts.append(data)
        return original(data)

    monkeypatch.setattr(Unescaped, "of", staticmethod(count))
    return texts


def test_only_what_may_be_the_value_is_unescaped(undone: list[bytes]) -> None:
    matcher = knowing("some line-50% off")
    matcher.hits(b"")
    undone.clear()
    matcher.mask("".join(f"some line {number}%\n" for number in range(10_000)))
    assert not undone

    assert matcher.mask("some line-50%25 off") == MASK
    assert len(undone) == 1
    assert len(undone[0]) < 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("abc%%%", "abc is 5%"),
        ("the&amp;&", "all the world & the rest"),
        ("abc%%%%%%%%%", "alphabcd is 5% more"),
    ],
)
def test_of_a_value_that_is_hardly_more_than_signs_no_word_is_masked(value: str, text: str) -> None:
    assert knowing(value).mask(text) is text


@pytest.mark.parametrize("control", "\a\b\f\n\r\t\v\0")
def test_a_control_is_found_by_its_letter(control: str) -> None:
    letter = dict(zip("\a\b\f\n\r\t\v\0", "abfnrtv0", strict=True))[control]
    matcher = knowing(f"one{control}battery & two")

    assert matcher.mask(rf"one\{letter}battery \& two") == MASK


def test_a_value_that_is_escaped_itself_is_found_beside_what_it_stands_for() -> None:
    matcher = knowing("ab#éüö!", "%61b#éüö!")

    assert matcher.mask("x %61b#%c3%a9üö! y") == f"x {MASK} y"


def test_words_that_only_end_like_a_value_are_not_unescaped(undone: list[bytes]) -> None:
    matcher = knowing("#!é?-ion")
    matcher.hits(b"")
    undone.clear()
    assert not matcher.hits(b"nation & station, motion & question, 50% of an ion " * 1000)
    assert not undone

    assert matcher.hits(b"nation & %23%21%C3%A9%3F%2Dion")


@pytest.mark.parametrize(
    "value", ["2024-01-15 10:00", "01/15/2024", "https://u:p@x", "the quick table & dog"]
)
@pytest.mark.parametrize(
    "line",
    [
        '{"when": "2024-01-15T10:00:00", "path": "C:\\\\x"}',
        "01/16/2024 & 01-15-2024, 5%",
        "<a href='https://u1.example.org/x?a=1&b=2'>https://x</a>",
        "the quick brown fox & the lazy dog's table of https links + 5% more",
    ],
)
def test_no_value_costs_more_than_others_among_texts_like_it(
    undone: list[bytes], value: str, line: str
) -> None:
    matcher = knowing(value)
    matcher.hits(b"")
    undone.clear()

    assert not matcher.hits(f"{line}\n".encode() * 5000)
    assert not undone


@pytest.mark.parametrize(
    "text",
    [
        "correct horse->\n    battery staple",
        "<pre>correct horse-&gt;\n  battery staple</pre>",
        "<b>correct</b> horse->\n  battery staple, and more",
        "correct\n  horse-> \n      battery\n  staple.",
    ],
)
def test_a_value_folded_at_any_blank_is_masked(text: str) -> None:
    matcher = knowing("correct horse-> battery staple")

    shown = matcher.mask(text, is_html=True)

    assert MASK in shown
    assert "horse" not in shown
    assert "staple" not in shown


def test_a_value_folded_behind_an_escape_is_masked() -> None:
    shown = knowing("\x1a0 0000").mask(yaml.safe_dump({"value": "\x1a0 0000"}, width=10))

    assert MASK in shown
    assert "0000" not in shown


def searched_by(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The texts that are searched for escaped forms from now on."""
    searched: list[bytes] = []

    def note(data: bytes, parts: object) -> Iterator[tuple[int, int, bool]]:
        searched.append(data)
        return iter(())

    monkeypatch.setattr(matcher, "_escaped", note)
    return searched


def test_indented_html_is_not_searched_for_folded_values(monkeypatch: pytest.MonkeyPatch) -> None:
    matcher = knowing("correct horse battery staple", "<a> <b> battery")
    matcher.hits(b"")
    searched = searched_by(matcher, monkeypatch)
    table = (
        "<table>\n  <tr>\n    <td>correct</td>\n  </tr>\n</table>\n<style>\n  td {top: 0}\n</style>"
    )

    assert not matcher.hits(table.encode())
    assert not searched
    matcher.hits(table.replace("td {", "horse {").encode())
    assert searched


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("ada@example.org", "https://example.org/a?b=1&c=%20"),
        ("customer 1234", 'C:\\customer 12, "customer" & customers'),
        ("[1, 2, table]", "<td>table</td> & the table's, 5%20 of it"),
    ],
)
def test_around_a_frequent_word_only_the_next_bytes_are_compared(
    monkeypatch: pytest.MonkeyPatch, value: str, line: str
) -> None:
    """What follows an unescaped neighbour that differs is not looked at."""
    reached: list[int] = []
    reach = Anchor._reach_left

    def count(anchor: Anchor, data: bytes, place: int) -> tuple[int, bool]:
        reached.append(place)
        return reach(anchor, data, place)

    monkeypatch.setattr(Anchor, "_reach_left", count)
    matcher = knowing(value)

    assert not matcher.hits(f"{line}\n".encode() * 1000)
    assert not reached
    assert MASK in matcher.mask(html.escape(json.dumps(json.dumps(value))))


def test_a_line_that_begins_like_a_word_of_a_value_is_not_a_fold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matcher = knowing("at 'europe' and so on", "a (b) c d e")
    matcher.hits(b"")
    searched = searched_by(matcher, monkeypatch)
    assert not matcher.hits(b"['2024-01-15'\n       '2024-01-16'\n      (57)]" * 100)
    assert not searched
    matcher.hits(b"at\n  'europe' and so on")
    assert searched
