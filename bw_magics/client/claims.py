"""The claims of an access token, read without verification: it is the client's own token."""

from __future__ import annotations

import base64
import binascii

from bw_magics.answer import Answer
from bw_magics.client.body import UNREADABLE, parse_json

_LONGEST = 256 * 1024


def read_claims(token: str) -> Answer:
    """Reads the claims of a JWT: `sub`, `email`, `name`, `sstamp`, `exp`, ….

    Returns an empty answer for anything else: a login does not depend on them.
    """
    parts = token.split(".", 3)
    if len(parts) < 2 or len(token) > _LONGEST:
        return Answer(None)
    payload = parts[1].rstrip("=")
    try:
        body = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (binascii.Error, ValueError):
        return Answer(None)
    value = parse_json(body)
    return Answer(None if value is UNREADABLE else value)
