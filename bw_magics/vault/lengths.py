"""How long an encrypted text may be, checked before anything is sent (docs/protocol.md, Limits)."""

from __future__ import annotations

from bw_magics.errors import TooLong

# The longest encrypted texts, in characters, that an official server takes; Vaultwarden checks
# the notes only.
LIMITS = {"notes": 10_000, "password": 5_000, "uri": 10_000, "uriChecksum": 10_000, "value": 5_000}
LIMITS |= {"privateKey": 5_000, "publicKey": 5_000}
LIMIT = 1_000


def check_length(member: str, encrypted: str, label: str = "") -> str:
    """Returns the encrypted text, where a server takes one of that length. Raises `TooLong`."""
    limit = LIMITS.get(member, LIMIT)
    if len(encrypted) > limit:
        longest = _longest_plain(limit)
        raise TooLong(
            f"{label or member} is too long: {len(encrypted)} characters once encrypted, and "
            f"servers take {limit}.",
            f"Shorten it to about {longest} bytes, or attach it as a file.",
            member=label or member,
            length=len(encrypted),
            limit=limit,
        )
    return encrypted


def _longest_plain(limit: int) -> int:
    """Returns the bytes that an EncString of type 2 with so many characters holds."""
    blocks = (limit - len("2.||") - 24 - 44) // 4 * 3 // 16
    return blocks * 16 - 1
