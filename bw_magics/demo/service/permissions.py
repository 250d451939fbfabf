"""`Permissions`: who may load or send a file without a bearer token."""

from __future__ import annotations

import secrets
import threading
import time

from bw_magics.demo.stored.stored_vault import StoredVault

# The lifetime of a download address, in seconds.
_LIFETIME = 300


class Permissions:
    """The tokens of addresses, with the file and the expiry of each."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[StoredVault, str, str, float]] = {}
        self._lock = threading.Lock()

    def permit(self, vault: StoredVault, item_id: str, attachment_id: str) -> str:
        """Makes a token for one file."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._files[token] = (vault, item_id, attachment_id, time.time() + _LIFETIME)
        return token

    def vault(self, token: str, item_id: str, attachment_id: str) -> StoredVault | None:
        """Returns the vault in which the token permits that file, or None."""
        with self._lock:
            vault, *names, expires = self._files.get(token, (None, "", "", 0.0))
        if names != [item_id, attachment_id] or expires < time.time():
            return None
        return vault
