"""Trusted TLS certificates, and the errors for the others."""

from __future__ import annotations

import os
import re
from binascii import a2b_base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from bw_magics.address import Address
from bw_magics.errors import CertificateRefused, UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.steps import NAME_AUTHORITY, Remedy

if TYPE_CHECKING:
    import ssl

# Trusted in addition to the operating system's store. OpenSSL reads the first one by itself, and
# ignores a missing file.
VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")

Kind = TypeVar("Kind")

_TRUST_IT = Remedy(
    "If it is your own certificate authority, name its PEM file: in BW_CA_FILE, or {}. For every "
    "program: in SSL_CERT_FILE, or in the operating system's certificate store.",
    NAME_AUTHORITY,
)

_PEM = "-----BEGIN"
_WITH_ORIGINS = regex(r"(?P<path>.*?)(?P<origins>(?:[\s,;]+https?://[^\s,;]+)*)", re.DOTALL)

_CERTIFICATE = regex(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END (?:X509 )?CERTIFICATE-----"
)
_FILE_URL = regex(r"file:/+", re.IGNORECASE)
_LARGEST_FILE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The PEM files of the certificate that this client shows to a server that asks for one.

    `key` is None where the first file holds the private key, too. The files are read whenever a
    connection is opened, and kept nowhere.
    """

    path: Path
    key: Path | None = None

    @classmethod
    def of(cls, given: ClientCertificate | Path | str | None) -> ClientCertificate | None:
        """Returns the certificate for a path; one or None as it is."""
        if isinstance(given, (Path, str)):
            return cls(_home(given))
        return None if given is None else _only(given, cls, "ClientCertificate(path, key)")

    @classmethod
    def named(cls, path: str, key: str = "") -> ClientCertificate | None:
        """Returns the certificate that settings name; None for an empty path."""
        return cls(_home(path), _home(key) if key else None) if path else None


def _only(given: Kind, kind: type[Kind], other: str) -> Kind:
    """Returns what is of that kind. Raises `UsageMistake` for anything else."""
    if isinstance(given, kind):
        return given
    raise UsageMistake(
        f"A certificate is not given as {type(given).__name__}.",
        f"Pass the path of its file, or {other}.",
    )


def _home(path: Path | str) -> Path:
    """Returns the path as it is meant: without quotes and `file://`, and with the home in it."""
    if isinstance(path, str):
        path = path.strip().strip("\"'")
        if _FILE_URL.match(path):
            path = unquote(_FILE_URL.sub("/", path))
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)  # no such home: reading the file reports that


# OpenSSL's X509_V_ERR_* numbers.
_NOT_YET_VALID, _EXPIRED, _REVOKED = 9, 10, 23
_SELF_SIGNED = (18, 19)
_ISSUER_UNKNOWN = (2, 20, 21, 27)
_OTHER_HOST = (62, 64)


def tls_context(
    authority: bytes | None = None, *, certificate: ClientCertificate | None = None
) -> ssl.SSLContext:
    """Makes a TLS context that verifies against the operating system's store.

    The authorities in the files that `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` and
    `NODE_EXTRA_CA_CERTS` name are trusted as well, and `authority` (PEM). `certificate` is shown
    to servers that ask for one. Raises `CertificateRefused` naming the variable or setting whose
    file cannot be used.
    """
    import ssl

    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Often all of them name one large file, which is slow to read.
    loaded = {""}
    for variable in VARIABLES:
        path = os.environ.get(variable, "")
        if path in loaded:
            continue
        loaded.add(path)
        if not _load(context, path):
            raise CertificateRefused(
                f"{variable} does not name a readable file of certificates.",
                "Set it to a PEM file, or unset it.",
            )
    if authority is not None and not _load_pem(context, authority):
        raise CertificateRefused(
            "The certificate authority that was given holds no certificate.",
            "Give a PEM file that has a line -----BEGIN CERTIFICATE-----.",
        )
    if certificate is not None and not _load_chain(context, certificate):
        raise CertificateRefused(
            "The client certificate cannot be used: its file, or that of its key, is not there, "
            "not PEM, belongs to another key or is locked with a password.",
            "Give a PEM file with the certificate and its key, without a password on the key.",
        )
    return context


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority as PEM, trusted for the server's own origins and for `origins`,
    https addresses of further ones: where the server keeps its files, for example.
    """

    pem: bytes
    origins: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Authority | bytes | str | Path | None) -> Authority | None:
        """Reads PEM, or the path of such a file; None for None and an empty text.

        A text may name further origins behind the path: `ca.pem https://files.example.org`. Raises
        `CertificateRefused` where the file cannot be read, `UsageMistake` for an origin that is
        not an https address.
        """
        if not given:
            return None
        origins: tuple[str, ...] = ()
        if isinstance(given, str):
            found = _WITH_ORIGINS.fullmatch(given.strip())
            if _PEM in given or found is None:
                # Where a secret of CI has to be one line, its ends of lines are written out.
                given = given.replace("\\n", "\n").encode()
            else:
                given = _home(found["path"])
                origins = tuple(map(_origin, re.split(r"[\s,;]+", found["origins"])[1:]))
        if isinstance(given, Path):
            given = read_authority(given)
        if isinstance(given, bytes):
            return cls(given, origins)
        return _only(given, cls, "PEM")


