"""`MachineTokens`: bearer tokens of machine accounts."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from datetime import UTC, datetime

import msgspec

from bw_magics.demo.json_object import Json
from bw_magics.demo.stored.machine_secrets import MachineAccount, StoredSecrets

SCOPE = "api.secrets"


class MachineTokens:
    """The tokens of `lifetime` seconds that access tokens are traded for, and whose they are."""

    def __init__(self, store: StoredSecrets, *, lifetime: float = 3600) -> None:
        self.store = store
        self.lifetime = lifetime
        self._issued: dict[str, tuple[MachineAccount, float]] = {}
        self._key = secrets.token_bytes(32)

    def token(self, form: dict[str, str]) -> Json | None:
        """Answers a login; None for an access token that is unknown, revoked or expired."""
        account = self.store.account(form.get("client_id", "").lower())
        given = form.get("client_secret", "").encode()
        if account is None or not hmac.compare_digest(given, account.client_secret.encode()):
            return None
        if account.is_revoked or (account.expires and account.expires <= datetime.now(UTC)):
            return None
        now = time.time()
        claims = {
            "nbf": int(now),
            "exp": int(now + self.lifetime),
            "client_id": account.id,
            "sub": account.id,
            "organization": self.store.organization_id,
            "jti": secrets.token_hex(16),
            "scope": [SCOPE],
        }
        token = self._signed(claims)
        self._issued[token] = (account, now + self.lifetime)
        return {
            "access_token": token,
            "expires_in": int(self.lifetime),
            "token_type": "Bearer",
            "scope": SCOPE,
            "encrypted_payload": self.store.payload(account),
        }

    def holder(self, authorization: str) -> MachineAccount | None:
        """Returns the account that an `Authorization` header gives access to, or None."""
        account, expires = self._issued.get(authorization.removeprefix("Bearer "), (None, 0.0))
        return account if expires > time.time() else None

    def end(self) -> None:
        """Ends every token that was issued."""
        self._issued.clear()

    def _signed(self, claims: Json) -> str:
        parts = [_base64(msgspec.json.encode(each)) for each in ({"alg": "HS256"}, claims)]
        signed = ".".join(parts)
        return f"{signed}.{_base64(hmac.digest(self._key, signed.encode(), 'sha256'))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
