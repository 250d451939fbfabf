"""The tables of `%bw_check` and `%bw_needs`: names, references and reasons, never a value."""

from __future__ import annotations

from bw_magics.notebook.show.table import ShownList
from bw_magics.session.needs import Checked, Need


class NeedsTable(ShownList):
    """A list of needs, with the reason for each that is not available."""

    headings = ("name", "reference", "state", "problem")
    noun = "secrets"

    def _cells(self, entry: Checked) -> list[str]:
        state = "there" if entry.problem is None else type(entry.problem).__name__
        if entry.problem is not None and entry.need.is_optional:
            state += ", optional"
        problem = str(entry.problem) if entry.problem is not None else entry.need.description
        return [entry.need.name, str(entry.need.reference), state, problem]


class DeclaredTable(ShownList):
    """A list of needs as they are declared."""

    headings = ("name", "reference", "", "description")
    noun = "secrets"

    def _cells(self, entry: Need) -> list[str]:
        optional = "optional" if entry.is_optional else ""
        return [entry.name, str(entry.reference), optional, entry.description]