def pem_of(authority: Authority | None) -> bytes | None:
    """Returns the certificates of an authority, None for None."""
    return None if authority is None else authority.pem


def _origin(text: str) -> str:
    address = Address.parse(text, "address behind the certificate authority")
    if not address.url.startswith("https://"):
        raise UsageMistake(
            "An address behind the certificate authority is not https.", "Write https://…"
        )
    return address.url


def read_authority(path: Path) -> bytes:
    """Reads the file of an authority. Raises `CertificateRefused` where it cannot."""
    reason = "cannot be read"
    try:
        path = _home(path)
        if path.stat().st_size <= _LARGEST_FILE and path.is_file():
            return path.read_bytes()
        reason = "is a folder" if path.is_dir() else "is not a file of certificates"
    except FileNotFoundError:
        reason = "does not exist"
    except (OSError, ValueError, RuntimeError):
        pass
    raise CertificateRefused(f"The file of the certificate authority {reason}.", "Name a PEM file.")


def _load_chain(context: ssl.SSLContext, certificate: ClientCertificate) -> bool:
    def no_password() -> bytes:
        return b""  # else OpenSSL asks in the terminal, and waits

    try:
        context.load_cert_chain(certificate.path, certificate.key, no_password)
    except (OSError, ValueError):
        return False
    return True


def _load(context: ssl.SSLContext, path: str) -> bool:
    try:
        if os.path.isdir(path):  # noqa: PTH112 - requests allows a directory in its variable
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except (OSError, ValueError):
        return False
    return True


def _load_pem(context: ssl.SSLContext, pem: bytes) -> bool:
    try:
        context.load_verify_locations(cadata=b"".join(_certificates(pem)))
    except (OSError, ValueError):
        return False
    return True


def _certificates(data: bytes) -> Iterator[bytes]:
    """Yields the certificates of a file as DER: those between PEM's lines, with any text around
    them, or the file itself. Windows writes DER, and files in UTF-16.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16").encode()
    found = _CERTIFICATE.findall(data)
    if not found:
        yield data
    for body in found:
        yield a2b_base64(b"".join(body.split()), strict_mode=True)


def is_not_trusted(error: ssl.SSLCertVerificationError) -> bool:
    """Tells whether no trusted authority signed the certificate."""
    code = getattr(error, "verify_code", 0)
    return code in _SELF_SIGNED or code in _ISSUER_UNKNOWN


def certificate_refused(error: ssl.SSLCertVerificationError, server: str) -> CertificateRefused:
    """Returns the typed error for a server's certificate, with the next step."""
    code = getattr(error, "verify_code", 0)
    if code == _EXPIRED:
        return CertificateRefused(
            f"The certificate of {server} has expired.",
            "It has to be renewed on the server; if it was, check this computer's clock.",
        )
    if code == _NOT_YET_VALID:
        return CertificateRefused(
            f"The certificate of {server} is not valid yet.", "Check this computer's clock."
        )
    if code == _REVOKED:
        return CertificateRefused(
            f"The certificate of {server} was revoked.", "It has to be replaced on the server."
        )
    if code in _OTHER_HOST or (not code and "ostname mismatch" in str(error)):
        return CertificateRefused(
            f"The certificate of {server} was issued for another host name.",
            "Use the address that the certificate names.",
        )
    if is_not_trusted(error):
        return CertificateRefused(
            f"The certificate of {server} is not signed by an authority that is trusted here.",
            _TRUST_IT,
        )
    return CertificateRefused(f"The certificate of {server} could not be verified.", _TRUST_IT)
