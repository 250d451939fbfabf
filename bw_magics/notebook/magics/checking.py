"""`%%bw_needs` and `%bw_check`: the secrets that a notebook needs, and whether it has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import line_cell_magic, line_magic, no_var_expand
from IPython.display import display

from bw_magics.errors import NeedsUnmet, SecretTyped, UsageMistake
from bw_magics.notebook.line.declared import PROFILE, Names, argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.environment import pairs_of
from bw_magics.notebook.magics.shell_session import ShellSession
from bw_magics.notebook.registry import REGISTRY
from bw_magics.vault.references import parse_reference

if TYPE_CHECKING:
    from bw_magics.session.needs import Need

_CELL = "%%bw_needs"


@REGISTRY.add
class CheckingMagics(VaultMagics):
    """`%%bw_needs` and `%bw_check`."""

    def __init__(self, shell: Any, session: ShellSession) -> None:
        super().__init__(shell, session)
        self._of_cell: list[Need] = []

    @magic_arguments()
    @no_var_expand
    @line_cell_magic
    def bw_needs(self, line: str, cell: str | None = None) -> None:
        """Name the secrets that a notebook needs, for %bw_check: %%bw_needs

        Each line of the cell is one, written as below [tool.bw_magics.secrets] in pyproject.toml,
        with a description and optional where you want:

            %%bw_needs
            PGPASSWORD = "bw://Warehouse DB/password"
            API_KEY = { reference = "bws://Reporting/API_KEY", description = "…", optional = true }

        Nothing is read, and no login is needed. Running the cell again replaces what it named; for
        one name it comes before pyproject.toml. Alone on a line, %bw_needs shows them all.
        """
        from bw_magics.notebook.show.needs_table import DeclaredTable
        from bw_magics.session.needs import needs_in

        self.arguments(self.bw_needs, line)
        if cell is not None:
            self._refuse_values(cell)
            self._of_cell = needs_in(cell, _CELL)
            count = len(self._of_cell)
            self.session.say(f"✓ {count} secret{'' if count == 1 else 's'} named; next: %bw_check")
            return
        display(DeclaredTable(self._declared()))

    @magic_arguments()
    @argument(
        "needs",
        metavar="NAME=REF",
        nargs="*",
        completes=Names.ASSIGNMENT,
        help="a name and a reference; without any, those of pyproject.toml",
    )
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_check(self, line: str) -> None:
        """Check that the secrets a project needs are available, without reading one.

        Names what is missing, ambiguous, cannot be decrypted, or locked away, and raises NeedsUnmet
        unless it is optional: so that a run without a person stops in its first cell. The needs are
        on the line, in a cell %%bw_needs, or in the project's pyproject.toml:

            [tool.bw_magics.secrets]
            PGPASSWORD = "bw://Warehouse DB/password"
            API_KEY = { reference = "bws://Reporting/API_KEY", description = "…", optional = true }
        """
        from bw_magics.notebook.show.needs_table import NeedsTable
        from bw_magics.session.needs import Need, check_all

        arguments = self.arguments(self.bw_check, line)
        vault = self.session.vault(arguments)
        pairs = pairs_of(arguments.needs, "%bw_check")
        needs = [Need(name, parse_reference(text)) for name, text in pairs]
        needs = needs or self._declared()
        checked = self.session.waiting(lambda: check_all(needs, vault.check))
        missing = [each for each in checked if each.problem is not None]
        unmet = [each.need.name for each in missing if not each.need.is_optional]
        if missing:
            display(NeedsTable(checked))
        if unmet:
            names = ", ".join(unmet[:5]) + (f" and {len(unmet) - 5} more" if unmet[5:] else "")
            error = NeedsUnmet(
                f"{len(unmet)} of {len(checked)} secrets are not available: {names}.",
                "The table has the reason for each.",
            )
            error.names = tuple(unmet)
            raise error
        optional = f", {len(missing)} optional not" if missing else ""
        self.session.say(f"✓ {len(checked) - len(missing)} of {len(checked)} are there{optional}")

    def _refuse_values(self, cell: str) -> None:
        """Raises `SecretTyped` for a cell with values in the place of references."""
        from bw_magics.notebook.magics.typed_needs import typed_values

        values = [*typed_values(cell)]
        if values:
            self.session.typed_secrets.note(values)
            raise SecretTyped(
                f'{_CELL} takes references, NAME = "bw://ITEM/FIELD", never values.',
                "Save the value in the vault, and change it: it was typed into a cell.",
            )

    def _declared(self) -> list[Need]:
        """Gives the needs of the notebook and of the project. Raises `UsageMistake` for none."""
        from bw_magics.session.needs import FILE, TABLE, needs_of_project

        named = [*needs_of_project(Path.cwd()), *self._of_cell]
        if not named:
            raise UsageMistake(
                f"No need is named on the line, in a cell {_CELL}, or below {TABLE} in {FILE}.",
                'Write %bw_check NAME="bw://ITEM/FIELD".',
            )
        return list({need.name: need for need in named}.values())
