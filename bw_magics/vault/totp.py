"""One-time codes from a login's TOTP member (protocol 6.7); PyOTP does the arithmetic."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from hashlib import sha1, sha256, sha512
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bw_magics.errors import Unreadable

_ALGORITHMS = {"SHA1": sha1, "SHA256": sha256, "SHA512": sha512}
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
        if not totp.seed or totp.algorithm not in _ALGORITHMS:
            raise Unreadable("The item's TOTP member holds no seed that can be used.")
        return totp

    def code(self, at: float | None = None) -> str:
        """The code at a time in seconds since 1970, now if None."""
        import pyotp
        import pyotp.contrib

        generator: Any
        if self.is_steam:
            generator = pyotp.contrib.Steam(self.seed, interval=self.period)
        else:
            generator = pyotp.TOTP(
                self.seed,
                digits=self.digits,
                digest=_ALGORITHMS[self.algorithm],
                interval=self.period,
            )
        return str(generator.at(int(time.time() if at is None else at)))

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
