"""The typed error for a status outside of 2xx.

A server's own texts are never shown: they could repeat a typed secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    RateLimited,
    Redirected,
    RequestRefused,
)
from bw_magics.settings import Server
from bw_magics.steps import LOG_IN, SYNC, Remedy

if TYPE_CHECKING:
    from bw_magics.client.reply import Reply

_UPDATE = "Update bw_magics."
_CHECK_ADDRESS = "Check that this is the address of your Bitwarden or Vaultwarden server."


def refused(reply: Reply, server: Server, *, what: str = "the request") -> BitwardenError:
    """Returns the error for a status outside of 2xx, for any request."""
    name, status = server.name, reply.status
    if reply.is_redirect:
        return _redirected(reply, server)
    if status == 429:
        return _rate_limited(reply, server)
    if status >= 500:
        return RequestRefused(
            f"{name} or the proxy in front of it is out of order (status {status}).",
            "Try again in a while.",
            status=status,
        )
    if not reply.is_json and status not in (401, 403) and reply.body:
        return not_json(reply, server)
    from bw_magics.client.known_reason import known_reason

    if known := known_reason(reply, server):
        return known
    if status == 401:
        return RequestRefused(
            f"{name} no longer accepts this login (status 401).",
            Remedy("Log in again: {}.", LOG_IN),
            status=status,
        )
    if status == 403:
        return RequestRefused(
            f"{name} or a firewall in front of it forbids {what} (status 403, {reply.kind}).",
            "Check that this network may use the server.",
            status=status,
        )
    if status == 404:
        return RequestRefused(
            f"{name} does not know {what} (status 404).", _CHECK_ADDRESS, status=status
        )
    return RequestRefused(
        f"{name} refused {what} (status {status}).", f"{_CHECK_ADDRESS} {_UPDATE}", status=status
    )


def token_refused(server: Server) -> RequestRefused:
    """Returns the error for a 401 to an access token that the server has just given out."""
    return RequestRefused(
        f"{server.name} does not accept the access token that it has just given out (status 401).",
        Remedy(
            "Check the addresses of the server, its identity service and its API: another server "
            "or a gateway answers at one of them. Then log in again: {}.",
            LOG_IN,
        ),
        status=401,
    )


def still_refused(server: Server, what: str) -> RequestRefused:
    """Returns the error for a 401 to a change, also with a new access token.

    Vaultwarden answers so to a member who left the organisation, or has another role there now.
    """
    return RequestRefused(
        f"{server.name} does not let this account change {what} (status 401), and a new access "
        "token did not help.",
        Remedy(
            "Its rights in the organisation may have changed: {}. Else look at the gateway in "
            "front of the server.",
            SYNC,
        ),
        status=401,
    )


def not_json(reply: Reply, server: Server) -> AnswerUnusable:
    """Returns the error for a web page, an empty answer or a damaged one."""
    if reply.is_json:
        return AnswerUnusable(
            f"The answer of {server.name} is damaged or cut off "
            f"(status {reply.status}, {reply.kind}).",
            "Try again; if it stays so, look at the proxy in front of the server.",
        )
    what = "not JSON" if reply.body else "empty"
    return AnswerUnusable(
        f"The answer of {server.name} is {what} (status {reply.status}, {reply.kind}).",
        f"{_CHECK_ADDRESS} A proxy's or network's login page may be in between.",
    )


def _redirected(reply: Reply, server: Server) -> Redirected:
    host = reply.redirect_host
    remedy = (
        "Credentials do not follow redirects: use the server's final address. A login page in "
        "front of the server has to let API clients through."
    )
    if host is None:
        return Redirected(f"{server.name} redirects to another address.", remedy)
    return Redirected(f"{server.name} redirects to the host {host}.", remedy)


def _rate_limited(reply: Reply, server: Server) -> RateLimited:
    wait = reply.wait
    if wait is None:
        return RateLimited(
            f"{server.name} had too many requests and did not say how long to wait.",
            "Try again in a few minutes.",
        )
    seconds = int(wait.total_seconds())
    unit = "second" if seconds == 1 else "seconds"
    return RateLimited(
        f"{server.name} had too many requests.", f"Try again in {seconds} {unit}.", wait=wait
    )
