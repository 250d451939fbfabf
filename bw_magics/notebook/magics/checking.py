"""`%bw_check`: whether the secrets that a project needs are available."""

from __future__ import annotations

from pathlib import Path

from IPython.core.magic import line_magic, no_var_expand
from IPython.core.magic_arguments import magic_arguments
from IPython.display import display

from bw_magics.errors import NeedsUnmet, UsageMistake
from bw_magics.notebook.line.declared import PROFILE, Names, argument
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.environment import pairs_of
from bw_magics.notebook.registry import REGISTRY
from bw_magics.vault.references import parse_reference


@REGISTRY.add
class CheckingMagics(VaultMagics):
    """`%bw_check`."""

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
        on the line, or in the project's pyproject.toml:

            [tool.bw_magics.secrets]
            PGPASSWORD = "bw://Warehouse DB/password"
            API_KEY = { reference = "bws://Reporting/API_KEY", description = "…", optional = true }
        """
        from bw_magics.notebook.show.needs_table import NeedsTable
        from bw_magics.session.needs import FILE, TABLE, Need, check_all, needs_of_project

        arguments = self.arguments(self.bw_check, line)
        vault = self.session.vault(arguments)
        pairs = pairs_of(arguments.needs, "%bw_check")
        needs = [Need(name, parse_reference(text)) for name, text in pairs]
        needs = needs or needs_of_project(Path.cwd())
        if not needs:
            raise UsageMistake(
                f"The line names no need, and there is no {TABLE} in {FILE}.",
                'Write %bw_check NAME="bw://ITEM/FIELD".',
            )
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
