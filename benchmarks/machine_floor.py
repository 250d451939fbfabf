"""The floor: the barest program that gets one secret of the Secrets Manager, with httpx.

One token request, one download of all secrets, one look through their keys. It believes the server
in everything but what has to be authenticated, and thinks of no error, no second secret of that
key, and no other program.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import ssl
import sys

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def decrypt(text: str, key: bytes) -> bytes:
    """An encrypted string of type 2."""
    iv, data, mac = map(binascii.a2b_base64, text.removeprefix("2.").split("|"))
    if not hmac.compare_digest(hmac.digest(key[32:], iv + data, "sha256"), mac):
        raise ValueError
    decryptor = Cipher(algorithms.AES(key[:32]), modes.CBC(iv)).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    return padded[: -padded[-1]]


def first_secret(project: str, key: str) -> str:
    """The value of the secret of exactly that project and key."""
    server = os.environ["BW_SERVER"]
    head, _, seed = os.environ["BWS_ACCESS_TOKEN"].partition(":")
    _, client_id, client_secret = head.split(".")
    client = httpx.Client(
        verify=ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"]),
        timeout=120,
        trust_env=False,
    )
    token = client.post(
        f"{server}/identity/connect/token",
        data={
            "grant_type": "client_credentials",
            "scope": "api.secrets",
            "client_id": client_id,
            "client_secret": client_secret,
        },
    ).json()
    salt, info = b"bitwarden-accesstoken", b"sm-access-token"
    payload_key = HKDF(hashes.SHA256(), 64, salt, info).derive(base64.b64decode(seed))
    payload = json.loads(decrypt(token["encrypted_payload"], payload_key))
    own = base64.b64decode(payload["encryptionKey"])
    claims = token["access_token"].split(".")[1]
    organization = json.loads(base64.urlsafe_b64decode(claims + "=="))["organization"]
    found = client.get(
        f"{server}/api/organizations/{organization}/secrets/sync",
        headers={"Authorization": f"Bearer {token['access_token']}"},
    ).json()
    names: dict[str, str] = {}
    for secret in found["secrets"]["data"]:
        for each in secret["projects"]:
            if each["id"] not in names:
                names[each["id"]] = decrypt(each["name"], own).decode()
            if names[each["id"]] == project and decrypt(secret["key"], own).decode() == key:
                return decrypt(secret["value"], own).decode()
    raise KeyError(key)


if __name__ == "__main__":
    print(first_secret(*sys.argv[1].removeprefix("bws://").split("/")))
