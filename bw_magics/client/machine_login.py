"""Logging in to the Secrets Manager (docs/protocol.md, Secrets Manager)."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from bw_magics.client.access_token import AccessToken
from bw_magics.client.claims import read_claims
from bw_magics.client.known_reason import known_reason
from bw_magics.client.login_refusal import asks_for_another_login
from bw_magics.client.refusal import refused
from bw_magics.client.reply import Reply, messages
from bw_magics.client.software import ask_software
from bw_magics.client.transport import Transport
from bw_magics.errors import (
    AccessTokenRefused,
    AnswerUnusable,
    BitwardenError,
    NoSecretsManager,
)
from bw_magics.lean_regex import regex
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import WHERE_ACCESS_TOKENS_ARE, Server
from bw_magics.steps import LOG_IN, Remedy

# The official lifetime, for a server that does not name one.
_LIFETIME = 3600
_LONGEST_LIFETIME = 24 * 3600
_LONGEST_TOKEN = 64 * 1024
_ID = regex(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

# Vaultwarden asks for a device first, and knows no such scope.
_UNKNOWN_SCOPE = regex(r"scope not supported|device_\w+ cannot be blank")


@dataclass(frozen=True, slots=True, repr=False)
class MachineLogin(Unpicklable):
    """What the token endpoint answered a machine account.

    `expires_at` is in seconds since 1970. `payload` is an EncString: the organisation's key, under
    the key of the access token.
    """

    token: Secret
    expires_at: float
    organization_id: str
    payload: str

    def __repr__(self) -> str:
        return "<MachineLogin>"


def log_in(transport: Transport, server: Server, access_token: AccessToken) -> MachineLogin:
    """Trades an access token for a bearer token: one request, never repeated.

    No device is named: a machine account has none. Raises `AccessTokenRefused`,
    `NoSecretsManager`, `RateLimited`, and the `ServerError`s of `Transport.post_form`.
    """
    asked = time.time()
    answer = transport.post_form(
        f"{server.identity}/connect/token",
        {
            "scope": "api.secrets",
            "client_id": access_token.id,
            "client_secret": access_token.client_secret,
            "grant_type": "client_credentials",
        },
        refusal=lambda reply: _refused(reply, transport, server),
    )
    token = Secret(answer.text("access_token") or "", "bearer token")
    payload = answer.text("encrypted_payload") or answer.text("encryptedPayload") or ""
    claims = read_claims(token)
    organization_id = claims.text("organization") or ""
    if not re.fullmatch(r"[!-~]+", token) or len(token) > _LONGEST_TOKEN:
        raise _unusable(server, "has no token")
    if not payload:
        raise _unusable(server, "has no key of an organisation")
    if not _ID.fullmatch(organization_id):
        raise _unusable(server, "does not name the organisation")
    lifetime = answer.integer("expires_in") or _LIFETIME
    return MachineLogin(
        token, asked + min(max(lifetime, 1), _LONGEST_LIFETIME), organization_id, payload
    )


def _refused(reply: Reply, transport: Transport, server: Server) -> BitwardenError:
    answer = reply.answer
    code = answer.text("error") or ""
    texts = [text.strip().lower() for text in messages(answer)]
    if reply.is_redirect or reply.status == 429 or reply.status >= 500:
        return refused(reply, server, what="the login")
    if code == "invalid_client":
        return token_refused(server)
    if code == "invalid_scope" or any(map(_UNKNOWN_SCOPE.search, texts)):
        return no_secrets_manager(transport, server)
    key = f"Check that it is an access token of this server, made {WHERE_ACCESS_TOKENS_ARE}."
    if known := known_reason(reply, server, key=key):
        return known
    if reply.status == 401:
        return asks_for_another_login(reply, server)
    problem = refused(reply, server, what="the login")
    if reply.status == 404 or not reply.is_json:
        return problem
    software = ask_software(transport, server) or ""
    is_official = software.startswith("Bitwarden") or not software
    return problem if is_official else no_secrets_manager(transport, server)


def token_refused(server: Server) -> AccessTokenRefused:
    """Returns the error for an access token that the server does not accept."""
    return AccessTokenRefused(
        f"The access token was refused by {server.name}: it was revoked, it has expired, or it "
        "belongs to another server.",
        "us, eu and self-hosted servers each have their own tokens, and a suspended organisation's "
        f"are refused, too. Create a new one {WHERE_ACCESS_TOKENS_ARE}.",
    )


def no_secrets_manager(transport: Transport, server: Server) -> NoSecretsManager:
    """Returns the error for a server without a Secrets Manager; names its software if it says."""
    software = ask_software(transport, server) or ""
    kind = next((each for each in ("Vaultwarden", "NodeWarden") if software.startswith(each)), "")
    if kind:
        return NoSecretsManager(
            f"{server.name} is {kind}, which has no Secrets Manager.",
            Remedy("Keep the values in its vault and name them bw://ITEM/FIELD: {}.", LOG_IN),
        )
    return NoSecretsManager(
        f"{server.name} has no Secrets Manager for this login.",
        "Bitwarden's own servers have one, with a plan that includes it; check the server's "
        "address.",
    )


def _unusable(server: Server, what: str) -> AnswerUnusable:
    return AnswerUnusable(
        f"The answer of {server.name} to the access token {what}.",
        "Check that this is the address of your Bitwarden server.",
    )
