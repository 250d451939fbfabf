"""Loading and unloading: unloading removes all that loading adds."""

from __future__ import annotations

import atexit
from importlib import import_module
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from bw_magics.notebook import magics
from bw_magics.notebook.complete import tab
from bw_magics.notebook.line import question_mark
from bw_magics.notebook.magics.index import INDEX
from bw_magics.notebook.magics.late_magic import LateMagics
from bw_magics.notebook.magics.shell_session import ShellSession
from bw_magics.notebook.registry import REGISTRY
from bw_magics.notebook.show import item_view
from bw_magics.notebook.typed.history import running_code
from bw_magics.session.default import bw_session

HANDLE = "bw_session"

_loaded: WeakKeyDictionary[Any, LateMagics] = WeakKeyDictionary()


def find_magics() -> None:
    """Finds every module of `notebook/magics`: a class of magics registers itself.

    One that the index has is imported when a magic of it is first used, any other one now.
    """
    for name, brought in INDEX.items():
        if brought:
            REGISTRY.expect(f"{magics.__name__}.{name}")
    found = {path.stem for each in magics.__path__ for path in Path(each).glob("*.py")}
    for name in sorted(found - INDEX.keys() - {"__init__"}):
        import_module(f"{magics.__name__}.{name}")


find_magics()


def load(shell: Any) -> None:
    """Registers the magics with a shell. A second time only binds `bw_session` again."""
    shell.push({HANDLE: bw_session}, interactive=False)
    if shell in _loaded:
        return
    session = ShellSession(shell, bw_session)
    session.open()
    loaded = _loaded[shell] = LateMagics(shell, session)
    loaded.register()
    tab.install(shell, bw_session)
    item_view.install(shell)
    question_mark.install(shell)
    atexit.register(session.end)
    question_mark.check(_running_cell(shell))


def unload(shell: Any) -> None:
    """Logs out, stops the demo and removes magics, settings, events and `bw_session`."""
    loaded = _loaded.pop(shell, None)
    if loaded is None:
        return
    tab.uninstall(shell)
    item_view.uninstall(shell)
    question_mark.uninstall(shell)
    loaded.session.close()
    atexit.unregister(loaded.session.end)
    loaded.remove()
    shell.drop_by_id({HANDLE: bw_session})


def registered(shell: Any) -> ShellSession | None:
    """Gives what the magics of a shell share; None where the extension is not loaded."""
    loaded = _loaded.get(shell)
    return None if loaded is None else loaded.session


def _running_cell(shell: Any) -> str:
    """Gives the cell that loads the extension; it was read before the extension could."""
    inputs: list[str] = shell.history_manager.input_hist_raw
    cell = running_code(shell) or (inputs[-1] if inputs else "")
    return cell if "bw_magics" in cell else ""
