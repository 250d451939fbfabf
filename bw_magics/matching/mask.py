"""The text that replaces a secret: `[REDACTED]`, or the same with its name.

The name is somebody's item, and the mask lands in HTML, JSON, Markdown, CSV, tracebacks and
terminals alike, behind every escape. So it is made of signs that mean nothing in any of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bw_magics.shown import one_line

MASK = "[REDACTED]"

_BEGIN = "[REDACTED "
_END = "]"
# Between an item and what of it a label names.
_STEP = " / "
_LONGEST_NAME = 40
_LONGEST_FIELD = 30
_KEPT = frozenset(" -_./:@+()!?")
_INSTEAD = {"'": "’", '"': "”", "<": "‹", ">": "›", "[": "(", "]": ")", "{": "(", "}": ")"}
_OTHER = "·"


def worded(labels: Sequence[str]) -> str:
    """Returns the mask of a value that has these labels, such as "Warehouse DB / password".

    A value from several places has the first two in its mask, or a count.
    """
    names = list(dict.fromkeys(filter(None, map(_named, labels))))
    if not names:
        return MASK
    more = {1: "", 2: f" or {names[-1]}"}.get(len(names), f" or {len(names) - 1} others")
    return f"{_BEGIN}{names[0]}{more}{_END}"


@lru_cache(maxsize=1024)
def _named(label: str) -> str:
    item, step, field = label.rpartition(_STEP)
    if not step:
        return _clipped(field, _LONGEST_NAME)
    return f"{_clipped(item, _LONGEST_NAME)}/{_clipped(field, _LONGEST_FIELD)}"


def _clipped(name: str, longest: int) -> str:
    text = "".join(map(_inert, one_line(name)))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _inert(sign: str) -> str:
    """Returns the sign, or one that looks alike and means nothing to any reader."""
    if sign.isascii():
        return sign if sign.isalnum() or sign in _KEPT else _INSTEAD.get(sign, _OTHER)
    if not sign.isprintable():
        return _OTHER
    # Full-width and small forms become the plain sign where a program normalises text.
    normal = unicodedata.normalize("NFKC", sign)
    is_inert = all(each.isalnum() or each in _KEPT or not each.isascii() for each in normal)
    return sign if is_inert else _OTHER
