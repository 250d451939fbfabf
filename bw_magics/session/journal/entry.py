"""`Entry`: one use in the journal, as it is read from memory or from the line of a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bw_magics.lean_regex import regex
from bw_magics.session.journal.digest import digest

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
        plain, previous, torn, session, number, ending = found.groups(b"")
        digest_text = ending.decode()
        return cls(
            previous.decode(),
            digest_text,
            torn.decode(),
            session.decode(),
            int(number),
            digest(plain) == digest_text,
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
