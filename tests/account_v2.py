"""An independent writer of accounts with encryption V2, as a server stores and sends them.

It follows docs/protocol.md, Encryption V2, with other tools than `bw_magics.crypto`: cbor2 for
CBOR, libsodium (PyNaCl) for XChaCha20-Poly1305 and Ed25519, CMAC for XAES-256-GCM. It imports
nothing of `bw_magics`. Everything is made up.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cbor2
import nacl.bindings
import nacl.signing
from cryptography.hazmat.primitives import cmac, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

Json = dict[str, Any]

XCHACHA, XAES, GCM = -70000, -70010, 3
ED25519, ML_DSA = -8, -48

TEXT = "application/x.bitwarden.utf8-padded"
LEGACY = "application/x.bitwarden.legacy-key"
ENVELOPE = "application/x.bitwarden.cbor-padded"

PASSWORD = "made-up password of a V2 account"
ITERATIONS = 5000


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def cbor(value: object) -> bytes:
    return cbor2.dumps(value)


@dataclass
class CoseKey:
    """A symmetric COSE_Key."""

    algorithm: int = XCHACHA
    material: bytes = field(default_factory=lambda: os.urandom(32))
    id: bytes = field(default_factory=lambda: os.urandom(16))
    operations: list[int] | None = field(default_factory=lambda: [3, 4, 5, 6])

    @property
    def encoded(self) -> bytes:
        members = {1: 4, 2: self.id, 3: self.algorithm, 4: self.operations, -1: self.material}
        return cbor({k: v for k, v in members.items() if v is not None})

    @property
    def padded(self) -> bytes:
        count = max(65 - len(self.encoded), 1)
        return self.encoded + bytes([count]) * count

    def encrypt(self, data: bytes, content_type: int | str, **changes: Any) -> bytes:
        """A COSE_Encrypt0; `changes` are `protected` headers to add, `without` labels to leave
        out, or another `nonce`.
        """
        headers: dict[int, Any] = {1: self.algorithm, 3: content_type, 4: self.id}
        headers |= changes.get("protected", {})
        for label in changes.get("without", ()):
            headers.pop(label, None)
        protected = cbor(headers)
        nonce = os.urandom(12 if self.algorithm == GCM else 24)
        sealed = self._seal(nonce, data, cbor(["Encrypt0", protected, b""]))
        unprotected = changes.get("unprotected", {5: nonce})
        return cbor([protected, unprotected, sealed])

    def _seal(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        if self.algorithm == XCHACHA:
            return nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
                data, associated, nonce, self.material
            )
        if self.algorithm == XAES:
            return AESGCM(xaes_subkey(self.material, nonce[:12])).encrypt(
                nonce[12:], data, associated
            )
        return AESGCM(self.material).encrypt(nonce, data, associated)

    def value(self, data: bytes, content_type: int | str, **changes: Any) -> str:
        """The same as an EncString."""
        return "7." + b64(self.encrypt(data, content_type, **changes))

    def text(self, text: str) -> str:
        return self.value(pad(text.encode(), 32), TEXT)

    def wrap(self, key: CoseKey | LegacyKey) -> str:
        if isinstance(key, CoseKey):
            return self.value(key.encoded, 101)
        return self.value(key.material, LEGACY)


@dataclass
class LegacyKey:
    """64 bytes for AES-256-CBC with HMAC-SHA256."""

    material: bytes = field(default_factory=lambda: os.urandom(64))

    def value(self, data: bytes) -> str:
        iv, padder = os.urandom(16), padding.PKCS7(128).padder()
        padded = padder.update(data) + padder.finalize()
        encryptor = Cipher(algorithms.AES(self.material[:32]), modes.CBC(iv)).encryptor()
        sealed = encryptor.update(padded) + encryptor.finalize()
        mac = hmac.digest(self.material[32:], iv + sealed, "sha256")
        return f"2.{b64(iv)}|{b64(sealed)}|{b64(mac)}"

    def text(self, text: str) -> str:
        return self.value(text.encode())

    def wrap(self, key: CoseKey | LegacyKey) -> str:
        return self.value(key.padded if isinstance(key, CoseKey) else key.material)


Key = CoseKey | LegacyKey


def xaes_subkey(key: bytes, nonce: bytes) -> bytes:
    """The specification's own way: CMAC over a counter and the first half of the nonce."""
    derived = b""
    for counter in (1, 2):
        mac = cmac.CMAC(algorithms.AES(key))
        mac.update(bytes([0, counter]) + b"X\x00" + nonce)
        derived += mac.finalize()
    return derived


