"""`CellSource`: the Python of a cell, and the place of its parts in the typed text."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator

from bw_magics.lean_regex import regex

_CELL_MAGIC = regex(r"\s*%%.*\n?")


class CellSource:
    """A cell as Python: its `tree`, and the `span` of each node in the text of the cell."""

    def __init__(self, text: str, code: str) -> None:
        self.tree = ast.parse(code)
        self._text = text
        self._code = code

    @classmethod
    def read(cls, text: str, transform: Callable[[str], str]) -> Iterator[CellSource]:
        """Yields the cell as Python; for a cell magic, most of which take Python, also its body.

        `transform` turns a cell into Python. Text that is not Python even then is left out.
        """
        for part in dict.fromkeys((text, _CELL_MAGIC.sub("", text, count=1))):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError):
                yield cls(text, transform(part))

    def span(self, node: ast.AST) -> tuple[int, int] | None:
        """Returns start and end of an expression in the text; None if IPython changed its line."""
        segment = ast.get_source_segment(self._code, node)
        if not segment or not isinstance(node, ast.expr):
            return None
        lines, typed = self._code.split("\n"), self._text.split("\n")
        line = lines[node.lineno - 1]
        # The transformed cell can lack earlier lines and the common indentation.
        same = [at for at, other in enumerate(typed) if other.strip() == line.strip()]
        nth = [other.strip() for other in lines[: node.lineno]].count(line.strip())
        if not 0 < nth <= len(same):
            return None
        at = same[nth - 1]
        column = len(line.encode()[: node.col_offset].decode())
        start = sum(len(other) + 1 for other in typed[:at])
        start += column + _indentation(typed[at]) - _indentation(line)
        if not self._text.startswith(segment, start):
            return None
        return start, start + len(segment)

    @property
    def names(self) -> frozenset[str]:
        """The names that the code binds or uses."""
        found: set[str | None] = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                    found.add(name)
                case ast.keyword(arg=parameter):
                    found.add(parameter)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    found.add(node.name)
                case ast.alias(name=name, asname=other):
                    found |= {other, *name.split(".")}
        return frozenset(name for name in found if name)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
