"""COSE keys: the keys of account encryption V2.

Each holds its id, its cipher and its permitted operations. As with the keys of V1, each purpose is
a type, so that a type checker refuses one key in place of another
(docs/protocol.md, Encryption V2).
"""

from __future__ import annotations

import hmac
import os
from typing import Self

from bw_magics.crypto.content_type import COSE_KEY, LEGACY_KEY, PADDED_TEXT, ContentType
from bw_magics.crypto.cose import cbor
from bw_magics.crypto.cose.aead import AEADS, AES_256_GCM, XAES_256_GCM, XCHACHA20_POLY1305, Aead
from bw_magics.crypto.cose.encrypt0 import ALGORITHM, CONTENT_TYPE, KEY_ID, Encrypt0
from bw_magics.crypto.cose.padding import pad_key, pad_text, unpad
from bw_magics.crypto.enc_string import COSE_ENCRYPT0, EncString
from bw_magics.crypto.keys import Key
from bw_magics.crypto.text import bytes_text, text_bytes
from bw_magics.errors import AuthenticationFailed, CoseMalformed, EncryptionUnsupported

# Labels and values of a COSE_Key map (RFC 9052, 7).
KIND, ID, CIPHER, OPERATIONS, SECRET = 1, 2, 3, 4, -1
SYMMETRIC = 4

ENCRYPT, DECRYPT, WRAP, UNWRAP = 3, 4, 5, 6
EVERYTHING = frozenset({ENCRYPT, DECRYPT, WRAP, UNWRAP})

ID_LENGTH = 16


