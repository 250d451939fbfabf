"""`PanelPresenter`: shows values and the vault in panels below the cell, or in a terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from bw_magics.errors import NotOffered, UsageMistake
from bw_magics.notebook.guard.hooks.passage import letting_through
from bw_magics.secret import Secret
from bw_magics.session.vault import Vault

_LIST = "%bw_list items lists the vault."


class PanelPresenter:
    """The presenter of the vault while the extension is loaded into a shell.

    `shows_plain` tells whether the vault browser shows at once what is not secret.
    """

    def __init__(self, shell: Any, shows_plain: Callable[[], bool] = lambda: True) -> None:
        self._shell = shell
        self._process = os.getpid()
        self._hiders: list[Callable[[], None]] = []
        self._shows_plain = shows_plain

    def reveal(self, value: str) -> None:
        """Shows a value for 30 seconds; in a terminal, prints it once."""
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
            raise _without_anywidget("The panel that shows a value") from None
        self._hiders.append(show(kernel, value, label or "a value"))

    def browse(self, vault: Vault) -> None:
        """Shows the vault browser. Raises `VaultLocked` as any use of the vault."""
        vault._contents().keys.used()
        kernel = self._watched_kernel()
        if kernel is None:
            raise NotOffered("A terminal has no panel to browse in.", _LIST)
        try:
            from bw_magics.notebook.panels.browser import browse
        except ImportError:
            raise _without_anywidget("The vault browser") from None
        browse(kernel, vault, shows_plain=self._shows_plain())

    def hide(self) -> None:
        """Hides the values that are shown, at once."""
        hiders, self._hiders = self._hiders, []
        if os.getpid() != self._process:  # a forked child shares the sockets of the kernel
            return
        loop = getattr(getattr(self._shell, "kernel", None), "io_loop", None)
        is_main = threading.current_thread() is threading.main_thread()
        for hide in hiders:
            if is_main or loop is None:
                hide()
            else:
                loop.add_callback(hide)

    def _watched_kernel(self) -> Any:
        """Gives the kernel, None in a terminal. Raises `NotOffered` if nobody watches the run."""
        kernel = getattr(self._shell, "kernel", None)
        if kernel is not None and not getattr(kernel, "_allow_stdin", False):
            raise NotOffered(
                "Nobody watches this notebook run, so there is nobody to show anything to.",
                "Run the cell in a notebook that is open in a browser.",
            )
        return kernel


def _without_anywidget(what: str) -> NotOffered:
    return NotOffered(
        f"{what} needs anywidget, which is not installed.", "Install it: %pip install anywidget"
    )


def _print_once(value: str) -> None:
    # Not `sys.stdout`, which can be redirected to a file.
    terminal = sys.__stdout__
    if terminal is None or not terminal.isatty():
        raise NotOffered(
            "The output is not a terminal, so the value would be written to a file.",
            "Run it in a terminal or in a notebook.",
        )
    with letting_through():
        terminal.write(f"{value!s}\n")
        terminal.flush()
