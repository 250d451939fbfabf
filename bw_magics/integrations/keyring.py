"""keyring: a vault as a backend, for `pip`, `twine` and other programs that ask `keyring`.

The entry point `keyring.backends` names this module (docs/integrations.md, keyring).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bw_magics.adapters.extra import importing
from bw_magics.errors import CredentialsError, NotLoggedIn, StateError
from bw_magics.integrations.logins import find_password, save_password, trash_password
from bw_magics.integrations.source import raised_as
from bw_magics.session.process_vault import can_open

with importing("keyring", extra="keyring", what="keyring", oldest="25"):
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.compat import properties
    from keyring.credentials import SimpleCredential
    from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError, PasswordSetError


class BitwardenKeyring(KeyringBackend):
    """A backend of keyring: a login, by its name or a URI's host and port, and its user name; or
    the value of a reference, `bw://…` or `bws://…` in the place of the service.
    """

    # Below the operating systems' backends, above those that keep plain files.
    priority = 1

    @properties.classproperty
    def viable(cls) -> bool:  # noqa: N805 - of the class, as in the base
        """Returns whether keyring considers it without being told to: a vault or credentials are
        set.
        """
        return can_open()

    def get_password(self, service: str, username: str) -> str | None:
        """Returns the password, or None. Raises `KeyringLocked`, `KeyringError`."""
        found = self.get_credential(service, username)
        return found.password if found is not None else None

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        """Returns user name and password; without `username` those of the only login."""
        with _raised_as(KeyringError):
            found = find_password(service, username)
            return SimpleCredential(*found) if found is not None else None
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Changes the login's password, or creates a login. Raises `PasswordSetError`."""
        with _raised_as(PasswordSetError):
            save_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        """Puts a login that holds nothing else into the trash. Raises `PasswordDeleteError`."""
        with _raised_as(PasswordDeleteError):
            trash_password(service, username)


@contextmanager
def _raised_as(kind: type[KeyringError]) -> Iterator[None]:
    """Raises keyring's kinds of errors. A vault that nobody uses does not stop a chain's others."""
    try:
        with raised_as(kind):
            yield
    except kind as error:
        cause = error.__cause__
        if not isinstance(cause, StateError | CredentialsError):
            raise
        is_unused = isinstance(cause, NotLoggedIn) or not can_open()
        if not is_unused or isinstance(keyring.get_keyring(), BitwardenKeyring):
            raise KeyringLocked(str(cause)) from cause
