"""Notebooks: a place is a cell, and what of it: source, output, attachment, metadata."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.matching.search.needle import encode
from bw_magics.scan.documents.text import is_promising
from bw_magics.scan.hit import Hit
from bw_magics.scan.seeker import Seeker

_CELLS = b'"cells"'
# A separator that no value holds; small parts are searched together, up to so many bytes.
_BETWEEN = b"\n\0\n"
_SMALL = 1 << 15
# So many levels are walked; no schema of outputs is deeper than a part of it.
_DEPTH = 400
_HTML = regex("html|svg|xml|markdown")


class Text(NamedTuple):
    """One text of a notebook and its place in words; `cell` is its number from 1, 0 for none."""

    place: str
    data: bytes
    cell: int
    is_output: bool
    is_html: bool


def is_notebook(data: bytes) -> bool:
    """Returns whether bytes look like a notebook's."""
    return data.lstrip()[:1] == b"{" and _CELLS in data


def search_notebook(data: bytes, seeker: Seeker, source: str) -> Iterator[Hit] | None:
    """Searches a notebook; None where it cannot be parsed."""
    try:
        notebook = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        return None
    return _searched(list(_texts(notebook)), seeker, source)


def _searched(texts: list[Text], seeker: Seeker, source: str) -> Iterator[Hit]:
    for group in _groups(texts):
        whole = _BETWEEN.join(text.data for text in group)
        is_html = any(text.is_html for text in group)
        is_joined = len(group) > 1
        if not is_promising(whole, seeker, is_html=is_html, is_joined=is_joined):
            continue
        for text in group:
            if is_joined and not is_promising(text.data, seeker, is_html=text.is_html):
                continue
            for match in seeker.matches(text.data, is_html=text.is_html):
                line = text.data.count(10, 0, match.start) + 1
                place = f"{text.place}, line {line}" if b"\n" in text.data.strip() else text.place
                yield Hit(source, place, match.labels, text.is_output)


def _groups(texts: list[Text]) -> Iterator[list[Text]]:
    """Yields the texts in order: small ones together, large ones alone, for which less counts."""
    group: list[Text] = []
    size = 0
    for text in texts:
        if len(text.data) >= _SMALL:
            yield [text]
            continue
        group.append(text)
        size += len(text.data)
        if size >= _SMALL:
            yield group
            group, size = [], 0
    if group:
        yield group


def _texts(notebook: dict[str, Any]) -> Iterator[Text]:
    for number, cell in enumerate(notebook["cells"], 1):
        if not isinstance(cell, dict):
            yield from _strings(cell, f"cell {number}", number, is_output=False)
            continue
        for name, member in cell.items():
            if name == "outputs" and isinstance(member, list):
                for index, output in enumerate(member, 1):
                    yield from _output(output, number, f"cell {number}, output {index}")
                continue
            where = f"cell {number}" if name == "source" else f"cell {number}, {name}"
            yield from _strings(member, where, number, is_output=False)
    for name, member in notebook.items():
        if name != "cells":
            yield from _strings(member, name, 0, is_output=False)


def _output(output: object, number: int, place: str) -> Iterator[Text]:
    if not isinstance(output, dict):
        yield from _strings(output, place, number, is_output=True)
        return
    for name, member in output.items():
        if name == "data" and isinstance(member, dict):
            for mime, value in member.items():
                yield from _strings(value, f"{place} ({mime})", number, is_output=True, mime=mime)
        else:
            yield from _strings(member, place, number, is_output=True)


def _strings(
    value: object, place: str, cell: int, *, is_output: bool, mime: str = ""
) -> Iterator[Text]:
    """Yields every text of a JSON value, keys and numbers too; a list of lines is one text."""
    plain: list[str] = []
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, str):
            plain.append(part)
        elif isinstance(part, bool) or part is None:
            continue
        elif isinstance(part, int | float):
            plain.append(str(part))
        elif depth > _DEPTH:
            plain.append(json.dumps(part, ensure_ascii=False, default=str))
        elif isinstance(part, list):
            if set(map(type, part)) == {str}:
                are_lines = all(map(str.endswith, part[:-1], repeat("\n")))
                plain.append(("" if are_lines else "\n").join(part))
            else:
                waiting += [(each, depth + 1) for each in reversed(part)]
        elif isinstance(part, dict):
            plain += [key for key in part if isinstance(key, str)]
            waiting += [(each, depth + 1) for each in reversed(list(part.values()))]
    if plain:
        is_html = _HTML.search(mime) is not None or (not mime and is_output)
        yield Text(place, encode("\0".join(plain)), cell, is_output, is_html)


def without_outputs(path: Path, cells: Collection[int], before: bytes) -> None:
    """Empties the outputs of those cells of a notebook, numbered from 1, and writes it back.

    Raises `UsageMistake` where the file is not as it was when it was searched, which is `before`.
    """
    data = path.read_bytes()
    if data != before:
        raise UsageMistake(f"{path} has changed since it was searched.", "Scan it again.")
    notebook = json.loads(data)
    for number, cell in enumerate(notebook["cells"], 1):
        if number in cells and isinstance(cell, dict):
            cell["outputs"], cell["execution_count"] = [], None
    text = json.dumps(notebook, ensure_ascii=False, indent=_indent(data)) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(encode(text))
        Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _indent(data: bytes) -> int | None:
    found = re.match(rb"\s*\{\s*?\n( *)", data)
    return len(found[1]) if found else None
