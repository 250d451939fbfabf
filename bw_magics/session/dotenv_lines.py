"""Lines of dotenv text, each with its number, and with the reason where it cannot be read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bw_magics.lean_regex import regex

_QUOTED = regex(r"""[^=]*=\s*(['"])(?:\\.|(?!\1).)*\1""", re.DOTALL)
_QUOTE = regex(r"""[^=]*=\s*['"]""")
_COLON = regex(r"\s*[\w.-]+\s*:")
_EXPORTED = regex(r"\s*export\s")
_END_OF_LINE = regex(r"\r\n|\n|\r")
_IN_TEXT = regex(r"[ -~]")
_WIDE = regex(rb"(?:[ -~]\0){3}|(?:\0[ -~]){3}")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class OtherEncoding(ValueError):
    """Text that is not UTF-8; `reason` says where, as the end of a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """A line of dotenv text. `name` is None for a comment and for a line with a `reason`; `value`
    is None for a name alone. `text` is the line as written, with the lines that its quotes span.
    """

    number: int
    name: str | None
    value: str | None
    reason: str | None
    text: str

    @property
    def ends_in_semicolon(self) -> bool:
        """Whether a semicolon ends the value without quotes, as in a shell script."""
        return self.value is not None and self.value.endswith(";") and not _QUOTED.match(self.text)

    @property
    def has_no_quotes(self) -> bool:
        """Whether the value is written without quotes."""
        return _QUOTED.match(self.text) is None

    @property
    def is_exported(self) -> bool:
        """Whether the line begins with `export`."""
        return _EXPORTED.match(self.text) is not None


def read_lines(text: str) -> Iterator[Line]:
    """Yields the lines of dotenv text in python-dotenv's syntax, without interpolation."""
    from dotenv.parser import parse_stream

    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        # The text of a binding begins with the empty lines before it.
        before = written[: len(written) - len(written.lstrip())]
        number = binding.original.line + len(_END_OF_LINE.findall(before))
        reason = _reason(written.strip()) if binding.error else None
        yield Line(number, binding.key, binding.value, reason, written)


def decode(data: bytes) -> str:
    """Decodes UTF-8 with or without a byte order mark. Raises `OtherEncoding` for text in another
    encoding, `ValueError` for what is not text.
    """
    if b"\0" in data and not data.startswith(_UTF_16):
        # UTF-16 without its mark has a NUL beside every letter, and would pass for UTF-8.
        if _WIDE.search(data):
            raise OtherEncoding("is UTF-16 text, not UTF-8")
        raise ValueError("not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if data.startswith(_UTF_16) and _IN_TEXT.search(data.decode("utf-16", "replace")):
            raise OtherEncoding("is UTF-16 text, not UTF-8") from None
        if b"\0" in data:
            raise ValueError("not text") from None
        line = data.count(b"\n", 0, error.start) + 1
        raise OtherEncoding(f"is not UTF-8 text: line {line} has another encoding") from None


def _reason(written: str) -> str:
    quoted = _QUOTED.match(written)
    if quoted is not None:
        rest = written[quoted.end() :].strip()
        return "a ; follows the value" if rest == ";" else "text follows the closing quote"
    if _QUOTE.match(written):
        return "the quote is not closed"
    if _COLON.match(written):
        return "it has a colon where = belongs"
    return "it is not NAME=value"
