"""Keys as distinct types, so that a type checker refuses one in place of another.

What each key encrypts: docs/protocol.md, Keys of items.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from binascii import b2a_base64
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bw_magics.crypto.enc_string import AES_CBC_HMAC, EncString, authenticated_parts
from bw_magics.crypto.text import bytes_text, text_bytes, typed_bytes
from bw_magics.errors import AuthenticationFailed, EncStringMalformed
from bw_magics.secret import Unpicklable

_BLOCK = 16
_PADDINGS = tuple(bytes([count]) * count for count in range(_BLOCK + 1))

_HASH_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ mask for byte in range(256)) for mask in (0x36, 0x5C))

# In CBC, decrypting a block needs only the encrypted block before it. So one decryptor serves many
# messages: each is decrypted with its IV in front, and the first decrypted block is dropped.
_AFTER_IV = modes.CBC(bytes(_BLOCK))


class Key(Unpicklable):
    """A secret key; its repr hides the bytes, and it compares in constant time.

    `LENGTH` is the length in bytes; any other raises `EncStringMalformed`.
    """

    __slots__ = ("_bytes",)
    LENGTH: int

    def __init__(self, material: bytes) -> None:
        if len(material) != self.LENGTH:
            raise EncStringMalformed(
                f"A {type(self).__name__} has {self.LENGTH} bytes, not {len(material)}."
            )
        self._bytes = bytes(material)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(self._bytes, other._bytes)

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def generate(cls) -> Self:
        """Makes a new random key."""
        return cls(os.urandom(cls.LENGTH))

    @property
    def material(self) -> bytes:
        """The key's bytes, for wrapping it under another key."""
        return self._bytes


class MasterKey(Key):
    """The key derived from the master password, or kept by a Key Connector."""

    __slots__ = ()
    LENGTH = 32

    def stretch(self) -> StretchedMasterKey:
        """Derives the key that wraps the user key: HKDF-Expand without extract."""
        return StretchedMasterKey(_expand(self._bytes, b"enc") + _expand(self._bytes, b"mac"))

    def password_hash(self, *, password: str) -> str:
        """Computes the master password hash that servers compare, in base64."""
        digest = hashlib.pbkdf2_hmac("sha256", self._bytes, typed_bytes(password), 1)
        return b2a_base64(digest, newline=False).decode()

    def decrypt_without_mac(self, value: EncString) -> bytes:
        """Decrypts an EncString of type 0, which has no MAC.

        Only the user keys of accounts from before 2018 have this type.
        """
        return _unpad(_cbc(self._bytes, value.iv, value.data))


class SymmetricKey(Key):
    """AES-256-CBC with HMAC-SHA256: 32 bytes to encrypt, 32 bytes to authenticate."""

    __slots__ = ("_authentication", "_cipher")
    LENGTH = 64

    def __init__(self, material: bytes) -> None:
        super().__init__(material)
        self._cipher = algorithms.AES(self._bytes[:32])
        self._authentication = self._bytes[32:]

    def decrypt(self, value: EncString) -> bytes:
        """Decrypts an EncString of type 2.

        Compares the MAC in constant time before decrypting. Raises `EncryptionUnsupported` for
        every other type, `AuthenticationFailed` for a wrong MAC.
        """
        return self._open(*value.authenticated_parts)

    def decrypt_text(self, text: str) -> str:
        """Decrypts an EncString in its text form to a text, which must be UTF-8."""
        return bytes_text(self._open(*authenticated_parts(text)))

    def authenticate(self, text: str) -> None:
        """Checks the MAC of an EncString in its text form, and decrypts nothing.

        Raises what `decrypt_text` raises for a value that is damaged or under another key.
        """
        message, mac = authenticated_parts(text)
        _compare(hmac.digest(self._authentication, message, hashlib.sha256), mac)

    def _open(self, message: bytes, mac: bytes) -> bytes:
        _compare(hmac.digest(self._authentication, message, hashlib.sha256), mac)
        return _unpad(Cipher(self._cipher, _AFTER_IV).decryptor().update(message)[_BLOCK:])

    def series(self) -> Series:
        """Makes a `Series`, which decrypts many values faster than the key itself."""
        return Series(self._cipher, self._authentication)

    def encrypt(self, data: bytes) -> EncString:
        """Encrypts `data` as an EncString of type 2, with a random initialisation vector."""
        iv = os.urandom(16)
        count = 16 - len(data) % 16
        encryptor = Cipher(self._cipher, modes.CBC(iv)).encryptor()
        encrypted = encryptor.update(data + bytes([count]) * count) + encryptor.finalize()
        mac = hmac.digest(self._authentication, iv + encrypted, "sha256")
        return EncString(AES_CBC_HMAC, encrypted, iv, mac)

    def encrypt_text(self, text: str) -> str:
        """Encrypts `text` as an EncString of type 2 in its text form."""
        return str(self.encrypt(text_bytes(text)))


