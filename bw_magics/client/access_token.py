"""`AccessToken`: what a machine account logs in to the Secrets Manager with.

Its form: docs/protocol.md, Secrets Manager.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from dataclasses import dataclass
from typing import Self

from bw_magics.crypto.shareable_key import SECRET_LENGTH
from bw_magics.errors import AccessTokenInvalid, CredentialsMissing
from bw_magics.lean_regex import regex
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import WHERE_ACCESS_TOKENS_ARE, pasted

# A token has about 95 characters.
_LONGEST = 4096
_ID = regex(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_API_KEY = regex(r"(?:user|organization)\.", re.IGNORECASE)
_FORM = "One looks like 0.xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.SECRET:KEY. It is "


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken(Unpicklable):
    """An access token: the id and secret that the server checks, and the seed of a key that it
    never sees. Build one with `parse`.
    """

    id: str
    client_secret: Secret
    seed: bytes

    def __repr__(self) -> str:
        return "<AccessToken>"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a token, without the white space, quotes and byte order mark around it.

        Raises `CredentialsMissing` for an empty one, `AccessTokenInvalid` with the part that is
        not right for any other text; neither repeats it.
        """
        text = pasted(pasted(text).replace("\ufeff", ""))
        if not text:
            raise CredentialsMissing(
                "The access token is empty.", f"It is {WHERE_ACCESS_TOKENS_ARE}."
            )
        if len(text) > _LONGEST:
            raise _invalid("is far too long")
        if text.split() != [text]:
            raise _invalid("has a blank or a line break inside")
        if _API_KEY.match(text):
            raise AccessTokenInvalid(
                "This is the client_id of an API key, not an access token.",
                f"An access token begins with 0. and is {WHERE_ACCESS_TOKENS_ARE}.",
            )
        head, colon, seed = text.partition(":")
        if not colon:
            raise _invalid("is cut off: it has no colon and no key at its end")
        parts = head.split(".")
        if len(parts) != 3:
            raise _invalid("does not have three parts between its dots")
        version, id, secret = parts
        if version != "0":
            raise _invalid("has another version than 0", "If it is new, update bw_magics. ")
        if not _ID.fullmatch(id):
            raise _invalid("does not have an id in its second part")
        if not secret:
            raise _invalid("has no client secret in its third part")
        return cls(id.lower(), Secret(secret, "client secret of the access token"), _seed(seed))


def _seed(text: str) -> bytes:
    """Reads the key behind the colon; official clients read it without its padding, too."""
    body = text.rstrip("=")
    try:
        seed = a2b_base64(body + "=" * (-len(body) % 4), strict_mode=True)
    except ValueError:
        raise _invalid("has a key that is not base64 behind its colon") from None
    if len(seed) != SECRET_LENGTH:
        raise _invalid(f"has a key of {len(seed)} bytes behind its colon, not {SECRET_LENGTH}")
    return seed


def _invalid(why: str, first: str = "") -> AccessTokenInvalid:
    return AccessTokenInvalid(
        f"The access token {why}.", f"{first}{_FORM}{WHERE_ACCESS_TOKENS_ARE}."
    )
