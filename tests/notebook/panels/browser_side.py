"""The sealing of `sealing.js`, written again in Python from its text alone."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()


def public_bytes(pair: ec.EllipticCurvePrivateKey) -> bytes:
    """`publicBytes`."""
    return pair.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derive(
    private: ec.EllipticCurvePrivateKey,
    theirs: bytes,
    nonce: str,
    ephemeral: bytes,
    recipient: bytes,
) -> bytes:
    """`derive`, with HKDF spelled out (RFC 5869)."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
    shared = private.exchange(ec.ECDH(), key)
    info = b"bw_magics sealed message 1" + ephemeral + recipient
    return _hmac(_hmac(b64decode(nonce), shared), info + b"\x01")


def seal(
    values: Mapping[str, object], recipient: bytes, binding: str, nonce: str
) -> dict[str, str]:
    """`seal`."""
    pair = ec.generate_private_key(CURVE)
    ephemeral = public_bytes(pair)
    key = derive(pair, recipient, nonce, ephemeral, recipient)
    iv = os.urandom(12)
    plain = json.dumps(values).encode()
    plain += b" " * ((256 - len(plain) % 256) % 256)
    encryptor = Cipher(algorithms.AES(key), modes.GCM(iv)).encryptor()
    encryptor.authenticate_additional_data(f"{binding}\n{nonce}".encode())
    data = encryptor.update(plain) + encryptor.finalize() + encryptor.tag
    return {name: _text(part) for name, part in (("key", ephemeral), ("iv", iv), ("data", data))}


def unseal(
    sealed: Mapping[str, str], pair: ec.EllipticCurvePrivateKey, binding: str, nonce: str
) -> object:
    """`unseal`."""
    ephemeral, iv, data = (b64decode(sealed[name]) for name in ("key", "iv", "data"))
    key = derive(pair, ephemeral, nonce, ephemeral, public_bytes(pair))
    decryptor = Cipher(algorithms.AES(key), modes.GCM(iv, data[-16:])).decryptor()
    decryptor.authenticate_additional_data(f"{binding}\n{nonce}".encode())
    return json.loads(decryptor.update(data[:-16]) + decryptor.finalize())


def _hmac(key: bytes, data: bytes) -> bytes:
    digest = hmac.HMAC(key, hashes.SHA256())
    digest.update(data)
    return digest.finalize()


def _text(data: bytes) -> str:
    return b64encode(data).decode()
