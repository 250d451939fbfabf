"""`BitwardenError`: the base of every error: a fact, a remedy and the next steps."""

from __future__ import annotations

from typing import TypeAlias

from bw_magics.shown import harmless
from bw_magics.steps import Remedy, Step

Advice: TypeAlias = str | Remedy


class BitwardenError(Exception):
    """The base of every error of this package; never raised itself.

    `fact` says what is the case, `remedy` what to do next; `str()` is both. Neither holds
    what somebody typed or what a server sent as text. `steps` are the next steps in the remedy,
    as data: it names them as magics in a notebook, and as calls in a program.
    """

    def __init__(self, fact: str, remedy: Advice = "") -> None:
        super().__init__(fact, remedy)
        self.fact = fact
        self._remedy = remedy

    @property
    def remedy(self) -> str:
        """What to do next, in the words of a notebook or of a program."""
        return str(self._remedy)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The next steps that the remedy names."""
        return self._remedy.steps if isinstance(self._remedy, Remedy) else ()

    def __str__(self) -> str:
        # Names of the vault are in it, and logs and terminals show it.
        return harmless(f"{self.fact} {self.remedy}".rstrip().replace("\n", " "))

    def _render_traceback_(self) -> list[str]:
        """Returns the lines that IPython shows instead of a traceback (docs/jupyter.md, Errors)."""
        lines = [f"{type(self).__name__}: {self}", *getattr(self, "__notes__", ())]
        return [harmless(line.replace("\n", " ")) for line in lines]
