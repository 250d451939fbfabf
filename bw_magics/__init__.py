"""Bitwarden and Vaultwarden secrets in IPython and Jupyter.

In a notebook: `%load_ext bw_magics`, `%bw_login --apikey`, `%bw_unlock`, then
`password = %bw_get password Warehouse DB`. In a program: `from bw_magics import Vault`.
Importing this imports nothing else; what is used is imported then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bw_magics import settings

if TYPE_CHECKING:
    from bw_magics.errors import BitwardenError
    from bw_magics.secret import Secret, SecretBytes
    from bw_magics.session.default import bw_session
    from bw_magics.session.machine.secrets_manager import SecretsManager
    from bw_magics.session.organization.organization import Organization
    from bw_magics.session.process_vault import current_vault
    from bw_magics.session.vault import Vault
    from bw_magics.vault.changes import hidden
    from bw_magics.vault.generate import PassphraseRules, PasswordRules
    from bw_magics.vault.item import Item
    from bw_magics.vault.reference import Reference
    from bw_magics.vault.selection import Selection
    from bw_magics.vault.tiebreak import Tiebreak

__version__ = settings.VERSION

__all__ = [
    "BitwardenError",
    "Item",
    "Organization",
    "PassphraseRules",
    "PasswordRules",
    "Reference",
    "Secret",
    "SecretBytes",
    "SecretsManager",
    "Selection",
    "Tiebreak",
    "Vault",
    "__version__",
    "bw_session",
    "current_vault",
    "hidden",
    "load_ipython_extension",
    "unload_ipython_extension",
]

_HOMES = {
    "BitwardenError": "bw_magics.errors",
    "Item": "bw_magics.vault.item",
    "PassphraseRules": "bw_magics.vault.generate",
    "PasswordRules": "bw_magics.vault.generate",
    "Reference": "bw_magics.vault.reference",
    "Organization": "bw_magics.session.organization.organization",
    "Secret": "bw_magics.secret",
    "SecretBytes": "bw_magics.secret",
    "SecretsManager": "bw_magics.session.machine.secrets_manager",
    "Selection": "bw_magics.vault.selection",
    "Tiebreak": "bw_magics.vault.tiebreak",
    "Vault": "bw_magics.session.vault",
    "bw_session": "bw_magics.session.default",
    "current_vault": "bw_magics.session.process_vault",
    "hidden": "bw_magics.vault.changes",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bw_magics' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Registers the magics and binds `bw_session`; called by `%load_ext bw_magics`."""
    from bw_magics.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Logs out and takes away everything that loading brought."""
    from bw_magics.notebook.extension import unload

    unload(shell)
