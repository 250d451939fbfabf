"""`MasterPasswordUnlock`: the wrapped user key, and the derivation of the key that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from bw_magics.answer import Answer
from bw_magics.crypto.enc_string import AES_CBC, AES_CBC_HMAC, EncString
from bw_magics.crypto.kdf import Kdf, read_kdf
from bw_magics.errors import EncryptionUnsupported

if TYPE_CHECKING:
    from bw_magics.crypto.keys import MasterKey
    from bw_magics.crypto.wrapping import EitherUserKey


class MasterPasswordUnlock:
    """The user key wrapped under the master password, with salt and derivation.

    Named after the block of official servers. Older servers send the same as single members; see
    `read_legacy` (docs/protocol.md, Login).
    """

    __slots__ = ("kdf", "salt", "wrapped_user_key")

    def __init__(self, kdf: Kdf, salt: str, wrapped_user_key: EncString) -> None:
        self.kdf = kdf
        self.salt = salt
        self.wrapped_user_key = wrapped_user_key

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MasterPasswordUnlock):
            return NotImplemented
        return self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    @property
    def _parts(self) -> tuple[object, ...]:
        return self.kdf, self.salt, self.wrapped_user_key

    def __repr__(self) -> str:
        return f"MasterPasswordUnlock({self.kdf})"

    @classmethod
    def read(cls, block: Answer, *, email: str | None) -> Self | None:
        """Reads a `MasterPasswordUnlock` block; returns None if a needed member is missing.

        The salt defaults to the account's e-mail. Raises `EncStringMalformed`,
        `EncryptionUnsupported` and `KdfRefused`.
        """
        wrapped = block.text("masterKeyEncryptedUserKey") or block.text("masterKeyWrappedUserKey")
        salt = block.text("salt") or email
        kdf = read_kdf(block.object("kdf"))
        if wrapped is None or salt is None or kdf is None:
            return None
        return cls(kdf, salt, _wrapped(wrapped))

    @classmethod
    def read_legacy(cls, answer: Answer, *, email: str | None) -> Self | None:
        """Reads `Key`, `Kdf`, `KdfIterations`, … and the e-mail; None if one is missing."""
        wrapped = answer.text("key")
        kdf = read_kdf(answer, prefix="kdf")
        if wrapped is None or email is None or kdf is None:
            return None
        return cls(kdf, email, _wrapped(wrapped))

    def derive(self, *, password: str) -> MasterKey:
        """Derives the master key: slow on purpose; other threads run meanwhile."""
        return self.kdf.derive(password=password, salt=self.salt)

    def open(self, master_key: MasterKey) -> EitherUserKey:
        """Decrypts the user key; `AuthenticationFailed` means a wrong master password."""
        # A login reads this block and needs no keys: it starts faster without them.
        from bw_magics.crypto.wrapping import open_user_key

        return open_user_key(self.wrapped_user_key, master_key=master_key)


def _wrapped(text: str) -> EncString:
    value = EncString.parse(text)
    if value.type not in (AES_CBC, AES_CBC_HMAC):
        raise EncryptionUnsupported(
            f"Encryption type {value.type} is refused for the key of an account."
        )
    return value
