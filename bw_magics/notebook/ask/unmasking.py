"""`Unmasking`: who may turn the output guard off.

What a cell shows may be copied into the next cell by a program. So no line of code turns the guard
off: a person does, by an answer, or before the kernel starts, by an environment variable.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bw_magics.errors import GuardStaysOn
from bw_magics.notebook.ask.prompt import Prompt
from bw_magics.notebook.guard.guard import Redaction

if TYPE_CHECKING:
    from bw_magics.notebook.panels.question import Question

VARIABLE = "BW_MAGICS_REDACT"

_VALUES: Final[Mapping[str, Redaction]] = {"named": "named", "plain": "plain", "off": False}
_WHERE = 'of the documentation (SECURITY.md), "The output guard"'
_NOT_OFF = (
    "Secrets stay masked: only a person turns the output guard off. "
    f"How: the page Security {_WHERE}."
)
_TITLE = "Show secrets in outputs?"
_HINT = (
    "A cell asks to turn the output guard off. From then on outputs show secrets as they are, and "
    "they are saved with the notebook. To look at one value, --reveal is enough."
)
_DONE = "The output guard is off: outputs show secrets. On again: %config BwMagics.redact = 'named'"


class Unmasking:
    """Decides how outputs show secrets when the extension is loaded, and asks a person before the
    guard is turned off.

    `outside` is what the kernel was started with; by default that is read from the system.
    """

    def __init__(self, prompt: Prompt, outside: Mapping[str, str] | None = None) -> None:
        self._prompt = prompt
        given = (started_with() if outside is None else outside).get(VARIABLE, "")
        # None where the variable says nothing.
        self._outside: Redaction | None = _VALUES.get(given.strip().lower())

    def beginning(self, configured: Redaction) -> tuple[Redaction, str]:
        """Returns how to begin, and a line to say where that is not what was configured."""
        if self._outside is not None:
            return self._outside, ""
        return ("named", _NOT_OFF) if configured is False else (configured, "")

    def agree(self) -> None:
        """Returns if the guard may be turned off.

        Raises `GuardStaysOn` where nobody can be asked, `PromptCancelled` where the answer is not
        yes.
        """
        if self._outside is False:
            return
        if not self._prompt.is_possible:
            raise GuardStaysOn(
                "Secrets stay masked: turning the output guard off needs a person's yes, and there "
                "is nobody to ask.",
                f"What else is possible: the page Security {_WHERE}.",
            )
        from bw_magics.notebook.panels.question import Again, agrees

        question = _question()
        unclear = Again("That was not yes.", "Secrets stay masked.", question.fields)
        self._prompt.ask(question, lambda answers: _DONE if agrees(answers) else unclear)


def started_with() -> Mapping[str, str]:
    """Returns the environment that this process was started with.

    Where the system does not tell (it is read from /proc), that is what it has become since.
    """
    try:
        data = Path("/proc/self/environ").read_bytes()
    except OSError:
        return dict(os.environ)
    pairs = (entry.partition(b"=") for entry in data.split(b"\0"))
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs if name}


def _question() -> Question:
    from bw_magics.notebook.panels.question import AGREEMENT, Question

    return Question(
        title=_TITLE, fields=(AGREEMENT,), button="Unmask outputs", server="", hint=_HINT
    )
