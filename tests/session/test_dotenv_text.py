"""Dotenv text, from a file or a note: all of it is understood, or none of it counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import UsageMistake
from bw_magics.session.dotenv_lines import OtherEncoding, decode
from bw_magics.session.environment.dotenv_text import read_dotenv

CANARY = "hunter2-canary"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# a comment\n\n", {}),
        ("A=1", {"A": "1"}),
        ("export A='x y' # why\nB=\n", {"A": "x y", "B": ""}),
        ("A=pa${HOME}x\nB='$HOME'\n", {"A": "pa${HOME}x", "B": "$HOME"}),
        ('A="two\nlines"\n', {"A": "two\nlines"}),
        ("A=bw://Warehouse DB/password\n", {"A": "bw://Warehouse DB/password"}),
        ("A=bw://Notes %231/password # why\n", {"A": "bw://Notes %231/password"}),
        ("A = 1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("ALONE\nA=1\n", {"A": "1"}),
        ("spring.password=x\nmy-name=y", {"spring.password": "x", "my-name": "y"}),
    ],
)
def test_the_syntax_is_that_of_python_dotenv(text: str, expected: dict[str, str]) -> None:
    assert read_dotenv(text, "the file") == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"A=1\n{CANARY} and more words\n", 2),
        (f"-----BEGIN PRIVATE KEY-----\n{CANARY}\n", 1),
        (f"A='{CANARY}\n", 1),
        (f"{CANARY}/+=x", 1),
        (f"A=1\nB=2\n\nA={CANARY}\n", 4),
        (f"A: {CANARY}", 1),
    ],
    ids=["prose", "key", "open quote", "no name", "twice", "yaml"],
)
def test_a_text_that_is_not_dotenv_is_refused_by_its_line(text: str, line: int) -> None:
    with pytest.raises(UsageMistake) as caught:
        read_dotenv(text, "prod.env")

    assert f"Line {line} of prod.env" in caught.value.fact
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f"A=1\nB={CANARY}\0\n", 2, "its value has a NUL character"),
        (f"export A={CANARY};", 1, "a ; follows the value"),
        (f"A=1\nexport B='{CANARY}';\n", 2, "a ; follows the value"),
        (f"A='{CANARY}' and more", 1, "text follows the closing quote"),
        (f'\n\nA="{CANARY}\nB=1\n', 3, "the quote is not closed"),
        (f"A: {CANARY}", 1, "a colon where = belongs"),
        (f"A=1\r\n\r\n{CANARY} x\r\n", 3, "not NAME=value"),
        (f"A=1\nset B={CANARY}", 2, "not NAME=value"),
        (f"$env:A={CANARY}", 1, "other characters"),
        (f"'A\u202eB'={CANARY}", 1, "other characters"),
        (f"A%%={CANARY}", 1, "other characters"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_reason(
    text: str, line: int, reason: str
) -> None:
    with pytest.raises(UsageMistake) as caught:
        read_dotenv(text, "prod.env")

    assert caught.value.fact.startswith(f"Line {line} of prod.env is not dotenv text: ")
    assert reason in caught.value.fact
    assert CANARY not in str(caught.value)


def test_a_semicolon_ends_a_value_that_is_not_exported_or_is_quoted() -> None:
    assert read_dotenv("A=Server=x;Pwd=y;\nexport B='x;'\n", "the file") == {
        "A": "Server=x;Pwd=y;",
        "B": "x;",
    }


@pytest.mark.parametrize("text", ["", "# nothing\n", CANARY, f"{CANARY}\nQUJD==\n"])
def test_a_note_has_to_be_dotenv_text_from_end_to_end(text: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        read_dotenv(text, "the note", strict=True)

    assert "note" in caught.value.fact
    assert CANARY not in str(caught.value)


@given(st.text() | st.text("AB=\"'#\n\\$ \r-:"), st.booleans())
def test_any_text_is_understood_or_a_usage_mistake(text: str, strict: bool) -> None:
    try:
        values = read_dotenv(text, "the text", strict=strict)
    except UsageMistake:
        return
    assert all(name and "=" not in name for name in values)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_is_named_with_and_without_its_mark(encoding: str) -> None:
    with pytest.raises(OtherEncoding, match="UTF-16"):
        decode(f"BW_CLIENTID={CANARY}".encode(encoding))


@pytest.mark.parametrize("data", [b"\0\1", b"A=1\0", b"\x7fELF\2\1\1\0\0"])
def test_what_has_a_nul_is_not_text(data: bytes) -> None:
    with pytest.raises(ValueError, match="not text"):
        decode(data)
