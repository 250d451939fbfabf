"""Bitwarden's cryptography: keys as distinct types, encrypted strings parsed once (protocol 4, 5).

Pure: no HTTP, no files, no IPython.
"""

from bw_magics.crypto.account_keys import AccountKeys, OpenedAccount
from bw_magics.crypto.enc_string import EncString
from bw_magics.crypto.file import decrypt_file, encrypt_file
from bw_magics.crypto.kdf import Argon2id, Kdf, Pbkdf2
from bw_magics.crypto.keys import (
    AttachmentKey,
    ItemKey,
    MasterKey,
    OrganizationKey,
    StretchedMasterKey,
    SymmetricKey,
    UserKey,
)
from bw_magics.crypto.rsa import PrivateKey
from bw_magics.crypto.unlock import MasterPasswordUnlock
from bw_magics.crypto.uri_checksum import uri_checksum, uri_fits

__all__ = [
    "AccountKeys",
    "Argon2id",
    "AttachmentKey",
    "EncString",
    "ItemKey",
    "Kdf",
    "MasterKey",
    "MasterPasswordUnlock",
    "OpenedAccount",
    "OrganizationKey",
    "Pbkdf2",
    "PrivateKey",
    "StretchedMasterKey",
    "SymmetricKey",
    "UserKey",
    "decrypt_file",
    "encrypt_file",
    "uri_checksum",
    "uri_fits",
]
