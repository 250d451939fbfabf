"""`Cells`: the cell that a use belongs to, also in a thread or a task that the cell started."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from weakref import WeakKeyDictionary

from bw_magics.session.journal.digest import quoted


class Cell:
    """A run of a cell: its execution count and the id of the message that asked for it.

    `reason` is what `because` gave for the rest of it. A program is one long cell without a count.
    `members` are those of its lines in a file.
    """

    __slots__ = ("count", "members", "message", "reason")

    def __init__(self, count: int | None = None, message: str = "") -> None:
        self.count = count
        self.message = message
        self.give("")

    def give(self, reason: str) -> None:
        """Gives it a reason; an empty one takes it away."""
        self.reason = reason
        self.members = f'"cell":{"null" if self.count is None else self.count}'
        if self.message:
            self.members += f',"message":{quoted(self.message)}'
        if reason:
            self.members += f',"reason":{quoted(reason)}'


class Cells:
    """The cells of this process, one after the other.

    A task belongs to the cell that made it, because it copies that cell's context. A thread belongs
    to the cell in which it began, which is noted when the next cell begins. A worker of a pool
    belongs to the cell that first used the pool.
    """

    def __init__(self) -> None:
        self._now = Cell()
        self._of_context: ContextVar[Cell | None] = ContextVar("bw_magics_cell", default=None)
        self._of_thread: WeakKeyDictionary[threading.Thread, Cell] = WeakKeyDictionary()

    def begin(self, count: int | None, message: str) -> None:
        """Begins a cell."""
        for thread in threading.enumerate():
            self._of_thread.setdefault(thread, self._now)
        self._now = Cell(count, message)
        self._of_context.set(self._now)

    def end(self) -> None:
        """Ends the time of cells: what follows belongs to the program."""
        self.begin(None, "")

    def current(self) -> Cell:
        """Returns the cell that this thread or task belongs to."""
        cell = self._of_context.get()
        if cell is not None:
            return cell
        thread = threading.current_thread()
        if thread is threading.main_thread():
            return self._now
        return self._of_thread.get(thread, self._now)
