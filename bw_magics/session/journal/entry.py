"""`Entry`: one use in the journal, and the line that it is in a file.

A line is JSON in ASCII. `digest` is the SHA-256 of the text before it, `previous` the digest
of the line before. So a line that is changed, removed, inserted or moved breaks the chain.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from typing import Any

from bw_magics.lean_regex import regex

_quoted = encode_basestring_ascii
# The digest before the first line.
GENESIS = "0" * 64
BEGINNING = b'{"previous":"'
# In characters; a longer name or reason is cut.
LONGEST_TEXT = 200
# In bytes: more than any line that is written.
LONGEST_LINE = 1 << 15
_LINE = regex(
    rb'(\{"previous":"([0-9a-f]{64})",(?:"torn":"([0-9a-f]{64})",)?"session":"([0-9a-f]{16})",'
    rb'"number":([0-9]{1,18}),.*),"digest":"([0-9a-f]{64})"\}'
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A use: which item and field, when, in which cell, and the way; never the value.

    `way` is an attribute, a reference, the environment, a magic, or a library. `cell` is the
    execution count and `message` the id of the message that ran the cell; `source` the profile of
    the vault or "Secrets Manager"; `number` counts the uses of a `session`, which is one process.
    """

    at: datetime
    item: str
    field: str
    way: str
    cell: int | None = None
    reason: str = ""
    source: str = ""
    id: str = ""
    message: str = ""
    session: str = ""
    number: int = 0


def _first_digest(data: bytes) -> str:
    global _digest
    from hashlib import sha256  # brings in OpenSSL: not needed before the first use

    def digest(data: bytes) -> str:
        return sha256(data).hexdigest()

    _digest = digest
    return digest(data)


_digest: Callable[[bytes], str] = _first_digest


def line_of(previous: str, body: str, *, torn: str = "") -> tuple[bytes, str]:
    """Makes a line and its digest. `torn` is the digest of half a line before it."""
    mark = f'"torn":"{torn}",' if torn else ""
    plain = f'{{"previous":"{previous}",{mark}{body}'.encode()
    digest = _digest(plain)
    return plain + f',"digest":"{digest}"}}\n'.encode(), digest


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


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file as far as it can be read.

    `is_sound` tells whether its digest is that of its contents.
    """

    previous: str
    digest: str
    torn: str
    session: str
    number: int
    is_sound: bool

    @classmethod
    def read(cls, data: bytes) -> Line | None:
        """Reads a line, without its end; None for what is not a line of a journal."""
        found = _LINE.fullmatch(data)
        if found is None:
            return None
        plain, previous, torn, session, number, digest = found.groups(b"")
        digest_text = digest.decode()
        return cls(
            previous.decode(),
            digest_text,
            torn.decode(),
            session.decode(),
            int(number),
            _digest(plain) == digest_text,
        )


def read_entry(data: bytes) -> Entry | None:
    """Reads the use in a line; None for what is not a line of a journal."""
    try:
        members: dict[str, Any] = json.loads(data)
        at = datetime.fromisoformat(members["at"].replace("Z", "+00:00")).astimezone(UTC)
        cell = members.get("cell")
        texts = {name: str(members[name]) for name in ("item", "field", "way")}
        others = ("reason", "source", "id", "message", "session")
        texts |= {name: str(members.get(name) or "") for name in others}
        number = int(members["number"])
        return Entry(at=at, cell=cell if isinstance(cell, int) else None, number=number, **texts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None


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
            self._text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._second = second
        return f"{self._text}.{int((moment - second) * 1000):03d}Z"


__all__ = [
    "BEGINNING",
    "GENESIS",
    "LONGEST_LINE",
    "LONGEST_TEXT",
    "Clock",
    "Entry",
    "Line",
    "digest_of",
    "line_of",
    "mark_of",
    "quoted",
    "read_entry",
]
