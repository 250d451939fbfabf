"""`MachineAccount`: a machine account logged in with its access token, and its bearer token."""

from __future__ import annotations

import threading
import time
from base64 import b64decode
from datetime import timedelta
from typing import TYPE_CHECKING

from bw_magics.answer import Answer
from bw_magics.client.access_token import AccessToken
from bw_magics.client.body import parse_json
from bw_magics.client.machine_login import MachineLogin, log_in
from bw_magics.client.secrets_api import SecretsApi
from bw_magics.client.transport import Transport
from bw_magics.crypto import EncString, OrganizationKey
from bw_magics.crypto.shareable_key import payload_key
from bw_magics.errors import (
    AccessTokenInvalid,
    AccessTokenRefused,
    AnswerUnusable,
    CryptographyError,
    RateLimited,
    ServerError,
)
from bw_magics.secret import Unpicklable
from bw_magics.settings import WHERE_ACCESS_TOKENS_ARE, Device
from bw_magics.steps import LOG_IN_WITH_TOKEN, Remedy
from bw_magics.vault.managed_secret import Opener

if TYPE_CHECKING:
    from bw_magics.announcing import Secrets
    from bw_magics.client.certificates import ClientCertificate
    from bw_magics.settings import Server

# As for personal accounts: five minutes before the end, or a tenth of a short life.
MARGIN = 300.0
_PART = 0.1
# Where a busy server did not say how long to wait, in seconds: it allows ten logins a minute.
UNTOLD_WAIT = 10.0


class _Busy:
    """The servers that asked this process to wait with logins, and until when.

    Their limit counts every login from this machine, so all accounts of a process share it.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def note(self, server: Server, busy: RateLimited) -> None:
        wait = busy.wait.total_seconds() if busy.wait is not None else UNTOLD_WAIT
        self._until[server.identity] = time.monotonic() + wait

    def check(self, server: Server) -> None:
        """Raises `RateLimited` while the server wants no login."""
        left = self._until.get(server.identity, 0.0) - time.monotonic()
        if left <= 0:
            self._until.pop(server.identity, None)
            return
        seconds = int(left) + 1
        raise RateLimited(
            f"{server.name} had too many logins, and was not asked again.",
            f"It can be asked in {seconds} seconds.",
            wait=timedelta(seconds=seconds),
        )


_busy = _Busy()


class MachineAccount(Unpicklable):
    """A machine account: its server, its bearer token, and its organisation's key.

    The token is renewed by logging in again: by one thread at a time, five minutes before it ends
    or when the server refuses it, and never while the server asks to wait. Logs in when it is
    made; raises `AccessTokenRefused`, `AccessTokenInvalid`, `NoSecretsManager` and the
    `ServerError`s.
    """

    def __init__(
        self,
        server: Server,
        access_token: AccessToken,
        *,
        source: str,
        certificate_authority: bytes | None = None,
        client_certificate: ClientCertificate | None = None,
        secrets: Secrets,
    ) -> None:
        self.server = server
        self.source = source
        self.problem: AccessTokenRefused | None = None
        self._access_token = access_token
        self._secrets = secrets
        self._renewal = threading.Lock()
        self._transport = Transport(
            server,
            Device.derive(server, access_token.id),
            certificate_authority=certificate_authority,
            client_certificate=client_certificate,
        )
        self.api = SecretsApi(self._transport, server, self)
        self._logged_in_at = 0.0
        try:
            self.login = self._log_in()
            self.opener = Opener(_opened(self.login, access_token, server), secrets)
        except BaseException:
            self._transport.close()
            raise

    def __repr__(self) -> str:
        return f"<MachineAccount at {self.server.name}>"

    @property
    def organization_id(self) -> str:
        """The id of its organisation."""
        return self.login.organization_id

    def is_for(self, server: Server, access_token: AccessToken) -> bool:
        """Tells whether logging in with these again would change nothing."""
        return (server, access_token) == (self.server, self._access_token) and not self.problem

    def current(self) -> str:
        """Returns a valid token, renewed shortly before it ends.

        A failed renewal is not an error while the old token is still valid.
        """
        login = self.login
        left = login.expires_at - time.time()
        if left > min(MARGIN, _PART * (login.expires_at - self._logged_in_at)):
            return login.token
        try:
            return self.renewed(login.token)
        except (AccessTokenRefused, ServerError):
            if left > 0:
                return login.token
            raise

    def renewed(self, refused: str) -> str:
        """Returns another token than `refused`.

        An access token that was refused is not tried again. Raises `AccessTokenRefused`.
        """
        with self._renewal:
            if self.login.token == refused:
                if self.problem is not None:
                    raise self.problem.with_traceback(None)
                try:
                    self.login = self._log_in()
                except AccessTokenRefused:
                    self.problem = _no_longer_accepted(self.server)
                    raise self.problem from None
            return self.login.token

    def _log_in(self) -> MachineLogin:
        _busy.check(self.server)
        try:
            login = log_in(self._transport, self.server, self._access_token)
        except RateLimited as busy:
            _busy.note(self.server, busy)
            raise
        self._logged_in_at = time.time()
        self._secrets.announce(login.token)
        return login

    def renew_lock_after_fork(self) -> None:
        """Makes the account usable in a forked child, where a held lock would stay held."""
        self._renewal = threading.Lock()

    def close(self) -> None:
        """Ends the connections."""
        self._transport.close()


def _opened(login: MachineLogin, access_token: AccessToken, server: Server) -> OrganizationKey:
    """Opens the organisation's key, which the server cannot: it never sees the token's own key."""
    key = payload_key(access_token.seed)
    try:
        payload = key.decrypt(EncString.parse(login.payload))
    except CryptographyError:
        raise AccessTokenInvalid(
            f"{server.name} accepts the access token, but the key behind its colon opens nothing.",
            f"The token was not copied whole, or mixed from two. It is {WHERE_ACCESS_TOKENS_ARE}.",
        ) from None
    try:
        text = Answer(parse_json(payload)).text("encryptionKey") or ""
        return OrganizationKey(b64decode(text, validate=True))
    except (CryptographyError, ValueError):
        raise AnswerUnusable(
            f"The answer of {server.name} does not hold the key of an organisation.",
            "Update bw_magics.",
        ) from None


def _no_longer_accepted(server: Server) -> AccessTokenRefused:
    return AccessTokenRefused(
        f"The access token was accepted before, and {server.name} refuses it now: it was revoked, "
        "or it has expired.",
        Remedy(
            f"Create a new one ({WHERE_ACCESS_TOKENS_ARE}), then log in with it: {{}}.",
            LOG_IN_WITH_TOKEN,
        ),
    )
