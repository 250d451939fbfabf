"""`ApiKeyAccount`: an account logged in with its personal API key, and its access token."""

from __future__ import annotations

import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING

from bw_magics.client.identity import ApiKey, Login, log_in
from bw_magics.errors import (
    AccountGone,
    ApiKeyRefused,
    ApiKeyRotated,
    RateLimited,
    ServerError,
    ServerUnreachable,
)
from bw_magics.secret import Unpicklable
from bw_magics.session.background import Task
from bw_magics.session.clock import next_moment
from bw_magics.steps import LOG_IN, LOG_OUT, Remedy

if TYPE_CHECKING:
    from collections.abc import Callable

    from bw_magics.announcing import Secrets
    from bw_magics.client.api_key_api import ApiKeyApi
    from bw_magics.client.certificates import Authority, ClientCertificate
    from bw_magics.client.download import Download
    from bw_magics.client.features import Features
    from bw_magics.client.storage import Storage
    from bw_magics.client.transport import Transport
    from bw_magics.client.upload import Upload
    from bw_magics.client.vault_api import VaultApi
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.crypto import MasterKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.settings import Device, Server

# Official clients renew when less than five minutes are left; of a short-lived token, a tenth.
MARGIN = 300.0
_PART = 0.1
# Seconds between two logins that look for a newer wrapped key.
PAUSE = 30.0


