"""Logging in with the personal API key (docs/protocol.md, Login)."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Self

from bw_magics.crypto.account_keys import AccountKeys
from bw_magics.crypto.unlock import MasterPasswordUnlock
from bw_magics.errors import (
    AnswerUnusable,
    ClientIdInvalid,
    CredentialsMissing,
    CryptographyError,
    OrganizationApiKey,
)
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import WHERE_THE_KEY_IS, pasted

if TYPE_CHECKING:
    from bw_magics.answer import Answer
    from bw_magics.client.transport import Transport
    from bw_magics.settings import Device, Server

_KIND = "user."
_HEX = "0123456789abcdefABCDEF"

# The official lifetime, for a server that does not name one.
_LIFETIME = 3600
_LONGEST_LIFETIME = 30 * 24 * 3600
_LONGEST_TOKEN = 64 * 1024


class ApiKey(Unpicklable):
    """A personal API key: `client_id` is `user.` and the account's id. Build one with `parse`."""

    __slots__ = ("client_id", "client_secret")

    def __init__(self, client_id: str, client_secret: Secret) -> None:
        self.client_id = client_id
        self.client_secret = client_secret

    def __repr__(self) -> str:
        return "<ApiKey>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiKey):
            return NotImplemented
        mine, theirs = (self.client_id, self.client_secret), (other.client_id, other.client_secret)
        return mine == theirs

    def __hash__(self) -> int:
        return hash((self.client_id, self.client_secret))

    @classmethod
    def parse(cls, *, client_id: str, client_secret: str) -> Self:
        """Reads a key, without white space and quotes around its halves.

        Raises `OrganizationApiKey` for the other kind of key, `ClientIdInvalid` for anything else
        that is not `user.<id>`, `CredentialsMissing` for an empty half; none repeats it.
        """
        client_id, client_secret = pasted(client_id), Secret(pasted(client_secret), "client_secret")
        if not client_id or not client_secret:
            half = "client_secret" if client_id else "client_id"
            raise CredentialsMissing(f"The {half} is empty.", f"It is {WHERE_THE_KEY_IS}.")
        if client_id.lower().startswith("organization."):
            raise OrganizationApiKey(
                "This is an organisation's API key, which manages members and groups and cannot "
                "read a vault.",
                f"Use your personal API key, whose client_id begins with user.: it is "
                f"{WHERE_THE_KEY_IS}.",
            )
        kind, id = client_id[: len(_KIND)], client_id[len(_KIND) :]
        if kind.lower() != _KIND or not _is_guid(id):
            raise ClientIdInvalid(
                "The client_id is not that of a personal API key.",
                "One looks like user.xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx (the letters and digits "
                f"of your account's id): it is {WHERE_THE_KEY_IS}.",
            )
        return cls(f"{_KIND}{id}", client_secret)

    @property
    def user_id(self) -> str:
        """The id of the account."""
        return self.client_id.removeprefix(_KIND)


def _is_guid(text: str) -> bool:
    # A pattern would be compiled for each program's only key.
    parts = text.split("-")
    return [*map(len, parts)] == [8, 4, 4, 4, 12] and not "".join(parts).strip(_HEX)


class Login(Unpicklable):
    """The answer of the token endpoint, read leniently: only `access_token` is needed.

    `expires_at` is in seconds since 1970. `unlock` opens the vault, or is None where the answer has
    no such block; `unlock_problem` says why its block cannot be used. Both count when unlocking.
    `wrapped_user_key` is the legacy `Key`, which a Key Connector's key opens.
    """

    def __init__(
        self,
        *,
        access_token: Secret,
        expires_at: float,
        email: str | None,
        user_id: str | None,
        name: str | None,
        security_stamp: str | None,
        unlock: MasterPasswordUnlock | None,
        unlock_problem: CryptographyError | None,
        account_keys: AccountKeys,
        has_master_password: bool,
        uses_key_connector: bool,
        force_password_reset: bool,
        wrapped_user_key: str | None = None,
    ) -> None:
        self.access_token = access_token
        self.expires_at = expires_at
        self.email = email
        self.user_id = user_id
        self.name = name
        self.security_stamp = security_stamp
        self.unlock = unlock
        self.unlock_problem = unlock_problem
        self.account_keys = account_keys
        self.has_master_password = has_master_password
        self.uses_key_connector = uses_key_connector
        self.force_password_reset = force_password_reset
        self.wrapped_user_key = wrapped_user_key

    def __repr__(self) -> str:
        return "<Login>"

    @property
    def private_key(self) -> str | None:
        """The account's RSA private key, an EncString under the user key."""
        return self.account_keys.private_key


