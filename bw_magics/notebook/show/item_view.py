"""Shows items in a notebook: the members of one, masked, each with its reference; lists of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bw_magics.errors import BitwardenError
from bw_magics.shown import one_line

if TYPE_CHECKING:
    from bw_magics.vault.item import Item
    from bw_magics.vault.listing import Items
    from bw_magics.vault.places import Place


def install(shell: Any) -> None:
    """Shows items, lists of them and places as tables where a front end takes HTML."""
    for kind, printer in _PRINTERS.items():
        _formatter(shell).for_type_by_name(*kind, printer)


def uninstall(shell: Any) -> None:
    """Shows them as text again."""
    formatter = _formatter(shell)
    for kind in _PRINTERS:
        formatter.deferred_printers.pop(kind, None)
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
    from html import escape

    from bw_magics.notebook.show.table import render_html

    shown_rows = [[one_line(cell) for cell in row] for row in rows]
    table = render_html(("member", "value", "reference"), shown_rows, "")
    return f"<p><strong>{escape(one_line(title))}</strong></p>{table}"


def items_html(items: Items) -> str:
    """Renders a list of items as HTML without any value."""
    from bw_magics.notebook.show.table import ItemTable

    return ItemTable(items)._repr_html_()


def place_html(place: Place) -> str:
    """Renders a folder, collection or organisation as HTML."""
    from bw_magics.notebook.show.table import PlaceTable

    return PlaceTable([place], place.kind)._repr_html_()


# By name: importing the classes would slow down %load_ext.
_PRINTERS: dict[tuple[str, str], Callable[[Any], str | None]] = {
    ("bw_magics.vault.item", "Item"): item_html,
    ("bw_magics.vault.listing", "Items"): items_html,
    ("bw_magics.vault.places", "Place"): place_html,
}


def _reference(item: Item, name: str = "item", *, file: str | None = None) -> str:
    try:
        return item.reference(name, attachment=file)
    except BitwardenError:
        return ""


def _is_ours(printer: object) -> bool:
    return printer in _PRINTERS.values()


def _formatter(shell: Any) -> Any:
    return shell.display_formatter.formatters["text/html"]
