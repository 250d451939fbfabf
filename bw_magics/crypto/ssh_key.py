"""SSH keys: their fingerprints, and OpenSSH's format of a private key."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
    load_ssh_public_key,
)
from cryptography.hazmat.primitives.serialization.ssh import SSHPrivateKeyTypes

from bw_magics.errors import CryptographyError, EncryptionUnsupported, EncStringMalformed


def private_key_fingerprint(*, private_key: str) -> str:
    """Computes the fingerprint (`SHA256:…`) of the public half of a private key.

    Reads OpenSSH's format and other PEM formats. Raises `CryptographyError` for anything else.
    """
    public = _loaded(private_key).public_key()
    text = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return public_key_fingerprint(text)


def openssh_format(*, private_key: str) -> str:
    """Converts a private key to OpenSSH's own format, which every SSH library reads."""
    if "BEGIN OPENSSH PRIVATE KEY" in private_key:
        return private_key
    key = _loaded(private_key)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def _loaded(private_key: str) -> SSHPrivateKeyTypes:
    data = private_key.strip().encode() + b"\n"
    error: CryptographyError
    loaders: tuple[Any, ...] = (load_ssh_private_key, load_pem_private_key)
    for load in loaders:
        try:
            key: SSHPrivateKeyTypes = load(data, password=None)
            return key
        except TypeError:
            error = EncryptionUnsupported("The private key is itself encrypted with a passphrase.")
            break
        except (ValueError, UnsupportedAlgorithm):
            error = EncStringMalformed("The private key has a format that is not known.")
    # Raised outside the handlers: their exceptions may quote the key.
    raise error


def public_key_fingerprint(text: str) -> str:
    """Computes the fingerprint of a public key in the format of `authorized_keys`."""
    try:
        data = base64.b64decode(text.split()[1], validate=True)
        load_ssh_public_key(text.encode())
    except (ValueError, IndexError, UnsupportedAlgorithm):
        raise EncStringMalformed("The public key has a format that is not known.") from None
    digest = hashlib.sha256(data).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
