"""`EncString`: Bitwarden's text format for encrypted values, parsed once.

The types: docs/protocol.md, EncStrings.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import NamedTuple

from bw_magics.errors import EncryptionUnsupported, EncStringMalformed
from bw_magics.lean_regex import regex

AES_CBC = 0
AES_CBC_HMAC = 2
RSA_OAEP_SHA256 = 3
RSA_OAEP_SHA1 = 4
RSA_OAEP_SHA256_HMAC = 5
RSA_OAEP_SHA1_HMAC = 6
COSE_ENCRYPT0 = 7

# The largest field a server accepts is 10,000 characters; private keys and blobs are longer.
LONGEST = 4 * 1024 * 1024

_IV = 16
_MAC = 32
_BLOCK = 16
_PARTS = {
    AES_CBC: 2,
    AES_CBC_HMAC: 3,
    RSA_OAEP_SHA256: 1,
    RSA_OAEP_SHA1: 1,
    RSA_OAEP_SHA256_HMAC: 2,
    RSA_OAEP_SHA1_HMAC: 2,
    COSE_ENCRYPT0: 1,
}
_TYPES = {str(number): number for number in _PARTS}
_TYPE = regex("0|[1-9][0-9]{0,2}")
_AUTHENTICATED = f"{AES_CBC_HMAC}."


class EncString(NamedTuple):
    """An encrypted value: its type, and its parts as bytes.

    `iv` and `mac` are empty for the types that have none. `data` holds the whole of a COSE
    message (type 7). The `mac` of the old types 5 and 6 stays unchecked, as in official clients:
    no key for it exists. Build one with `parse`.
    """

    type: int
    data: bytes
    iv: bytes = b""
    mac: bytes = b""

    def __repr__(self) -> str:
        return f"EncString(type={self.type}, {len(self.data)} bytes)"

    def __str__(self) -> str:
        parts = [p for p in (self.iv, self.data, self.mac) if p]
        return f"{self.type}." + "|".join(b2a_base64(p, newline=False).decode() for p in parts)

    @property
    def authenticated_parts(self) -> tuple[bytes, bytes]:
        """The message (IV and data) and its MAC.

        Raises `EncryptionUnsupported` for every type but 2.
        """
        if self.type != AES_CBC_HMAC:
            raise EncryptionUnsupported(
                f"Encryption type {self.type} is refused here: only type 2 is authenticated."
            )
        return self.iv + self.data, self.mac

    @classmethod
    def parse(cls, text: str) -> EncString:
        """Parses an encrypted string of type 0 or 2 to 7.

        Raises `EncryptionUnsupported` for every other number, and `EncStringMalformed` for text
        without a type or with the wrong parts.
        """
        if len(text) > LONGEST:
            raise EncStringMalformed("The encrypted string is longer than any server accepts.")
        head, dot, body = text.partition(".")
        number = _TYPES.get(head) if dot else None
        if number is None:
            if not dot or not _TYPE.fullmatch(head):
                raise EncStringMalformed("The value is not an encrypted string.")
            raise EncryptionUnsupported(f"Encryption type {head} is not supported.")
        try:
            parts = [a2b_base64(part, strict_mode=True) for part in body.split("|", 3)]
        except ValueError:
            raise EncStringMalformed("The encrypted string is not valid base64.") from None
        if len(parts) == _PARTS[number] and all(parts):
            if _PARTS[number] == 1:
                return cls(number, parts[0])
            if number in (RSA_OAEP_SHA256_HMAC, RSA_OAEP_SHA1_HMAC):
                return cls(number, parts[0], mac=parts[1])
            iv, data, mac = (*parts, b"")[:3]
            if len(iv) == _IV and len(data) % _BLOCK == 0 and len(mac) in (0, _MAC):
                return cls(number, data, iv, mac)
        raise EncStringMalformed(f"The parts of an encrypted string of type {number} do not fit.")


def authenticated_parts(text: str) -> tuple[bytes, bytes]:
    """Parses an EncString of type 2 into its message (IV and data) and its MAC.

    Faster than `EncString.parse`, for reading many values. Raises what that raises, and
    `EncryptionUnsupported` for every other type.
    """
    if text.startswith(_AUTHENTICATED) and len(text) <= LONGEST:
        try:
            first, second, third = text[len(_AUTHENTICATED) :].split("|")
            iv = a2b_base64(first, strict_mode=True)
            data = a2b_base64(second, strict_mode=True)
            mac = a2b_base64(third, strict_mode=True)
        except ValueError:
            pass
        else:
            if len(iv) == _IV and len(mac) == _MAC and data and not len(data) % _BLOCK:
                return iv + data, mac
    return EncString.parse(text).authenticated_parts
