"""The demo server with account encryption V2, decrypted with independent tools."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import cbor2
import nacl.bindings
import nacl.exceptions
import nacl.signing
import pytest
from cryptography.hazmat.primitives import serialization

from bw_magics.answer import Answer
from bw_magics.crypto import MasterPasswordUnlock
from bw_magics.demo import DemoServer
from tests.demo.conftest import Caller, Calls

Json = dict[str, Any]


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(iterations=5000, encryption=2) as server:
        yield server


@pytest.fixture(scope="module")
def caller(server: DemoServer, lasting_call: Calls) -> Caller:
    caller = lasting_call(server)
    caller.login()
    return caller


@pytest.fixture(scope="module")
def sync(caller: Caller) -> Json:
    sync: Json = caller.sync()
    return sync


def b64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


class Opener:
    """A reader of values of type 7 with libsodium; the account's unlock yields the user key."""

    def __init__(self, server: DemoServer, sync: Json, number: int = 0) -> None:
        account = server.accounts[number]
        block = Answer(sync["userDecryption"]).object("masterPasswordUnlock")
        unlock = MasterPasswordUnlock.read(block, email=account.email)
        assert unlock is not None
        master_key = unlock.derive(password=account.master_password)
        padded = master_key.stretch().decrypt(unlock.wrapped_user_key)
        assert len(padded) > 64
        assert padded[-padded[-1] :] == bytes([padded[-1]]) * padded[-1]
        self.key = cbor2.loads(padded[: -padded[-1]])

    def open(self, value: str) -> tuple[bytes, object]:
        """Returns the plain bytes and their content type."""
        assert value.startswith("7.")
        protected, unprotected, sealed = cbor2.loads(b64(value[2:]))
        headers = cbor2.loads(protected)
        assert headers[1] == self.key[3] == -70000
        assert headers[4] == self.key[2]
        plain = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            sealed, cbor2.dumps(["Encrypt0", protected, b""]), unprotected[5], self.key[-1]
        )
        return plain, headers[3]

    def text(self, value: str) -> str:
        plain, content_type = self.open(value)
        assert content_type == "application/x.bitwarden.utf8-padded"
        assert len(plain) % 32 == 0
        return plain[: -plain[-1]].decode()


@pytest.fixture(scope="module")
def opener(server: DemoServer, sync: Json) -> Opener:
    return Opener(server, sync)


def test_the_user_key_is_a_cose_key(opener: Opener) -> None:
    assert opener.key[1] == 4
    assert len(opener.key[2]) == 16
    assert len(opener.key[-1]) == 32
    assert opener.key[4] == [3, 4, 5, 6]


def test_every_personal_text_opens(server: DemoServer, sync: Json, opener: Opener) -> None:
    plain = {each["id"]: each for each in server.account_items(server.accounts[0])}
    read = 0
    for cipher in sync["ciphers"]:
        item = plain[cipher["id"]]
        if item["organizationId"] or item["itemKey"] or item["unreadable"]:
            continue
        assert opener.text(cipher["name"]) == item["name"]
        if item["notes"]:
            assert opener.text(cipher["notes"]) == item["notes"]
        read += 1

    assert read > 10
    folders = {opener.text(folder["name"]) for folder in sync["folders"]}
    assert folders == {folder.name for folder in server.accounts[0].contents.folders}


def test_item_keys_are_of_version_1(sync: Json, opener: Opener) -> None:
    wrapped = [c["key"] for c in sync["ciphers"] if c["key"] and not c["organizationId"]]
    opened = []
    for each in wrapped:
        try:
            opened.append(opener.open(each))
        except nacl.exceptions.CryptoError:
            opened.append((b"", "unreadable on purpose"))

    assert len(opened) > 1
    assert (b"", "unreadable on purpose") in opened
    for material, content_type in opened:
        if material:
            assert (len(material), content_type) == (64, "application/x.bitwarden.legacy-key")


def test_the_signed_state_verifies(sync: Json, opener: Opener) -> None:
    keys = sync["profile"]["accountKeys"]
    pair = keys["publicKeyEncryptionKeyPair"]
    private_key, pkcs8 = opener.open(pair["wrappedPrivateKey"])
    encoded, cose_key = opener.open(keys["signatureKeyPair"]["wrappedSigningKey"])
    signing = cbor2.loads(encoded)
    public = nacl.signing.SigningKey(signing[-4]).verify_key
    spki = (
        serialization.load_der_private_key(private_key, None)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )

    assert (pkcs8, cose_key) == (284, 101)
    verifying = cbor2.loads(b64(keys["signatureKeyPair"]["verifyingKey"]))
    assert verifying == {1: 1, 2: signing[2], 3: -8, 4: [2], -1: 6, -2: bytes(public)}
    assert b64(pair["publicKey"]) == spki
    for message, namespace, expected in (
        (keys["securityState"]["securityState"], 2, {"version": 2}),
        (
            pair["signedPublicKey"],
            1,
            {"algorithm": 0, "contentFormat": 0, "publicKey": spki},
        ),
    ):
        protected, _, payload, signature = cbor2.loads(b64(message))
        assert cbor2.loads(protected) == {1: -8, 3: 60, 4: signing[2], -80000: namespace}
        public.verify(cbor2.dumps(["Signature1", protected, b"", payload]), signature)
        assert cbor2.loads(payload) == expected
    assert keys["securityState"]["securityVersion"] == 2


def test_the_login_says_the_same(caller: Caller, sync: Json) -> None:
    token = caller.login()

    assert token["AccountKeys"] == sync["profile"]["accountKeys"]
    assert token["PrivateKey"][:2] == "7."
    assert token["Key"][:2] == "2."


@pytest.mark.parametrize("version", ["2025.10.0", "2024.1.0"])
def test_a_client_that_cannot_know_it_gets_no_token(caller: Caller, version: str) -> None:
    answer = caller.http.post(
        "/identity/connect/token",
        data=caller.form(),
        headers={"Bitwarden-Client-Version": version},
    )

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_client_version"


def test_both_accounts_have_it_and_a_changed_password_opens_it(call: Calls) -> None:
    with DemoServer(iterations=5000, encryption=2) as server:
        account = server.accounts[1]
        caller = call(server)
        caller.login(account)
        before = Opener(server, caller.sync(), 1)
        server.change_master_password(account, "another made-up password")

        assert Opener(server, caller.sync(), 1).key == before.key


def test_vaultwarden_does_not_have_it() -> None:
    with pytest.raises(ValueError, match="Vaultwarden"):
        DemoServer(style="vaultwarden", encryption=2)
