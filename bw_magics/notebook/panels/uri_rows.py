"""`UriRows`: the URIs in a login's form: shown, changed, added, removed, each with its match."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bw_magics.errors import Unreadable
from bw_magics.notebook.panels.form_field import MOST_ROWS, Answer, not_read, rows_of
from bw_magics.notebook.panels.given import is_secret_uri, shown_text
from bw_magics.secret import Unpicklable
from bw_magics.using import unrecorded
from bw_magics.vault.changes import DEFAULT_MATCH, MATCHES, UriValue, matching

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

_WAYS = (DEFAULT_MATCH, *MATCHES)
_UNREADABLE = "One of the URIs cannot be read, so all stay as they are."


class UriRows(Unpicklable):
    """The URIs of a login, or those that a line gives for a new one.

    The panel gets a number for each, and the text where it holds no password. A row that comes
    back without a text keeps the URI of its number; one that does not come back is removed.
    """

    def __init__(self, item: Item | None, given: Iterable[Any], kept: str) -> None:
        self._kept = kept
        self._note = ""
        # Each text with the number of its match.
        self._uris: list[tuple[str, int | None]] = []
        if item is None:
            self._uris = [(shown_text(uri), getattr(uri, "match", None)) for uri in given]
            return
        try:
            with unrecorded():  # a secret does not go into the form
                texts, numbers = item.uris, [number for _, number in item.mentions.uris]
        except Unreadable:
            self._note = _UNREADABLE
            return
        self._uris = [*zip(texts, numbers, strict=True)]

    def __repr__(self) -> str:
        return f"<UriRows: {len(self._uris)}>"

    def about(self) -> Answer:
        """Returns what the panel draws."""
        rows = [
            {
                "value": "" if is_secret_uri(text) else text,
                "kept": self._kept if is_secret_uri(text) else "",
                "match": _way(number),
            }
            for text, number in self._uris
        ]
        return {"rows": rows, "matches": [*_WAYS], "note": self._note}

    def read(self, sent: object) -> list[UriValue]:
        """Returns all URIs as the panel sends them. Raises `UsageMistake`."""
        if self._note:
            raise not_read()
        found, left = [], {str(at): uri for at, uri in enumerate(self._uris)}
        for row in rows_of(sent, ("at", "uri", "match"), len(self._uris) + MOST_ROWS):
            at, text, way = row["at"], row["uri"].strip(), row["match"]
            if way not in _WAYS or (at and at not in left):
                raise not_read()
            kept, number = left.pop(at) if at else ("", None)
            if text:
                found.append(matching(text, way))
            elif kept:
                # A number that is not known here stays.
                same = way == _way(number) and number is not None
                found.append(UriValue(kept, number if same else matching("", way).match))
        return found


def _way(number: int | None) -> str:
    if number is None or not 0 <= number < len(MATCHES):
        return DEFAULT_MATCH
    return MATCHES[number]
