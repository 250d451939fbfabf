"""`NotebookVault`: the process's vault while the extension is loaded."""

from __future__ import annotations

import sys
from typing import Any

from bw_magics.errors import NotOffered, UsageMistake
from bw_magics.notebook.guard.hooks.passage import letting_through
from bw_magics.secret import Secret
from bw_magics.session.vault import Vault

_LIST = "%bw_list items lists the vault."


class NotebookVault(Vault):
    """A `Vault` that can also show a value to the person in front of the notebook.

    `bw_session` is there before IPython loads the extension, maybe in somebody's variable, and
    has to stay the same object: so the vault that there is becomes one of these at `%load_ext`,
    and a plain `Vault` again when the extension is unloaded.
    """

    _shell: Any

    def _beside(self, name: str) -> Vault:
        vault = super()._beside(name)
        vault._shell = self._shell  # type: ignore[attr-defined] # it is of this class
        return vault

    def reveal(self, value: str) -> None:
        """Shows a value to you and not to the file: in a panel below the cell, with a copy button,
        for 30 seconds; in a terminal it is printed once.

        It travels to the panel sealed, and is not saved. Raises `NotOffered` with the reason
        where that is not possible: a page without encryption, a front end without widgets, a run
        that nobody watches.
        """
        if not isinstance(value, str):
            raise UsageMistake(
                "Only a text can be revealed.", "Name a field: bw_session['Warehouse DB'].password."
            )
        label = value.label if isinstance(value, Secret) else ""
        kernel = self._watched_kernel()
        if kernel is None:
            _print_once(value)
            return
        try:
            from bw_magics.notebook.panels.reveal import show
        except ImportError:
            raise NotOffered(
                "The panel that shows a value needs anywidget, which is not installed.",
                "Install it: %pip install anywidget",
            ) from None
        show(kernel, value, label or "a value")

    def browse(self) -> None:
        """Shows the vault in a panel below the cell: to search, to see what an item has, to look
        at a value for 30 seconds, and to copy a line of code or a reference.

        It closes when the vault is locked. What it shows travels sealed, and nothing of it is
        saved. Raises `NotOffered` with the reason where that is not possible: a terminal, a page
        without encryption, a front end without widgets, a run that nobody watches.
        """
        self._contents().keys.used()
        kernel = self._watched_kernel()
        if kernel is None:
            raise NotOffered("A terminal has no panel to browse in.", _LIST)
        try:
            from bw_magics.notebook.panels.browser import browse
        except ImportError:
            raise NotOffered(
                "The vault browser needs anywidget, which is not installed.",
                "Install it: %pip install anywidget",
            ) from None
        browse(kernel, self)

    def _watched_kernel(self) -> Any:
        """The kernel, None in a terminal; raises `NotOffered` where nobody watches it."""
        kernel = getattr(self._shell, "kernel", None)
        if kernel is not None and not getattr(kernel, "_allow_stdin", False):
            raise NotOffered(
                "Nobody watches this notebook run, so there is nobody to show anything to.",
                "Run the cell in a notebook that is open in a browser.",
            )
        return kernel


def adopt(vault: Vault, shell: Any) -> None:
    """Makes a vault a `NotebookVault` of a shell."""
    for each in vault.profiles:
        each.__class__ = NotebookVault
        each._shell = shell  # type: ignore[attr-defined]


def release(vault: Vault) -> None:
    """Makes it a plain `Vault` again."""
    for each in vault.profiles:
        if isinstance(each, NotebookVault):
            del each._shell
            each.__class__ = Vault  # type: ignore[assignment] # it was one before


def _print_once(value: str) -> None:
    # Not `sys.stdout`: a redirected one is a file.
    terminal = sys.__stdout__
    if terminal is None or not terminal.isatty():
        raise NotOffered(
            "The output is not a terminal, so the value would be written to a file.",
            "Run it in a terminal or in a notebook.",
        )
    with letting_through():
        terminal.write(f"{value!s}\n")
        terminal.flush()
