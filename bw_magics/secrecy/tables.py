"""Tables in texts: CSV whose columns have names, and Markdown with a name and a value a row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice

from bw_magics.lean_regex import regex
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.plausible import may_be_secret
from bw_magics.secrecy.urls import secrets_of_url

_LONGEST_LINE = 2048
_MOST_ROWS = 512
_MOST_LINES_BEFORE = 64
_DELIMITER = regex(r"[,;\t]")
_ROW = regex(r"^[ \t]*\|[ \t]*([^|\n]{1,64})\|([^|\n]{1,1000})\|[ \t]*$", re.MULTILINE)
# A Markdown table with its columns, a line of dashes and its rows.
_TABLE = regex(
    r"^[ \t]*(\|[^\n]*)\n[ \t]*\|[ \t:|-]+\|[ \t\r]*\n((?:[ \t]*\|[^\n]*(?:\n|\Z))+)", re.MULTILINE
)
_COLUMN = regex(r"[\w .-]{0,40}")


def columns_with_secrets(text: str) -> Iterator[str]:
    """Yields the secret columns of a table that begins with the names of its columns, and of one
    that begins within the first lines of a text.
    """
    lines = text.lstrip().split("\n", _MOST_LINES_BEFORE)
    for at, header in enumerate(lines[:_MOST_LINES_BEFORE]):
        if _DELIMITER.search(header) and (secret := _secret_columns(header)):
            yield from _cells_below(header, "\n".join(lines[at + 1 :]), secret, is_whole=at == 0)
            return


def _secret_columns(header: str) -> list[int]:
    """Returns the positions of the secret columns of a table with this header."""
    names = [name.strip(" \"'\r") for name in header[:_LONGEST_LINE].split(_delimiter(header))]
    secret = [at for at, name in enumerate(names) if is_secret_name(name)]
    return secret if len(names) > 1 and all(map(_COLUMN.fullmatch, names)) else []


def _delimiter(header: str) -> str:
    return max(",;\t", key=header[:_LONGEST_LINE].count)


def _cells_below(header: str, rows: str, secret: list[int], *, is_whole: bool) -> Iterator[str]:
    """Yields the cells of secret columns; a table within a text ends where a row is shorter."""
    delimiter = _delimiter(header)
    columns = header.count(delimiter) + 1
    try:
        for row in islice(csv.reader(rows.splitlines(), delimiter=delimiter), _MOST_ROWS):
            if not is_whole and len(row) < columns:
                return
            for cell in (row[at] for at in secret if at < len(row)):
                if may_be_secret(cell):
                    yield cell
                    yield from secrets_of_url(cell) if "://" in cell else ()
    except csv.Error:
        return


def rows_with_secrets(text: str) -> Iterator[str]:
    """Yields the values of Markdown tables with two columns, and of secret columns of others."""
    for header, rows in _TABLE.findall(text):
        secret = [at for at, name in enumerate(_cells(header)) if is_secret_name(name)]
        for row in islice(rows.splitlines() if secret else (), _MOST_ROWS):
            cells = _cells(row)
            yield from (cells[at] for at in secret if at < len(cells) and may_be_secret(cells[at]))
    for name, value in _ROW.findall(text):
        if is_secret_name(name) and may_be_secret(value.strip(" `*\t")):
            yield value.strip(" `*\t")


def _cells(row: str) -> list[str]:
    return [cell.strip(" `*\t\r") for cell in row.strip().strip("|").split("|")]
