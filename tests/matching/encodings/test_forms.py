"""A secret is found in every form that it is printed, encoded or escaped in."""

from __future__ import annotations

import base64
import html
import io
import json
import pprint
import quopri
import re
import shlex
import struct
import unicodedata
import urllib.parse
from collections.abc import Callable
from contextlib import redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Code
from rich.console import Console

from bw_magics.matching.encodings.forms import PIECE, needles_of
from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.secret import Secret
from tests.later import pandas

TRICKY = (
    "correct horse battery staple",
    "pa$$w0rd\"with'both<&>quotes",
    "tab\tand\\back\\slash%41+plus/and=",
    "Grüße, 世界! 🔑 done",
    "{'json': \"like\", 'n': [1]}",
    "~tilde-and-dash_and.dot~",
)

FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "repr": repr,
    "repr of bytes": lambda s: repr(s.encode()),
    "json": json.dumps,
    "json without ascii": lambda s: json.dumps(s, ensure_ascii=False),
    "json in json": lambda s: json.dumps(json.dumps(s)),
    "json of a repr": lambda s: json.dumps({"shown": repr(s)}),
    "html": html.escape,
    "html text": lambda s: html.escape(s, quote=False),
    "html with decimal quotes": lambda s: html.escape(s).replace("&#x27;", "&#39;"),
    "url": lambda s: urllib.parse.quote(s, safe=""),
    "url path": urllib.parse.quote,
    "url form": urllib.parse.quote_plus,
    "basic authorization, 0": lambda s: base64.b64encode(f"usr{s}".encode()).decode(),
    "basic authorization, 1": lambda s: base64.b64encode(f"user{s}!".encode()).decode(),
    "basic authorization, 2": lambda s: base64.b64encode(f"users{s}!!".encode()).decode(),
    "urlsafe base64": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "hex": lambda s: s.encode().hex(),
    "hex in capitals": lambda s: s.encode().hex().upper(),
    "in a dictionary": lambda s: str({"password": s}),
    "in a tuple in an error": lambda s: str(ValueError("refused", s)),
}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_an_authorization_header_is_masked_whichever_its_encoding(encoding: str) -> None:
    matcher = Matcher()
    matcher.learn("Grüße-aus-Köln-12")
    code = base64.b64encode("user:Grüße-aus-Köln-12".encode(encoding)).decode()

    assert MASK in matcher.mask(f"Basic {code}")


def test_a_note_of_another_system_is_masked_with_other_line_ends_too() -> None:
    matcher = Matcher()
    matcher.learn("host: a\r\nport: 5432\r\n")

    assert matcher.mask("host: a\nport: 5432") == MASK


@pytest.fixture
def matcher() -> Matcher:
    matcher = Matcher()
    for secret in TRICKY:
        matcher.learn(secret)
    return matcher


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", TRICKY)
def test_a_secret_is_masked_in_every_form(matcher: Matcher, secret: str, form: str) -> None:
    written = FORMS[form](secret)

    shown = matcher.mask(f"before {written} after")

    assert MASK in shown
    assert written not in shown
    assert secret not in shown


@pytest.mark.parametrize("secret", TRICKY)
def test_what_shlex_and_pprint_make_of_it_is_masked_where_they_leave_it_whole(
    matcher: Matcher, secret: str
) -> None:
    assert secret not in matcher.mask(pprint.pformat([secret], width=200))
    assert secret not in matcher.mask(shlex.join(["psql", secret]))


@given(st.text(min_size=12, max_size=40).filter(lambda text: len(text.strip()) >= 12))
def test_any_secret_is_masked_in_any_form(secret: str) -> None:
    matcher = Matcher()
    matcher.learn(secret)

    for form in (str, json.dumps, repr, lambda s: base64.b64encode(s.encode()).decode()):
        assert MASK in matcher.mask(f"<{form(secret)}>")


@pytest.mark.parametrize("width", [14, 20, 25])
def test_a_value_that_rich_wraps_at_a_blank_is_masked(width: int) -> None:
    value = "correct horse battery"
    matcher = Matcher()
    matcher.learn(value)
    shown = io.StringIO()
    Console(file=shown, width=width).print(value)

    assert matcher.mask(shown.getvalue()).strip() == MASK


KEY = """-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDkm7Lq9n0XhA1c2d3e4f5g6h7i8j9k0l1m2n3o4p5q6rAAAAJgk2Xb1JNl
=====================
short
-----END OPENSSH PRIVATE KEY-----"""


# As tabulate escapes the cells of its LaTeX tables.
TABULATE = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_{}"}
    | {"^": r"\^{}", "~": r"\textasciitilde{}", "\\": r"\textbackslash{}"}
)


@pytest.mark.parametrize("shown", [str, repr, json.dumps])
@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-AbC123_def-456GHI",
        "my_db_pw_77",
        "a_b-c.d!q9 x_y&10%",
        "~tilde^and{brace}#7",
        "DOMAIN\\user_name7",
    ],
)
def test_a_secret_in_a_table_of_latex_is_masked(secret: str, shown: Callable[[str], str]) -> None:
    matcher = Matcher()
    matcher.learn(secret)
    frame = pandas.DataFrame({"key": [secret]})
    signs = re.sub(r"[_.!-]", r"\\\g<0>", "xoxb-12345-6789-AbC_dEf.7")
    matcher.learn("xoxb-12345-6789-AbC_dEf.7")

    for text in (frame.to_latex(escape=True), secret.translate(TABULATE)):
        masked = matcher.mask(shown(text))

        assert masked.count(MASK) == 1
        assert secret[-4:] not in masked
    assert matcher.mask(f"say {signs}.") == f"say {MASK}."


