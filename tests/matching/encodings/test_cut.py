"""The beginning or end of an irregular secret is masked where a library cuts it off, and all of it
where one wraps it.
"""

from __future__ import annotations

import io
import pprint
import reprlib
import textwrap
from collections.abc import Callable
from email.message import EmailMessage

import pytest
import rich.console
import rich.panel
import rich.pretty
import rich.table
from _pytest._io.saferepr import saferepr

from bw_magics.matching.encodings.cut import cuts_of
from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from tests.later import pandas

KEY = "sk-proj-aB3dE5gH7jK9mN1pQ2rS4tU6vW8yZ0"


def masked(text: str, value: str = KEY) -> str:
    matcher = Matcher()
    matcher.learn(value)
    if matcher.mask(text) != text:
        assert matcher.hits(text.encode())
    return matcher.mask(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"input_value='{KEY[:24]}...{KEY[-14:]}'", f"input_value='{MASK}...{MASK}'"),
        (f"{KEY[:20]}…", f"{MASK}…"),
        (f"key: {KEY[:16]}", f"key: {MASK}"),
        (f"'{KEY[:18]}'", f"'{MASK}'"),
        (f"<td>{KEY[:20]}...</td>", f"<td>{MASK}...</td>"),
        (f"{KEY[:15]}\n{KEY[15:]}", f"{MASK}\n{MASK}"),
        (f"ends in {KEY[-12:]}.", f"ends in {MASK}."),
        (f"{KEY[:20]}<...>{KEY[-14:]}", f"{MASK}<...>{MASK}"),
        (f"token={KEY[:16]}...", f"token={MASK}..."),
        (f"https://x.example/?k={KEY[:16]}&a=1", f"https://x.example/?k={MASK}&a=1"),
        (f"«{KEY[:16]}…»", f"«{MASK}…»"),
        (f"“{KEY[:16]}”", f"“{MASK}”"),
        (f"{KEY[:16]}⋯{KEY[-12:]}", f"{MASK}⋯{MASK}"),
        (f"{KEY[:16]}‥", f"{MASK}‥"),
        (f"{KEY[:16]}..", f"{MASK}.."),
        (f"{KEY[:16]}••••••", f"{MASK}••••••"),
        (f"{KEY[:16]}****{KEY[-12:]}", f"{MASK}****{MASK}"),
        (f"{KEY[:16]}xxxxxxxx", f"{MASK}xxxxxxxx"),
        (f"xx{KEY[:16]}", f"xx{KEY[:16]}"),
        (f"{KEY[:16]}é", f"{KEY[:16]}é"),
        (f"{KEY[:16]}other", f"{KEY[:16]}other"),
        ("sk-proj-...", "sk-proj-..."),
        (f"{KEY[:16]}.", f"{MASK}."),
        (f"{KEY[:16]}.name", f"{KEY[:16]}.name"),
        (KEY, MASK),
    ],
)
def test_a_part_beside_an_ellipsis_or_the_end_of_a_field_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "value", ["correct-horse-battery-staple", "warehouse-db-01.eu-west-1.example", "Tr0ub4dor&3"]
)
def test_the_beginning_of_a_readable_value_stays(value: str) -> None:
    assert masked(f"{value[:10]}...", value) == f"{value[:10]}..."


def test_what_pandas_and_reprlib_leave_of_a_key_is_masked() -> None:
    with pandas.option_context("display.max_colwidth", 22):
        frame = repr(pandas.DataFrame({"key": [KEY], "stage": ["europe"]}))

    assert KEY[:12] not in masked(frame)
    assert "europe" in masked(frame)
    assert KEY[:12] not in masked(reprlib.repr(KEY))


# Made up, of the shapes that services give out.
KEYS = {
    "a key with its vendor": "sk-proj-aB3dE5gH7jK9mN1pQ2rS4tU6vW8yZ0bX4cV6nM8qA1",
    "a short vendor": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "hex": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "a JWT": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.Sf1KxwRJSMeKKF2QT4",
    "letters of both cases": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ4XvT2Lk8",
    "base64": "3q2+7wAB/u8BAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fIA==",
    "a UUID": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "a password": "xK9#mQ2$vL7pR4@wN8zT5",
}


def printed(width: int, *what: object) -> str:
    shown = io.StringIO()
    rich.console.Console(file=shown, width=width).print(*what)
    return shown.getvalue()


def in_a_table(key: str) -> str:
    table = rich.table.Table("stage", "key", "rows")
    table.columns[1].overflow = "fold"
    table.add_row("europe", key, "12")
    return printed(40, table)


def in_a_mail(key: str) -> str:
    mail = EmailMessage()
    mail.set_content(
        f"{'The key for the new warehouse of the team in Europe is ':>64}{key}",
        cte="quoted-printable",
    )
    return mail.as_string()


