"""The tables of `%bw_log`: what was used when, by which cell and why; never a value."""

from __future__ import annotations

from collections.abc import Iterable

from bw_magics.notebook.show.table import ShownList
from bw_magics.session.journal.diagnosis import Finding
from bw_magics.session.journal.entry import Entry


class LogTable(ShownList):
    """A list of uses, the newest first; it is saved with the notebook.

    The columns for reason, source and session are there where one of the uses has any.
    """

    noun = "uses"
    _narrower = "; %bw_log NAME finds others"

    def __init__(self, entries: Iterable[Entry], *, with_sessions: bool = False) -> None:
        super().__init__(entries)
        more = ["session"] if with_sessions else []
        more += [each for each in ("source", "reason") if any(getattr(e, each) for e in self)]
        self.headings = ("time", "item", "field", "way", "cell", *more)

    def _cells(self, entry: Entry) -> list[str]:
        cells = {
            "time": entry.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            "item": entry.item,
            "field": entry.field,
            "way": entry.way,
            "cell": "" if entry.cell is None else f"[{entry.cell}]",
            "session": entry.session[:8],
            "source": entry.source,
            "reason": entry.reason,
        }
        return [cells[heading] for heading in self.headings]


class FindingTable(ShownList):
    """A list of the lines of a journal that are not as they were written."""

    headings = ("line", "was", "problem")
    noun = "findings"

    def _cells(self, entry: Finding) -> list[str]:
        return [str(entry.line), entry.kind, entry.text]
