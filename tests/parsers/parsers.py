"""Every parser of what others wrote, each with texts to begin with."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from bw_magics.answer import Answer
from bw_magics.client import key_connector
from bw_magics.client.body import parse_json
from bw_magics.client.claims import read_claims
from bw_magics.client.identity import ApiKey, read_login
from bw_magics.client.reply import Reply
from bw_magics.client.software import read_software
from bw_magics.crypto import EncString
from bw_magics.crypto.cose import cbor
from bw_magics.crypto.cose.encrypt0 import Encrypt0
from bw_magics.crypto.cose.sign1 import Sign1
from bw_magics.crypto.keys import UserKey
from bw_magics.notebook.line.server_command import read_server_line
from bw_magics.notebook.line.tokenizer import tokenize
from bw_magics.session.accounts.credentials import choose
from bw_magics.session.accounts.source import Source
from bw_magics.session.environment.dotenv_text import read_dotenv
from bw_magics.settings import Server
from bw_magics.vault.blob import Blob
from bw_magics.vault.contents import Contents
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.reference import Reference
from bw_magics.vault.snapshot import Snapshot
from bw_magics.vault.totp import Totp

_SERVER = Server.parse("https://vault.example.org")
_KEY = UserKey(bytes(range(64)))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _sync(data: bytes) -> None:
    snapshot = Snapshot.parse(bytearray(data))
    keys = KeyStore(_KEY)
    keys.renew(snapshot.private_key, snapshot.organizations, snapshot.providers)
    for item in Contents(snapshot, keys).items():
        repr(item)


def _login(data: bytes) -> None:
    answer = Answer(parse_json(data))
    read_login(answer, server=_SERVER, user_id="u", asked=0.0)


def _credentials(data: bytes) -> None:
    names = ("BW_CLIENTID", "BW_CLIENTSECRET", "BW_SERVER", "BW_IDENTITY", "BW_API", "BW_CA_FILE")
    values = dict(zip(names, _text(data).split("\n"), strict=False))
    found = choose([Source("a", values), Source("b", {"BW_SERVER": _text(data)})])
    if found is not None:
        ApiKey.parse(client_id=found.client_id, client_secret=found.client_secret)
        found.settings.parse()


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _corpus_login() -> bytes:
    claims = base64.urlsafe_b64encode(_json({"sub": "u", "email": "a@b.example", "exp": 9}))
    return _json(
        {
            "access_token": f"a.{claims.decode().rstrip('=')}.c",
            "expires_in": 3600,
            "Key": "2.AAAAAAAAAAAAAAAAAAAAAA==|AAAAAAAAAAAAAAAAAAAAAA==|" + "A" * 43 + "=",
            "Kdf": 0,
            "KdfIterations": 5000,
            "UserDecryptionOptions": {"MasterPasswordUnlock": {"Kdf": {"KdfType": 1}, "Salt": ""}},
        }
    )


def _corpus_sync() -> bytes:
    name = _KEY.encrypt_text("n")
    item = {
        "id": "i",
        "type": 1,
        "name": name,
        "login": {"uris": [{"uri": name}], "password": name},
    }
    return _json(
        {
            "profile": {
                "id": "u",
                "email": "a@b.example",
                "organizations": [{"id": "o", "key": "4.AAAA", "enabled": True}],
                "providers": [{"id": "p", "key": "4.AAAA"}],
                "providerOrganizations": [{"id": "q", "providerId": "p", "key": name}],
            },
            "ciphers": [item, {**item, "id": "j", "key": name, "fields": [{"name": name}]}],
            "folders": [{"id": "f", "name": name}],
            "collections": [{"id": "c", "organizationId": "o", "name": name}],
            "userDecryption": {"masterPasswordUnlock": {"kdf": {"kdfType": 0}, "salt": "s"}},
        }
    )


Parser = Callable[[bytes], object]

# The parser, and what mutations begin with.
PARSERS: dict[str, tuple[Parser, list[bytes]]] = {
    "EncString": (lambda data: EncString.parse(_text(data)), [str(_KEY.encrypt(b"x")).encode()]),
    "CBOR": (cbor.decode, [cbor.encode({1: 4, -1: b"kk", "a": ["x", None, True]})]),
    "COSE Encrypt0": (Encrypt0.parse, [cbor.encode([b"\xa1\x01\x03", {5: b"n" * 24}, b"c" * 20])]),
    "COSE Sign1": (Sign1.parse, [cbor.encode([b"\xa1\x01\x27", {}, b"p", b"s" * 64])]),
    "blob": (lambda data: Blob.parse(_text(data)), [b'{"format_version":1,"a":"AAAA"}']),
    "sync": (_sync, [_corpus_sync()]),
    "login": (_login, [_corpus_login()]),
    "claims": (lambda data: read_claims(_text(data)), [b"a.eyJzdWIiOiJ1In0.c"]),
    "config answer": (
        lambda data: read_software(Answer(parse_json(data))),
        [_json({"version": "2026.8.0", "server": {"name": "Vaultwarden"}, "environment": {}})],
    ),
    "Key Connector answer": (
        lambda data: key_connector._read(bytearray(data)),
        [_json({"key": base64.b64encode(bytes(32)).decode()})],
    ),
    "Retry-After": (
        lambda data: Reply(429, {"retry-after": _text(data)}, bytearray()).wait,
        [b"7", b"Wed, 21 Oct 2026 07:28:00 GMT"],
    ),
    "server": (
        lambda data: Server.parse(_text(data)),
        [b"https://vault.example.org:8443/x", b"eu"],
    ),
    "config server line": (
        lambda data: read_server_line(tokenize(_text(data))),
        [b"server https://v.example --identity=https://i.example --api 'a.example'"],
    ),
    "credentials": (
        _credentials,
        [b"user.0b5a9f5c-1d0e-4b1e-9d57-b3a1f2c4d6e8\ns\nhttps://x.example"],
    ),
    "reference": (
        lambda data: Reference.parse(_text(data)),
        [b"bw://Work/Data/Warehouse%2FDB/password"],
    ),
    "otpauth": (
        lambda data: Totp.parse(_text(data)),
        [b"otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=30&digits=8&algorithm=SHA256"],
    ),
    "the magics' line": (
        lambda data: tokenize(_text(data)),
        [b"password 'Ware house' --folder=\"a b\" # c"],
    ),
    "dotenv text": (
        lambda data: read_dotenv(_text(data), where="a note"),
        [b"export A='b'\nB=\"c\\n\" # d\n"],
    ),
}
