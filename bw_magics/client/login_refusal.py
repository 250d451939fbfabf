"""Why a server refuses a login, as one typed error (docs/protocol.md, Refusals of a login)."""

from __future__ import annotations

from bw_magics.client.known_reason import CHECK_THE_KEY, known_reason, texts_of
from bw_magics.client.refusal import refused
from bw_magics.client.reply import Reply
from bw_magics.errors import ApiKeyRefused, BitwardenError, RequestRefused
from bw_magics.lean_regex import regex
from bw_magics.settings import WHERE_THE_KEY_IS, Server

_BOTH_HALVES = regex(r"client_?id or client_?secret is incorrect")
_UNKNOWN_ID = regex(r"(?:invalid|malformed) client_id")
_WRONG_SECRET = regex(r"incorrect client_secret")


def login_refused(reply: Reply, server: Server, *, key: str = CHECK_THE_KEY) -> BitwardenError:
    """Returns the reason why the token endpoint refused a login.

    `key` is the next step where another kind of key was meant.
    """
    if reply.is_redirect or reply.status == 429 or reply.status >= 500:
        return refused(reply, server, what="the login")
    answer = reply.answer
    code = answer.text("error") or ""
    texts = texts_of(answer)
    if any(map(_UNKNOWN_ID.match, texts)):
        return api_key_refused(server, half="client_id")
    if any(map(_WRONG_SECRET.match, texts)):
        return api_key_refused(server, half="client_secret")
    if code == "invalid_client" or any(map(_BOTH_HALVES.match, texts)):
        return api_key_refused(server)
    if known := known_reason(reply, server, key=key):
        return known
    if reply.status == 401:
        return asks_for_another_login(reply, server)
    return refused(reply, server, what="the login")


def api_key_refused(server: Server, *, half: str = "") -> ApiKeyRefused:
    """Returns the error for a refused API key; `half` is the one that the server names."""
    why = {
        "client_id": ": it has no account with this client_id",
        "client_secret": ": it knows the client_id, and another client_secret",
    }
    return ApiKeyRefused(
        f"client_id or client_secret was refused by {server.name}{why.get(half, '')}.",
        "Check that your account is on this server (us, eu and self-hosted servers each have "
        f"their own), and that the key was not rotated: the present one is {WHERE_THE_KEY_IS}.",
        half=half,
    )


def asks_for_another_login(reply: Reply, server: Server) -> RequestRefused:
    """Returns the error for a 401 at the token endpoint, which Bitwarden servers never send."""
    return RequestRefused(
        f"What answers at {server.name} asks for a login of its own (status 401, {reply.kind}).",
        "Check the path of the address: the server's identity service is not there, or a gateway "
        "in front of it protects it.",
        status=401,
    )
