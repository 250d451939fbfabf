"""Asking a person for a secret, masked; and knowing when there is nobody to ask."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from bw_magics.errors import PromptCancelled
from bw_magics.secret import Secret


class Prompt:
    """Asks through the front end's own masked box, or the terminal's.

    `mode` is `auto` or `never`.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.mode = "auto"

    @property
    def is_possible(self) -> bool:
        """Whether somebody can answer: nbclient, papermill and nbconvert tell the kernel that
        nobody can (jupyter.md A.6), and a script has no terminal.
        """
        if self.mode == "never":
            return False
        kernel = getattr(self._shell, "kernel", None)
        if kernel is not None:
            return bool(getattr(kernel, "_allow_stdin", False))
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, label: str) -> Secret:
        """What the person types, never shown. Raises `PromptCancelled` for an empty answer and an
        interrupt.
        """
        try:
            answer = getpass.getpass(f"{label}: ")
        except (EOFError, KeyboardInterrupt):
            answer = ""
        if not answer:
            raise PromptCancelled("Nothing was typed.", "Run the cell again to be asked again.")
        return Secret(answer, label)
