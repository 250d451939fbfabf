"""`AuthorizedCalls`: requests with a bearer's token, and what their refusals mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from bw_magics.client.body import UNREADABLE
from bw_magics.client.refusal import refused, still_refused, token_refused
from bw_magics.client.reply import Reply
from bw_magics.client.transport import Body, Transport
from bw_magics.client.vault_api import Bearer
from bw_magics.client.write_refusal import write_refused
from bw_magics.errors import RequestRefused, ServerError, WriteUnclear
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import Server

Json = Mapping[str, Any]


class AuthorizedCalls(Unpicklable):
    """The requests that read and change records, with the bearer's tokens.

    Every call renews the token once after a 401. Nothing is ever sent twice beside that. Raises
    `WriteRefused` and its kinds where the server refuses, `WriteUnclear` where no usable answer
    came although the request may have arrived, `RateLimited`, and the other `ServerError`s where
    nothing was written.

    `patiently` runs every request; it may send one again after `RateLimited`, which did nothing.
    """

    def __init__(self, transport: Transport, server: Server, bearer: Bearer) -> None:
        self._transport = transport
        self._server = server
        self._bearer = bearer
        self.patiently: Callable[[Callable[[], Reply]], Reply] = lambda request: request()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._server.name}>"

    def _object(self, method: str, path: str, members: Body | None, what: str) -> Json:
        found = self._maybe(method, path, members, what)
        if found is None:
            raise WriteUnclear(
                f"The answer of {self._server.name} about {what} is not one that can be read.",
                "It may have been written: sync and look before you write again.",
            )
        return found

    def _maybe(self, method: str, path: str, members: Body | None, what: str) -> Json | None:
        value = self._requested(method, path, members, what).json()
        return value if value is not UNREADABLE and isinstance(value, dict) and value else None

    def _empty(self, method: str, path: str, members: Body | None, what: str) -> None:
        self._requested(method, path, members, what)

    def _requested(self, method: str, path: str, members: Body | None, what: str) -> Reply:
        url = f"{self._server.api}/{path}"
        return self._send(
            lambda token: self._transport.send(method, url, members, bearer=token),
            what,
            is_change=method != "GET",
        )

    def _send(
        self, request: Callable[[Secret], Reply], what: str, *, is_change: bool = True
    ) -> Reply:
        return self.patiently(lambda: self._accepted(request, what, is_change=is_change))

    def _accepted(self, request: Callable[[Secret], Reply], what: str, *, is_change: bool) -> Reply:
        reply = self._authorized(request, what, is_change=is_change)
        self._answered(reply)
        if reply.is_success:
            return reply
        if reply.status == 401:
            raise still_refused(self._server, what) if is_change else token_refused(self._server)
        if reply.status in (403, 429) or reply.is_redirect or self._is_read(reply, is_change):
            about = f"the change of {what}" if is_change else what
            raise refused(reply, self._server, what=about)
        raise write_refused(reply, self._server, what)

    def _is_read(self, reply: Reply, is_change: bool) -> bool:
        """Tells whether the refusal is that of a reading, and not of what would be changed."""
        return not is_change and reply.status != 404

    def _answered(self, reply: Reply) -> None:
        """Does nothing; called with every answer, before it is looked at."""

    def _authorized(
        self, request: Callable[[Secret], Reply], what: str, *, is_change: bool
    ) -> Reply:
        token = Secret(self._bearer.current(), "access token")
        reply = self._once(request, what, token, is_change=is_change)
        if reply.status == 401:
            token = Secret(self._bearer.renewed(token), "access token")
            reply = self._once(request, what, token, is_change=is_change)
        return reply

    def _once(
        self, request: Callable[[Secret], Reply], what: str, token: Secret, *, is_change: bool
    ) -> Reply:
        try:
            return request(token)
        except RequestRefused:
            raise
        except ServerError as problem:
            if not is_change or not problem.was_sent:
                raise
            unclear = WriteUnclear(
                f"It is not known whether {what} was written: {problem.fact}",
                "Sync and look before you write again.",
            )
            unclear.is_late = problem.is_late
        raise unclear


def part(text: str) -> str:
    """Writes an id as one part of an address."""
    return quote(text, safe="")
