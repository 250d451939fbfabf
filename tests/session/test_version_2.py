"""Accounts with encryption V2 in a session: verified at unlock and at every sync, never lowered.

The vaults are those of an independent writer; the demo server only carries them.
"""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest

from bw_magics.crypto.cose import signing_key as signing
from bw_magics.demo import DemoServer
from bw_magics.errors import (
    SecurityStateRefused,
    VaultLocked,
    WrongMasterPassword,
)
from tests import account_v2 as writer
from tests.session.conftest import Begin, Session

Json = dict[str, Any]


class Carried:
    """A session whose server sends what the writer wrote."""

    def __init__(self, server: DemoServer, begin: Begin, account: writer.Account) -> None:
        self.account = account
        self.server = server
        self.session: Session = begin(server)
        shape = server._service.shape
        shape.sync = lambda *_, **__: json.dumps(self.account.sync).encode()  # type: ignore[method-assign]
        shape.token = self._token  # type: ignore[method-assign]

    def _token(self, vault: object, access_token: str, lifetime: int) -> Json:
        unlock = self.account.unlock
        kdf = {name[:1].upper() + name[1:]: value for name, value in unlock["kdf"].items()}
        return {
            "access_token": access_token,
            "expires_in": lifetime,
            "token_type": "Bearer",
            "AccountKeys": self.account.account_keys,
            "UserDecryptionOptions": {
                "HasMasterPassword": True,
                "MasterPasswordUnlock": {
                    "Kdf": kdf,
                    "MasterKeyEncryptedUserKey": unlock["masterKeyEncryptedUserKey"],
                    "Salt": unlock["salt"],
                },
            },
        }

    def login(self) -> Carried:
        self.session.login()
        self.session.settle()
        return self

    def unlock(self) -> bool:
        return self.session.unlock(password=writer.PASSWORD)

    def changed(self) -> None:
        """What the account is now is what the next sync brings."""
        self.server.touch(self.session.account)

    def forget_answers(self) -> None:
        """The server makes its answers anew, of the same revision."""
        self.server._service.vault(self.session.account).cache.clear()

    def sync(self) -> bool:
        self.changed()
        return self.session.vault.sync()


@pytest.fixture
def carried(server: DemoServer, begin: Begin) -> Carried:
    account = writer.Account()
    account.login("Warehouse DB", "made-up password 1", "https://db.example")
    return Carried(server, begin, account).login()


@pytest.mark.parametrize("algorithm", [writer.XCHACHA, writer.XAES])
@pytest.mark.parametrize("signature", [writer.ED25519, writer.ML_DSA])
def test_every_kind_of_account_unlocks(
    server: DemoServer, begin: Begin, algorithm: int, signature: int
) -> None:
    if signature == writer.ML_DSA and signing._ml_dsa() is None:
        pytest.skip("this cryptography package has no ML-DSA")
    account = writer.Account(algorithm, signature)
    account.login("Warehouse DB", "made-up password 1", "https://db.example")
    account.login("With a key", "made-up password 2", key=writer.LegacyKey())
    account.blob(2, {"name": "A blob", "notes": "inside", "typeData": {"type": "secureNote"}})
    carried = Carried(server, begin, account).login()

    assert carried.unlock()

    vault = carried.session.vault
    assert vault["Warehouse DB"].password == "made-up password 1"
    assert vault["With a key"].password == "made-up password 2"
    assert vault.get("notes", "A blob") == "inside"
    assert (vault.status.items, vault.status.unreadable, vault.status.problem) == (3, 0, None)
    assert vault["Warehouse DB"].uris == ("https://db.example",)


def test_a_sync_brings_what_is_new(carried: Carried) -> None:
    carried.unlock()
    carried.account.login("Newer", "made-up password 3")

    assert carried.sync()

    assert carried.session.vault["Newer"].password == "made-up password 3"
    assert carried.session.state == "unlocked"