def pad(data: bytes, block: int) -> bytes:
    count = block - len(data) % block
    return data + bytes([count]) * count


class Signer:
    """A signing key of either kind."""

    def __init__(self, algorithm: int = ED25519) -> None:
        self.algorithm = algorithm
        self.id = os.urandom(16)
        self.seed = os.urandom(32)
        self.encoded: bytes = self._encode()

    def _encode(self) -> bytes:
        if self.algorithm == ED25519:
            return cbor({1: 1, 2: self.id, 3: ED25519, 4: [1], -4: self.seed, -1: 6})
        from cryptography.hazmat.primitives.asymmetric import mldsa

        self._ml_dsa = mldsa.MLDSA44PrivateKey.from_seed_bytes(self.seed)
        public = self._ml_dsa.public_key().public_bytes_raw()
        return cbor({1: 7, 2: self.id, 3: ML_DSA, 4: [1], -1: public, -2: self.seed})

    def sign(self, payload: object, namespace: int, **changes: Any) -> bytes:
        """A COSE_Sign1; `changes` are other `headers` or another `id`."""
        headers = {1: self.algorithm, 3: 60, 4: self.id, -80000: namespace}
        protected = cbor(headers | changes.get("headers", {}))
        body = cbor(payload)
        signed = cbor(["Signature1", protected, b"", body])
        if self.algorithm == ED25519:
            signature = nacl.signing.SigningKey(self.seed).sign(signed).signature
        else:
            signature = self._ml_dsa.sign(signed)
        return cbor([protected, {}, changes.get("body", body), signature])


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pkcs8() -> bytes:
    return rsa_key().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def spki() -> bytes:
    return (
        rsa_key()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def checksum(uri: str) -> str:
    return b64(hashlib.sha256(uri.encode()).digest())


class Account:
    """An account with encryption V2 and its vault.

    Change any member before `sync` or `token` is asked for. `version` is that of the security
    state; `signed` are further members of its payload.
    """

    def __init__(self, algorithm: int = XCHACHA, signature: int = ED25519) -> None:
        self.email = "v2@vault.example"
        self.user_id = str(uuid.uuid4())
        self.security_stamp = "stamp-1"
        self.user_key: Key = CoseKey(algorithm)
        self.signer = Signer(signature)
        self.version = 2
        self.items: list[Json] = []
        self.folders: list[Json] = []
        self.organizations: list[Json] = []
        self.collections: list[Json] = []
        self.changes: Json = {}

    @property
    def wrapped_user_key(self) -> str:
        """The user key under the stretched master key: type 2, in the legacy encoding."""
        master = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), self.email.encode(), ITERATIONS)
        parts = (HKDFExpand(SHA256(), 32, info).derive(master) for info in (b"enc", b"mac"))
        return LegacyKey(b"".join(parts)).wrap(self.user_key)

    @property
    def state(self) -> bytes:
        return self.signer.sign({"entityId": os.urandom(16), "version": self.version}, 2)

    @property
    def signed_public_key(self) -> bytes:
        payload = {"algorithm": 0, "contentFormat": 0, "publicKey": spki()}
        return self.signer.sign(payload, 1)

    @property
    def account_keys(self) -> Json:
        """The `AccountKeys` block; `changes` replaces members of it by their path."""
        assert isinstance(self.user_key, CoseKey)
        keys: Json = {
            "publicKeyEncryptionKeyPair": {
                "wrappedPrivateKey": self.user_key.value(pkcs8(), 284),
                "publicKey": b64(spki()),
                "signedPublicKey": b64(self.signed_public_key),
            },
            "signatureKeyPair": {
                "wrappedSigningKey": self.user_key.value(self.signer.encoded, 101),
                "verifyingKey": None,
            },
            "securityState": {
                "securityState": b64(self.state),
                "securityVersion": self.version,
            },
        }
        for path, value in self.changes.items():
            block, _, member = path.partition(".")
            if member:
                keys[block][member] = value
            else:
                keys[block] = value
        return keys

    def folder(self, name: str) -> str:
        self.folders.append({"id": str(uuid.uuid4()), "name": self.user_key.text(name)})
        id: str = self.folders[-1]["id"]
        return id

    def organization(self, name: str) -> tuple[str, LegacyKey]:
        """Adds an organisation; its key is of V1, like every organisation's."""
        key, oaep = LegacyKey(), rsa_padding.OAEP(rsa_padding.MGF1(SHA1()), SHA1(), None)
        wrapped = rsa_key().public_key().encrypt(key.material, oaep)
        id = str(uuid.uuid4())
        self.organizations.append({"id": id, "name": name, "key": f"4.{b64(wrapped)}"})
        return id, key

    def add(self, type: int, members: Json, key: Key | None = None, **clear: Any) -> Json:
        """An item whose texts are encrypted with `key`, else with the user key."""
        sealed = encrypted(members, key or self.user_key)
        wrapped = self.user_key.wrap(key) if key is not None else None
        record: Json = {
            "id": str(uuid.uuid4()),
            "type": type,
            "organizationId": None,
            "folderId": None,
            "key": wrapped,
            "revisionDate": "2026-08-02T03:04:05.1234567Z",
            "creationDate": "2026-08-01T03:04:05Z",
            **sealed,
            **clear,
        }
        self.items.append(record)
        return record

    def login(self, name: str, password: str, *uris: str, key: Key | None = None) -> Json:
        """A login; its URIs have their checksums."""
        texts = [{"uri": uri, "uriChecksum": checksum(uri)} for uri in uris]
        member = {"username": f"user of {name}", "password": password, "uris": texts}
        return self.add(1, {"name": name, "login": member}, key)

    def blob(
        self,
        type: int,
        content: Json,
        *,
        content_key: CoseKey | None = None,
        item_key: Key | None = None,
        **changes: Any,
    ) -> Json:
        """A blob item; `changes` are the envelope's `protected` headers, other `members` of the
        blob, or another `version` inside.
        """
        item_key = item_key or LegacyKey()
        content_key = content_key or CoseKey(GCM, operations=[4])
        body = cbor({"version": changes.get("version", "1"), "content": content})
        body += bytes([count := max(64 - len(body), 1)]) * count
        headers = {-80002: 2, -80001: 1} | changes.get("protected", {})
        headers = {label: value for label, value in headers.items() if value is not None}
        blob = {
            "format_version": 1,
            "wrapped_cek": item_key.wrap(content_key),
            "envelope": b64(content_key.encrypt(body, ENVELOPE, protected=headers)),
            **changes.get("members", {}),
        }
        data = json.dumps(blob)
        return self.add(type, {"name": ""}, item_key, data=data)

    @property
    def unlock(self) -> Json:
        kdf = {"kdfType": 0, "iterations": ITERATIONS, "memory": None, "parallelism": None}
        return {
            "kdf": kdf,
            "masterKeyEncryptedUserKey": self.wrapped_user_key,
            "salt": self.email,
        }

    @property
    def sync(self) -> Json:
        """The answer to a sync."""
        keys = self.account_keys
        return {
            "profile": {
                "id": self.user_id,
                "email": self.email,
                "securityStamp": self.security_stamp,
                "key": None,
                "privateKey": keys["publicKeyEncryptionKeyPair"]["wrappedPrivateKey"],
                "accountKeys": keys,
                "organizations": self.organizations,
            },
            "folders": self.folders,
            "collections": self.collections,
            "ciphers": self.items,
            "userDecryption": {"masterPasswordUnlock": self.unlock},
            "object": "sync",
        }


def encrypted(value: Any, key: Key) -> Any:
    """Every text in a structure encrypted, except dates."""
    if isinstance(value, str):
        return key.text(value)
    if isinstance(value, list):
        return [encrypted(element, key) for element in value]
    if isinstance(value, dict):
        return {
            name: each if name.endswith("Date") else encrypted(each, key)
            for name, each in value.items()
        }
    return value
