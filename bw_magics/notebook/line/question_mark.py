"""Lines of our magics that end in a question mark: `x = %bw_get password Who am I?`.

IPython reads a final `?` as a request for help, runs no magic, and `x` keeps its old value. Behind
the name of one of our magics the mark belongs to the line; `%bw_get?` is still the manual.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from IPython.core.inputtransformer2 import EscapedCommand, MagicAssign, TokenTransformBase

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex

_WITH_A_LINE = r"bw(?:_\w+)?[ \t]+[^\s?]"
_OURS = regex(rf"(?:^|[^\w.%])%{_WITH_A_LINE}|^[ \t]*{_WITH_A_LINE}", re.MULTILINE)
_ASKS_FOR_HELP = regex(rf"^.*(?<![\w.%])%{_WITH_A_LINE}.*\?[ \t]*$", re.MULTILINE)


class OurLine(TokenTransformBase):
    """A line that ends in `?` and calls one of our magics; it is read as any other line of one."""

    priority = 1  # before IPython's own reading, which has 5

    def __init__(self, start: tuple[int, int], found: Any, *, is_bare: bool) -> None:
        super().__init__(start)  # type: ignore[no-untyped-call] # IPython's own
        self._found = found
        self._is_bare = is_bare

    @classmethod
    def find(cls, tokens_by_line: list[list[Any]]) -> OurLine | None:
        """Finds the first such line in the tokens of a cell, as IPython calls it."""
        for tokens in tokens_by_line:
            if len(tokens) < 3 or tokens[-2].string != "?":
                continue
            if not _OURS.search("".join(dict.fromkeys(token.line for token in tokens))):
                continue
            first = next((token for token in tokens if token.string.strip()), tokens[0])
            if first.string == "bw" or first.string.startswith("bw_"):
                return cls(first.start, EscapedCommand(first.start), is_bare=True)
            if first.string == "%":
                return cls(first.start, EscapedCommand(first.start), is_bare=False)
            for before, mark in itertools.pairwise(tokens):
                if mark.string == "%" and before.string.endswith("="):
                    return cls(first.start, MagicAssign(mark.start), is_bare=False)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Turns the line into the call of its magic."""
        if self._is_bare:
            line = lines[self.start_line]
            line = f"{line[: self.start_col]}%{line[self.start_col :]}"
            lines = [*lines[: self.start_line], line, *lines[self.start_line + 1 :]]
        transformed: list[str] = self._found.transform(lines)
        return transformed


def install(shell: Any) -> None:
    """Reads such lines as lines of a magic from now on."""
    shell.input_transformer_manager.token_transformers.append(OurLine)


def uninstall(shell: Any) -> None:
    """Leaves them to IPython again."""
    shell.input_transformer_manager.token_transformers.remove(OurLine)


def check(cell: str) -> None:
    """Raises `UsageMistake` for a cell with such a line, which IPython read before `install`."""
    if _ASKS_FOR_HELP.search(cell):
        raise UsageMistake(
            "A line of this cell ends in a question mark, so IPython took it for a request for "
            "help.",
            "Run the cell again, or put %load_ext bw_magics in a cell of its own.",
        )
