"""`form_field`: one field of an item's form as the panel draws it, and the texts it may send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bw_magics.errors import UsageMistake
from bw_magics.notebook.panels.page_message import LONGEST_VALUE
from bw_magics.shown import harmless

Answer = dict[str, object]

# More rows than that are not typed by hand.
MOST_ROWS = 100

_TRUTHS = {"true": True, "false": False}
TRUTHS = (*_TRUTHS,)


def form_field(
    name: str,
    label: str,
    *,
    value: str = "",
    kept: str = "",
    is_secret: bool = False,
    is_set: bool = False,
    has_lines: bool = False,
    can_generate: bool = False,
    can_go: bool = False,
    choices: Sequence[str] = (),
    fixed: str = "",
) -> Answer:
    """Returns what the panel draws of a field. A secret is never in it: `kept` says what becomes of
    one where nothing is typed.

    `can_go` adds a button that removes the field; `fixed` is shown in place of something to type.
    """
    return {
        "name": name,
        "label": harmless(label),
        "value": "" if is_secret else value,
        "secret": is_secret,
        "set": is_set,
        "kept": kept if is_set and is_secret else "",
        "lines": has_lines,
        "generate": can_generate,
        "removable": can_go,
        "choices": [*choices],
        "fixed": fixed,
    }


def truth(text: str) -> bool:
    """Reads the value of a boolean field. Raises `UsageMistake`."""
    if text not in _TRUTHS:
        raise not_read()
    return _TRUTHS[text]


def is_text(value: object) -> bool:
    """Tells whether a value is a text that a form may send."""
    return isinstance(value, str) and len(value) <= LONGEST_VALUE


def rows_of(value: object, members: Iterable[str], most: int = MOST_ROWS) -> list[dict[str, str]]:
    """Reads rows that the panel sends, each with exactly these members. Raises `UsageMistake`."""
    wanted = set(members)
    if not isinstance(value, list) or len(value) > most:
        raise not_read()
    for row in value:
        if (
            not isinstance(row, Mapping)
            or set(row) != wanted
            or not all(map(is_text, row.values()))
        ):
            raise not_read()
    return [dict(row) for row in value]


def not_read() -> UsageMistake:
    """Makes the error for what is not an answer to the form."""
    return UsageMistake("The form cannot be read.", "Shorten what is very long, or open it again.")