def test_a_value_of_several_lines_is_masked_line_by_line_and_its_armour_is_not() -> None:
    matcher = Matcher()
    matcher.learn(KEY)
    lines = KEY.splitlines()

    assert matcher.mask(KEY) == MASK
    for line in lines[1:3]:
        assert matcher.mask(f"| {line} |") == f"| {MASK} |"
    for line in (lines[0], lines[3], lines[4], lines[5]):
        assert matcher.mask(line) == line
    assert matcher.mask("\r\n".join(lines)).count(MASK) == 1


def test_of_a_note_the_lines_with_secrets_are_masked_and_prose_is_not() -> None:
    matcher = Matcher()
    matcher.learn("a first line of a note\nsee the wiki\npassword: hunter2x-long\n")

    for line in ("see the wiki", "a first line of a note"):
        assert matcher.mask(line) == line
    assert matcher.mask("password: hunter2x-long") == f"password: {MASK}"


def test_a_long_value_is_found_whole_and_in_part() -> None:
    value = "".join(f"{number:05}-" for number in range(2000))
    matcher = Matcher()
    matcher.learn(value)

    assert value[:PIECE] not in matcher.mask(value)
    assert set(matcher.mask(f"start {value} end").split()) <= {"start", "end", MASK * 12, MASK * 11}
    assert max(map(len, needles_of(value))) <= 3 * PIECE
    assert "00000-00001" in matcher.mask(value[:100]), "a part shorter than a piece is not known"


@pytest.mark.parametrize(
    "value",
    ["token-" + "0123456789" * 5, "a note of several lines\nwith a token\n" * 3, "ä\"'" * 400],
)
def test_a_long_value_is_not_shown_by_whos(value: str) -> None:
    shell = InteractiveShell(user_ns={"value": value, "secret": Secret(value)})
    matcher = Matcher()
    matcher.learn(value)
    with redirect_stdout(io.StringIO()) as shown:
        shell.run_line_magic("whos", "")
    lines = [line for line in shown.getvalue().splitlines() if "<...>" in line]

    assert len(lines) == 2
    for line in lines:
        assert value[:12] not in matcher.mask(line)
        assert MASK in matcher.mask(json.dumps({"text": line}))


def test_a_value_with_white_space_around_it_is_found_without_it() -> None:
    matcher = Matcher()
    matcher.learn("  spaces around me  \n")

    assert matcher.mask("[spaces around me]") == f"[{MASK}]"


HYPHENS = "correct-horse_battery.staple"
OTHER_FORMS: dict[str, tuple[str, Callable[[str], str]]] = {
    "LaTeX of Code": (HYPHENS, lambda s: Code(s, language="text")._repr_latex_()),
    "a regular expression": (HYPHENS, re.escape),
    "a mail": ("pa$$=Grüße-12", lambda s: quopri.encodestring(s.encode()).decode()),
    "UTF-16": ("correct horse", lambda s: s.encode("utf-16-le").decode("latin-1")),
    "repr of UTF-16": ("eyJ0eXAiOi-token", lambda s: repr(s.encode("utf-16-le"))),
    "a token for pyodbc": (
        "eyJ0eXAiOi-token",
        lambda s: repr(struct.pack(f"<I{2 * len(s)}s", 2 * len(s), s.encode("utf-16-le"))),
    ),
    "a name of macOS": ("Zürich-Fähre-12", lambda s: unicodedata.normalize("NFD", s)),
    "a name from macOS": (
        unicodedata.normalize("NFD", "Zürich-Fähre-12"),
        lambda s: unicodedata.normalize("NFC", s),
    ),
    "Debug of Rust": ("correct\u00a0horse,\u200bstaple", lambda s: _in_braces(s)),
    "the seed of a program": ("jbsw y3dp ehpk 3pxp", lambda s: s.replace(" ", "").upper()),
    "a seed in capitals": ("jbswy3dpehpk3pxp", str.upper),
}


def _in_braces(text: str) -> str:
    return re.sub("[^!-~ ]", lambda sign: f"\\u{{{ord(sign[0]):x}}}", text)


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_what_libraries_make_of_some_values_is_masked(form: str) -> None:
    value, write = OTHER_FORMS[form]
    matcher = Matcher()
    matcher.learn(value)
    text = f"<{write(value)}>"

    assert write(value) != value
    assert MASK in matcher.mask(text)
    assert matcher.hits(text.encode())


@pytest.mark.parametrize(
    "value", ["correct horse battery staple", "abcd efgh ijkl mnop", "JBSWY3DP"]
)
def test_words_and_short_codes_are_not_seeds(value: str) -> None:
    matcher = Matcher()
    matcher.learn(value)
    text = value.replace(" ", "").upper()[:16]

    assert matcher.mask(f"x{text}") == f"x{text}"
