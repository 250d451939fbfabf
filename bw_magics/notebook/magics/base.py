"""`VaultMagics`: the base of every class of magics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.magic import Magics

from bw_magics.errors import BitwardenError, NotFound, UsageMistake
from bw_magics.notebook.line.arguments import Arguments, read_arguments, takes_server
from bw_magics.notebook.magics.shell_session import ShellSession
from bw_magics.session.accounts.configured import CONFIGURED


class VaultMagics(Magics):
    """Magics on the vault of one shell. A subclass that is registered with `REGISTRY.add` is made
    with these two arguments when one of its magics is first used.
    """

    def __init__(self, shell: Any, session: ShellSession) -> None:
        super().__init__(shell)
        self.session = session

    def arguments(self, magic: object, line: str) -> Arguments:
        """Reads the line of a magic. Raises `UsageMistake`."""
        shell: Any = self.shell
        try:
            return read_arguments(magic, line, shell.user_ns)
        except BitwardenError:
            if takes_server(magic):
                from bw_magics.notebook.line.meant_server import means_server

                if means_server(line):
                    CONFIGURED.misread()
            raise

    def naming(self, magic: object, line: str) -> Arguments:
        """Reads a line that names an item. Raises `NotFound` where the text of a line that cannot
        be read is the name of one, else `UsageMistake`.
        """
        try:
            return self.arguments(magic, line)
        except UsageMistake as mistake:
            from bw_magics.notebook.magics.failed_lookup import meant_literally

            literal = meant_literally(self.session.vault(), line)
            raise literal or mistake from None

    def run(self, magic: Callable[[], object], name: str, line: str) -> object:
        """Runs a magic; a secret on its line is refused and removed (see `TypedSecrets.call`).

        No error repeats a word of the line that resembles nothing in the vault.
        """
        try:
            return self.session.typed_secrets.call(magic, name, line)
        except NotFound as failed:
            if failed.for_line is None:
                raise
            told = failed.for_line
        raise told