class Series(Unpicklable):
    """A decryptor for many values under one key: MAC and cipher are set up once.

    Use it in one thread and for one pass over a vault: it holds the key.
    """

    __slots__ = ("_decryptor", "_mac")

    def __init__(self, cipher: algorithms.AES, authentication: bytes) -> None:
        self._mac = HMAC(authentication, hashes.SHA256())
        self._decryptor = Cipher(cipher, _AFTER_IV).decryptor()

    def __repr__(self) -> str:
        return "<Series>"

    def decrypt(self, value: EncString) -> bytes:
        """Decrypts like `SymmetricKey.decrypt`, with its errors."""
        return self._open(*value.authenticated_parts)

    def decrypt_text(self, text: str) -> str:
        """Decrypts like `SymmetricKey.decrypt_text`."""
        return bytes_text(self._open(*authenticated_parts(text)))

    def decrypt_bytes(self, text: str) -> bytes:
        """Decrypts an EncString in its text form."""
        return self._open(*authenticated_parts(text))

    def _open(self, message: bytes, mac: bytes) -> bytes:
        found = self._mac.copy()
        found.update(message)
        _compare(found.finalize(), mac)
        return _unpad(self._decryptor.update(message)[_BLOCK:])


def decrypt_text_once(material: bytes, text: str) -> str:
    """Decrypts one text like `SymmetricKey.decrypt_text`, under a key that is used only for it.

    `material` is the 64 bytes of the key; no key object is made of it. For the names of many items,
    each under a key of its own.
    """
    message, mac = authenticated_parts(text)
    _compare(_hmac(material[32:], message), mac)
    cipher = Cipher(algorithms.AES256(material[:32]), _AFTER_IV)
    return bytes_text(_unpad(cipher.decryptor().update(message)[_BLOCK:]))


class StretchedMasterKey(SymmetricKey):
    """The key that wraps the user key."""

    __slots__ = ()


class UserKey(SymmetricKey):
    """The account's own key, for personal items, folder names, item keys and the private key."""

    __slots__ = ()


class OrganizationKey(SymmetricKey):
    """An organisation's key, for its items and collection names."""

    __slots__ = ()


class PayloadKey(SymmetricKey):
    """The key of an access token, for the organisation's key in the answer to its login."""

    __slots__ = ()


class ItemKey(SymmetricKey):
    """The key of one item (`cipher.key`), for its fields, attachment names and attachment keys."""

    __slots__ = ()


class AttachmentKey(SymmetricKey):
    """The key of one attachment's contents."""

    __slots__ = ()


def _hmac(key: bytes, message: bytes) -> bytes:
    """Computes HMAC-SHA256 (RFC 2104) under a key of at most a block of the hash.

    Two calls of the hash take half the time of one of `hmac.digest`, which looks its algorithm up
    each time.
    """
    padded = key.ljust(_HASH_BLOCK, b"\0")
    inner = hashlib.sha256(padded.translate(_INNER) + message).digest()
    return hashlib.sha256(padded.translate(_OUTER) + inner).digest()


def _compare(mac: bytes, given: bytes) -> None:
    if not hmac.compare_digest(mac, given):
        raise AuthenticationFailed("Integrity check failed: wrong key or modified data.")


def _expand(material: bytes, info: bytes) -> bytes:
    return HKDFExpand(hashes.SHA256(), 32, info).derive(material)


def _cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _unpad(padded: bytes) -> bytes:
    count = padded[-1]
    if not 1 <= count <= _BLOCK or not padded.endswith(_PADDINGS[count]):
        raise AuthenticationFailed("Padding check failed: wrong key or modified data.")
    return padded[:-count]
