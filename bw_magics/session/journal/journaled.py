"""`Journaled`: the journal of what a vault or the Secrets Manager hands out."""

from __future__ import annotations

from bw_magics.session.journal.journal import OF_PROCESS, Because, Journal


class Journaled:
    """A source whose uses are in the journal of the process."""

    __slots__ = ()

    @property
    def journal(self) -> Journal:
        """Who used what in this process: `journal.entries()`, `journal.to(path)`."""
        return OF_PROCESS

    def because(self, reason: str) -> Because:
        """Gives the reason for the uses that follow, for the journal: until the cell ends, or for a
        block, `with vault.because("nightly load"):`.
        """
        return OF_PROCESS.because(reason)
