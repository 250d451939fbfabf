"""Access tokens: JSON Web Tokens with real claims and a signature that nobody checks."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any

import msgspec

from bw_magics.demo.stored.stored_vault import StoredVault


@dataclass(frozen=True)
class _Issued:
    vault: StoredVault
    expires: float
    security_stamp: str


class Tokens:
    """The access tokens of a server; `lifetime` is in seconds.

    `bound` ties a token to the security stamp, so that a changed password ends it at once, like
    Vaultwarden's.
    """

    def __init__(self, issuer: str, *, lifetime: float, bound: bool) -> None:
        self.lifetime = lifetime
        self._issuer = issuer
        self._bound = bound
        self._key = secrets.token_bytes(32)
        self._issued: dict[str, _Issued] = {}
        self._refreshing: dict[str, _Issued] = {}
        self._lock = threading.Lock()

    def issue(self, vault: StoredVault, *, device: str, device_type: str) -> str:
        """Issues a new token for an account and a device."""
        now = time.time()
        account = vault.account
        claims = {
            "nbf": int(now),
            "exp": int(now + self.lifetime),
            "iss": self._issuer,
            "client_id": account.client_id,
            "sub": account.user_id,
            "auth_time": int(now),
            "idp": "bitwarden",
            "premium": True,
            "email": account.email,
            "email_verified": True,
            "sstamp": vault.security_stamp,
            "name": account.name,
            "orguser": [organization.id for organization, _ in vault.organizations],
            "device": device,
            "devicetype": device_type,
            "jti": secrets.token_hex(16),
            "iat": int(now),
            "scope": ["api"],
            "amr": ["Application"],
        }
        token = self._sign(claims)
        with self._lock:
            self._issued[token] = _Issued(vault, now + self.lifetime, vault.security_stamp)
        return token

    def holder(self, authorization: str) -> StoredVault | None:
        """Returns the vault that an `Authorization` header gives access to, or None."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            issued = self._issued.get(token)
        if scheme.lower() != "bearer" or issued is None or issued.expires <= time.time():
            return None
        if self._bound and issued.security_stamp != issued.vault.security_stamp:
            return None
        return issued.vault

    def issue_refresh(self, vault: StoredVault) -> str:
        """Issues a token that gives further access tokens, as a login with the password does."""
        token = secrets.token_urlsafe(48)
        with self._lock:
            self._refreshing[token] = _Issued(vault, float("inf"), vault.security_stamp)
        return token

    def refreshed(self, token: str) -> StoredVault | None:
        """Returns the vault of a refresh token, or None where its account was changed since."""
        with self._lock:
            issued = self._refreshing.get(token)
        if issued is None or issued.security_stamp != issued.vault.security_stamp:
            return None
        return issued.vault

    def _sign(self, claims: dict[str, Any]) -> str:
        parts = [
            _base64(msgspec.json.encode(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
        ]
        signed = ".".join(parts)
        return f"{signed}.{_base64(hmac.digest(self._key, signed.encode(), 'sha256'))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
