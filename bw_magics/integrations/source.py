"""The vault that other libraries get secrets from, and their errors in place of ours."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from bw_magics.errors import BitwardenError, CredentialsError
from bw_magics.session.default import bw_session
from bw_magics.session.state import NEVER_LOGGED_IN
from bw_magics.session.vault import Vault

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault


class AnySource(Protocol):
    """A source of secrets, as an integration needs it: a vault, or a `SecretSource`."""

    def resolve(self, reference: str, /) -> object:
        """Returns what a reference names. Raises a `BitwardenError`."""


class _Process:
    """The vault that this process opened by itself, and why the last attempt failed."""

    def __init__(self) -> None:
        self.id = os.getpid()
        self.lock = threading.Lock()
        self.vault: Vault | None = None
        self.refused: tuple[int, CredentialsError] | None = None


_process = _Process()


def current_vault() -> Vault:
    """Returns `bw_session`, or in a program that never logged in, the vault of the credentials in
    the environment or a `.env` file (README.md, "Where credentials come from").

    That vault is opened once for each process, and again in a forked one. A lock or a logout of
    `bw_session` holds: its reading raises `VaultLocked` or `NotLoggedIn`. Raises
    `CredentialsMissing` where no credentials are set, and the errors of logging in; credentials
    that were refused are not sent again.
    """
    global _process
    if bw_session.status.reason != NEVER_LOGGED_IN or bw_session.presenter is not None:
        return bw_session
    if _process.id != os.getpid():
        _process = _Process()
    with _process.lock:
        if _process.vault is None:
            _process.vault = _open(_process)
        return _process.vault


def _open(process: _Process) -> Vault:
    from bw_magics.session.unattended import credentials, enter

    key, password = credentials()
    used = hash((key.client_id, key.client_secret, key.settings, password))
    if process.refused is not None and process.refused[0] == used:
        raise process.refused[1].with_traceback(None)
    vault = Vault()
    try:
        enter(vault, key, password)
    except CredentialsError as error:
        process.refused = used, error
        raise
    return vault


def resolve(reference: str, source: AnySource | None = None) -> object:
    """Returns what a reference names in a source; None is the current vault."""
    return (current_vault() if source is None else source).resolve(reference)


def can_open() -> bool:
    """Tells whether `current_vault` has a vault or credentials. Asks no server."""
    from bw_magics.session.unattended import has_api_key

    if bw_session.status.reason != NEVER_LOGGED_IN or bw_session.presenter is not None:
        return True
    try:
        return has_api_key()
    except CredentialsError:
        return True  # reading the vault tells what is wrong with the file


@contextmanager
def raised_as(kind: type[Exception]) -> Iterator[None]:
    """Raises a library's own kind of error, with our sentence, in place of a `BitwardenError`.

    The first one is its cause.
    """
    try:
        yield
    except BitwardenError as error:
        raise kind(str(error)) from error
