"""SSH keys and fingerprints in still more spellings, and what OpenSSH has no keys for."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bw_magics.crypto.ssh_key import (
    fingerprint_fits,
    fingerprint_of,
    is_same_key,
    openssh_format,
    public_key_of,
)
from bw_magics.errors import (
    BitwardenError,
    CryptographyError,
    PassphraseRequired,
    Unreadable,
    UsageMistake,
)
from bw_magics.vault.ssh_key import members_of_key
from tests.adapters.test_ssh import ssh_item
from tests.later import asyncssh

# The same in every process: texts of it are in the names of tests.
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RSA = rsa.generate_private_key(65537, 1024)
ECDSA = ec.generate_private_key(ec.SECP256R1())
OPENSSH, PKCS8, OLD = PrivateFormat.OpenSSH, PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL


def pem(key: Any, format: Any, passphrase: bytes = b"") -> str:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return str(key.private_bytes(Encoding.PEM, format, encryption).decode())


def der(key: Any, format: Any) -> str:
    return base64.b64encode(key.private_bytes(Encoding.DER, format, NoEncryption())).decode()


def public(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())


CURVE = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (ECDSA, CURVE + pem(ECDSA, OLD)),
        (ECDSA, pem(ECDSA, OLD)),
        (RSA, pem(RSA, OLD)),
        (RSA, pem(RSA, PKCS8).replace("PRIVATE", "RSA PRIVATE")),
        (RSA, pem(RSA, OLD).replace("RSA PRIVATE", "PRIVATE")),
        (ED25519, pem(ED25519, OPENSSH).replace("OPENSSH PRIVATE", "RSA PRIVATE")),
        (ED25519, pem(ED25519, OPENSSH).rpartition("-----END")[0]),
        (ED25519, pem(ED25519, OPENSSH).partition("-----\n")[2]),
        (ED25519, pem(ED25519, OPENSSH).strip()[:-5]),
        (RSA, pem(RSA, PKCS8).rpartition("-----END")[0]),
        (RSA, pem(RSA, OLD).strip()[:-5]),
        (ED25519, der(ED25519, PKCS8)),
        (RSA, der(RSA, OLD)),
        (ECDSA, der(ECDSA, OLD)),
        (ED25519, f"{public(ED25519)}\n{pem(ED25519, OPENSSH)}"),
        (ED25519, json.dumps({"private_key": pem(ED25519, OPENSSH)})),
        (ED25519, pem(ED25519, OPENSSH) + "\0"),
        (ED25519, f"\u201c{pem(ED25519, OPENSSH)}\u201d"),
    ],
)
def test_a_key_is_read_whatever_became_of_its_first_and_last_line(key: Any, text: str) -> None:
    assert public_key_of(private_key=text) == public(key)
    assert ssh_item(text, publicKey=public(key)).ssh_key.paramiko()
    assert asyncssh.import_private_key(openssh_format(private_key=text))


def test_an_encrypted_key_with_another_first_line_opens() -> None:
    text = pem(RSA, PKCS8, b"made-up").replace("ENCRYPTED PRIVATE", "PRIVATE")

    with pytest.raises(PassphraseRequired, match="is encrypted"):
        public_key_of(private_key=text)
    assert public_key_of(private_key=text, passphrase="made-up") == public(RSA)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.BrainpoolP256R1()),
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
    ],
)
def test_a_key_of_a_kind_that_openssh_lacks_is_one_typed_error(key: Any) -> None:
    text = pem(key, PKCS8)
    for read in (openssh_format, public_key_of):
        with pytest.raises(CryptographyError):
            read(private_key=text)
    with pytest.raises(Unreadable, match="cannot be used") as caught:
        ssh_item(text).ssh_key.paramiko()
    assert text[30:50] not in str(caught.value)


PUTTY = "PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (public(ED25519), "public key, and not the private one"),
        (f"{public(ED25519)} ada@laptop\n", "public key, and not the private one"),
        (PUTTY, "PuTTY's format. Convert the file: puttygen key.ppk -O private-openssh"),
        (PUTTY.replace("3: ", "2: ").replace("none", "aes256-cbc"), "puttygen"),
        (base64.b64encode(PUTTY.encode()).decode(), "puttygen"),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "format that is not"),
        ("AGE-SECRET-KEY-1MADEUP", "format that is not known"),
        ("~/.ssh/id_ed25519", "format that is not known"),
        ("MIIB", "format that is not known"),
    ],
)
def test_what_is_not_a_private_key_says_what_it_is(text: str, says: str) -> None:
    with pytest.raises(BitwardenError, match=says):
        ssh_item(text).ssh_key.paramiko()


def test_a_key_of_putty_is_not_written_to_an_item() -> None:
    with pytest.raises(UsageMistake, match=r"puttygen key\.ppk -O private-openssh"):
        members_of_key(private_key=PUTTY)


DATA = base64.b64decode(public(ED25519).split()[1])
SHA256 = base64.b64encode(hashlib.sha256(DATA).digest()).decode().rstrip("=")
MD5 = hashlib.md5(DATA, usedforsecurity=False).digest().hex(":")


@pytest.mark.parametrize(
    "write",
    [
        lambda sha, md5: f"ED25519 key fingerprint is SHA256:{sha}.",
        lambda sha, md5: f"fingerprint: SHA256:{sha}",
        lambda sha, md5: f"sha256-{sha}=",
        lambda sha, md5: f"SHA256/{sha}",
        lambda sha, md5: f"<SHA256:{sha}>",
        lambda sha, md5: f"\u201cSHA256:{sha}\u201d",
        lambda sha, md5: f"SHA256:{sha[:20]}\n  {sha[20:]}",
        lambda sha, md5: f"(SHA256:{sha})",
        lambda sha, md5: f"md5({md5})",
        lambda sha, md5: f"ssh-ed25519 256 {md5}",
        lambda sha, md5: "0x" + base64.b64decode(sha + "=").hex(),
    ],
)
def test_a_fingerprint_in_words_is_compared(write: Callable[[str, str], str]) -> None:
    other = bytes(32)
    wrong = write(base64.b64encode(other).decode().rstrip("="), other[:16].hex(":"))

    assert fingerprint_fits(write(SHA256, MD5), public(ED25519))
    assert not fingerprint_fits(wrong, public(ED25519))


def test_a_public_key_in_the_place_of_the_fingerprint_is_compared() -> None:
    assert fingerprint_fits(f"{public(ED25519)} ada@laptop", public(ED25519))
    assert not fingerprint_fits(public(RSA), public(ED25519))


def test_a_certificate_has_the_fingerprint_of_its_key(tmp_path: Path) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed")
    key, ca = tmp_path / "key.pub", tmp_path / "ca"
    key.write_text(public(ED25519))
    ca.write_text(openssh_format(private_key=pem(RSA, PKCS8)))
    ca.chmod(0o600)
    command = [program, "-q", "-s", str(ca), "-I", "ada", "-n", "ada", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    certificate = (tmp_path / "key-cert.pub").read_text()

    assert fingerprint_of(certificate) == fingerprint_of(public(ED25519))
    assert is_same_key(certificate, public(ED25519))
    assert fingerprint_fits(fingerprint_of(public(ED25519)), certificate)
    assert fingerprint_fits(certificate, public(ED25519))
    assert not is_same_key(certificate, public(RSA))


@pytest.mark.parametrize("words", ["fp={}", "curl --pinnedpubkey {}", "host: {} (ada)"])
@pytest.mark.parametrize("mark", [":", "//"])
def test_a_fingerprint_is_found_by_its_name_within_other_words(words: str, mark: str) -> None:
    text = words.format(fingerprint_of(public(ED25519)).replace(":", mark, 1) + "=")

    assert fingerprint_fits(text, public(ED25519))
    assert not fingerprint_fits(text, public(RSA))


def test_the_words_that_ssh_keygen_writes_are_compared(tmp_path: Path) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed")
    file = tmp_path / "key.pub"
    file.write_text(public(ED25519))
    command = [program, "-B", "-f", str(file)]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    words = next(word for word in line.split() if word.count("-") > 5)

    assert fingerprint_fits(words, public(ED25519))
    assert fingerprint_fits(line, public(ED25519))
    assert not fingerprint_fits(words, public(RSA))


@pytest.mark.parametrize("named", ["-", "n/a", "SHA256", "SHA3-256:" + SHA256, "", "  "])
def test_a_text_that_is_not_a_fingerprint_is_told(named: str) -> None:
    with pytest.raises(CryptographyError, match="fingerprint has a format"):
        fingerprint_fits(named, public(ED25519))
