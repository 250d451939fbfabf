"""`PublicApi`: what an organisation's API key may read. It cannot read a vault.

See docs/protocol.md, Public API.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from bw_magics.answer import Answer
from bw_magics.client.body import UNREADABLE, parse_json
from bw_magics.client.known_reason import texts_of
from bw_magics.client.login_refusal import login_refused
from bw_magics.client.refusal import token_refused
from bw_magics.client.reply import Reply
from bw_magics.client.software import ask_software
from bw_magics.client.transport import API_CEILING, Transport
from bw_magics.errors import (
    AnswerUnusable,
    ApiKeyRefused,
    BitwardenError,
    ClientIdInvalid,
    CredentialsMissing,
    RequestRefused,
)
from bw_magics.lean_regex import regex
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import Device, Server, pasted
from bw_magics.steps import LOG_IN, Remedy

WHERE_THE_KEY_IS = "in the Admin Console under Settings → Organisation info → View API key"

_ID = regex(r"organization\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LIFETIME = 3600.0
_LONGEST_LIFETIME = 24 * 3600
_MARGIN = 60.0


@dataclass(frozen=True, slots=True, repr=False)
class PublicApiKey(Unpicklable):
    """An organisation's API key: `client_id` is `organization.` and its id. Build with `parse`."""

    client_id: str
    client_secret: Secret

    def __repr__(self) -> str:
        return "<PublicApiKey>"

    @classmethod
    def parse(cls, *, client_id: str, client_secret: str) -> Self:
        """Reads a key, without white space and quotes around its halves.

        Raises `ClientIdInvalid` and `CredentialsMissing`; neither repeats it.
        """
        client_id, secret = pasted(client_id), pasted(client_secret)
        if not client_id or not secret:
            half = "client_secret" if client_id else "client_id"
            raise CredentialsMissing(f"The {half} is empty.", f"It is {WHERE_THE_KEY_IS}.")
        if not _ID.fullmatch(client_id):
            raise ClientIdInvalid(
                "The client_id is not that of an organisation's API key, which begins with "
                "organization.",
                Remedy(
                    f"It is {WHERE_THE_KEY_IS}. A personal API key logs in to a vault: {{}}.",
                    LOG_IN,
                ),
            )
        return cls(client_id, Secret(secret, "client_secret"))


class PublicApi(Unpicklable):
    """Lists from the Public API, page by page, with a token that is renewed when it ends."""

    def __init__(
        self, transport: Transport, server: Server, device: Device, key: PublicApiKey
    ) -> None:
        self._transport = transport
        self._server = server
        self._device = device
        self._key = key
        self._renewal = threading.Lock()
        self._token = Secret("", "access token")
        self._expires_at = 0.0

    def __repr__(self) -> str:
        return f"<PublicApi {self._server.name}>"

    def log_in(self) -> Secret:
        """Asks for an access token, naming the device as Vaultwarden requires it.

        Raises `ApiKeyRefused` and the errors of `Transport.post_form`.
        """
        asked = time.time()
        refusal: ApiKeyRefused | None = None
        answer = Answer(None)
        try:
            answer = self._transport.post_form(
                f"{self._server.identity}/connect/token",
                {
                    "grant_type": "client_credentials",
                    "scope": "api.organization",
                    "deviceType": str(self._device.type),
                    "deviceIdentifier": self._device.identifier,
                    "deviceName": self._device.name,
                    "client_id": self._key.client_id,
                    "client_secret": self._key.client_secret,
                },
                refusal=self._login_refused,
            )
        except ApiKeyRefused as refused:
            refusal = self._refusal(refused.half)
        if refusal is not None:
            raise refusal
        token = Secret(answer.text("access_token") or "", "access token")
        if not token:
            raise AnswerUnusable(
                f"The answer of {self._server.name} has no access token.",
                "Check that this is the address of your Bitwarden server.",
            )
        lifetime = answer.integer("expires_in") or _LIFETIME
        self._token, self._expires_at = token, asked + min(lifetime, _LONGEST_LIFETIME)
        return token

    def list(self, what: str, parameters: Mapping[str, str] | None = None) -> Iterator[Answer]:
        """Yields the entries of a list; asks for its pages as they are needed."""
        given, seen = dict(parameters or {}), set[str]()
        while True:
            query = f"?{urlencode(given)}" if given else ""
            page = Answer(self._get(f"public/{what}{query}", what))
            if not isinstance(page.get("data"), list):
                raise AnswerUnusable(
                    f"The answer of {self._server.name} is not a list of {what}.",
                    "Check the server's address.",
                )
            yield from page.objects("data")
            token = page.text("continuationToken")
            if token is None:
                return
            if token in seen:
                raise AnswerUnusable(
                    f"{self._server.name} gives the same page of {what} again.", "Try again."
                )
            seen.add(token)
            given["continuationToken"] = token

    def _get(self, path: str, what: str) -> object:
        url = f"{self._server.api}/{path}"
        with self._renewal:
            if time.time() > self._expires_at - _MARGIN:
                self.log_in()
            token = self._token
        try:
            body = self._transport.get(url, bearer=token, ceiling=API_CEILING)
        except RequestRefused as refused:
            if refused.status == 404:
                raise self._not_offered(what) from None
            if refused.status != 401:
                raise
            with self._renewal:
                if self._token == token:
                    self.log_in()
            body = self._again(url)
        value = parse_json(body)
        return None if value is UNREADABLE else value

    def _again(self, url: str) -> bytearray:
        try:
            return self._transport.get(url, bearer=self._token, ceiling=API_CEILING)
        except RequestRefused as refused:
            if refused.status != 401:
                raise
        raise token_refused(self._server)

    def _login_refused(self, reply: Reply) -> BitwardenError:
        if reply.answer.text("error") == "invalid_scope" or "scope not supported" in texts_of(
            reply.answer
        ):
            return RequestRefused(
                f"{self._server.name} does not let an organisation's API key log in.",
                "Bitwarden's own server does, for Teams and Enterprise.",
                status=reply.status,
            )
        key = f"Check that it is an organisation's API key: it is {WHERE_THE_KEY_IS}."
        return login_refused(reply, self._server, key=key)

    def _refusal(self, half: str) -> ApiKeyRefused:
        why = {
            "client_id": ": it has no organisation with this client_id",
            "client_secret": ": the client_secret is wrong",
        }
        also = "" if half else " A suspended organisation, or one without the API, is refused, too."
        return ApiKeyRefused(
            f"{self._server.name} refused the organisation's API key{why.get(half, '')}.",
            f"Check the server and the key: the present one is {WHERE_THE_KEY_IS}.{also}",
            half=half,
        )

    def _not_offered(self, what: str) -> RequestRefused:
        software = ask_software(self._transport, self._server) or ""
        if software.startswith("Vaultwarden"):
            return RequestRefused(
                f"Vaultwarden does not offer the Public API: {self._server.name} has no {what} to "
                "read for an organisation's API key.",
                "Its API key serves to import members (Directory Connector) only.",
                status=404,
            )
        return RequestRefused(
            f"{self._server.name} has no {what} to read for an organisation's API key.",
            "Bitwarden's own server has them, for Teams and Enterprise; Vaultwarden does not.",
            status=404,
        )