class ApiKeyAccount(Unpicklable):
    """An account logged in with the personal API key: its server and access token.

    The API key gives no refresh token. The token is renewed by logging in again: by one thread at a
    time, five minutes before it ends or when the server refuses it. `source` says where the API key
    came from. `secrets` announces every token. `offline` replaces the first login where the server
    cannot be reached; the next request tries again. With `is_unasked` it replaces the first login
    anyway, and the server is asked by the first request.
    """

    def __init__(
        self,
        server: Server,
        device: Device,
        api_key: ApiKey,
        *,
        source: str,
        certificate_authority: Authority | None = None,
        client_certificate: ClientCertificate | None = None,
        secrets: Secrets,
        offline: Login | None = None,
        is_unasked: bool = False,
    ) -> None:
        self.server = server
        self.source = source
        self.problem: ApiKeyRefused | None = None
        self._device = device
        self._api_key = api_key
        self._secrets = secrets
        self._renewal = threading.Lock()
        self._renewals = 0
        self._failure: ServerError | None = None
        self._authority = certificate_authority
        self._certificate = client_certificate
        self._software: Task[str | None] | None = None
        self._features: Features | None = None
        self._opening = threading.Lock()
        self._opened: Transport | None = None
        self._is_closed = False
        self.logged_in_at = 0.0
        self.logged_in_moment = 0
        self._anew_at: float | None = None
        self._limited: RateLimited | None = None
        self._was_asked = offline is None or not is_unasked
        if self._was_asked or not _is_https(server):
            self._transport  # noqa: B018 - refuses plain http to another machine
        try:
            self.login = self._first_login(offline)
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<Account at {self.server.name}>"

    @property
    def _transport(self) -> Transport:
        """The connections, made for the first request: a kept vault may need none."""
        with self._opening:
            if self._opened is None:
                from bw_magics.client.transport import Transport

                self._opened = Transport(
                    self.server,
                    self._device,
                    certificate_authority=self._pem,
                    client_certificate=self._certificate,
                )
                if self._is_closed:
                    self._opened.close()
            return self._opened

    @property
    def _pem(self) -> bytes | None:
        return None if self._authority is None else self._authority.pem

    @cached_property
    def api(self) -> VaultApi:
        """The calls that read the vault."""
        from bw_magics.client.vault_api import VaultApi

        return VaultApi(self._transport, self.server, self)

    @property
    def client_id(self) -> str:
        """The API key's id; it is not secret, and names the user."""
        return self._api_key.client_id

    @property
    def ends_with_lock(self) -> bool:
        """Never: the master password unlocks it again."""
        return False

    def require_master_password(self) -> None:
        """Passes: the server holds what a master password is checked with."""

    @property
    def is_offline(self) -> bool:
        """Whether the server could not be reached since the login."""
        return not self.login.access_token and self._was_asked

    @property
    def is_unasked(self) -> bool:
        """Whether the login is the kept one, and the server was not asked yet."""
        return not self._was_asked

    @cached_property
    def writing(self) -> WritingApi:
        """The calls that change the vault."""
        from bw_magics.client.writing_api import WritingApi  # most sessions only read

        return WritingApi(self._transport, self.server, self)

    def features(self) -> Features:
        """Asks what the server can do; it is asked once."""
        from bw_magics.client.features import ask_features

        if self._features is None:
            self._features = ask_features(self._transport, self.server)
        return self._features

    @property
    def api_key(self) -> ApiKey:
        """The API key with which the token is renewed."""
        return self._api_key

    def go_on_with(self, api_key: ApiKey) -> None:
        """Renews with another API key of the same user from now on; the token stays."""
        with self._renewal:
            self._api_key = api_key
            self.problem = self._failure = None

    def key_api(self) -> ApiKeyApi:
        """Returns the calls about the API key."""
        from bw_magics.client.api_key_api import ApiKeyApi

        return ApiKeyApi(self.api, self.server.name)

    def is_for(self, server: Server, api_key: ApiKey) -> bool:
        """Tells whether logging in with these again would change nothing."""
        return server == self.server and api_key == self._api_key

    def is_same_user(self, other: Account | None) -> bool:
        """Tells whether the other account is the same user at the same server."""
        return other is not None and (self.server, self.client_id) == (
            other.server,
            other.client_id,
        )

    def current(self) -> str:
        """Returns a valid access token, renewed shortly before it expires.

        A failed renewal is not an error while the old token is still valid.
        """
        login = self.login
        left = login.expires_at - time.time()
        if left > min(MARGIN, _PART * (login.expires_at - self.logged_in_at)):
            return login.access_token
        try:
            return self.renewed(login.access_token)
        except (ApiKeyRefused, ServerError):
            if left > 0:
                return login.access_token
            raise

    def renewed(self, refused: str) -> str:
        """Returns another access token than `refused`.

        Threads that wait for the same renewal share its outcome. An API key that was refused is not
        tried again. Raises `ApiKeyRotated` or `AccountGone` where the API key no longer gives a
        token.
        """
        seen = self._renewals
        with self._renewal:
            if self.login.access_token == refused:
                if self.problem is not None:
                    raise self.problem.with_traceback(None)
                if self._failure is not None and self._renewals != seen:
                    raise self._failure.with_traceback(None)
                self._failure = None
                try:
                    self.login = self._log_in_again()
                except ServerError as failure:
                    self._failure = failure
                    raise
                finally:
                    self._renewals += 1
                    self._was_asked = True
            return self.login.access_token

    def log_in_anew(self) -> bool:
        """Logs in once more: the answer has the newest wrapped key of the account.

        Returns False where the server answered that less than `PAUSE` seconds ago: wrong master
        passwords must not become as many logins. Raises the same `RateLimited` again for as long.
        """
        now = time.monotonic()
        if self._anew_at is not None and now - self._anew_at < PAUSE:
            if self._limited is not None:
                raise self._limited.with_traceback(None)
            return False
        self._limited = None
        try:
            self.renewed(self.login.access_token)
        except RateLimited as limited:
            self._limited, self._anew_at = limited, now
            raise
        self._anew_at = now
        return True

    def _first_login(self, offline: Login | None) -> Login:
        if offline is not None and not self._was_asked:
            return offline
        try:
            return self._log_in()
        except ServerUnreachable:
            if offline is None:
                raise
            return offline

    def _log_in_again(self) -> Login:
        try:
            return self._log_in()
        except ApiKeyRefused as refused:
            self.problem = _no_longer_accepted(self.server, refused)
            raise self.problem from None

    def _log_in(self) -> Login:
        login = log_in(self._transport, self.server, self._device, self._api_key)
        self.logged_in_at, self.logged_in_moment = time.time(), next_moment()
        self._secrets.announce(login.access_token)
        return login

    def download(self, address: str, *, largest: int) -> Download:
        """Prepares a download from an address that the server gave; it begins later."""
        from bw_magics.client.download import Download

        return Download(self._storage(address), largest=largest)

    def put(self, address: str, upload: Upload, renewed: Callable[[], str]) -> None:
        """Puts a file at an address that the server gave out."""
        from bw_magics.client.upload import Destination, put

        put(Destination(address, self._storage, renewed), upload)

    def _storage(self, address: str) -> Storage:
        from bw_magics.client.storage import Storage

        return Storage(
            self.server, address, authority=self._authority, certificate=self._certificate
        )

    def software(self, patience: float) -> str | None:
        """Names the server's software, asked once; None where the server does not say, or not
        within `patience` seconds.
        """
        from bw_magics.client.software import ask_software

        if self._software is None:
            self._software = Task(
                lambda: ask_software(self._transport, self.server), f"asking {self.server.name}"
            )
        return self._software.wait() if self._software.ends_within(patience) else None

    def connector_key(self, url: str) -> MasterKey:
        """Fetches the key that a Key Connector keeps for this account; sends the access token
        there.
        """
        from bw_magics.client.key_connector import fetch_key

        return fetch_key(url, self, self._device, certificate_authority=self._pem)

    def renew_lock_after_fork(self) -> None:
        """Replaces the lock in a forked child, where no thread would ever release it."""
        self._renewal, self._opening = threading.Lock(), threading.Lock()

    def close(self) -> None:
        """Ends the connections."""
        with self._opening:
            self._is_closed = True
            opened = self._opened
        if opened is not None:
            opened.close()


def _is_https(server: Server) -> bool:
    return all(url.startswith("https://") for url in (server.api, server.identity))


def _no_longer_accepted(server: Server, refused: ApiKeyRefused) -> ApiKeyRefused:
    """Words the refusal of an API key that was accepted before."""
    if refused.half == "client_id":
        return AccountGone(
            f"The account no longer exists on {server.name}: it does not know the client_id now.",
            Remedy("Log in with another account: {}, then {}.", LOG_OUT, LOG_IN),
        )
    again = "Log in again with the new client_secret: {}"
    if refused.half == "client_secret":
        remedy = Remedy(f"{again}.", LOG_IN)
    else:
        remedy = Remedy(f"{again}. If the account was deleted: {{}}.", LOG_IN, LOG_OUT)
    return ApiKeyRotated(f"The API key was rotated: {server.name} refuses it now.", remedy)
