"""SQLite databases, such as IPython's history: a place is a row of a table."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from bw_magics.matching.search.needle import encode
from bw_magics.scan.hit import Hit
from bw_magics.scan.seeker import Seeker

_HEADER = b"SQLite format 3\0"
# Seconds to wait for a program that is writing.
_PATIENCE = 1.0
# Rows that are searched together.
_ROWS = 1000


def is_database(data: bytes) -> bool:
    """Returns whether a file begins as SQLite's do."""
    return data.startswith(_HEADER)


def search_database(path: Path, seeker: Seeker, source: str) -> Iterator[Hit]:
    """Searches every text and blob of every table. Raises `sqlite3.Error`, also for a lock."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as database:
        database.text_factory = bytes
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (name,) in names.fetchall():
            table = name.decode(errors="replace")
            # A name of the database's own, quoted.
            rows = database.execute(f'SELECT * FROM "{table.replace(chr(34), chr(34) * 2)}"')  # noqa: S608
            columns = [each[0] for each in rows.description]
            while some := rows.fetchmany(_ROWS):
                for row in some if _may_hold(some, seeker) else ():
                    yield from _in_row(row, columns, table, seeker, source)


def _may_hold(rows: list[tuple[object, ...]], seeker: Seeker) -> bool:
    values = (value for row in rows for value in row)
    return seeker.may_hold(b"\n\0\n".join(map(_bytes, values)), is_joined=True)


def _in_row(
    row: tuple[object, ...], columns: list[str], table: str, seeker: Seeker, source: str
) -> Iterator[Hit]:
    # The first columns are the key: of IPython's history the session and the line.
    key = " ".join(
        f"{name} {value}"
        for name, value in zip(columns[:2], row[:2], strict=True)
        if isinstance(value, int)
    )
    for name, value in zip(columns, row, strict=True):
        labels = {label for match in seeker.matches(_bytes(value)) for label in match.labels}
        if labels:
            yield Hit(source, f"{table} {key}, {name}".replace(" ,", ","), tuple(sorted(labels)))


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return encode(str(value)) if value is not None else b""
