"""Shows an item in a notebook: its members, masked, each with its reference."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from bw_magics.errors import BitwardenError
from bw_magics.notebook.show.table import render_html
from bw_magics.shown import one_line

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

# By name: importing the class would slow down %load_ext.
_ITEM = ("bw_magics.vault.item", "Item")


def install(shell: Any) -> None:
    """Shows items as tables where a front end takes HTML."""
    _formatter(shell).for_type_by_name(*_ITEM, item_html)


def uninstall(shell: Any) -> None:
    """Shows items as text again."""
    formatter = _formatter(shell)
    formatter.deferred_printers.pop(_ITEM, None)
    for known in [known for known, printer in formatter.type_printers.items() if _is_ours(printer)]:
        del formatter.type_printers[known]


def item_html(item: Item) -> str | None:
    """Renders an item as HTML without any value. Returns None after a lock: the text is shown."""
    try:
        place = item.folder or ", ".join(item.collections) or item.organization
        title = " · ".join(part for part in (item.name, item.type, place) if part)
        rows = [
            [name, shown, _reference(item, name)]
            for name, shown in item.outline()
            if name != "attachments"
        ]
        rows += [
            [
                "attachment",
                f"{file.name} ({file.size or 0:,} bytes)",
                _reference(item, file=file.id),
            ]
            for file in item.attachments
        ]
        if item.problem:
            title = f"{title} · unreadable: {item.problem}"
    except BitwardenError:
        return None
    shown_rows = [[one_line(cell) for cell in row] for row in rows]
    table = render_html(("member", "value", "reference"), shown_rows, "")
    return f"<p><strong>{escape(one_line(title))}</strong></p>{table}"


def _reference(item: Item, name: str = "item", *, file: str | None = None) -> str:
    try:
        return item.reference(name, attachment=file)
    except BitwardenError:
        return ""


def _is_ours(printer: object) -> bool:
    return printer is item_html


def _formatter(shell: Any) -> Any:
    return shell.display_formatter.formatters["text/html"]
