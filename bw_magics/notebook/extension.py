"""Loading and unloading: unloading removes all that loading adds."""

from __future__ import annotations

import atexit
from importlib import import_module
from pathlib import Path
from typing import Any

from bw_magics.notebook import magics
from bw_magics.notebook.complete import completion
from bw_magics.notebook.line import question_mark
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.shell_session import ShellSession
from bw_magics.notebook.registry import REGISTRY
from bw_magics.notebook.show import item_view
from bw_magics.notebook.typed.history import running_code
from bw_magics.session.default import bw_session

# Help, completion and the documentation have these magics first, in this order.
_FIRST = (
    *("session", "reading", "writing", "filing", "rotating", "connect", "environment", "checking"),
    *("log", "scanning", "generator", "api_key", "demo", "bw"),
)

HANDLE = "bw_session"


def import_magics() -> None:
    """Imports every module of `notebook/magics`: a class of magics registers itself."""
    found = sorted(path.stem for each in magics.__path__ for path in Path(each).glob("*.py"))
    for name in dict.fromkeys((*_FIRST, *found)):
        if name != "__init__":
            import_module(f"{magics.__name__}.{name}")


import_magics()


def load(shell: Any) -> None:
    """Registers the magics with a shell. A second time only binds `bw_session` again."""
    shell.push({HANDLE: bw_session}, interactive=False)
    if registered(shell) is not None:
        return
    session = ShellSession(shell, bw_session)
    session.open()
    made: list[VaultMagics] = [kind(shell, session) for kind in REGISTRY.kinds]
    shell.register_magics(*made)
    for each in made:
        each.install()
    completion.install(shell, bw_session)
    item_view.install(shell)
    question_mark.install(shell)
    atexit.register(session.end)
    question_mark.check(_running_cell(shell))


def unload(shell: Any) -> None:
    """Logs out, stops the demo and removes magics, settings, events and `bw_session`."""
    session = registered(shell)
    if session is None:
        return
    known = _magics(shell)
    for each in known:
        each.uninstall()
    completion.uninstall(shell)
    item_view.uninstall(shell)
    question_mark.uninstall(shell)
    session.close()
    atexit.unregister(session.end)
    for kind in shell.magics_manager.magics.values():
        for name in [name for name, magic in kind.items() if _owner(magic) in known]:
            del kind[name]
    for each in known:
        shell.configurables.remove(each)
        del shell.magics_manager.registry[type(each).__name__]
    shell.drop_by_id({HANDLE: bw_session})


def registered(shell: Any) -> ShellSession | None:
    """Gives what the magics of a shell share; None where the extension is not loaded."""
    return next((each.session for each in _magics(shell)), None)


def _magics(shell: Any) -> list[VaultMagics]:
    known = shell.magics_manager.registry.values()
    return [each for each in known if isinstance(each, VaultMagics)]


def _running_cell(shell: Any) -> str:
    """Gives the cell that loads the extension; it was read before the extension could."""
    inputs: list[str] = shell.history_manager.input_hist_raw
    cell = running_code(shell) or (inputs[-1] if inputs else "")
    return cell if "bw_magics" in cell else ""


def _owner(magic: object) -> object:
    return getattr(magic, "__self__", None)
