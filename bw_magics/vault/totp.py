"""One-time codes from a login's TOTP member (protocol 6.7).

The arithmetic is RFC 4226 and 6238. It is written out here because PyOTP refuses the short seeds
that vaults hold and `cryptography` knows neither Steam's alphabet nor fewer than six digits.
"""

from __future__ import annotations

import base64
import hmac
import re
import time
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bw_magics.errors import Unreadable

_ALGORITHMS = frozenset({"SHA1", "SHA256", "SHA512"})
_STEAM_ALPHABET = "23456789BCDFGHJKMNPQRTVWXY"
_NOT_BASE32 = re.compile(r"[^A-Z2-7]")


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
        """From bare base32, an `otpauth://` URI or a `steam://` URI.

        Case, spaces and characters that are not base32 are tolerated as official clients do.
        Raises `Unreadable` where no seed is left or a parameter is out of range.
        """
        text = text.strip()
        lower = text.lower()
        if lower.startswith("otpauth://"):
            try:
                query = parse_qs(urlsplit(text).query)
            except ValueError:
                query = {}
            given = {name.lower(): values[0] for name, values in query.items()}
            totp = cls(
                _base32(given.get("secret", "")),
                _number(given.get("period"), 30, 1, 3600),
                _number(given.get("digits"), 6, 1, 10),
                given.get("algorithm", "SHA1").upper().replace("-", ""),
            )
        elif lower.startswith("steam://"):
            totp = cls(_base32(text[len("steam://") :]), digits=5, is_steam=True)
        else:
            totp = cls(_base32(text))
        if len(totp.seed) < 2 or totp.algorithm not in _ALGORITHMS:
            raise Unreadable("The item's TOTP member holds no seed that can be used.")
        return totp

    def code(self, at: float | None = None) -> str:
        """The code at a time in seconds since 1970, now if None."""
        moment = int(time.time() if at is None else at)
        counter = (moment // self.period).to_bytes(8, "big")
        # Bits of the last character that do not fill a byte are dropped, as official clients do.
        bits = self.seed[: len(self.seed) - (len(self.seed) % 8 in (1, 3, 6))]
        key = base64.b32decode(bits + "=" * (-len(bits) % 8))
        digest = hmac.digest(key, counter, self.algorithm)
        offset = digest[-1] & 15
        number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
        if not self.is_steam:
            return f"{number % 10**self.digits:0{self.digits}}"
        letters = []
        for _ in range(self.digits):
            number, index = divmod(number, len(_STEAM_ALPHABET))
            letters.append(_STEAM_ALPHABET[index])
        return "".join(letters)

    def seconds_left(self, at: float | None = None) -> int:
        """How long the code at that time stays valid, in seconds."""
        return self.period - int(time.time() if at is None else at) % self.period


def _base32(text: str) -> str:
    return _NOT_BASE32.sub("", text.upper())


def _number(text: str | None, default: int, low: int, high: int) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 5:
        return default
    number = int(text)
    return number if low <= number <= high else default
