"""`Totp`: one-time codes from a login's TOTP member (docs/protocol.md, One-time codes).

The arithmetic is RFC 4226 and 6238. It is written out here because PyOTP refuses the short seeds
that vaults hold and `cryptography` knows neither Steam's alphabet nor fewer than six digits.
"""

from __future__ import annotations

import base64
import hmac
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from bw_magics.errors import Unreadable
from bw_magics.lean_regex import regex

_ALGORITHMS = frozenset({"SHA1", "SHA256", "SHA512"})
_STEAM_ALPHABET = "23456789BCDFGHJKMNPQRTVWXY"
_SCHEME = regex(r"([a-z][a-z0-9+.-]*)://")
_COUNTED = regex(r"otpauth://hotp(?:[/?#]|$)")
_NOT_BASE32 = regex(r"[^A-Z2-7]")
_MOST_DIGITS = 10
_U32 = 2**32


@dataclass(frozen=True, slots=True, repr=False)
class Totp:
    """A TOTP seed with its parameters; `period` is in seconds."""

    seed: str
    period: int = 30
    digits: int = 6
    algorithm: str = "SHA1"
    is_steam: bool = False

    @classmethod
    def parse(cls, text: str) -> Totp:
        """Reads bare base32, an `otpauth://` URI or a `steam://` URI.

        Case, spaces and characters that are not base32 are tolerated, and odd numbers count, as in
        official clients. Raises `Unreadable` naming the parameter that cannot be used: a missing
        seed, no digits, or an algorithm that official clients would silently take for SHA1. So are
        HOTP and URIs of other kinds, of which official clients show codes that no service accepts.
        """
        text = text.strip()
        lower = text.lower()
        scheme = _SCHEME.match(lower)
        if lower.startswith("otpauth://"):
            given = _parameters(text)
            if _COUNTED.match(lower):
                raise _counted()
            totp = cls(
                _base32(given.get("secret", "")),
                max(_number(given.get("period"), 30), 1),
                min(_number(given.get("digits"), 6), _MOST_DIGITS),
                given.get("algorithm", "SHA1").strip().upper().replace("-", ""),
            )
        elif lower.startswith("steam://"):
            totp = cls(_base32(text[len("steam://") :]), digits=5, is_steam=True)
        elif scheme is not None:
            raise _other_uri(scheme[1])
        else:
            totp = cls(_base32(text))
        if len(totp.seed) < 2:
            raise _unusable("secret", "is missing or has no base32 characters")
        if totp.algorithm not in _ALGORITHMS:
            raise _unusable("algorithm", "is none of SHA1, SHA256 and SHA512")
        if not totp.digits:
            raise _unusable("digits", "is 0")
        return totp

    def code(self, at: float | None = None) -> str:
        """Returns the code at a time in seconds since 1970, now if None."""
        moment = int(time.time() if at is None else at)
        counter = (moment // self.period).to_bytes(8, "big")
        # Bits of the last character that do not fill a byte are dropped, as official clients do.
        bits = self.seed[: len(self.seed) - (len(self.seed) % 8 in (1, 3, 6))]
        key = base64.b32decode(bits + "=" * (-len(bits) % 8))
        digest = hmac.digest(key, counter, self.algorithm)
        offset = digest[-1] & 15
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        if not self.is_steam:
            # Ten digits as official clients show them: they count modulo 10**10 in 32 bits.
            return f"{number % (10**self.digits % _U32):0{self.digits}}"
        letters = []
        for _ in range(self.digits):
            number, index = divmod(number, len(_STEAM_ALPHABET))
            letters.append(_STEAM_ALPHABET[index])
        return "".join(letters)

    def seconds_left(self, at: float | None = None) -> int:
        """Returns how long the code at that time stays valid, in seconds."""
        return self.period - int(time.time() if at is None else at) % self.period


def _base32(text: str) -> str:
    return _NOT_BASE32.sub("", text.upper())


def _parameters(uri: str) -> dict[str, str]:
    """Returns the parameters of an otpauth URI; the last one of a name counts."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise Unreadable(
            "The item's TOTP member is not a valid otpauth URI.", "Correct it in the web vault."
        ) from None
    if not parts.query and "secret=" in parts.fragment.lower():
        raise Unreadable(
            "The label of the item's otpauth URI contains a '#', which ends the URI there.",
            "Write %23 for it in the web vault.",
        )
    return {name.lower(): value for name, value in parse_qsl(parts.query)}


def _counted() -> Unreadable:
    return Unreadable(
        "The item's TOTP member is for codes that are counted (HOTP), not for codes of the time.",
        "Ask the service for a seed of a TOTP app, and replace it in the web vault; the text "
        "itself is item.totp_seed.",
    )


def _other_uri(scheme: str) -> Unreadable:
    if scheme == "otpauth-migration":
        return Unreadable(
            "The item's TOTP member is an export of Google Authenticator, not one seed.",
            "Show the seed of this login at its service again, and replace it in the web vault.",
        )
    return Unreadable(
        "The item's TOTP member is a URI, and neither otpauth:// nor steam://.",
        "Replace it by the seed or its otpauth URI in the web vault.",
    )


def _unusable(parameter: str, problem: str) -> Unreadable:
    return Unreadable(
        f"The item's TOTP member holds no seed that can be used: its {parameter} {problem}.",
        "Correct it in the web vault.",
    )


def _number(text: str | None, default: int) -> int:
    """Reads a parameter as official clients do: 32 bits without a sign, else the default."""
    text = (text or "").removeprefix("+")
    if not text.isascii() or not text.isdigit():
        return default
    text = text.lstrip("0") or "0"
    return int(text) if len(text) <= 10 and int(text) < _U32 else default
