"""What a server's refusal means, as one typed error (protocol 2.5, 7.9).

A server's texts are compared with known ones and never shown: they could repeat what was typed.
"""

from __future__ import annotations

from bw_magics.client.reply import Reply, messages
from bw_magics.errors import (
    AnswerUnusable,
    ApiKeyRefused,
    BitwardenError,
    RateLimited,
    Redirected,
    RequestRefused,
)
from bw_magics.settings import DEVICE_ID, WHERE_THE_KEY_IS, Server

_UPDATE = "Update bw_magics."
_CHECK_ADDRESS = "Check that this is the address of your Bitwarden or Vaultwarden server."

# Beginnings of messages, in lower case: Vaultwarden's three, and one of other servers.
_KEY_REFUSED = (
    "incorrect client_secret",
    "invalid client_id",
    "malformed client_id",
    "clientid or clientsecret is incorrect",
    "client_id or client_secret is incorrect",
)


def api_key_refused(server: Server) -> ApiKeyRefused:
    """The refused API key, with the reasons that are most often behind it."""
    return ApiKeyRefused(
        f"client_id or client_secret was refused by {server.name}.",
        "Check that your account is on this server (us, eu and self-hosted servers each have "
        f"their own), and that the key was not rotated: the present one is {WHERE_THE_KEY_IS}.",
    )


def login_refused(reply: Reply, server: Server) -> BitwardenError:
    """Why the token endpoint did not log in."""
    if reply.is_redirect or reply.status == 429 or reply.status >= 500:
        return refused(reply, server, what="the login")
    answer = reply.answer
    if not answer:
        return refused(reply, server, what="the login")
    name, status = server.name, reply.status
    code = answer.text("error") or ""
    texts = tuple(text.strip().lower() for text in messages(answer))
    if code == "invalid_client" or any(text.startswith(_KEY_REFUSED) for text in texts):
        return api_key_refused(server)
    if code in ("version_header_missing", "invalid_client_version"):
        return RequestRefused(f"{name} asks for a newer client.", _UPDATE, status=status)
    if code == "device_error":
        return RequestRefused(
            f"{name} did not accept the device that logs in.",
            f"Unset {DEVICE_ID} if it is set, and try again.",
            status=status,
        )
    if code == "invalid_scope":
        return RequestRefused(
            f"{name} does not let this API key read a vault.",
            f"Use the personal API key: it is {WHERE_THE_KEY_IS}.",
            status=status,
        )
    if code == "sso_required":
        return RequestRefused(
            f"{name} asks for single sign-on, which an API key cannot do.",
            "Ask the administrators of your organisation.",
            status=status,
        )
    if any(text.startswith("legacy encryption without a userkey") for text in texts):
        return RequestRefused(
            f"The account on {name} has the encryption of before 2018, without a user key.",
            "Log in to the web vault once: it brings the account up to date.",
            status=status,
        )
    if any(text.startswith("this user has been disabled") for text in texts):
        return RequestRefused(
            f"The account is disabled on {name}.",
            "Ask the administrators of the server.",
            status=status,
        )
    return refused(reply, server, what="the login")


def refused(reply: Reply, server: Server, *, what: str = "the request") -> BitwardenError:
    """What a status outside of 2xx means for any request."""
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
    if status == 401:
        return RequestRefused(
            f"{name} no longer accepts this login (status 401).",
            "Log in again with %bw_login.",
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


def not_json(reply: Reply, server: Server) -> AnswerUnusable:
    """For a web page, an empty answer or a damaged one."""
    if reply.is_json:
        return AnswerUnusable(
            f"The answer of {server.name} is damaged or cut off "
            f"(status {reply.status}, {reply.kind}).",
            "Try again; if it stays so, look at the proxy in front of the server.",
        )
    what = "not JSON" if reply.body else "empty"
    return AnswerUnusable(
        f"The answer of {server.name} is {what} (status {reply.status}, {reply.kind}).",
        f"{_CHECK_ADDRESS} A proxy's or network's login page may stand in between.",
    )


def _redirected(reply: Reply, server: Server) -> Redirected:
    host = reply.redirect_host
    remedy = "Credentials do not follow redirects: use the server's final address."
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
