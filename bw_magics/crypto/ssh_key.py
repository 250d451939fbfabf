"""SSH keys: OpenSSH's format of a private key, the public key, and fingerprints of every kind.

Keys are read as text boxes, chats and variables leave them: with CRLF or blanks in place of line
ends, indented, in quotes, with typographic dashes, with the escapes of other formats, or as base64
of the whole file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
import textwrap
from typing import Any
from urllib.parse import unquote

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    SSHCertificate,
    load_der_private_key,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_identity,
    load_ssh_public_key,
)
from cryptography.hazmat.primitives.serialization.ssh import SSHPrivateKeyTypes

from bw_magics.crypto.bubble_babble import bubble_babble
from bw_magics.errors import (
    CryptographyError,
    EncryptionUnsupported,
    EncStringMalformed,
    PassphraseRequired,
)
from bw_magics.lean_regex import regex

# Word processors make other dashes of several hyphens.
_DASHES = "[-\u2010-\u2015\u2212]{2,}"
_ARMOUR = regex(
    rf"{_DASHES} ?BEGIN ([A-Z0-9 ]+?) ?{_DASHES}(.*?){_DASHES} ?END \1 ?{_DASHES}",
    re.DOTALL | re.IGNORECASE,
)
# RFC 1421: the headers of an encrypted key in OpenSSL's old format.
# What is left of the armour where the first or the last line is lost.
_HALF_ARMOUR = regex(rf"{_DASHES} ?(?:BEGIN|END)[A-Z0-9 ]*{_DASHES[:-4]}*", re.IGNORECASE)
_HEADERS = regex(r"\s*(Proc-Type: ?\S+)\s+(DEK-Info: ?\S+)\s+")
_WRITTEN_LINE_END = regex(r"\\+r\\+n|\\+[nr]|<br ?/?>", re.IGNORECASE)
# Lines of a program: `"b3Bl…" +`.
_JOINED_TEXTS = regex(r"""["']\s*[+.]?\s*\\?[\r\n]+\s*["']""")
_NOT_BASE64 = regex(r"[^A-Za-z0-9+/=]+")
_OPENSSH = "OPENSSH PRIVATE KEY"
# Base64 of `PuTTY-User-Key-Fil`, of `-----BEGIN`, and of the first bytes of OpenSSH's format.
_ENCODED_PUTTY = "UHVUVFktVXNlci1LZXktRmls"
_ENCODED_ARMOUR, _BARE_OPENSSH = "LS0tLS1CRUdJTi", "b3BlbnNzaC1rZXktdjE"
_PUTTY = "PuTTY-User-Key-File"
_WIDTHS = {_OPENSSH: 70}
_WIDTH = 64

_PUBLIC = regex(r"\b((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+(AAAA[0-9A-Za-z+/]+=*)")
# RFC 4716: the file that ssh.com's programs write.
_SSH2 = regex(r"---- BEGIN SSH2 PUBLIC KEY ----(.*?)---- END", re.DOTALL)
_SSH2_HEADER = regex(r"^[\w-]{1,64}: .*?(?<!\\)$", re.MULTILINE | re.DOTALL)
_CERTIFICATE = "-cert-v01@openssh.com"
# A fingerprint within other words: `fp=SHA256:…`, `sha256//…=` of curl.
_NAMED_DIGEST = regex(
    r"\b(?P<kind>MD5|SHA-?(?:1|256|384|512))(?::|//)\s*(?P<digest>[0-9A-Za-z+/_:-]{27,95})",
    re.IGNORECASE,
)
_BARE_PUBLIC = regex(r"\s*(AAAA[0-9A-Za-z+/\s]+=*)\s*")
_KIND = r"(?:(?P<kind>MD5|SHA-?(?:1|256|384|512))[:=/( -]\s*)?"
_HEX = regex(
    rf"{_KIND}(?:0x)?(?P<digest>[0-9a-f]{{2}}(?:[: -]?[0-9a-f]{{2}}){{15,63}})", re.IGNORECASE
)
_BASE64 = regex(rf"{_KIND}(?P<digest>[0-9A-Za-z+/_-]{{27,86}})=*", re.IGNORECASE)
_BABBLE = regex(r"x[a-z]{4}(?:-[a-z]{5})+", re.IGNORECASE)
_DIGESTS = ("md5", "sha1", "sha256", "sha384", "sha512")
_AROUND = " \t\r\n\"'`\ufeff\u200b"
_PUNCTUATION = _AROUND + "<>(),.;\u201c\u201d"


def openssh_format(*, private_key: str, passphrase: str | None = None) -> str:
    """Converts a private key to OpenSSH's own format, without a passphrase.

    Raises `PassphraseRequired` for an encrypted key without the right passphrase, and
    `CryptographyError` for what cannot be read.
    """
    text = mended(private_key)
    key, is_encrypted = _loaded(text, passphrase)
    if not is_encrypted and _OPENSSH in text:
        return text
    try:
        return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise _not_for_ssh() from None


def public_key_of(*, private_key: str, passphrase: str | None = None) -> str:
    """Returns the public half of a private key in the format of `authorized_keys`.

    Raises what `openssh_format` raises.
    """
    key, _ = _loaded(mended(private_key), passphrase)
    try:
        return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise _not_for_ssh() from None


def _not_for_ssh() -> EncryptionUnsupported:
    return EncryptionUnsupported("OpenSSH has no keys of this kind.")


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

    Reads MD5, SHA1, SHA256, SHA384 and SHA512, each in base64 (also for URLs, with or without `=`)
    or in hexadecimal, with or without the name of the kind; a line of `ssh-keygen -l`, the words of
    `ssh-keygen -B`, and the public key itself. Without a name the length tells the kind. Raises
    `EncStringMalformed` for anything else.
    """
    data = _public_bytes(public_key)
    text = named.strip(_PUNCTUATION)
    if _PUBLIC.search(text):
        return is_same_key(text, public_key)
    words = [word.strip(_PUNCTUATION) for word in text.split()]
    for word in (text, *words, "".join(words)):
        if _BABBLE.fullmatch(word):
            digests = (hashlib.new(name, data, usedforsecurity=False) for name in _DIGESTS)
            return word.lower() in (bubble_babble(each.digest()) for each in digests)
        for pattern in (_HEX, _BASE64):
            found = pattern.fullmatch(word)
            digest = found and _digest(found["kind"], found["digest"], in_hex=pattern is _HEX)
            if digest:
                kind, expected = digest
                return hashlib.new(kind, data, usedforsecurity=False).digest() == expected
    for found in _NAMED_DIGEST.finditer(text):
        for in_hex in (True, False):
            if digest := _digest(found["kind"], found["digest"], in_hex=in_hex):
                kind, expected = digest
                return hashlib.new(kind, data, usedforsecurity=False).digest() == expected
    raise EncStringMalformed("The fingerprint has a format that is not known.")


def _digest(kind: str | None, written: str, *, in_hex: bool) -> tuple[str, bytes] | None:
    """Returns the kind and bytes of a fingerprint; None where no digest has its length."""
    try:
        if in_hex:
            digest = bytes.fromhex(re.sub("[: -]", "", written))
        else:
            plain = written.replace("-", "+").replace("_", "/")
            digest = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None
    sizes = {hashlib.new(name, usedforsecurity=False).digest_size: name for name in _DIGESTS}
    meant = sizes.get(len(digest))
    if meant is None or (kind and kind.lower().replace("-", "") != meant):
        return None
    return meant, digest


def mended(private_key: str) -> str:
    """Writes the armour of a private key anew; a text without armour is only stripped."""
    text = private_key.strip(_AROUND)
    found = _armour_in(text)
    if found is None:
        text = _without_encoding(text)
        found = _armour_in(text)
    if found is None:
        return text.strip(_AROUND) + "\n"
    kind = found[1].upper()
    body = _WRITTEN_LINE_END.sub("\n", html.unescape(unquote(found[2])))
    headers = _HEADERS.match(body)
    lines = [f"-----BEGIN {kind}-----"]
    if headers is not None:
        lines += [headers[1], headers[2], ""]
        body = body[headers.end() :]
    content = _NOT_BASE64.sub("", _JOINED_TEXTS.sub("", body))
    if content.startswith(_BARE_OPENSSH):
        kind = _OPENSSH
        lines[0] = f"-----BEGIN {kind}-----"
    lines += textwrap.wrap(content, _WIDTHS.get(kind, _WIDTH), break_on_hyphens=False)
    return "\n".join([*lines, f"-----END {kind}-----", ""])


def _armour_in(text: str) -> re.Match[str] | None:
    """Finds the armour of a private key; `openssl ecparam` writes the curve before it."""
    found = [*_ARMOUR.finditer(text)]
    private = (each for each in found if each[1].upper().endswith("PRIVATE KEY"))
    return next(private, found[0] if found else None)


def _without_encoding(text: str) -> str:
    """Decodes a key that was encoded as a whole, and adds a lost first and last line."""
    if "%" in text:
        return unquote(text)
    bare = re.sub(r"\s", "", _HALF_ARMOUR.sub("", text))
    if bare.startswith((_ENCODED_ARMOUR, _ENCODED_PUTTY)):
        try:
            return base64.b64decode(bare).decode()
        except ValueError:
            return text
    if bare.startswith(_BARE_OPENSSH):
        return f"-----BEGIN {_OPENSSH}-----\n{bare}\n-----END {_OPENSSH}-----"
    return text


def _loaded(text: str, passphrase: str | None) -> tuple[SSHPrivateKeyTypes, bool]:
    """Parses a key; the flag tells whether a passphrase encrypted it."""
    if _PUTTY in text:
        raise EncryptionUnsupported(
            "It is in PuTTY's format.",
            "Convert the file: puttygen key.ppk -O private-openssh -o key, and keep the new text.",
        )
    if _PUBLIC.search(text) and _armour_in(text) is None:
        raise EncStringMalformed("It is a public key, and not the private one.")
    error: CryptographyError | PassphraseRequired
    data = text.encode()
    loaders: tuple[tuple[Any, bytes], ...] = (
        (load_ssh_private_key, data),
        (load_pem_private_key, data),
        (load_der_private_key, _contents(text)),
    )
    for load, data in loaders:
        try:
            return load(data, password=None), False
        except TypeError:
            return _decrypted(load, data, passphrase), True
        except (ValueError, UnsupportedAlgorithm):
            error = EncStringMalformed("The private key has a format that is not known.")
    # Raised outside the handlers: their exceptions may quote the key.
    raise error


def _contents(text: str) -> bytes:
    """Returns the bytes of a key, without its armour; nothing where it is not base64."""
    try:
        return base64.b64decode(re.sub(r"\s", "", _HALF_ARMOUR.sub("", text)), validate=True)
    except ValueError:
        return b""


def _decrypted(load: Any, data: bytes, passphrase: str | None) -> SSHPrivateKeyTypes:
    error: CryptographyError | PassphraseRequired
    if passphrase is None:
        error = PassphraseRequired("The private key is encrypted with a passphrase.")
    else:
        try:
            key: SSHPrivateKeyTypes = load(data, password=passphrase.encode())
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
    for written in (text, text.replace("\r", "").replace("\n", "")):
        try:
            if found := _PUBLIC.search(written):
                line = f"{found[1]} {found[2]}".encode()
                if _CERTIFICATE in found[1]:
                    return _certified_key(line)
                load_ssh_public_key(line)
                return base64.b64decode(found[2], validate=True)
            found = _SSH2.search(written)
            body = _SSH2_HEADER.sub("", found[1]) if found else written
            if found := _BARE_PUBLIC.fullmatch(body):
                return _of_wire_format(re.sub(r"\s", "", found[1]))
            if _ARMOUR.search(written):
                key = load_pem_public_key(mended(written).encode())
                shown = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
                return _public_bytes(shown)
        except (ValueError, binascii.Error, UnsupportedAlgorithm):
            continue
    raise EncStringMalformed("The public key has a format that is not known.")


def _certified_key(line: bytes) -> bytes:
    """Returns the bytes of the key that a certificate is for: `ssh-keygen -l` digests these."""
    certificate = load_ssh_public_identity(line)
    if isinstance(certificate, SSHCertificate):
        key = certificate.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return base64.b64decode(key.split()[1], validate=True)
    raise ValueError("not a certificate")


def _of_wire_format(encoded: str) -> bytes:
    """Returns the bytes of a public key whose name stands only inside them."""
    data = base64.b64decode(encoded, validate=True)
    size = int.from_bytes(data[:4], "big")
    name = data[4 : 4 + min(size, 64)].decode("ascii")
    load_ssh_public_key(f"{name} {encoded}".encode())
    return data
