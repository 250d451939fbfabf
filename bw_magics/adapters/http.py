"""httpx and requests: a user name and a password as their `auth` argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bw_magics.secret import SecretBytes

if TYPE_CHECKING:
    from httpx import BasicAuth as BasicAuth


def httpx_auth(username: str, password: str) -> BasicAuth:
    """Makes HTTP basic authentication for httpx."""
    import httpx

    return httpx.BasicAuth(username, password)


def requests_auth(username: str, password: str) -> tuple[Any, Any]:
    """Makes the tuple that requests takes.

    requests encodes text as Latin-1. A text with other characters is passed as UTF-8 bytes, as
    browsers send it.
    """
    for text in (username, password):
        if any(ord(character) > 0xFF for character in text):
            label = getattr(password, "label", "")
            return username.encode(), SecretBytes(password.encode(), label)
    return username, password