WRAPS: dict[str, Callable[[str], str]] = {
    "textwrap": lambda key: textwrap.fill(f"token: {key}", 20),
    "textwrap, indented": lambda key: textwrap.fill(key, 25, subsequent_indent="    "),
    "rich": lambda key: printed(24, "key is", key),
    "a panel": lambda key: printed(24, rich.panel.Panel(key)),
    "a table": in_a_table,
    "rich.pretty": lambda key: printed(30, rich.pretty.Pretty({"token": key})),
    "pprint": lambda key: pprint.pformat({"text": f"some words before {key}"}, width=30),
    "64 columns": lambda key: "\n".join(textwrap.wrap("=" * 50 + key, 64, break_on_hyphens=False)),
    "a mail": in_a_mail,
    "a log": lambda key: f"INFO key={key[:18]}\n          {key[18:]}",
    "a box": lambda key: "\n".join(f"│ {key[at : at + 16]:16} │" for at in range(0, len(key), 16)),
    "a line that goes on": lambda key: f"{key[:16]}\\\n{key[16:]}",
    "texts in Python": lambda key: f"('{key[:16]}'\n '{key[16:]}')",
    "HTML": lambda key: f"{key[:18]}<br>{key[18:]}",
}


def longest_left(shown: str, key: str) -> str:
    """The longest part of a key in a text."""
    parts = (key[start:end] for end in range(len(key) + 1) for start in range(end))
    return max((part for part in parts if part in shown), key=len, default="")


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_piece_of_a_wrapped_key_is_masked(key: str, wrap: str) -> None:
    text = WRAPS[wrap](key)

    assert len(longest_left(text, key)) >= 12
    # The name of a vendor is not a secret; nor are some characters of one line.
    assert len(longest_left(masked(text, key), key)) <= len("sk-proj-")
    assert "europe" in masked(text, key) or "europe" not in text


@pytest.mark.parametrize("width", [8, 12, 16])
def test_a_short_key_in_a_narrow_column_stays(width: int) -> None:
    """SECURITY.md, Parts: when this fails, the matcher has become better."""
    key = "AKIAQDDPCWFKLMMCA27D"
    lines = (key[at : at + width] for at in range(0, len(key), width))
    text = "\n".join(f"│ {line:{width}} │" for line in lines)

    assert masked(text, key) == text


CUTS: dict[str, Callable[[str], str]] = {
    "reprlib": reprlib.repr,
    "pytest": lambda key: saferepr({"key": key}, maxsize=50),
    "rich, a longest text": lambda key: rich.pretty.pretty_repr([key], max_string=16),
    "the beginning": lambda key: f"{key[:16]} [truncated]",
    "the end": lambda key: f"…{key[-14:]}",
    "both": lambda key: f"{key[:14]}…{key[-14:]}",
    "half of JSON": lambda key: f'{{"token": "{key[:14]}…',
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_what_a_library_leaves_of_a_key_is_masked(key: str, cut: str) -> None:
    assert len(longest_left(masked(CUTS[cut](key), key), key)) <= len("sk-proj-")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"{KEY[:16]}\nsome words in between\n{KEY[20:34]}", KEY),
        ("config-value-2024…", "config-value-2024-aB3dE5gH7jK9"),
        ("sk-proj-", KEY),
    ],
)
def test_what_is_elsewhere_in_a_text_or_says_little_stays(text: str, value: str) -> None:
    shown = masked(text, value)

    assert shown.split()[-1] == text.split()[-1]


@pytest.mark.parametrize("unit", ["ab1$", "aB3d7", "sk-aB3$9", "aB3dE5gH7jK9mN1p" * 6 + "-q"])
def test_a_value_that_repeats_itself_is_masked_whole_and_cut(unit: str) -> None:
    # Each repetition begins like the value. Compared to the end, 32 KB took minutes.
    value = (unit * 32_000)[:32_000]
    matcher = Matcher()
    matcher.learn(value)

    assert matcher.mask(f"<{value}>") == f"<{MASK}>"
    assert matcher.mask(f"{value[:16_000]}…") == f"{MASK}…"
    assert matcher.mask(f"…{value[16_003:]}") == f"…{MASK}"


@pytest.mark.parametrize(
    ("width", "before", "behind"), [(60, "", ""), (76, "> ", "\r"), (16, "│ ", " │")]
)
@pytest.mark.parametrize("unit", ["ab1$", "aB3d7x9Q", "aB3dE5gH7jK9mN1p" * 6 + "-"])
def test_a_wrapped_value_that_repeats_itself_takes_steps_by_its_length(
    unit: str, width: int, before: str, behind: str
) -> None:
    value = (unit * 4000)[:4000]
    lines = [value[at : at + width] for at in range(0, len(value), width)]
    text = "\n".join(f"{before}{line}{behind}" for line in lines).encode()

    for cut in cuts_of(value):
        places = [at for at in range(len(text)) if text.startswith(cut.stub, at)]
        stubs = [(at, at + len(cut.stub)) for at in places]
        # Each led through all lines: 4 KB took 60,000 steps, 16 KB a million.
        steps = sum(1 for _ in cut.spans(text, stubs, is_whole=True))
        assert steps <= len(stubs) + 80 * len(lines)
    shown = masked(text.decode(), value)
    assert len(longest_left(shown, value[:60])) < len(unit[:4])
