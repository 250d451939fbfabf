"""Tables that show themselves: HTML in a notebook, text in a terminal.

Front ends remove scripts and buttons from a saved notebook. So the kernel sorts (`--sort`); the
live table is `bw_session.browse()`, which is not saved.
"""

from __future__ import annotations

import shutil
import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from bw_magics.errors import Unreadable, UsageMistake
from bw_magics.secret import MASK, Secret
from bw_magics.shown import harmless, one_line, told_apart
from bw_magics.using import unrecorded

if TYPE_CHECKING:
    from bw_magics.vault.item import Item
    from bw_magics.vault.places import Place

MOST_ROWS = 200
_WIDEST = 40

# The theme's colours, for light and dark; where there is no theme, the page's own.
_QUIET = "color:var(--jp-ui-font-color2, inherit)"
_BOX = "style='max-height:32em; overflow:auto'"
_TABLE = "style='border-collapse:collapse; margin:0'"
_CELL = "text-align:left; max-width:26em; padding:4px 12px 4px 8px"
_LINE = f"{_CELL}; white-space:pre; overflow:hidden; text-overflow:ellipsis"
_HEADING = (
    f"style='{_CELL}; {_QUIET}; font-weight:500; position:sticky; top:0; "
    "background:var(--jp-layout-color1, Canvas)'"
)
_FIRST = f"style='{_LINE}; font-weight:500'"
_OTHER = f"style='{_LINE}'"
_SENTENCE = f"style='{_CELL}; white-space:normal; min-width:6.5em'"
_NOTE = f"style='font-size:var(--jp-ui-font-size1, 0.9em); {_QUIET}; margin:0.5em 8px'"


