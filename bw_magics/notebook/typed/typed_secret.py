"""Refuses a secret that was typed into a cell, and removes it from the history and the cell."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bw_magics.errors import SecretTyped
from bw_magics.notebook.guard.guard import Guard
from bw_magics.notebook.typed.history import running_code, scrub
from bw_magics.notebook.typed.noticed import Noticed
from bw_magics.notebook.typed.plain_words import PlainWords

if TYPE_CHECKING:
    from pathlib import Path

    from bw_magics.notebook.typed.typed_line import TypedLine

_ADVICE = "Change it if someone else may have seen it."
_BY_HAND = (
    "This cell may contain a secret. It was removed from the history; delete it from the cell too. "
    + _ADVICE
)
_REWRITTEN = (
    "This cell may have contained a secret. It was removed from the cell and the history. "
    + _ADVICE
)
_IN_FILE = "The file {} may still contain a secret: delete it there. " + _ADVICE
_IN_CODE = "The code that this cell ran may still contain a secret: delete it there. " + _ADVICE
_EARLIER = "An earlier cell may also contain a secret: delete it there. " + _ADVICE
_FILE_REMAINS = "IPython's history file could not be cleaned: delete the line there."


@dataclass(eq=False)
class _Run:
    """The cells that run in one thread, the outermost first, and the secrets found in them.

    `code` is what the front end sent, `errors` the standard error at the beginning, `ended` the
    inner cells that are over, `files` those with a secret, `late` the sentences to print at the
    end, `is_earlier` whether an earlier cell has the secret, too.
    """

    noticed: Noticed
    code: str | None
    errors: Any
    cells: list[Any] = field(default_factory=list)
    ended: list[Any] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    is_in_magic: bool = False
    is_earlier: bool = False


class TypedSecrets:
    """The search for secrets in cells; it removes them.

    `is_person` says whether a person can run the cell again. Only a cell without an error can be
    rewritten, so a person's cell is refused without one. Code that a cell runs (`%%capture`,
    `run_cell`, `%run`) belongs to the outermost cell: front ends show and save that one. `names`
    are the names of the vault, which are never secrets.
    """

    def __init__(
        self,
        shell: Any,
        guard: Guard,
        is_person: Callable[[], bool],
        names: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._shell = shell
        self._guard = guard
        self._is_person = is_person
        self._plain = PlainWords(shell.user_ns, names)
        self._runs: dict[int, _Run] = {}

    def before_cell(self, info: Any) -> None:
        """Looks for secrets in calls of the vault, so that no traceback shows them."""
        run = self._run()
        if not run.cells:
            run.code, run.errors = running_code(self._shell), sys.stderr
        run.cells.append(info)
        self._note_calls(run, _text_of(info))

    def after_cell(self, result: Any) -> None:
        """Removes the secrets from the cell if possible, and prints where they remain."""
        info = getattr(result, "info", None)
        text = _text_of(info)
        if not text.strip():  # IPython also reports empty cells, which never began
            return
        run = self._run()
        # The cell that loaded the extension began before anything was recorded.
        at = next((at for at, cell in enumerate(run.cells) if cell is info), len(run.cells))
        del run.cells[at:]
        self._note_calls(run, text)
        if run.cells:
            run.ended.append(info)
            return
        del self._runs[threading.get_ident()]
        if run.noticed:
            self._remove(run, info, was_good=bool(getattr(result, "success", False)))

    def call(self, magic: Callable[[], object], name: str, line: str) -> object:
        """Runs a magic and returns its value. Prints the refusal of a line to a person and returns
        None; otherwise raises it.

        Where a magic calls another one, as `%bw` does, the outer line counts.
        """
        run = self._run()
        if run.is_in_magic:
            return magic()
        run.is_in_magic = True
        try:
            return magic()
        except SecretTyped as problem:
            from bw_magics.notebook.typed.typed_line import TypedLine

            refusal = self._refuse(run, TypedLine(name, line), problem)
        finally:
            run.is_in_magic = False
        if refusal is not None:
            raise refusal
        return None

    def note(self, values: Iterable[str]) -> None:
        """Notes secrets that a magic finds in its cell, before it refuses them."""
        for value in self._run().noticed.in_cell(values):
            self._guard.learn_quietly(value)

    # Inside.

    def _run(self) -> _Run:
        """Returns what runs in this thread."""
        thread = threading.get_ident()
        if thread not in self._runs:
            noticed = Noticed(self._shell, self._plain)
            self._runs[thread] = _Run(noticed, running_code(self._shell), sys.stderr)
        return self._runs[thread]

    def _note_calls(self, run: _Run, text: str) -> None:
        for value in run.noticed.in_calls(text):
            self._guard.learn_quietly(value)

    def _refuse(self, run: _Run, line: TypedLine, problem: SecretTyped) -> SecretTyped | None:
        from bw_magics.notebook.typed.ran_file import files_being_run
        from bw_magics.notebook.typed.typed_line import FOR_CELL

        cells = [_text_of(cell) for cell in run.cells] or [run.code or ""]
        for value in run.noticed.on_line(line, self._names_in(cells)):
            self._guard.learn_quietly(value)
        run.files |= {path: text for path, text in files_being_run() if line.stands_in(text)}
        self._scrub(run, cells)
        # With `%%bw_env` the rest of the cell must not run.
        if self._is_person() and not {"--nointeraction", FOR_CELL} & set(line.words):
            told = f"{problem.fact} It was not used."
            if run.errors is sys.stderr:
                print(told, file=sys.stderr)  # noqa: T201
            else:  # the cell's output is captured
                run.late.append(told)
            return None
        return problem

    def _remove(self, run: _Run, info: Any, *, was_good: bool) -> None:
        text, noticed = _text_of(info), run.noticed
        inner = [_text_of(each) for each in run.ended]
        is_file_clean = self._scrub(run, [text, *inner])
        cleaned = noticed.clean(text)
        said = list(run.late)
        if cleaned != text:
            is_rewritten = was_good and run.code in (None, text) and self._is_person()
            if is_rewritten:
                self._shell.set_next_input(cleaned, replace=True)
            said.append(_REWRITTEN if is_rewritten else _BY_HAND)
        said += _left_elsewhere(run, text, is_here=cleaned != text)
        if not is_file_clean:
            said.append(_FILE_REMAINS)
        for each in (info, *run.ended):
            for name in ("raw_cell", "transformed_cell"):
                if isinstance(kept := getattr(each, name, None), str):
                    setattr(each, name, noticed.clean(kept))
        for sentence in said:
            print(sentence, file=sys.stderr)  # noqa: T201

    def _scrub(self, run: _Run, cells: list[str]) -> bool:
        """Removes the secrets from everything remembered. Returns whether that worked."""
        run.noticed.settle(cells, run.files.values())
        now = {cell.strip() for cell in cells}
        earlier = self._shell.history_manager.input_hist_raw
        run.is_earlier |= any(
            cell.strip() not in now and run.noticed.clean(cell) != cell for cell in earlier
        )
        return scrub(self._shell, run.noticed.clean)

    def _names_in(self, cells: Iterable[str]) -> frozenset[str]:
        """Returns the names that cells use."""
        from bw_magics.notebook.typed.cell_source import CellSource

        return frozenset(
            name
            for cell in cells
            for source in CellSource.read(cell, self._shell.transform_cell)
            for name in source.names
        )


def _left_elsewhere(run: _Run, text: str, *, is_here: bool) -> list[str]:
    """Returns sentences about the other places that still hold the secret."""
    from bw_magics.notebook.typed.ran_file import loaded_file

    places = [path.name for path in run.files]
    if is_here:
        loaded = loaded_file(text)
        places += [path.name for path, within in loaded if run.noticed.clean(within) != within]
    inner = [_text_of(each) for each in run.ended]
    is_inside = any(run.noticed.clean(each) != each for each in inner)
    if is_inside and not is_here and not places:
        places.append("")
    said = [_IN_FILE.format(place) if place else _IN_CODE for place in dict.fromkeys(places)]
    return [*said, _EARLIER] if run.is_earlier else said


def _text_of(info: Any) -> str:
    text = getattr(info, "raw_cell", None)
    return text if isinstance(text, str) else ""