def log_in(transport: Transport, server: Server, device: Device, api_key: ApiKey) -> Login:
    """Trades the API key for an access token: one request, never repeated.

    Raises `ApiKeyRefused`, `RateLimited`, and the `ServerError`s of `Transport.post_form`.
    """
    asked = time.time()
    answer = transport.post_form(
        f"{server.identity}/connect/token",
        {
            "scope": "api",
            "client_id": api_key.client_id,
            "deviceType": str(device.type),
            "deviceIdentifier": device.identifier,
            "deviceName": device.name,
            "grant_type": "client_credentials",
            "client_secret": api_key.client_secret,
        },
    )
    return read_login(answer, server=server, user_id=api_key.user_id, asked=asked)


def read_login(answer: Answer, *, server: Server, user_id: str, asked: float) -> Login:
    """Reads a token answer; `asked` is the time of the request.

    Raises `AnswerUnusable` for an answer without an access token.
    """
    from bw_magics.client.claims import read_claims  # a kept login has none

    token = Secret(answer.text("access_token") or "", "access token")
    if not re.fullmatch(r"[!-~]+", token) or len(token) > _LONGEST_TOKEN:
        raise AnswerUnusable(
            f"The answer of {server.name} has no access token.",
            "Check that this is the address of your Bitwarden or Vaultwarden server.",
        )
    claims = read_claims(token)
    email = claims.text("email")
    options = answer.object("userDecryptionOptions")
    unlock, problem = _read_unlock(answer, options, email)
    key_connector = answer.truth("apiUseKeyConnector") or bool(options.object("keyConnectorOption"))
    has_password = options.get("hasMasterPassword")
    return Login(
        access_token=token,
        expires_at=asked + _lifetime(answer, claims, asked),
        email=email,
        user_id=claims.text("sub") or user_id,
        name=claims.text("name"),
        security_stamp=claims.text("sstamp"),
        unlock=unlock,
        unlock_problem=problem,
        account_keys=AccountKeys.read(answer),
        has_master_password=has_password if isinstance(has_password, bool) else not key_connector,
        uses_key_connector=key_connector,
        force_password_reset=answer.truth("forcePasswordReset"),
        wrapped_user_key=answer.text("key"),
    )


def _read_unlock(
    answer: Answer, options: Answer, email: str | None
) -> tuple[MasterPasswordUnlock | None, CryptographyError | None]:
    """Reads the new block, else the legacy members."""
    problem: CryptographyError | None = None
    sources = (
        (MasterPasswordUnlock.read, options.object("masterPasswordUnlock")),
        (MasterPasswordUnlock.read_legacy, answer),
    )
    for read, block in sources:
        try:
            unlock = read(block, email=email)
        except CryptographyError as error:
            problem = problem or error.with_traceback(None)
        else:
            if unlock is not None:
                return unlock, None
    return None, problem


def _lifetime(answer: Answer, claims: Answer, asked: float) -> float:
    seconds = answer.integer("expires_in")
    if seconds is None and (expiry := claims.integer("exp")) is not None:
        seconds = expiry - int(asked)
    if seconds is None or seconds <= 0:
        return _LIFETIME
    return min(seconds, _LONGEST_LIFETIME)
