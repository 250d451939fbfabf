"""Values that were typed in a cell `%%bw_needs`, where a reference belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.notebook.line.mistaken import may_hold_secret
from bw_magics.vault.reference import is_reference

_LINE = re.compile(r"\s*[\"']?([\w.-]+)[\"']?\s*=\s*(.*?)\s*")
_QUOTED = re.compile(r"(?:(\w+)\s*=\s*)?(\"\"\"|'''|\"|')(.*?)\2")
_NO_TEXT = re.compile(r"[\d.,_+:-]*|true|false|[\[{].*")
# What a description says is prose.
_PROSE = "description"


def typed_values(cell: str) -> Iterator[str]:
    """Yields the texts of a cell that may be secrets: no reference, and no description."""
    for line in cell.splitlines():
        found = _LINE.fullmatch(line)
        if found is None or line.lstrip().startswith("#"):
            continue
        name, rest = found[1], found[2]
        quoted = [(key, text) for key, _, text in _QUOTED.findall(rest)]
        for key, text in quoted or [("", "" if _NO_TEXT.fullmatch(rest) else rest)]:
            is_prose = _PROSE in (key, name)
            if text and not is_prose and not is_reference(text) and may_hold_secret(name, text):
                yield text
