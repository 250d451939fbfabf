"""`Remembered`: an API key in the operating system's keyring, where that was asked for.

The master password is never remembered. Without a keyring nothing is stored; no file replaces it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import ExtraMissing, NoKeyring
from bw_magics.secret import Unpicklable
from bw_magics.session.accounts.source import Source
from bw_magics.session.background import SLICE, Task
from bw_magics.settings import API, CLIENT_ID, CLIENT_SECRET, IDENTITY, KEY_CONNECTOR, SERVER
from bw_magics.steps import LOG_IN, Remedy, install

if TYPE_CHECKING:
    from bw_magics.session.accounts.account import Account

Result = TypeVar("Result")

NAME = "the keyring"
SERVICE = "bw_magics"
_FIRST = "default"
# In seconds: a keyring may ask the person to unlock it, in its own window.
_PATIENCE = 60.0

# The vault as a keyring, backends that keep nothing, and those that keep the key in a file.
_OURS = "bw_magics."
_NOTHING = ("keyring.backends.fail", "keyring.backends.null")
_FILES = ("keyrings.alt",)


class Remembered(Unpicklable):
    """The remembered API key of one profile, with its server."""

    def __init__(self, profile: str = "") -> None:
        self._user = profile or _FIRST

    def __repr__(self) -> str:
        return "<Remembered>"

    def check(self) -> None:
        """Raises `ExtraMissing` or `NoKeyring` where nothing can be remembered here."""
        self._keyring()

    def keep(self, account: Account) -> None:
        """Remembers the API key of an account."""
        server, key = account.server, account.api_key
        values = {
            CLIENT_ID: key.client_id,
            CLIENT_SECRET: key.client_secret,
            SERVER: server.web_vault,
            IDENTITY: server.identity,
            API: server.api,
            KEY_CONNECTOR: server.key_connector or "",
        }
        keyring = self._keyring()
        self._ask(lambda: keyring.set_password(SERVICE, self._user, json.dumps(values)))

    def source(self) -> Source | None:
        """Returns the remembered key as a source of credentials; None without one."""
        try:
            keyring = self._keyring()
            text = self._ask(lambda: keyring.get_password(SERVICE, self._user))
            values = json.loads(text or "{}")
        except (ExtraMissing, NoKeyring, ValueError):
            return None
        if not isinstance(values, dict):
            return None
        texts = {name: value for name, value in values.items() if isinstance(value, str)}
        source = Source(NAME, texts)
        return source if source.has_api_key else None

    def forget(self) -> bool:
        """Removes the key; tells whether there was one. A backend that `keep` refuses has none.

        Raises `ExtraMissing`, and `NoKeyring` for a keyring that does not answer.
        """
        keyring = self._imported()
        if self._refusal(keyring) is not None:
            return False
        if self._ask(lambda: keyring.get_password(SERVICE, self._user)) is None:
            return False
        self._ask(lambda: keyring.delete_password(SERVICE, self._user))
        return True

    def _keyring(self) -> Any:
        keyring = self._imported()
        refusal = self._refusal(keyring)
        if refusal is not None:
            raise refusal
        return keyring

    def _imported(self) -> Any:
        try:
            import keyring
        except ImportError:
            raise ExtraMissing(
                "The operating system's keyring is reached through a package that is not "
                "installed.",
                Remedy("Install it: {}", install("'bw_magics[keyring]'")),
            ) from None
        return keyring

    def _refusal(self, keyring: Any) -> NoKeyring | None:
        """Returns why nothing is kept in the backend that the library chose, else None."""
        backend = self._ask(keyring.get_keyring)
        modules = [
            type(each).__module__ for each in getattr(backend, "backends", None) or [backend]
        ]
        # What opens the vault is not kept in the vault.
        for module in [each for each in modules if not each.startswith(_OURS)] or _NOTHING:
            if module.startswith(_FILES):
                return NoKeyring(
                    "The keyring here is a file, and an API key is not written to one.",
                    "Choose the operating system's own with PYTHON_KEYRING_BACKEND, or put the "
                    "key into the environment.",
                )
            if module.startswith(_NOTHING):
                return _unusable()
        return None

    def _ask(self, action: Callable[[], Result]) -> Result:
        """Asks the keyring; hides its errors, which may quote what is stored."""
        task = Task(action, "asking the keyring")
        end = time.monotonic() + _PATIENCE
        while not task.is_done and time.monotonic() < end:
            time.sleep(SLICE / 10)
        if not task.is_done or task.error is not None:
            raise _unusable()
        return task.wait()


def _unusable() -> NoKeyring:
    return NoKeyring(
        "This machine has no keyring that can be used, so no API key is kept; it is written to no "
        "file instead.",
        Remedy("Put it into the environment, or give it at every login: {}.", LOG_IN),
    )
