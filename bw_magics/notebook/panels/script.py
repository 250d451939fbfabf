"""The scripts of the widgets, each joined from the modules beside this file.

A widget's script is one text. The JavaScript is written in modules, so that tests, types and
linters see what a browser runs. Joining takes away only the imports and the word `export`.
"""

from __future__ import annotations

import re
from pathlib import Path

from bw_magics.lean_regex import regex

_HERE = Path(__file__).parent
_IMPORT = regex(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)
_EXPORT = regex(r"^export (?!default)", re.MULTILINE)


def read(name: str) -> str:
    """Returns the text of a file beside this one."""
    return (_HERE / name).read_text(encoding="utf-8")


def script(name: str) -> str:
    """Returns the module `name` as one text, after all modules that it imports."""
    parts: dict[str, str] = {}

    def add(module: str) -> None:
        text = read(module)
        for imported in _IMPORT.findall(text):
            if imported not in parts:
                add(imported)
        parts[module] = _EXPORT.sub("", _IMPORT.sub("", text))

    add(name)
    return "\n".join(parts.values())
