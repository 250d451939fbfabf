"""`%bw_log`: who used what."""

from __future__ import annotations

from IPython.core.magic import line_magic, no_var_expand
from IPython.display import display

from bw_magics.errors import JournalProblem, UsageMistake
from bw_magics.notebook.line.declared import Names, argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.registry import REGISTRY
from bw_magics.session.default import bw_session
from bw_magics.vault.names import folded


@REGISTRY.add
class LogMagics(VaultMagics):
    """`%bw_log`."""

    @magic_arguments()
    @argument(
        "item",
        metavar="NAME",
        nargs="*",
        completes=Names.ITEM,
        help="only uses of items with this in their name",
    )
    @argument("--all", action="store_true", help="from the journal's file: of every kernel")
    @argument("--verify", action="store_true", help="check that no line of the file was changed")
    @argument("--file", metavar="PATH", help="another file than BwMagics.journal")
    @no_var_expand
    @line_magic
    def bw_log(self, line: str) -> object:
        """Show which secrets were used: when, by which cell, which way, and why. Never a value.

        Each use of a secret in this kernel has an entry: by an attribute, a reference, %bw_get, the
        environment, a library, a panel. Lists, searches, %bw_check and %bw_scan use nothing. The
        reason is that of bw_session.because("nightly load"), for the rest of its cell. The last
        10,000 uses stay in memory.

        %config BwMagics.journal = 'uses.jsonl' also appends them to a file that only you can read.
        Several kernels may share it. --all shows it; --verify checks its chain, and names the line
        that was changed, removed, inserted or moved.
        """
        arguments = self.arguments(self.bw_log, line)
        path = arguments.file
        if arguments.verify:
            if arguments.item or arguments.all:
                raise UsageMistake("--verify checks the whole file.", "Write %bw_log --verify.")
            self._verify(path)
            return None
        from bw_magics.notebook.show.log_table import LogTable

        is_file = arguments.all or path is not None
        journal = bw_session.journal
        entries = journal.read(path) if is_file else journal.entries()
        wanted = folded(" ".join(arguments.item))
        found = [entry for entry in reversed(entries) if wanted in folded(entry.item)]
        return LogTable(found, with_sessions=is_file)

    def _verify(self, path: str | None) -> None:
        """Checks the file. Raises `JournalProblem` where a line was changed."""
        from bw_magics.notebook.show.log_table import FindingTable

        verified = bw_session.journal.verify(path)
        if verified.findings:
            display(FindingTable(verified.findings))
        if not verified.is_whole:
            raise JournalProblem(
                "The journal is not as it was written.", "The table names the lines."
            )
        sessions = "1 session" if verified.sessions == 1 else f"{verified.sessions} sessions"
        lines = "1 line" if verified.lines == 1 else f"{verified.lines:,} lines"
        head = f"; the last one is {verified.head[:12]}" if verified.lines else ""
        self.session.say(f"✓ {lines} of {sessions}, all as they were written{head}")
