"""The vault of this process: `bw_session`, or one that the process opens by itself."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from bw_magics.errors import CredentialsError
from bw_magics.session.default import bw_session
from bw_magics.session.state import NEVER_LOGGED_IN
from bw_magics.session.vault import Vault

if TYPE_CHECKING:
    from bw_magics.session.machine.secrets_manager import SecretsManager

Opened = TypeVar("Opened")


class _OwnVault(Vault):
    """A vault without a person. Its Secrets Manager is opened when a reference needs it."""

    def _machine(self) -> SecretsManager | None:
        from bw_magics.session.unattended import machine_credentials

        if self.secrets_manager is None and machine_credentials() is not None:
            self.secrets_manager = process().machine()
        return self.secrets_manager


class _Process:
    """What this process opened by itself, each once, and why an attempt failed."""

    def __init__(self) -> None:
        self.id = os.getpid()
        self._lock = threading.Lock()
        self._vault: Vault | None = None
        self._closed = _OwnVault()
        self._machine: SecretsManager | None = None
        self._refused: dict[int, CredentialsError] = {}

    def vault(self) -> Vault:
        """Returns the vault, open; closed where an access token is set and no API key."""
        from bw_magics.session.unattended import has_api_key, machine_credentials

        if not has_api_key() and machine_credentials() is not None:
            return self._closed
        return self.open_vault()

    def open_vault(self) -> Vault:
        """Returns the vault, open. Raises `CredentialsMissing`."""
        from bw_magics.session.unattended import credentials, enter

        with self._lock:
            if self._vault is None:
                key, password = credentials()
                vault = _OwnVault()
                used = hash((key.client_id, key.client_secret, key.settings, password))
                self._once(used, lambda: enter(vault, key, password))
                self._vault = vault
            return self._vault

    def machine(self) -> SecretsManager:
        """Returns the Secrets Manager, logged in. Raises `CredentialsMissing`."""
        from bw_magics.session.accounts.token_credentials import missing_token
        from bw_magics.session.unattended import enter_machine, machine_credentials

        with self._lock:
            if self._machine is None:
                token = machine_credentials()
                if token is None:
                    raise missing_token()
                used = hash((token.access_token, token.settings))
                self._machine = self._once(used, lambda: enter_machine(token))
            return self._machine

    def _once(self, used: int, action: Callable[[], Opened]) -> Opened:
        """Opens with credentials, unless they were refused before."""
        if used in self._refused:
            raise self._refused[used].with_traceback(None)
        try:
            return action()
        except CredentialsError as error:
            self._refused[used] = error
            raise


_process = _Process()


def process() -> _Process:
    """Returns what this process opened; a forked one opens its own."""
    global _process
    if _process.id != os.getpid():
        _process = _Process()
    return _process


def forget() -> None:
    """Forgets what this process opened by itself, and what was refused."""
    global _process
    _process = _Process()


def is_in_use() -> bool:
    """Tells whether `bw_session` is the vault of this process: a notebook's, or one that a program
    logged in to.
    """
    is_notebook, machine = bw_session.presenter is not None, bw_session.secrets_manager
    return is_notebook or machine is not None or bw_session.status.reason != NEVER_LOGGED_IN


def current_vault() -> Vault:
    """Returns `bw_session`, or in a program that never logged in, the vault of the credentials in
    the environment or a `.env` file (README.md, "Where credentials come from").

    That vault is opened once for each process, and again in a forked one. A lock or a logout of
    `bw_session` holds: its reading raises `VaultLocked` or `NotLoggedIn`. Where only an access
    token of the Secrets Manager is set, it is logged out, and resolves only `bws://` references.
    Raises `CredentialsMissing` where no credentials are set, and the errors of logging in;
    credentials that were refused are not sent again.
    """
    return bw_session if is_in_use() else process().vault()


def can_open() -> bool:
    """Tells whether `current_vault` has a vault or credentials. Asks no server."""
    from bw_magics.session.unattended import has_api_key, machine_credentials

    if is_in_use():
        return True
    try:
        return has_api_key() or machine_credentials() is not None
    except CredentialsError:
        return True  # reading the vault tells what is wrong with the file
