"""`Noticed`: the secrets found in a cell, and texts without them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bw_magics.notebook.typed.likely import is_likely
from bw_magics.notebook.typed.plain_words import PlainWords
from bw_magics.secrecy.ordinary import is_ordinary

if TYPE_CHECKING:
    from bw_magics.notebook.typed.typed_calls import TypedSecret
    from bw_magics.notebook.typed.typed_line import TypedLine

REDACTED = "[REDACTED]"
# Shorter values are masked only as whole words.
_LONG = 12


class Noticed:
    """The secrets typed in one cell, and in all code that it runs.

    A magic's line loses the words that can be secret; a call loses its texts. Elsewhere only
    certain secrets are masked: other words can mean something else there.
    """

    def __init__(self, shell: Any, plain: PlainWords) -> None:
        self._shell = shell
        self._plain = plain
        self._lines: list[TypedLine] = []
        self._in_calls: list[str] = []
        self._on_lines: list[str] = []
        self._sure: list[str] = []
        self._assigned: list[str] = []
        self._is_unplaced = False
        self._found_in: dict[str, list[TypedSecret]] = {}
        # The cells as IPython transforms them, before and after cleaning.
        self._transformed: dict[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self._lines or self._in_calls)

    def on_line(self, line: TypedLine, used: Collection[str]) -> list[str]:
        """Records a magic's line. Returns its certain secrets. `used` are the names that the cell
        uses.
        """
        self._lines.append(line)
        texts = list(line.secrets(self._shell.user_ns))
        self._on_lines += texts
        sure = [text for text in texts if not self._plain.leave(text, used)]
        self._sure += sure
        return sure

    def in_calls(self, cell: str) -> list[str]:
        """Records the secrets in a cell's Python. Returns the new ones that name nothing else."""
        self._found_in.clear()
        new = [each.value for each in self._secrets_in(cell) if each.value not in self._in_calls]
        self._in_calls += new
        self._sure += [value for value in new if not self._plain.leave(value)]
        return [value for value in new if not self._plain.name_something(value)]

    def in_cell(self, values: Iterable[str]) -> list[str]:
        """Records what a magic found in its cell. Returns its certain secrets."""
        texts = list(values)
        self._assigned += texts
        sure = [text for text in texts if not self._plain.leave(text)]
        self._sure += sure
        return sure

    def settle(self, cells: Sequence[str], files: Collection[str] = ()) -> None:
        """Compares with the cells and files that run, before any text is cleaned."""
        # A line that was put together elsewhere: the words themselves are searched.
        self._is_unplaced = not all(
            any(line.stands_in(text) for text in (*cells, *files)) for line in self._lines
        )
        self._transformed.clear()
        for cell in cells:
            with contextlib.suppress(Exception):  # IPython does not remember this as Python
                code = self._shell.transform_cell(cell).rstrip("\n")
                cleaned = self._shell.transform_cell(self.clean(cell)).rstrip("\n")
                self._transformed[code] = cleaned

    def clean(self, text: str) -> str:
        """Returns a text without the recorded secrets."""
        code = text.rstrip("\n")
        if code in self._transformed:
            text = self._transformed[code] + text[len(code) :]
        for line in self._lines:
            text = line.clean(text)
        if self._in_calls:
            from bw_magics.notebook.typed.typed_calls import without

            found = [each for each in self._secrets_in(text) if each.value in self._in_calls]
            text = without(text, found, REDACTED)
            for each in found:
                if not each.places:
                    text = text.replace(each.value, REDACTED)
        for value in self._sure:
            for form in dict.fromkeys((value, repr(value)[1:-1])):
                pattern = re.escape(form)
                if len(form) < _LONG:
                    pattern = rf"(?<!\w){pattern}(?!\w)"
                text = re.sub(pattern, REDACTED, text)
        for value in self._assigned:
            assigned = rf"(?m)(=[^\S\n]*[\"']*|[\"']){re.escape(value)}(?=[\"']|[^\S\n]*$)"
            text = re.sub(assigned, rf"\g<1>{REDACTED}", text)
        if self._is_unplaced:
            for value in self._on_lines:
                if value and not is_ordinary(value) and not self._plain.name_something(value):
                    text = re.sub(rf"([\"']){re.escape(value)}\1", rf"\g<1>{REDACTED}\1", text)
        return text

    def _secrets_in(self, text: str) -> list[TypedSecret]:
        if not is_likely(text):
            return []
        found = self._found_in.get(text)
        if found is None:
            from bw_magics.notebook.typed.typed_calls import typed_in_cell

            typed = typed_in_cell(text, self._shell.user_ns, self._shell.transform_cell)
            # A cleaned cell that runs again has none.
            found = [each for each in typed if each.value.replace(REDACTED, "")]
            self._found_in[text] = found
        return found
