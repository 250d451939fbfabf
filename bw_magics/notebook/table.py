"""Tables that show themselves: HTML in a notebook, text in a terminal."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from bw_magics.errors import Unreadable, UsageMistake, harmless
from bw_magics.secret import MASK, Secret

if TYPE_CHECKING:
    from bw_magics.vault.item import Item
    from bw_magics.vault.places import Place

MOST_ROWS = 200
_WIDEST = 40

# The classes are JupyterLab's own for rendered tables; the colours are the theme's.
_STYLE = (
    "style='text-align:left; white-space:pre; max-width:28em; overflow:hidden; "
    "text-overflow:ellipsis'"
)
_NOTE = "style='font-size:var(--jp-ui-font-size1, 0.9em); opacity:0.8; margin:0.4em 0'"


def render_text(headings: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    """The table as lines of text, no wider than the terminal where that can be helped."""
    if not rows:
        return note
    shown = [[_cut(cell) for cell in row] for row in [headings, *rows]]
    widths = [max(_columns(row[i]) for row in shown) for i in range(len(headings))]
    line = [_join(row, widths) for row in shown]
    rule = "─" * min(sum(widths) + 2 * len(widths) - 2, shutil.get_terminal_size().columns)
    return "\n".join([line[0], rule, *line[1:], *([note] if note else [])])


def render_html(headings: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    """The table as HTML; every cell is escaped."""
    caption = f"<p {_NOTE}>{escape(note)}</p>" if note else ""
    if not rows:
        return caption
    head = "".join(f"<th {_STYLE} scope='col'>{escape(text)}</th>" for text in headings)
    body = "".join(
        "<tr>" + "".join(f"<td {_STYLE}>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{caption}"


class _Shown(list[Any]):
    """A list that shows itself as a table."""

    headings: tuple[str, ...] = ()
    noun = "entries"

    def _cells(self, entry: Any) -> list[str]:
        raise NotImplementedError

    def _table(self) -> tuple[Sequence[str], list[list[str]], str]:
        rows = [self._cells(entry) for entry in self[:MOST_ROWS]]
        count = len(self)
        note = f"{count} {self.noun}" if count != 1 else f"1 {self.noun.removesuffix('s')}"
        if count > MOST_ROWS:
            note += f", the first {MOST_ROWS} shown"
        return self.headings, rows, note

    def __repr__(self) -> str:
        return render_text(*self._table())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        return render_html(*self._table())


class ItemTable(_Shown):
    """A list of items. Shown and therefore saved with the notebook are names, types, folders and
    dates; further columns only where they were asked for.
    """

    noun = "items"

    def __init__(self, items: Iterable[Item], columns: Sequence[str] = ()) -> None:
        super().__init__(items)
        self._columns = columns or DEFAULT_COLUMNS
        self.headings = tuple(self._columns)

    def _cells(self, entry: Item) -> list[str]:
        return [_cell(entry, column) for column in self._columns]

    def _table(self) -> tuple[Sequence[str], list[list[str]], str]:
        headings, rows, note = super()._table()
        unreadable = [item for item in self if item.problem]
        if unreadable:
            note += f" · {len(unreadable)} unreadable: {unreadable[0].problem}"
        return headings, rows, note


def candidates(items: Sequence[Item]) -> ItemTable:
    """The items that fit a query, with whatever tells them apart and may be saved."""
    told = ("folder", "collections", "organization")
    held = [column for column in told if any(_cell(item, column) for item in items)]
    return ItemTable(items, ("name", "type", *held, "changed"))


class PlaceTable(_Shown):
    """A list of folders, collections or organisations."""

    def __init__(self, places: Iterable[Place], kind: str, *, with_ids: bool = False) -> None:
        super().__init__(places)
        self.noun = f"{kind}s"
        self._attributes = ["name"]
        if kind == "collection":
            self._attributes.append("organization")
        if with_ids:
            self._attributes.append("id")
        self.headings = tuple(self._attributes)

    def _cells(self, entry: Place) -> list[str]:
        return [getattr(entry, attribute) or "" for attribute in self._attributes]


_COLUMNS: dict[str, Callable[[Item], object]] = {
    "name": lambda item: item.name,
    "type": lambda item: item.type,
    "folder": lambda item: item.folder,
    "changed": lambda item: item.revised,
    "created": lambda item: item.created,
    "user": lambda item: item.username,
    "uri": lambda item: item.uri,
    "id": lambda item: item.id,
    "organization": lambda item: item.organization,
    "collections": lambda item: ", ".join(item.collections),
    "favorite": lambda item: "★" if item.is_favorite else "",
    "fields": lambda item: ", ".join(name for name, _ in item.outline()),
    "problem": lambda item: item.problem,
}
COLUMN_NAMES = tuple(_COLUMNS)
DEFAULT_COLUMNS = ("name", "type", "folder", "changed")


def read_columns(text: str | None) -> tuple[str, ...]:
    """The columns that `--columns` names: added to the usual ones."""
    if not text:
        return DEFAULT_COLUMNS
    asked = [name.strip().lower() for name in text.split(",") if name.strip()]
    if any(name not in _COLUMNS for name in asked):
        raise UsageMistake("There is no such column.", f"There are: {', '.join(_COLUMNS)}.")
    return tuple(dict.fromkeys((*DEFAULT_COLUMNS, *asked)))


def _cell(item: Item, column: str) -> str:
    try:
        value = _COLUMNS[column](item)
    except Unreadable:
        return "(unreadable)"
    if value is None:
        return ""
    if isinstance(value, Secret):
        return MASK
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d")
    return str(value)


def _cut(text: str) -> str:
    text = harmless(" ".join(text.split()))
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _columns(text: str) -> int:
    wide = sum(1 for character in text if unicodedata.east_asian_width(character) in "WF")
    narrow = sum(1 for character in text if unicodedata.combining(character))
    return len(text) + wide - narrow


def _join(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()
