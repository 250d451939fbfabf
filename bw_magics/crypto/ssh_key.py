"""SSH keys: OpenSSH's format of a private key, the public key, and fingerprints of every kind.

Keys are read as text boxes leave them: with CRLF or blanks in place of line ends, indented, in
quotes, or with backslash and n for a line end.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import textwrap
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_key,
)
from cryptography.hazmat.primitives.serialization.ssh import SSHPrivateKeyTypes

from bw_magics.errors import (
    CryptographyError,
    EncryptionUnsupported,
    EncStringMalformed,
    PassphraseRequired,
)

_ARMOUR = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
# RFC 1421: the headers of an encrypted key in OpenSSL's old format.
_HEADERS = re.compile(r"\s*(Proc-Type: ?\S+)\s+(DEK-Info: ?\S+)\s+")
_WRITTEN_LINE_END = re.compile(r"\\r\\n|\\n|\\r")
_OPENSSH = "OPENSSH PRIVATE KEY"
_WIDTHS = {_OPENSSH: 70}
_WIDTH = 64

_PUBLIC = re.compile(r"\b((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+(AAAA[0-9A-Za-z+/]+=*)")
_HEX = re.compile(r"(?:MD5:)?((?:[0-9a-f]{2}:?){15}[0-9a-f]{2})", re.IGNORECASE)
_DIGEST = re.compile(r"(?:(SHA1|SHA256|SHA384|SHA512):)?([0-9A-Za-z+/]{27,86})=*", re.IGNORECASE)


def openssh_format(*, private_key: str, passphrase: str | None = None) -> str:
    """Converts a private key to OpenSSH's own format, without a passphrase.

    Raises `PassphraseRequired` for an encrypted key without the right passphrase, and
    `CryptographyError` for what cannot be read.
    """
    text = mended(private_key)
    key, is_encrypted = _loaded(text, passphrase)
    if not is_encrypted and _OPENSSH in text:
        return text
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def public_key_of(*, private_key: str, passphrase: str | None = None) -> str:
    """Returns the public half of a private key in the format of `authorized_keys`.

    Raises what `openssh_format` raises.
    """
    key, _ = _loaded(mended(private_key), passphrase)
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def new_private_key() -> str:
    """Makes an Ed25519 key, in OpenSSH's format without a passphrase."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def fingerprint_of(public_key: str) -> str:
    """Returns the SHA-256 fingerprint of a public key, as `ssh-keygen -l` and `bw` write it."""
    digest = hashlib.sha256(_public_bytes(public_key)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def is_same_key(public_key: str, other: str) -> bool:
    """Tells whether two public keys are the same, ignoring the text around them."""
    return _public_bytes(public_key) == _public_bytes(other)


def fingerprint_fits(named: str, public_key: str) -> bool:
    """Tells whether a fingerprint is that of a public key, computed in the kind that it names.

    Reads SHA256, SHA1, SHA384 and SHA512 in base64, with or without `=` and prefix, MD5 in
    hexadecimal, and a line of `ssh-keygen -l`. Raises `EncStringMalformed` for anything else.
    """
    data = _public_bytes(public_key)
    words = named.split()
    for word in words:
        if found := _HEX.fullmatch(word):
            digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
            return found[1].replace(":", "").lower() == digest
        if found := _DIGEST.fullmatch(word):
            kind = (found[1] or "SHA256").lower()
            computed = hashlib.new(kind, data, usedforsecurity=False).digest()
            return base64.b64encode(computed).decode().rstrip("=") == found[2]
    raise EncStringMalformed("The fingerprint has a format that is not known.")


def mended(private_key: str) -> str:
    """Writes the armour of a private key anew; a text without armour is only stripped."""
    text = _WRITTEN_LINE_END.sub("\n", private_key)
    found = _ARMOUR.search(text)
    if found is None:
        return text.strip() + "\n"
    kind, body = found[1], found[2]
    headers = _HEADERS.match(body)
    lines = [f"-----BEGIN {kind}-----"]
    if headers is not None:
        lines += [headers[1], headers[2], ""]
        body = body[headers.end() :]
    content = re.sub(r"[\s\ufeff\u200b]+", "", body)
    lines += textwrap.wrap(content, _WIDTHS.get(kind, _WIDTH), break_on_hyphens=False)
    return "\n".join([*lines, f"-----END {kind}-----", ""])


def _loaded(text: str, passphrase: str | None) -> tuple[SSHPrivateKeyTypes, bool]:
    """Parses a key; the flag tells whether a passphrase encrypted it."""
    if text.startswith("PuTTY-User-Key-File"):
        raise EncryptionUnsupported("It is in PuTTY's format; export it there as an OpenSSH key.")
    error: CryptographyError | PassphraseRequired
    loaders: tuple[Any, ...] = (load_ssh_private_key, load_pem_private_key)
    for load in loaders:
        try:
            return load(text.encode(), password=None), False
        except TypeError:
            return _decrypted(load, text, passphrase), True
        except (ValueError, UnsupportedAlgorithm):
            error = EncStringMalformed("The private key has a format that is not known.")
    # Raised outside the handlers: their exceptions may quote the key.
    raise error


def _decrypted(load: Any, text: str, passphrase: str | None) -> SSHPrivateKeyTypes:
    error: CryptographyError | PassphraseRequired
    if passphrase is None:
        error = PassphraseRequired("The private key is encrypted with a passphrase.")
    else:
        try:
            key: SSHPrivateKeyTypes = load(text.encode(), password=passphrase.encode())
            return key
        except UnsupportedAlgorithm:
            error = EncryptionUnsupported(
                "Its passphrase needs the bcrypt package: pip install 'bw_magics[ssh]'."
            )
        except (ValueError, TypeError):
            error = PassphraseRequired("The passphrase of the private key is wrong.")
    raise error from None


def _public_bytes(text: str) -> bytes:
    """Extracts the bytes that a fingerprint digests (RFC 4253, 6.6)."""
    try:
        if found := _PUBLIC.search(text):
            load_ssh_public_key(f"{found[1]} {found[2]}".encode())
            return base64.b64decode(found[2], validate=True)
        if _ARMOUR.search(text):
            key = load_pem_public_key(mended(text).encode())
            return _public_bytes(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        pass
    raise EncStringMalformed("The public key has a format that is not known.")
