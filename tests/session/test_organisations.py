"""Members without a master password, providers, disabled organisations, old servers, old keys."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator

import pytest

from bw_magics.crypto import Pbkdf2
from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.demo.account import UnlockedBy
from bw_magics.demo.items.plain import Organization, PlainVault, login
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    CertificateRefused,
    KeyConnectorUnconfirmed,
    NoWayToUnlock,
    Redirected,
    RequestRefused,
    UsageMistake,
    VaultLocked,
)
from bw_magics.settings import Server
from tests.session.conftest import TOKEN, WAREHOUSE, Begin, Session
from tests.session.test_changed_elsewhere import rotated_keys

KEYS = "/user-keys"
JSON = {"Content-Type": "application/json"}
ORGANIZATION = Organization("11111111-1111-4111-8111-111111111111", "Guild")


def member(
    unlocked_by: UnlockedBy = "master-password",
    *organizations: Organization,
    **members: object,
) -> DemoAccount:
    """An account with one item of its own, and one in each organisation."""
    owners = organizations or (ORGANIZATION,)
    items = [login("Mine", "member", "demo-member-mine", ("https://m.example",))]
    items += [
        login(f"Shared {o.name}", "member", f"demo-shared-{o.name}", (), organizationId=o.id)
        for o in owners
    ]
    return DemoAccount(
        name="Mary Demo",
        email="mary@demo.example",
        client_secret="demoSecretNotRealMaryMary00001",
        master_password="demo-master-password-of-mary",
        kdf=Pbkdf2(5_000),
        contents=PlainVault(items=items, organizations=list(owners)),
        unlocked_by=unlocked_by,
        **members,  # type: ignore[arg-type]
    )


Serve = Callable[..., DemoServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[DemoServer] = []

    def start(account: DemoAccount, style: str = "official") -> DemoServer:
        servers.append(DemoServer(style=style, accounts=[account]).start())  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


class TestKeyConnector:
    @pytest.fixture
    def session(self, serve: Serve, begin: Begin) -> Session:
        session = begin(serve(member("key-connector")))
        session.login()
        return session

    def confirmed(self, session: Session) -> bool:
        return session.vault.unlock(key_connector=session.server.key_connector)

    def test_nobody_agreed_and_nothing_is_sent(self, session: Session) -> None:
        assert session.vault.way_to_unlock == "key-connector"
        with pytest.raises(KeyConnectorUnconfirmed) as caught:
            session.vault.unlock()
        assert (caught.value.organization, caught.value.url) == (
            "Guild",
            session.server.key_connector,
        )
        assert "BW_KEY_CONNECTOR" in caught.value.remedy
        assert session.asked(KEYS) == 0
        assert session.state == "locked"

    def test_a_person_agreed(self, session: Session) -> None:
        assert self.confirmed(session)
        assert session.vault["Mine"].password == "demo-member-mine"
        assert session.vault["Shared Guild"].password == "demo-shared-Guild"

    def test_agreeing_to_another_host_is_not_agreeing(self, session: Session) -> None:
        with pytest.raises(KeyConnectorUnconfirmed):
            session.vault.unlock(key_connector="https://elsewhere.example")
        assert session.asked(KEYS) == 0

    def test_a_lock_is_not_undone_by_itself_and_the_key_is_fetched_again(
        self, session: Session
    ) -> None:
        self.confirmed(session)
        session.vault.lock()
        session.vault.sync()
        with pytest.raises(VaultLocked):
            session.vault["Mine"]
        with pytest.raises(KeyConnectorUnconfirmed):
            session.vault.unlock()
        assert self.confirmed(session)
        assert session.asked(KEYS) == 2

    @pytest.mark.parametrize("is_rotated", [False, True], ids=["wrapped anew", "another user key"])
    def test_a_key_that_was_wrapped_anew_is_asked_for(
        self, session: Session, is_rotated: bool
    ) -> None:
        self.confirmed(session)
        session.vault.lock()
        if is_rotated:
            rotated_keys(session.server, session.account)
        else:
            session.server.change_master_password(
                session.account, "made-up-new-key", moves_revision=False
            )
        assert self.confirmed(session)
        assert session.vault["Mine"].password == "demo-member-mine"

    def test_a_setting_needs_nobody(self, serve: Serve, begin: Begin) -> None:
        session = begin(serve(member("key-connector")))
        server = session.server
        session.login(server=Server.parse(server.url, key_connector=server.key_connector or ""))
        assert session.vault.unlock(is_unattended=True)
        assert session.vault["Mine"].password == "demo-member-mine"

    def test_a_password_is_not_what_it_needs(self, session: Session) -> None:
        with pytest.raises(NoWayToUnlock, match=r"Key Connector\. Unlock without one"):
            session.unlock()

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            (Fault(status=302, headers={"Location": "https://elsewhere.example/"}), Redirected),
            (Fault(status=200, body=b'{"key": 1}', headers=JSON), AnswerUnusable),
            (Fault(status=200, body=b'{"key": "AAAA"}', headers=JSON), AnswerUnusable),
            (Fault(status=404), RequestRefused),
            (Fault(status=500), RequestRefused),
            (
                Fault(
                    status=200,
                    headers=JSON,
                    body=json.dumps({"key": base64.b64encode(b"k" * 32).decode()}).encode(),
                ),
                NoWayToUnlock,
            ),
        ],
    )
    def test_a_connector_that_fails_leaves_it_locked(
        self, session: Session, fault: Fault, kind: type[BitwardenError]
    ) -> None:
        session.fault(KEYS, fault)
        with pytest.raises(kind) as caught:
            self.confirmed(session)
        assert caught.value.remedy
        assert session.state == "locked"
        assert self.confirmed(session), "and the next time it works"

    def test_a_token_that_it_refuses_is_renewed_once(self, session: Session) -> None:
        session.fault(KEYS, Fault(status=401))
        assert self.confirmed(session)
        assert (session.asked(KEYS), session.asked(TOKEN)) == (2, 2)

    def test_its_certificate_is_checked(self, session: Session) -> None:
        session.settle()
        session.server.show_certificate("untrusted")
        session.server._connector._listener.hang_up()  # type: ignore[union-attr]
        with pytest.raises(CertificateRefused):
            self.confirmed(session)


def test_a_trusted_device_account_says_what_can_unlock_it(serve: Serve, begin: Begin) -> None:
    session = begin(serve(member("trusted-device")))
    session.login()
    assert session.vault.way_to_unlock == "none"
    for attempt in (session.unlock, session.vault.unlock):
        with pytest.raises(NoWayToUnlock, match="only devices that your organisation trusts"):
            attempt()
    assert session.state == "locked"
    assert session.vault.sync() in (True, False), "syncing goes on"


def test_an_account_with_a_password_needs_it(session: Session) -> None:
    session.login()
    assert session.vault.way_to_unlock == "master-password"
    with pytest.raises(UsageMistake, match="has a master password"):
        session.vault.unlock()


def test_a_providers_key_opens_an_organisations_key(serve: Serve, begin: Begin) -> None:
    managed = Organization("22222222-2222-4222-8222-222222222222", "Managed", provider="p-1")
    session = begin(serve(member("master-password", ORGANIZATION, managed))).enter()
    assert session.vault["Shared Managed"].password == "demo-shared-Managed"
    assert session.vault["Shared Guild"].password == "demo-shared-Guild"
    assert [place.name for place in session.vault.places("organization")] == ["Guild", "Managed"]


def test_a_disabled_organisation_costs_only_its_own_items(serve: Serve, begin: Begin) -> None:
    closed = Organization("33333333-3333-4333-8333-333333333333", "Closed", is_enabled=False)
    session = begin(serve(member("master-password", ORGANIZATION, closed))).enter()
    assert session.vault["Shared Guild"].password == "demo-shared-Guild"
    assert [item.name for item in session.vault.items()] == ["Mine", "Shared Guild"]
    assert session.vault.status.unreadable == 0


@pytest.mark.parametrize("style", ["official", "vaultwarden", "old"])
def test_a_user_key_of_before_2018_opens(serve: Serve, begin: Begin, style: str) -> None:
    session = begin(serve(member(is_legacy=True), style)).enter()
    assert session.vault["Mine"].password == "demo-member-mine"
    assert session.vault["Shared Guild"].password == "demo-shared-Guild"


def test_an_old_server_in_pascal_case(begin: Begin) -> None:
    with DemoServer(style="old", iterations=5_000) as server:
        session = begin(server).enter()
        assert session.password == WAREHOUSE
        assert session.vault["Production warehouse"].password == "demo-production-password"
        assert session.vault.status.unreadable == 2
        session.rename("Warehouse DB", "Moved")
        assert session.vault.sync()
        assert session.vault["Moved"].password == WAREHOUSE
        assert begin(server, 1).enter().password == "demo-warehouse-grace"
        with pytest.raises(BitwardenError, match="client_id or client_secret was refused"):
            begin(server).login(client_secret="x" * 30)


def test_a_salt_that_is_not_the_e_mail(demo: DemoServer, begin: Begin) -> None:
    account = demo.accounts[1]
    assert account.salt.lower() != account.email
    assert begin(demo, 1).enter().password == "demo-warehouse-grace"
