"""The floor: the barest program that gets one password, with the libraries of `bw_magics` and
nothing of its own.

It believes the server in everything but what has to be authenticated: one token request, then the
download in one thread and the key derivation in another, one parse, all names (an exact name has
to be known to be the only one), the password. No other account, format or error is thought of. It
is what a cold start costs before anybody thinks about it.
"""

from __future__ import annotations

import binascii
import hmac
import os
import ssl
import sys
import threading
from collections.abc import Callable
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from bw_magics.client.lean_httpx import httpx


class _Costs(msgspec.Struct, rename="pascal", gc=False):
    iterations: int


class _Unlock(msgspec.Struct, rename="pascal", gc=False):
    kdf: _Costs
    master_key_encrypted_user_key: str
    salt: str


class _Options(msgspec.Struct, rename="pascal", gc=False):
    master_password_unlock: _Unlock


class _Token(msgspec.Struct, gc=False):
    access_token: str
    private_key: str = msgspec.field(name="PrivateKey")
    options: _Options = msgspec.field(name="UserDecryptionOptions")


class _Login(msgspec.Struct, gc=False):
    password: str | None = None


class _Item(msgspec.Struct, gc=False, rename="camel"):
    name: str
    key: str | None = None
    organization_id: str | None = None
    login: _Login | None = None


class _Organization(msgspec.Struct, gc=False):
    id: str
    key: str


class _Profile(msgspec.Struct, gc=False):
    organizations: list[_Organization]


class _Vault(msgspec.Struct, gc=False):
    ciphers: list[_Item]
    profile: _Profile


def decrypt(text: str, key: bytes) -> bytes:
    """An encrypted string of type 2."""
    kind, _, parts = text.partition(".")
    if kind != "2":
        raise ValueError
    iv, data, mac = map(binascii.a2b_base64, parts.split("|"))
    if not hmac.compare_digest(hmac.digest(key[32:], iv + data, "sha256"), mac):
        raise ValueError
    decryptor = Cipher(algorithms.AES(key[:32]), modes.CBC(iv)).decryptor()
    padded = decryptor.update(data) + decryptor.finalize()
    return padded[: -padded[-1]]


def series(key: bytes) -> Callable[[str], bytes]:
    """A function that decrypts one string after the other under the same key.

    The cipher goes on through all of them: of each, the block that was its IV is dropped.
    """
    blank = HMAC(key[32:], hashes.SHA256())
    update = Cipher(algorithms.AES(key[:32]), modes.CBC(bytes(16))).decryptor().update

    def one(text: str) -> bytes:
        kind, _, parts = text.partition(".")
        if kind != "2":
            raise ValueError
        iv, data, mac = map(binascii.a2b_base64, parts.split("|"))
        message = iv + data
        found = blank.copy()
        found.update(message)
        if not hmac.compare_digest(found.finalize(), mac):
            raise ValueError
        padded = update(message)
        return padded[16 : -padded[-1]]

    return one


def open_organization(text: str, private_key: RSAPrivateKey) -> bytes:
    """The key of an organisation."""
    scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    return private_key.decrypt(binascii.a2b_base64(text.partition(".")[2]), scheme)


def first_secret(name: str) -> str:
    """The password of the login of exactly that name."""
    server = os.environ["BW_SERVER"]
    client = httpx.Client(
        verify=ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"]),
        headers={"Bitwarden-Client-Name": "cli", "Bitwarden-Client-Version": "2026.6.0"},
        timeout=120,
        trust_env=False,
    )
    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ["BW_CLIENTID"],
        "client_secret": os.environ["BW_CLIENTSECRET"],
        "scope": "api",
        "deviceType": "8",
        "deviceIdentifier": "f1a0a6f2-0000-4000-8000-0000000000f1",
        "deviceName": "floor",
    }
    answer = client.post(
        f"{server}/identity/connect/token",
        content=urlencode(form).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    token = msgspec.json.decode(answer.content, type=_Token)
    body = b""

    def download() -> None:
        nonlocal body
        body = client.get(
            f"{server}/api/sync?excludeDomains=true",
            headers={"Authorization": f"Bearer {token.access_token}"},
        ).content

    downloading = threading.Thread(target=download)
    downloading.start()
    unlock = token.options.master_password_unlock
    kdf = PBKDF2HMAC(hashes.SHA256(), 32, unlock.salt.encode(), unlock.kdf.iterations)
    master_key = kdf.derive(os.environ["BW_PASSWORD"].encode())
    stretched = b"".join(
        HKDFExpand(hashes.SHA256(), 32, info).derive(master_key) for info in (b"enc", b"mac")
    )
    user_key = decrypt(unlock.master_key_encrypted_user_key, stretched)
    downloading.join()

    vault = msgspec.json.decode(body, type=_Vault)
    private_key = serialization.load_der_private_key(
        decrypt(token.private_key, user_key), None, unsafe_skip_rsa_key_validation=True
    )
    assert isinstance(private_key, RSAPrivateKey)
    owners: dict[str | None, bytes] = {
        each.id: open_organization(each.key, private_key) for each in vault.profile.organizations
    }
    owners[None] = user_key
    shared = {owner: series(key) for owner, key in owners.items()}
    wanted, found = name.encode(), []
    for item in vault.ciphers:
        try:
            decrypt_shared = shared[item.organization_id]
            if item.key is None:
                plain, key = decrypt_shared(item.name), owners[item.organization_id]
            else:
                key = decrypt_shared(item.key)
                plain = decrypt(item.name, key)
            if plain == wanted and item.login is not None:
                found.append((item.login.password, key))
        except ValueError:
            pass  # the demo has items that nobody can read
    ((password, key),) = found
    return decrypt(password or "", key).decode()


if __name__ == "__main__":
    print(first_secret(sys.argv[1]))
