"""Organisation keys as servers may send them: each is opened, or costs its own items only."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bw_magics.crypto import EncString, OrganizationKey, PrivateKey, SymmetricKey
from bw_magics.crypto.wrapping import wrap_private_key
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import BitwardenError
from tests.session.conftest import SYNC, Begin, Session
from tests.session.test_organisations import member

Json = dict[str, Any]


@pytest.fixture(scope="module", params=["official", "vaultwarden"])
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, accounts=[member()]) as server:
        yield server


class Sent:
    """What a server sends of an account with one organisation, for a test to change."""

    def __init__(self, server: DemoServer, answer: Json) -> None:
        vault = server._service.vault(server.accounts[0])
        self.user_key = vault.user_key
        self.material = vault._organization_keys[
            answer["profile"]["organizations"][0]["id"]
        ].material
        self.public = serialization.load_der_public_key(
            PrivateKey.from_pkcs8(self._private(vault.private_key)).spki
        )
        self.profile = answer["profile"]

    def _private(self, wrapped: str) -> bytes:
        assert isinstance(self.user_key, SymmetricKey)
        return self.user_key.decrypt(EncString.parse(wrapped))

    def key(self, text: str) -> None:
        self.profile["organizations"][0]["key"] = text

    def private_key(self, text: str | None) -> None:
        self.profile["privateKey"] = text
        if keys := self.profile.get("accountKeys"):
            keys["publicKeyEncryptionKeyPair"]["wrappedPrivateKey"] = text

    def wrapped(self, type: int, material: bytes | None = None) -> EncString:
        pair = PrivateKey.from_pkcs8(self._private(self.profile["privateKey"]))
        return pair.wrap(self.material if material is None else material, type)


def entered(server: DemoServer, begin: Begin, change: Callable[[Sent], None]) -> Session:
    def altered(body: bytes) -> bytes:
        answer = json.loads(body)
        change(Sent(server, answer))
        return json.dumps(answer).encode()

    session = begin(server)
    session.fault(SYNC, *[Fault(change=altered)] * 3)
    return session.enter()


OPENED: dict[str, Callable[[Sent], None]] = {
    "type 3": lambda sent: sent.key(str(sent.wrapped(3))),
    "type 4": lambda sent: sent.key(str(sent.wrapped(4))),
    "type 5": lambda sent: sent.key(str(EncString(5, sent.wrapped(3).data, mac=bytes(32)))),
    "type 6": lambda sent: sent.key(str(EncString(6, sent.wrapped(4).data, mac=b"m" * 32))),
    "type 6 with a MAC of another length": lambda sent: sent.key(
        str(EncString(6, sent.wrapped(4).data, mac=b"m"))
    ),
    "the private key in the login's answer only": lambda sent: sent.private_key(None),
}


@pytest.mark.parametrize("change", OPENED.values(), ids=OPENED)
def test_a_key_of_each_type_opens_what_the_organisation_has(
    server: DemoServer, begin: Begin, change: Callable[[Sent], None]
) -> None:
    session = entered(server, begin, change)
    assert session.vault["Shared Guild"].password == "demo-shared-Guild"
    assert session.vault["Mine"].password == "demo-member-mine"


def with_old_padding(sent: Sent) -> None:
    assert isinstance(sent.public, rsa.RSAPublicKey)
    sent.key(str(EncString(4, sent.public.encrypt(sent.material, padding.PKCS1v15()))))


def for_another_pair(sent: Sent) -> None:
    sent.key(str(PrivateKey.generate().wrap(sent.material)))


UNREADABLE: dict[str, Callable[[Sent], None]] = {
    "the hash of another type": lambda sent: sent.key(str(EncString(3, sent.wrapped(4).data))),
    "type 5 with the hash of type 6": lambda sent: sent.key(
        str(EncString(5, sent.wrapped(4).data, mac=bytes(32)))
    ),
    "the padding of before OAEP": with_old_padding,
    "for another key pair": for_another_pair,
    "one byte too short": lambda sent: sent.key(str(EncString(4, sent.wrapped(4).data[:-1]))),
    "one byte too long": lambda sent: sent.key(str(EncString(4, sent.wrapped(4).data + b"\0"))),
    "zeros": lambda sent: sent.key(str(EncString(4, bytes(256)))),
    "a key of 16 bytes": lambda sent: sent.key(str(sent.wrapped(4, bytes(16)))),
    "a key of 65 bytes": lambda sent: sent.key(str(sent.wrapped(4, bytes(65)))),
    "an empty key": lambda sent: sent.key(str(sent.wrapped(4, b""))),
    "another organisation's key": lambda sent: sent.key(
        str(sent.wrapped(4, OrganizationKey.generate().material))
    ),
    "type 0": lambda sent: sent.key("0.AAAAAAAAAAAAAAAAAAAAAA==|AAAAAAAAAAAAAAAAAAAAAA=="),
    "type 1": lambda sent: sent.key("1.AAAA|AAAA|AAAA"),
    "type 7": lambda sent: sent.key("7.AAAA"),
    "type 8": lambda sent: sent.key("8.AAAA"),
    "type 5 without its MAC": lambda sent: sent.key(f"5.{str(sent.wrapped(3))[2:]}"),
    "not base64": lambda sent: sent.key("4.@@@@"),
    "no text": lambda sent: sent.key(""),
    "a private key of type 4": lambda sent: sent.private_key(str(sent.wrapped(4))),
    "a private key whose MAC was changed": lambda sent: sent.private_key(
        sent.profile["privateKey"].rpartition("|")[0] + "|" + "A" * 43 + "="
    ),
    "a private key without a MAC": lambda sent: sent.private_key(
        "0." + sent.profile["privateKey"][2:].rpartition("|")[0]
    ),
    "a private key that is not one": lambda sent: sent.private_key(
        str(wrap_private_key(b"made up", under=sent.user_key))
    ),
}


@pytest.mark.parametrize("change", UNREADABLE.values(), ids=UNREADABLE)
def test_a_key_that_cannot_be_opened_costs_its_own_items_only(
    server: DemoServer, begin: Begin, change: Callable[[Sent], None]
) -> None:
    session = entered(server, begin, change)
    assert session.vault["Mine"].password == "demo-member-mine"
    assert session.state == "unlocked"
    shared = [item for item in session.vault.items() if item.name != "Mine"]
    for item in shared:
        with pytest.raises(BitwardenError):
            _ = item.password