class CoseKey(Key):
    """A symmetric COSE_Key.

    `id` names it in every message, `operations` are its permitted uses. Each subclass is one
    purpose, and its `CIPHERS` are the ciphers permitted there.
    """

    __slots__ = ("aead", "id", "operations")
    LENGTH = 32
    CIPHERS: tuple[Aead, ...] = (XCHACHA20_POLY1305, XAES_256_GCM, AES_256_GCM)

    def __init__(
        self,
        material: bytes,
        *,
        id: bytes,
        aead: Aead,
        operations: frozenset[int] = EVERYTHING,
    ) -> None:
        super().__init__(material)
        if len(id) != ID_LENGTH:
            raise CoseMalformed(f"The id of a {type(self).__name__} does not have 16 bytes.")
        if aead not in self.CIPHERS:
            raise EncryptionUnsupported(f"A {type(self).__name__} cannot be a key for {aead.name}.")
        self.id = id
        self.aead = aead
        self.operations = operations

    def __eq__(self, other: object) -> bool:
        same = super().__eq__(other)
        if same is NotImplemented or not isinstance(other, CoseKey):
            return same
        return same & hmac.compare_digest(self.id, other.id) & (self.aead is other.aead)

    __hash__ = None

    @classmethod
    def generate(cls, aead: Aead | None = None) -> Self:
        """Makes a new random key with a random id; `aead` defaults to the first of `CIPHERS`."""
        return cls(os.urandom(cls.LENGTH), id=os.urandom(ID_LENGTH), aead=aead or cls.CIPHERS[0])

    @classmethod
    def parse(cls, encoded: bytes) -> Self:
        """Parses a COSE_Key map.

        Raises `CoseMalformed`, and `EncryptionUnsupported` for an unknown cipher.
        """
        members = cbor.decode_map(encoded)
        material, id = members.get(SECRET), members.get(ID)
        if members.get(KIND) != SYMMETRIC or not isinstance(material, bytes):
            raise CoseMalformed("The key is not a symmetric COSE_Key.")
        if not isinstance(id, bytes):
            raise CoseMalformed("The COSE_Key has no id.")
        number = members.get(CIPHER)
        aead = AEADS.get(number) if isinstance(number, int) else None
        if aead is None:
            raise EncryptionUnsupported("The COSE_Key is for an unknown cipher.")
        if len(material) != cls.LENGTH:
            raise CoseMalformed(f"A COSE_Key has {cls.LENGTH} bytes, not {len(material)}.")
        return cls(material, id=id, aead=aead, operations=_operations(members))

    @classmethod
    def parse_padded(cls, padded: bytes) -> Self:
        """Parses a padded COSE_Key map, the form that is wrapped under keys of V1."""
        return cls.parse(unpad(padded))

    @property
    def encoded(self) -> bytes:
        """The key as a COSE_Key map, the form that is wrapped under keys of V2."""
        return cbor.encode(
            {
                KIND: SYMMETRIC,
                ID: self.id,
                CIPHER: self.aead.number,
                OPERATIONS: list[cbor.Value](sorted(self.operations)),
                SECRET: self._bytes,
            }
        )

    @property
    def padded(self) -> bytes:
        """The key as a padded COSE_Key map, the form that is wrapped under keys of V1.

        The padding makes it longer than 64 bytes, the length of a key of V1.
        """
        return pad_key(self.encoded)

    def encrypt_message(
        self, data: bytes, content_type: ContentType, headers: cbor.Map | None = None
    ) -> Encrypt0:
        """Encrypts `data` with a random nonce; `headers` are further protected headers."""
        self._require(WRAP if content_type in (COSE_KEY, LEGACY_KEY) else ENCRYPT, ENCRYPT)
        nonce = os.urandom(self.aead.nonce_length)
        start = Encrypt0.begin(
            {
                ALGORITHM: self.aead.number,
                CONTENT_TYPE: content_type,
                KEY_ID: self.id,
                **(headers or {}),
            },
            nonce,
        )
        encrypted = self.aead.encrypt(
            key=self._bytes, nonce=nonce, data=data, associated=start.associated
        )
        return Encrypt0(start.protected, start.headers, nonce, encrypted)

    def decrypt_message(self, message: Encrypt0, *expected: ContentType) -> bytes:
        """Decrypts a COSE message that holds one of the expected content types.

        Checks cipher, key id and content type before decrypting. Raises `EncryptionUnsupported`
        for another cipher or a use that the key does not permit, `CoseMalformed` for another
        content type, `AuthenticationFailed` for another key's message or a wrong tag.
        """
        if message.headers.get(ALGORITHM) != self.aead.number:
            raise EncryptionUnsupported("The COSE message and its key name different ciphers.")
        id = message.headers.get(KEY_ID)
        if not isinstance(id, bytes) or not hmac.compare_digest(id, self.id):
            raise AuthenticationFailed("The COSE message was encrypted under another key.")
        if message.content_type not in expected:
            raise CoseMalformed("The COSE message holds another kind of contents than expected.")
        self._require(DECRYPT, UNWRAP if set(expected) <= {COSE_KEY, LEGACY_KEY} else DECRYPT)
        return self.aead.decrypt(
            key=self._bytes,
            nonce=message.nonce,
            data=message.data,
            associated=message.associated,
        )

    def decrypt(self, value: EncString, *expected: ContentType) -> bytes:
        """Decrypts an EncString of type 7 that holds one of the expected content types.

        Raises `EncryptionUnsupported` for every other type, and what `decrypt_message` raises.
        """
        return self.decrypt_message(Encrypt0.from_enc_string(value), *expected)

    def decrypt_text(self, text: str) -> str:
        """Decrypts an EncString in its text form to a text."""
        return bytes_text(unpad(self.decrypt(EncString.parse(text), PADDED_TEXT)))

    def encrypt(self, data: bytes, content_type: ContentType) -> EncString:
        """Encrypts `data` as an EncString that names its content type."""
        return EncString(COSE_ENCRYPT0, bytes(self.encrypt_message(data, content_type)))

    def encrypt_text(self, text: str) -> str:
        """Encrypts a text as an EncString in its text form."""
        return str(self.encrypt(pad_text(text_bytes(text)), PADDED_TEXT))

    def _require(self, *operations: int) -> None:
        if self.operations.isdisjoint(operations):
            raise EncryptionUnsupported(f"The {type(self).__name__} is not for this use.")


class UserKeyV2(CoseKey):
    """The account's user key, for personal items, item keys, folder names and private keys."""

    __slots__ = ()
    CIPHERS = (XCHACHA20_POLY1305, XAES_256_GCM)


class ItemKeyV2(CoseKey):
    """The key of one item (`cipher.key`)."""

    __slots__ = ()
    CIPHERS = (XCHACHA20_POLY1305, XAES_256_GCM)


class ContentKey(CoseKey):
    """The key of one blob item's contents (`wrapped_cek`)."""

    __slots__ = ()
    CIPHERS = (AES_256_GCM, XCHACHA20_POLY1305)


def _operations(members: cbor.Map) -> frozenset[int]:
    """Reads a key's permitted operations; a key without a list permits all (RFC 9052, 7.1)."""
    listed = members.get(OPERATIONS)
    if listed is None:
        return EVERYTHING
    if not isinstance(listed, list):
        raise CoseMalformed("The operations of the COSE_Key are not a list.")
    return frozenset(operation for operation in listed if isinstance(operation, int))
