"""`VaultApi`: the calls that read a vault (docs/protocol.md, Sync)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import quote

from bw_magics.answer import Answer
from bw_magics.client.body import MIB, parse_json
from bw_magics.client.refusal import token_refused
from bw_magics.client.transport import SYNC_CEILING, Transport
from bw_magics.errors import AnswerUnusable, RequestRefused
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import Server
from bw_magics.steps import LOG_IN, LOG_OUT, SYNC_ALL, Remedy

_LATEST = 2**53


class Bearer(Protocol):
    """The source of access tokens; several threads may ask at once."""

    def current(self) -> str:
        """Returns a token that is valid as far as is known."""

    def renewed(self, refused: str) -> str:
        """Returns a token other than `refused`, which the server did not accept."""


class VaultApi(Unpicklable):
    """The calls that read a vault, with the bearer's tokens.

    Every call renews the token once after a 401 and then raises `RequestRefused` with status
    401; the other errors are those of `Transport.get`.
    """

    def __init__(self, transport: Transport, server: Server, bearer: Bearer) -> None:
        self._transport = transport
        self._server = server
        self._bearer = bearer

    def __repr__(self) -> str:
        return f"<VaultApi {self._server.name}>"

    def revision_date(self) -> int:
        """Asks when the account last changed, in milliseconds since 1970 by the server's clock.

        Raises `RequestRefused` for a deleted account, for which the server sends a negative number.
        """
        body = self._get("accounts/revision-date", ceiling=MIB)
        value = parse_json(body)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or value > _LATEST:
            raise AnswerUnusable(
                f"{self._server.name} did not say when the vault last changed.",
                Remedy("Use {}.", SYNC_ALL),
            )
        if value < 0:
            raise RequestRefused(
                f"The account no longer exists on {self._server.name}.",
                Remedy("Log in with another account: {}, then {}.", LOG_OUT, LOG_IN),
                status=200,
            )
        return value

    def sync(self) -> bytearray:
        """Returns the whole vault, encrypted: the JSON body of the answer."""
        return self._get("sync?excludeDomains=true", ceiling=SYNC_CEILING)

    def attachment(self, item_id: str, attachment_id: str) -> Answer:
        """Asks for the description of an attachment, with a fresh `url`.

        Raises `RequestRefused` with status 404 for one that was deleted.
        """
        path = f"ciphers/{quote(item_id, safe='')}/attachment/{quote(attachment_id, safe='')}"
        body = self._get(path, ceiling=MIB)
        value = parse_json(body)
        return Answer(value)

    def post(self, path: str, members: Mapping[str, str]) -> bytearray:
        """Sends a JSON object, once more only where the token was refused; the answer's body."""
        url = f"{self._server.api}/{path}"
        return self._authorized(lambda token: self._transport.post_json(url, members, bearer=token))

    def _get(self, path: str, *, ceiling: int) -> bytearray:
        url = f"{self._server.api}/{path}"
        return self._authorized(
            lambda token: self._transport.get(url, bearer=token, ceiling=ceiling)
        )

    def _authorized(self, ask: Callable[[Secret], bytearray]) -> bytearray:
        token = Secret(self._bearer.current(), "access token")
        try:
            return ask(token)
        except RequestRefused as refusal:
            if refusal.status != 401:
                raise
        renewed = Secret(self._bearer.renewed(token), "access token")
        try:
            return ask(renewed)
        except RequestRefused as refusal:
            if refusal.status != 401:
                raise
        raise token_refused(self._server)
