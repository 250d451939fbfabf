"""Tables of the Secrets Manager: keys, projects and dates, never a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bw_magics.notebook.show.table import ShownList

if TYPE_CHECKING:
    from bw_magics.vault.managed_secret import ManagedSecret, Project


class SecretTable(ShownList):
    """A list of secrets that shows itself as a table; it is saved with the notebook.

    A column has the reason where a value cannot be read; no value is decrypted to find out.
    """

    noun = "secrets"

    def __init__(self, secrets: Iterable[ManagedSecret], *, with_ids: bool = False) -> None:
        super().__init__(secrets)
        more = ("id",) if with_ids else ()
        problem = ("problem",) if any(each.problem for each in self) else ()
        self.headings = ("key", "project", "changed", *more, *problem)

    def _cells(self, entry: ManagedSecret) -> list[str]:
        cells = {
            "key": entry.key,
            "project": entry.project.name if entry.project is not None else "",
            "changed": entry.revised.strftime("%Y-%m-%d") if entry.revised is not None else "",
            "id": entry.id,
            "problem": entry.problem or "",
        }
        return [cells[heading] for heading in self.headings]


class ProjectTable(ShownList):
    """A list of projects."""

    noun = "projects"

    def __init__(self, projects: Iterable[Project], *, with_ids: bool = False) -> None:
        super().__init__(projects)
        self.headings = ("name", "id") if with_ids else ("name",)

    def _cells(self, entry: Project) -> list[str]:
        return [entry.name, entry.id][: len(self.headings)]
