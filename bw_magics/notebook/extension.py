"""Loading and unloading: whatever loading brings, unloading takes away."""

from __future__ import annotations

import atexit
from typing import Any

from bw_magics.notebook.complete import completion
from bw_magics.notebook.magics.api_key import ApiKeyMagics
from bw_magics.notebook.magics.connect import ConnectMagics
from bw_magics.notebook.magics.environment import EnvironmentMagics
from bw_magics.notebook.magics.generator import GeneratorMagics
from bw_magics.notebook.magics.reading import ReadingMagics
from bw_magics.notebook.magics.session import BwMagics
from bw_magics.notebook.panels.vault import adopt, release
from bw_magics.notebook.show import item_view
from bw_magics.session.default import bw_session

HANDLE = "bw_session"


def load(shell: Any) -> None:
    """Registers the magics with a shell; a second time changes nothing but binds `bw_session`.

    They are among the shell's configurables from their making on.
    """
    shell.push({HANDLE: bw_session}, interactive=False)
    if registered(shell) is not None:
        return
    adopt(bw_session, shell)
    magics = BwMagics(shell, bw_session)
    environment = EnvironmentMagics(shell, magics)
    shell.register_magics(
        magics,
        environment,
        ApiKeyMagics(shell, magics),
        ConnectMagics(shell, bw_session, magics.typed_secrets),
        GeneratorMagics(shell, bw_session, magics.typed_secrets),
        ReadingMagics(shell, magics),
    )
    shell.events.register("pre_run_cell", magics.before_cell)
    shell.events.register("post_run_cell", magics.after_cell)
    environment.install()
    completion.install(shell, bw_session)
    item_view.install(shell)
    atexit.register(magics.end)


def unload(shell: Any) -> None:
    """Logs out, stops the demo and removes magics, settings, events and `bw_session`."""
    magics = registered(shell)
    if magics is None:
        return
    registry = shell.magics_manager.registry
    environment = registry[EnvironmentMagics.__name__]
    kinds = (ApiKeyMagics, ConnectMagics, GeneratorMagics, ReadingMagics)
    others = (registry[kind.__name__] for kind in kinds)
    owners = (magics, environment, *others)
    environment.uninstall()
    completion.uninstall(shell)
    item_view.uninstall(shell)
    magics.close()
    atexit.unregister(magics.end)
    shell.events.unregister("pre_run_cell", magics.before_cell)
    shell.events.unregister("post_run_cell", magics.after_cell)
    for kind in shell.magics_manager.magics.values():
        for name in [name for name, magic in kind.items() if _owner(magic) in owners]:
            del kind[name]
    for owner in owners:
        shell.configurables.remove(owner)
        del registry[type(owner).__name__]
    shell.drop_by_id({HANDLE: bw_session})
    release(bw_session)


def registered(shell: Any) -> BwMagics | None:
    """The magics that are registered with a shell, or None."""
    magics = shell.magics_manager.registry.get(BwMagics.__name__)
    return magics if isinstance(magics, BwMagics) else None


def _owner(magic: object) -> object:
    return getattr(magic, "__self__", None)
