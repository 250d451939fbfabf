"""Keys wrapped under other keys, in both versions of account encryption.

A key of V1 is wrapped as its 64 bytes, a key of V2 as a COSE_Key. Either can be wrapped under a
key of either version, so every function here takes both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from bw_magics.crypto.content_type import COSE_KEY, LEGACY_KEY, PKCS8
from bw_magics.crypto.enc_string import AES_CBC, EncString
from bw_magics.crypto.keys import AttachmentKey, ItemKey, MasterKey, SymmetricKey, UserKey
from bw_magics.errors import AuthenticationFailed

# The functions below import COSE only when such a key turns up: accounts with encryption V1 then
# start faster.
if TYPE_CHECKING:
    from bw_magics.crypto.cose.cose_key import ContentKey, CoseKey, ItemKeyV2, UserKeyV2

# A key of either version: any, the user key, an item's own.
EitherKey: TypeAlias = "SymmetricKey | CoseKey"
EitherUserKey: TypeAlias = "UserKey | UserKeyV2"
EitherItemKey: TypeAlias = "ItemKey | ItemKeyV2"


def open_user_key(wrapped: EncString, *, master_key: MasterKey) -> EitherUserKey:
    """Opens the account's user key.

    Accepts type 2 under the stretched key, and type 0 under the master key itself. Type 0 has no
    MAC; accounts from before 2018 have it, and it is accepted only here. Raises
    `AuthenticationFailed` for a wrong key.
    """
    if wrapped.type == AES_CBC:
        material = master_key.decrypt_without_mac(wrapped)
        if len(material) != UserKey.LENGTH:
            raise AuthenticationFailed("The key does not open the legacy user key.")
        return UserKey(material)
    material = master_key.stretch().decrypt(wrapped)
    if len(material) <= UserKey.LENGTH:
        return UserKey(material)
    from bw_magics.crypto.cose.cose_key import UserKeyV2

    return UserKeyV2.parse_padded(material)


def wrap_key(key: EitherKey, *, under: EitherKey) -> EncString:
    """Encrypts a key under another key."""
    if isinstance(under, SymmetricKey):
        return under.encrypt(key.material if isinstance(key, SymmetricKey) else key.padded)
    if isinstance(key, SymmetricKey):
        return under.encrypt(key.material, LEGACY_KEY)
    return under.encrypt(key.encoded, COSE_KEY)


def wrap_private_key(pkcs8: bytes, *, under: EitherKey) -> EncString:
    """Encrypts the account's RSA private key, given as PKCS#8."""
    if isinstance(under, SymmetricKey):
        return under.encrypt(pkcs8)
    return under.encrypt(pkcs8, PKCS8)


def unwrap_private_key(wrapped: EncString, *, under: EitherKey) -> bytes:
    """Decrypts the account's RSA private key to PKCS#8."""
    if isinstance(under, SymmetricKey):
        return under.decrypt(wrapped)
    return under.decrypt(wrapped, PKCS8)


def unwrap_item_key(wrapped: EncString, *, under: EitherKey) -> EitherItemKey:
    """Decrypts an item's own key."""
    if isinstance(under, SymmetricKey):
        return item_key(under.decrypt(wrapped))
    from bw_magics.crypto.cose.cose_key import ItemKeyV2
    from bw_magics.crypto.cose.encrypt0 import Encrypt0

    message = Encrypt0.from_enc_string(wrapped)
    material = under.decrypt_message(message, COSE_KEY, LEGACY_KEY)
    return ItemKeyV2.parse(material) if message.content_type == COSE_KEY else ItemKey(material)


def unwrap_content_key(wrapped: EncString, *, under: EitherKey) -> ContentKey:
    """Decrypts the key of a blob item's contents, which is always of V2."""
    from bw_magics.crypto.cose.cose_key import ContentKey

    if isinstance(under, SymmetricKey):
        return ContentKey.parse_padded(under.decrypt(wrapped))
    return ContentKey.parse(under.decrypt(wrapped, COSE_KEY))


def unwrap_attachment_key(wrapped: EncString, *, under: EitherKey) -> AttachmentKey:
    """Decrypts the key of an attachment's contents, which is always of V1."""
    if isinstance(under, SymmetricKey):
        return AttachmentKey(under.decrypt(wrapped))
    return AttachmentKey(under.decrypt(wrapped, LEGACY_KEY))


def item_key(material: bytes) -> EitherItemKey:
    """Makes an item's key from the bytes that were wrapped under a key of V1."""
    if len(material) <= ItemKey.LENGTH:
        return ItemKey(material)
    from bw_magics.crypto.cose.cose_key import ItemKeyV2

    return ItemKeyV2.parse_padded(material)
