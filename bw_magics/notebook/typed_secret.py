"""A secret that was typed into a cell: refused, taken out of the history and out of the cell."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from bw_magics.errors import SecretTyped, UsageMistake
from bw_magics.notebook.guard.guard import Guard
from bw_magics.notebook.guard.ordinary import SHORTEST, is_ordinary
from bw_magics.notebook.history import scrub
from bw_magics.notebook.line import tokenize
from bw_magics.notebook.typed_calls import typed_in_calls

MASK = "[REDACTED]"

_Class = TypeVar("_Class", bound=type)

_ADVICE = "Change it if anybody else can have seen it."
_BY_HAND = (
    "A secret stands in this cell. It was taken out of the history; this cell cannot be rewritten: "
    f"delete it there by hand. {_ADVICE}"
)
_REWRITTEN = f"A secret stood in this cell. It was taken out of the cell and the history. {_ADVICE}"
_FILE_REMAINS = "IPython's history file could not be cleaned: delete the line there yourself."

_WORD = re.compile(r"[^\s\"']+")
# How `%%bw_env` arrives (`cell_scope`).
_FOR_CELL = "--cell"


class TypedSecrets:
    """Notices secrets in cells and removes them.

    `is_person` says whether somebody is there to run the cell again. Only a cell that ends
    without an error can be rewritten, so a person's cell is refused without one.
    """

    def __init__(self, shell: Any, guard: Guard, is_person: Callable[[], bool]) -> None:
        self._shell = shell
        self._guard = guard
        self._is_person = is_person
        self._lines: list[str] = []
        self._values: list[str] = []

    def before_cell(self, info: Any) -> None:
        """Looks for secrets in calls of the vault, so that no traceback shows them."""
        self._values += self._in_calls(info)
        for value in self._values:
            self._guard.learn_quietly(value)

    def refuse(self, line: str, problem: SecretTyped) -> SecretTyped | None:
        """What to raise for a magic's line with a secret in it; None where a person was told."""
        words = _words(line)
        line = line.strip().removeprefix(_FOR_CELL).strip()
        self._lines.append(line)
        for word in words:
            value = word.partition("=")[2]
            # Not options, e-mail addresses and servers, which may stand there as well.
            for text in (value,) if word.startswith("-") else (word, value):
                if len(text) >= SHORTEST and "@" not in word and "://" not in word:
                    self._values.append(text)
                    self._guard.learn_quietly(text)
        scrub(self._shell, self._clean)
        # Of `%%bw_env` the rest of the cell must not run, whoever is there.
        if self._is_person() and not {"--nointeraction", _FOR_CELL} & set(words):
            print(f"{problem.fact} It was not used.", file=sys.stderr)  # noqa: T201
            return None
        return problem

    def after_cell(self, result: Any) -> None:
        """Takes what was found out of the cell, where that is possible, and says what is left."""
        info = getattr(result, "info", None)
        self._values += self._in_calls(info)
        if not self._lines and not self._values:
            return
        try:
            self._remove(info, was_good=bool(getattr(result, "success", False)))
        finally:
            self._lines.clear()
            self._values.clear()

    def _remove(self, info: Any, *, was_good: bool) -> None:
        is_file_clean = scrub(self._shell, self._clean)
        cell = getattr(info, "raw_cell", None)
        is_rewritten = False
        if isinstance(cell, str):
            cleaned = self._clean(cell)
            info.raw_cell = cleaned
            if was_good and self._is_person():
                self._shell.set_next_input(cleaned, replace=True)
                is_rewritten = True
        print(_REWRITTEN if is_rewritten else _BY_HAND, file=sys.stderr)  # noqa: T201
        if not is_file_clean:
            print(_FILE_REMAINS, file=sys.stderr)  # noqa: T201

    def _in_calls(self, info: Any) -> list[str]:
        cell = getattr(info, "raw_cell", None)
        if not isinstance(cell, str):
            return []
        found = typed_in_calls(cell, self._shell.user_ns, self._shell.transform_cell)
        return [value for value in found if value not in self._values and value != MASK]

    def _clean(self, text: str) -> str:
        for line in self._lines:
            for form in dict.fromkeys((line, repr(line)[1:-1])):
                if len(form) >= SHORTEST:
                    text = text.replace(form, "")
                else:
                    text = re.sub(rf"((?:unlock|login|bw)\b\W+?){re.escape(form)}", r"\1", text)
        for value in self._values:
            if len(value) >= SHORTEST and not is_ordinary(value):
                text = text.replace(value, MASK).replace(repr(value)[1:-1], MASK)
            else:
                text = re.sub(rf"([\"']){re.escape(value)}\1", rf"\g<1>{MASK}\1", text)
        return "\n".join(part.rstrip(" ") for part in text.split("\n"))


def _words(line: str) -> list[str]:
    try:
        return [token.text for token in tokenize(line)]
    except UsageMistake:
        return _WORD.findall(line)


def refusing_typed_secrets(magics: _Class) -> _Class:
    """Makes every `bw` magic of a class refuse a typed secret through its `typed_secrets`."""
    for name, magic in list(vars(magics).items()):
        if callable(magic) and (name == "bw" or name.startswith("bw_")):
            setattr(magics, name, _refusing(magic))
    return magics


def _refusing(magic: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(magic)
    def run(self: Any, line: str, *cell: str) -> object:
        try:
            return magic(self, line, *cell)
        except SecretTyped as problem:
            refusal = self.typed_secrets.refuse(line, problem)
        if refusal is not None:
            raise refusal
        return None

    return run
