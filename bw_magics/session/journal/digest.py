"""The text of a journal's line, and its digest.

A line is JSON in ASCII. `digest` is the SHA-256 of the text before it, `previous` the digest
of the line before. So a line that is changed, removed, inserted or moved breaks the chain.
"""

from __future__ import annotations

from collections.abc import Callable

# The digest before the first line.
GENESIS = "0" * 64
BEGINNING = b'{"previous":"'
# In characters; a longer name or reason is cut.
LONGEST_TEXT = 200
# In bytes: more than any line that is written.
LONGEST_LINE = 1 << 15


def _first_quoted(text: str) -> str:
    global _quoted
    from json.encoder import encode_basestring_ascii

    _quoted = encode_basestring_ascii
    return _quoted(text)


_quoted: Callable[[str], str] = _first_quoted


def _first_digest(data: bytes) -> str:
    global _digest
    from hashlib import sha256  # brings in OpenSSL: not needed before the first use

    def later_digest(data: bytes) -> str:
        return sha256(data).hexdigest()

    _digest = later_digest
    return later_digest(data)


_digest: Callable[[bytes], str] = _first_digest


def digest(data: bytes) -> str:
    """Makes the digest of bytes."""
    return _digest(data)


def line_of(previous: str, body: str, *, torn: str = "") -> tuple[bytes, str]:
    """Makes a line and its digest. `torn` is the digest of half a line before it."""
    mark = f'"torn":"{torn}",' if torn else ""
    plain = f'{{"previous":"{previous}",{mark}{body}'.encode()
    made = _digest(plain)
    return plain + f',"digest":"{made}"}}\n'.encode(), made


def digest_of(previous: str, body: str) -> str:
    """Makes the digest of a line that no file gets."""
    return _digest(f'{{"previous":"{previous}",{body}'.encode())


def mark_of(rest: bytes) -> str:
    """Makes the digest of what is not a whole line; the next line bears it."""
    return _digest(rest if rest.endswith(b"\n") else rest + b"\n")


def quoted(text: str) -> str:
    """Returns a text as JSON in ASCII; one that is longer than a line takes is cut."""
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT - 1]}…"
    return _quoted(text)


class Clock:
    """The clock of an entry; the text of a second is made once."""

    __slots__ = ("_second", "_text")

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def text(self, moment: float) -> str:
        """Returns a moment in UTC, with milliseconds."""
        second = int(moment)
        if second != self._second:
            from datetime import UTC, datetime

            self._text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._second = second
        return f"{self._text}.{int((moment - second) * 1000):03d}Z"
