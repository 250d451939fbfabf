"""Bitwarden's cryptography: keys as distinct types, encrypted strings parsed once.

Pure: no HTTP, no files, no IPython. The formats: docs/protocol.md, EncStrings. Importing this
package imports none of its modules: a login needs no keys, and a key derivation starts before they
load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
]

_HOMES = {
    "AccountKeys": "account_keys",
    "Argon2id": "kdf",
    "AttachmentKey": "keys",
    "EncString": "enc_string",
    "ItemKey": "keys",
    "Kdf": "kdf",
    "MasterKey": "keys",
    "MasterPasswordUnlock": "unlock",
    "OpenedAccount": "account_keys",
    "OrganizationKey": "keys",
    "Pbkdf2": "kdf",
    "PrivateKey": "rsa",
    "StretchedMasterKey": "keys",
    "SymmetricKey": "keys",
    "UserKey": "keys",
    "decrypt_file": "file",
    "encrypt_file": "file",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bw_magics.crypto' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"bw_magics.crypto.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
