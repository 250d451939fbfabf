"""`CellScope`: steps to undo at the end of a cell, such as those of `%%bw_env` (docs/jupyter.md,
Magics).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bw_magics.lean_regex import regex

_HEADER = regex(r"%%bw(?:_|[ \t]+)env(?:[ \t]+(.*))?")

Undo = Callable[[], object]


@dataclass(slots=True, eq=False)
class _Cell:
    """A running cell: IPython's description, the thread, and the steps to undo at its end."""

    info: object
    thread: int
    undo: list[Undo] = field(default_factory=list)


class CellScope:
    """The steps to undo when a cell ends, however it ends.

    Cells can nest (`%%time`, `%%capture`, `run_cell`) and, in subshells, run side by side.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._cells: list[_Cell] = []
        self._orphans: list[Undo] = []

    def install(self) -> None:
        """Watches the shell's cells, and reads `%%bw_env` as their first line."""
        self._shell.events.register("pre_run_cell", self.before_cell)
        self._shell.events.register("post_run_cell", self.after_cell)
        self._shell.input_transformers_cleanup.append(self._transform)

    def uninstall(self) -> None:
        """Undoes all remaining steps, and stops watching."""
        self._shell.events.unregister("pre_run_cell", self.before_cell)
        self._shell.events.unregister("post_run_cell", self.after_cell)
        self._shell.input_transformers_cleanup.remove(self._transform)
        cells, self._cells = self._cells, []
        for undo in [*self._take_orphans(), *(undo for cell in cells for undo in cell.undo)]:
            undo()

    def at_end(self, undo: Undo) -> None:
        """Calls `undo` when the innermost running cell ends.

        A cell that ran before `install` is unknown: then the next end of a cell counts.
        """
        cell = self._innermost()
        (self._orphans if cell is None else cell.undo).append(undo)

    def before_cell(self, info: object = None) -> None:
        """Records that a cell begins."""
        self._cells.append(_Cell(info, threading.get_ident()))

    def after_cell(self, result: object = None) -> None:
        """Undoes the steps of a cell that ended, well or not. IPython also reports empty cells,
        which never began.
        """
        info = getattr(result, "info", None)
        text = getattr(info, "raw_cell", None)
        if isinstance(text, str) and not text.strip():
            return
        cell = next((cell for cell in self._cells if cell.info is info), None)
        cell = cell or self._innermost()
        ended: list[_Cell] = []
        if cell is not None:
            # Cells that began inside it ended, too, even if IPython does not report it.
            later = self._cells[self._cells.index(cell) :]
            ended = [each for each in later if each.thread == cell.thread]
        self._cells = [each for each in self._cells if each not in ended]
        undo = [step for each in ended for step in each.undo] + self._take_orphans()
        for step in reversed(undo):
            step()

    def _innermost(self) -> _Cell | None:
        thread = threading.get_ident()
        own = [cell for cell in self._cells if cell.thread == thread]
        return next(reversed(own or self._cells), None)

    def _take_orphans(self) -> list[Undo]:
        orphans, self._orphans = self._orphans, []
        return orphans

    def _transform(self, lines: list[str]) -> list[str]:
        """Turns `%%bw_env …` into a line magic, and leaves the rest as a cell of its own: its line
        numbers, its `await`, its last value, its own cell magic.
        """
        header = _HEADER.fullmatch(lines[0].rstrip("\r\n")) if lines else None
        if header is None:
            return lines
        call = f"--cell {header[1] or ''}".rstrip()
        rest = lines[1:]
        blank = next((at for at, line in enumerate(rest) if line.strip()), len(rest))
        manager = self._shell.input_transformer_manager
        body = rest[blank:]
        for transform in (*manager.cleanup_transforms, *manager.line_transforms):
            body = transform(body)
        return [f"get_ipython().run_line_magic('bw_env', {call!r})\n", *rest[:blank], *body]

    # In a terminal the cell is complete after an empty line, as with any cell magic: IPython asks
    # the transformers without side effects first, and then looks for `%%`.
    _transform.has_side_effects = True  # type: ignore[attr-defined]
