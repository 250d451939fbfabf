"""keyring: a vault as a backend, for `pip`, `twine` and other programs that ask `keyring`.

The entry point `keyring.backends` names this module (docs/integrations.md, keyring).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bw_magics.adapters.extra import importing
from bw_magics.errors import (
    BitwardenError,
    CredentialsError,
    NotLoggedIn,
    StateError,
)
from bw_magics.integrations.logins import find_login
from bw_magics.integrations.source import can_open, current_vault
from bw_magics.session.storage.keyring import SERVICE as OWN_SERVICE

with importing("keyring", extra="keyring", what="keyring", oldest="25"):
    import keyring
    from keyring.backend import KeyringBackend
    from keyring.compat import properties
    from keyring.credentials import SimpleCredential
    from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError, PasswordSetError

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

_KEPT_BY_KEYRINGS = {"username", "password", "uri", "passwordHistory"}


class BitwardenKeyring(KeyringBackend):
    """A backend of keyring: a login, by its name or a URI's host and port, and its user name."""

    # Below the operating systems' backends, above those that keep plain files.
    priority = 1

    @properties.classproperty
    def viable(cls) -> bool:  # noqa: N805 - of the class, as in the base
        """Returns whether keyring considers it without being told to: there is a vault or an API
        key.
        """
        return can_open()

    def get_password(self, service: str, username: str) -> str | None:
        """Returns the password, or None. Raises `KeyringLocked`, `KeyringError`."""
        with self._telling(KeyringError):
            item = self._find(service, username)
            return (item.password or "") if item is not None else None
        return None

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        """Returns user name and password; without `username` those of the only login."""
        with self._telling(KeyringError):
            item = self._find(service, username)
            return SimpleCredential(item.username or "", item.password or "") if item else None
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Changes the login's password, or creates a login. Raises `PasswordSetError`."""
        if service == OWN_SERVICE:
            raise PasswordSetError("The API key that opens the vault is not kept in the vault.")
        with self._telling(PasswordSetError):
            item = self._find(service, username)
            if item is not None:
                item.edit(password=password)
                return
            given = {"name": service, "username": username, "password": password}
            current_vault().create("login", **given, uris=[service] if "://" in service else [])

    def delete_password(self, service: str, username: str) -> None:
        """Puts a login that holds nothing else into the trash. Raises `PasswordDeleteError`."""
        with self._telling(PasswordDeleteError):
            item = self._find(service, username)
            if item is None:
                raise PasswordDeleteError("The vault has no such password.")
            if {name for name, _ in item.outline()} - _KEPT_BY_KEYRINGS:
                raise PasswordDeleteError(f"'{item.name}' holds more than a password.")
            item.trash()

    def _find(self, service: str, username: str | None) -> Item | None:
        return None if service == OWN_SERVICE else find_login(current_vault(), service, username)

    @contextmanager
    def _telling(self, kind: type[KeyringError]) -> Iterator[None]:
        try:
            yield
        except (StateError, CredentialsError) as error:
            # A vault that nobody uses does not stop the other backends of a chain.
            is_unused = isinstance(error, NotLoggedIn) or not can_open()
            if not is_unused or isinstance(keyring.get_keyring(), type(self)):
                raise KeyringLocked(str(error)) from error
        except BitwardenError as error:
            raise kind(str(error)) from error
