"""From the master password to the master key (docs/protocol.md, Key derivation)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from bw_magics.answer import Answer
from bw_magics.crypto.text import typed_bytes
from bw_magics.errors import KdfRefused

# The functions below import `cryptography` when they derive, and keys after that. A login starts
# faster without either, and another thread loads the keys during the derivation.
if TYPE_CHECKING:
    from bw_magics.crypto.keys import MasterKey

PBKDF2 = 0
ARGON2ID = 1

# Above this an Argon2id derivation is announced before it starts, in MiB.
MUCH_MEMORY = 256

_LENGTH = 32

# The OpenSSL in `cryptography` takes 60 % of the time of Python's own. From this version on, other
# threads run meanwhile.
_RUNS_BESIDE_OTHERS = 50


def normalise_salt(salt: str) -> bytes:
    """Trims and lowercases the salt and encodes it as UTF-8, like official clients."""
    return typed_bytes(salt.strip().lower())


class _Pbkdf2Costs(NamedTuple):
    iterations: int


class Pbkdf2(_Pbkdf2Costs):
    """PBKDF2-HMAC-SHA256."""

    __slots__ = ()

    FLOOR: ClassVar[int] = 5_000
    CEILING: ClassVar[int] = 2_000_000

    memory: ClassVar[int] = 0

    def check(self) -> None:
        """Raises `KdfRefused` outside floor and ceiling."""
        _within("PBKDF2 iterations", self.iterations, self.FLOOR, self.CEILING)

    def derive(self, *, password: str, salt: str) -> MasterKey:
        """Derives the master key; checks the cost before any work."""
        self.check()
        material = _pbkdf2(typed_bytes(password), normalise_salt(salt), self.iterations)
        from bw_magics.crypto.keys import MasterKey

        return MasterKey(material)


class _Argon2idCosts(NamedTuple):
    iterations: int
    memory: int
    parallelism: int


class Argon2id(_Argon2idCosts):
    """Argon2id version 1.3; `memory` is in MiB."""

    __slots__ = ()

    FLOOR: ClassVar[_Argon2idCosts] = _Argon2idCosts(iterations=2, memory=16, parallelism=1)
    CEILING: ClassVar[_Argon2idCosts] = _Argon2idCosts(iterations=10, memory=1024, parallelism=16)

    def check(self) -> None:
        """Raises `KdfRefused` outside floor and ceiling."""
        for name in ("iterations", "memory", "parallelism"):
            low, high = getattr(self.FLOOR, name), getattr(self.CEILING, name)
            unit = " in MiB" if name == "memory" else ""
            _within(f"Argon2id {name}{unit}", getattr(self, name), low, high)

    def derive(self, *, password: str, salt: str) -> MasterKey:
        """Derives the master key; checks the cost before any work."""
        self.check()
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.kdf import argon2

        try:
            derivation = argon2.Argon2id(
                salt=hashlib.sha256(normalise_salt(salt)).digest(),
                length=_LENGTH,
                iterations=self.iterations,
                lanes=self.parallelism,
                memory_cost=self.memory * 1024,
            )
            material = derivation.derive(typed_bytes(password))
        except MemoryError:
            raise KdfRefused(
                f"The account's key derivation takes {self.memory} MiB of memory, more than there "
                "is here.",
                "Free some, or lower it in the web vault under Settings → Security → Keys.",
            ) from None
        except UnsupportedAlgorithm:
            raise KdfRefused(
                "The account's key derivation is Argon2id, which the OpenSSL of this machine's "
                "cryptography library does not have.",
                "Install the cryptography package from PyPI: it brings its own OpenSSL.",
            ) from None
        from bw_magics.crypto.keys import MasterKey

        return MasterKey(material)


Kdf = Pbkdf2 | Argon2id


def read_kdf(answer: Answer, *, prefix: str = "") -> Kdf | None:
    """Reads the derivation in an answer; returns None if it has none.

    `prefix` is `kdf` for the legacy members (`Kdf`, `KdfIterations`, …), empty for the new block
    (`KdfType`, `Iterations`, …). Raises `KdfRefused` for an unknown kind of derivation.
    """
    kind = answer.integer("kdf" if prefix else "kdfType")
    if kind is None:
        return None

    def cost(name: str) -> int:
        full = prefix + name.capitalize() if prefix else name
        return answer.integer(full) or 0

    if kind == PBKDF2:
        return Pbkdf2(cost("iterations"))
    if kind == ARGON2ID:
        return Argon2id(cost("iterations"), cost("memory"), cost("parallelism"))
    raise KdfRefused(
        f"The account's key derivation is of kind {kind}, which is not known here.",
        "Update bw_magics.",
    )


def _pbkdf2(password: bytes, salt: bytes, iterations: int) -> bytes:
    import cryptography

    if int(cryptography.__version__.partition(".")[0]) < _RUNS_BESIDE_OTHERS:
        return hashlib.pbkdf2_hmac("sha256", password, salt, iterations)
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    return PBKDF2HMAC(SHA256(), _LENGTH, salt, iterations).derive(password)


def _within(what: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise KdfRefused(
            f"The server asks for {what} of {value}; accepted is {low} to {high}.",
            "Check the server's address; if it is right, change the key derivation in the web "
            "vault under Settings → Security → Keys.",
        )
