"""httpx and requests: a user name and a password as what these take for `auth`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bw_magics.secret import SecretBytes

if TYPE_CHECKING:
    from httpx import BasicAuth as BasicAuth


def httpx_auth(username: str, password: str) -> BasicAuth:
    """HTTP basic authentication for httpx."""
    import httpx

    return httpx.BasicAuth(username, password)


def requests_auth(username: str, password: str) -> tuple[Any, Any]:
    """The tuple that requests takes. It encodes text as Latin-1; what has other characters is
    given as bytes in UTF-8, as browsers send it.
    """
    for text in (username, password):
        if any(ord(character) > 0xFF for character in text):
            label = getattr(password, "label", "")
            return username.encode(), SecretBytes(password.encode(), label)
    return username, password