def render_text(headings: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    """Renders a table as lines of text, no wider than the terminal if possible."""
    if not rows:
        return note
    shown = [[_cut(cell) for cell in row] for row in [headings, *rows]]
    widths = [max(_columns(row[i]) for row in shown) for i in range(len(headings))]
    line = [_join(row, widths) for row in shown]
    rule = "─" * min(sum(widths) + 2 * len(widths) - 2, shutil.get_terminal_size().columns)
    return "\n".join([line[0], rule, *line[1:], *([note] if note else [])])


def render_html(headings: Sequence[str], rows: Sequence[Sequence[str]], note: str) -> str:
    """Renders a table as HTML with every cell escaped and harmless."""
    caption = f"<p {_NOTE}>{escape(harmless(note))}</p>" if note else ""
    if not rows:
        return caption
    head = "".join(f"<th {_HEADING} scope='col'>{escape(one_line(text))}</th>" for text in headings)
    styles = [_SENTENCE if text == "problem" else _OTHER for text in headings]
    styles[0] = _FIRST
    body = "".join(f"<tr>{_row(row, styles)}</tr>" for row in rows)
    table = f"<table {_TABLE}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div {_BOX}>{table}</div>{caption}"


def _row(cells: Sequence[str], styles: Sequence[str]) -> str:
    return "".join(
        f"<td {style}>{escape(harmless(cell))}</td>"
        for style, cell in zip(styles, cells, strict=True)
    )


class ShownList(list[Any]):
    """A list that shows itself as a table."""

    headings: tuple[str, ...] = ()
    noun = "entries"
    _narrower = ""

    @abstractmethod
    def _cells(self, entry: Any) -> list[str]:
        """Gives the texts of a row."""

    def _table(self) -> tuple[Sequence[str], list[list[str]], str]:
        rows = [self._cells(entry) for entry in self[:MOST_ROWS]]
        if self.headings[:1] in (("name",), ("key",)):
            names = told_apart([row[0] for row in rows])
            rows = [[name, *row[1:]] for name, row in zip(names, rows, strict=True)]
        count = len(self)
        note = f"{count} {self.noun}" if count != 1 else f"1 {self.noun.removesuffix('s')}"
        if count > MOST_ROWS:
            note += f", the first {MOST_ROWS} shown{self._narrower}"
        return self.headings, rows, note

    def __repr__(self) -> str:
        return render_text(*self._table())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        return render_html(*self._table())


class ItemTable(ShownList):
    """A list of items that shows itself as a table.

    The table is saved with the notebook: names, types, folders and dates, and further columns on
    request. Only the rows that are shown are read. `sort` names a column that needs no decryption:
    A to Z, dates newest first.
    """

    noun = "items"
    _narrower = "; --search and bw_session.browse() find the others"

    def __init__(
        self, items: Iterable[Item], columns: Sequence[str] = (), *, sort: str | None = None
    ) -> None:
        self._remark: str = getattr(items, "remark", "")
        super().__init__(items)
        self._columns = tuple(columns or DEFAULT_COLUMNS)
        self.headings = self._columns
        if sort is not None:
            self._sort(sort.lower())

    def to_pandas(self) -> Any:
        """Returns all rows as a `pandas.DataFrame`, without any secret.

        Unreadable values are missing, and a column has the reason. Raises `ExtraMissing` without
        pandas.
        """
        from bw_magics.adapters.extra import load

        pandas = load("pandas", extra="pandas", what="pandas")
        columns = self._with_reasons(self)
        return pandas.DataFrame(
            {column: [_plain(item, column) for item in self] for column in columns}
        )

    def _sort(self, column: str) -> None:
        if column not in SORTED_BY:
            raise UsageMistake(
                "Items are not sorted by that.", f"They are by: {', '.join(SORTED_BY)}."
            )
        value = _COLUMNS[column]
        if column in _DATES:
            self.sort(key=lambda item: _newest_first(value(item)))
        else:
            self.sort(key=lambda item: (not value(item), str(value(item) or "").casefold()))

    def _with_reasons(self, items: Sequence[Item]) -> tuple[str, ...]:
        """Adds a column with the reason if one of the items is unreadable."""
        more = ("problem",) if any(item.problem for item in items) else ()
        return tuple(dict.fromkeys((*self._columns, *more)))

    def _cells(self, entry: Item) -> list[str]:
        return [_cell(entry, column) for column in self.headings]

    def _table(self) -> tuple[Sequence[str], list[list[str]], str]:
        self.headings = self._with_reasons(self[:MOST_ROWS])
        headings, rows, note = super()._table()
        unreadable = [item for item in self if item.problem]
        if unreadable:
            note += f" · {len(unreadable)} unreadable: {unreadable[0].problem}"
        if self._remark:
            note += f" · {self._remark}"
        return headings, rows, note


def candidates(items: Sequence[Item]) -> ItemTable:
    """Makes a table of items that fit a query, with the columns that tell them apart."""
    told = ("folder", "collections", "organization")
    held = [column for column in told if any(_cell(item, column) for item in items)]
    return ItemTable(items, ("name", "type", *held, "changed"))


class PlaceTable(ShownList):
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
SORTED_BY = ("name", "type", "folder", "changed", "created", "organization", "favorite")
_DATES = ("changed", "created")
DEFAULT_COLUMNS = ("name", "type", "folder", "changed")


def read_columns(text: str | None) -> tuple[str, ...]:
    """Reads `--columns`: columns to add to the default ones. Raises `UsageMistake`."""
    if not text:
        return DEFAULT_COLUMNS
    asked = [name.strip().lower() for name in text.split(",") if name.strip()]
    if any(name not in _COLUMNS for name in asked):
        raise UsageMistake(
            "%bw_list does not have that column.", f"There are: {', '.join(_COLUMNS)}."
        )
    return tuple(dict.fromkeys((*DEFAULT_COLUMNS, *asked)))


def _plain(item: Item, column: str) -> object:
    """Returns the value of a cell as data; None for a secret or an unreadable value."""
    try:
        with unrecorded():
            value = _COLUMNS[column](item)
    except Unreadable:
        return None
    if column == "favorite":
        return bool(value)
    return None if isinstance(value, Secret) else value


def _newest_first(moment: object) -> tuple[bool, float]:
    if isinstance(moment, datetime):
        return False, -moment.timestamp()
    return True, 0.0


def _cell(item: Item, column: str) -> str:
    try:
        with unrecorded():
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
    text = one_line(text)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _columns(text: str) -> int:
    wide = sum(1 for character in text if unicodedata.east_asian_width(character) in "WF")
    narrow = sum(1 for character in text if unicodedata.combining(character))
    return len(text) + wide - narrow


def _join(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(cells).rstrip()