def test_a_wrong_password_is_a_wrong_password(carried: Carried) -> None:
    with pytest.raises(WrongMasterPassword):
        carried.session.unlock(password="another")


def test_confirming_compares_the_keys(carried: Carried) -> None:
    carried.account.items[0]["reprompt"] = 1
    carried.sync()
    carried.unlock()
    vault = carried.session.vault

    vault.confirm(password=writer.PASSWORD)

    assert vault["Warehouse DB"].password == "made-up password 1"
    with pytest.raises(WrongMasterPassword):
        vault.confirm(password="another")


STATE = "securityState.securityState"


def tampered(state: bytes) -> bytes:
    """Changes one bit of a state; two states of an account have different signatures."""
    return state[:-1] + bytes([state[-1] ^ 1])


# What a server can send in place of a valid state.
BAD: dict[str, Any] = {
    "a tampered state": lambda a: {STATE: writer.b64(tampered(a.state))},
    "another signer's state": lambda a: {
        STATE: writer.b64(writer.Signer().sign({"version": 2}, 2))
    },
    "a state of version 1": lambda a: {STATE: writer.b64(a.signer.sign({"version": 1}, 2))},
    "no state": lambda a: {"securityState": None},
    "no signing key": lambda a: {"signatureKeyPair": None},
    "another's private key": lambda a: {
        "publicKeyEncryptionKeyPair.wrappedPrivateKey": writer.CoseKey().value(b"x", 284)
    },
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
class TestInvalid:
    def test_it_does_not_unlock(self, server: DemoServer, begin: Begin, change: Any) -> None:
        account = writer.Account()
        account.login("Warehouse DB", "made-up password 1")
        account.changes = change(account)
        carried = Carried(server, begin, account).login()

        with pytest.raises(SecurityStateRefused) as caught:
            carried.unlock()

        assert carried.session.state == "locked"
        assert caught.value.remedy
        assert not carried.session.announced or "made-up password 1" not in map(
            str, carried.session.announced
        )

        account.changes = {}
        carried.changed()
        carried.session.vault.sync(force=True)
        assert carried.unlock()

    def test_a_sync_with_it_locks_and_names_the_reason(self, carried: Carried, change: Any) -> None:
        carried.unlock()
        item = carried.session.vault["Warehouse DB"]
        carried.account.changes = change(carried.account)

        with pytest.raises(SecurityStateRefused):
            carried.sync()

        status = carried.session.vault.status
        assert status.state == "locked"
        assert "security state" in (status.reason or "")
        assert status.problem
        with pytest.raises(VaultLocked, match="security state"):
            _ = item.password
        with pytest.raises(SecurityStateRefused):
            carried.unlock()

        carried.account.changes = {}
        carried.forget_answers()
        carried.session.vault.sync()
        assert carried.unlock()
        assert carried.session.vault.status.problem is None


class TestDowngrade:
    def test_a_lower_version_locks_and_does_not_unlock_again(self, carried: Carried) -> None:
        carried.account.version = 4
        carried.sync()
        carried.unlock()
        carried.account.version = 3

        with pytest.raises(SecurityStateRefused, match="from version 4 to 3"):
            carried.sync()
        with pytest.raises(SecurityStateRefused, match="from version 4 to 3"):
            carried.unlock()
        carried.session.vault.lock()
        carried.session.login(client_secret=carried.session.account.client_secret)
        with pytest.raises(SecurityStateRefused, match="from version 4 to 3"):
            carried.unlock()

        carried.account.version = 4
        carried.sync()
        assert carried.unlock()

    def test_a_version_learnt_by_a_sync_counts(self, carried: Carried) -> None:
        carried.unlock()
        carried.account.version = 3
        carried.sync()
        carried.session.vault.lock()
        carried.account.version = 2
        carried.sync()

        with pytest.raises(SecurityStateRefused, match="from version 3 to 2"):
            carried.unlock()

    def test_an_account_of_version_1_in_its_place_does_not_unlock(self, carried: Carried) -> None:
        carried.unlock()
        carried.session.vault.lock()
        old = writer.Account()
        key = writer.LegacyKey()
        body = old.sync
        old.user_key = key
        body["profile"]["accountKeys"] = None
        body["profile"]["privateKey"] = key.value(writer.pkcs8())
        body["userDecryption"] = {"masterPasswordUnlock": old.unlock}
        body["ciphers"] = []
        shape = self.shape(carried)
        shape.sync = lambda *_, **__: json.dumps(body).encode()
        carried.sync()

        with pytest.raises(SecurityStateRefused, match="V1 now, and with V2 before"):
            carried.unlock()

    def test_a_user_key_of_version_1_among_keys_of_version_2_is_refused(
        self, server: DemoServer, begin: Begin
    ) -> None:
        account = writer.Account()
        carried = Carried(server, begin, account).login()
        body = account.sync
        old = writer.Account()
        old.user_key = writer.LegacyKey()
        body["userDecryption"] = {"masterPasswordUnlock": old.unlock}
        self.shape(carried).sync = lambda *_, **__: json.dumps(body).encode()
        carried.sync()

        with pytest.raises(SecurityStateRefused, match="other keys of V2"):
            carried.unlock()

    def test_a_logout_ends_the_session(self, carried: Carried) -> None:
        carried.account.version = 4
        carried.sync()
        carried.unlock()
        carried.session.vault.logout()
        carried.account.version = 2
        carried.changed()
        carried.login()

        assert carried.unlock()

    @staticmethod
    def shape(carried: Carried) -> Any:
        return carried.server._service.shape


def test_an_upgrade_by_another_client_locks_and_the_password_opens_it(
    server: DemoServer, begin: Begin
) -> None:
    session = begin(server).enter()
    account = writer.Account()
    account.login("After the upgrade", "made-up password 4")
    account.security_stamp = server._service.vault(session.account).security_stamp
    carried = Carried(server, begin, account)
    carried.session = session

    carried.sync()

    assert session.state == "locked"
    assert "changed elsewhere" in (session.vault.status.reason or "")
    assert carried.unlock()
    assert session.vault["After the upgrade"].password == "made-up password 4"


def test_what_could_not_be_verified_is_said(server: DemoServer, begin: Begin) -> None:
    if signing._ml_dsa() is None:
        pytest.skip("this cryptography package has no ML-DSA")
    account = writer.Account(signature=writer.ML_DSA)
    account.login("Warehouse DB", "made-up password 1")
    carried = Carried(server, begin, account).login()

    with mock.patch.object(signing, "_ml_dsa", return_value=None):
        assert carried.unlock()

    assert carried.session.vault["Warehouse DB"].password == "made-up password 1"
    assert "not verified" in (carried.session.vault.status.problem or "")


def test_an_organisation_reads(server: DemoServer, begin: Begin) -> None:
    account = writer.Account()
    id, key = account.organization("Demo Org")
    account.add(
        1,
        {},
        name=key.text("Shared"),
        login={"password": key.text("made-up password 5")},
        organizationId=id,
    )
    carried = Carried(server, begin, account).login()
    carried.unlock()

    assert carried.session.vault["Shared"].password == "made-up password 5"
    assert carried.session.vault["Shared"].organization == "Demo Org"


def test_where_the_sync_has_no_keys_those_of_the_login_count(
    server: DemoServer, begin: Begin
) -> None:
    account = writer.Account()
    account.login("Warehouse DB", "made-up password 1")
    carried = Carried(server, begin, account)
    body = account.sync
    body["profile"] |= {"accountKeys": None, "privateKey": None}
    TestDowngrade.shape(carried).sync = lambda *_, **__: json.dumps(body).encode()
    carried.login()

    assert carried.unlock()
    assert carried.sync()
    assert carried.session.vault["Warehouse DB"].password == "made-up password 1"
    assert carried.session.state == "unlocked"
