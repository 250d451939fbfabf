"""The client against the demo server, which was written from the protocol without it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from bw_magics.client import ApiKey, Login, Transport, VaultApi, log_in
from bw_magics.crypto import EncString, PrivateKey
from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.errors import ApiKeyRefused, RateLimited, RequestRefused
from bw_magics.settings import Device, Server
from tests.client.conftest import assert_silent

TOKEN_PATH = "/identity/connect/token"


@pytest.fixture(params=["official", "vaultwarden"])
def demo(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, iterations=5_000) as server:
        yield server


class Account:
    """One account of the demo, as the session layer would hold it."""

    def __init__(self, demo: DemoServer, account: DemoAccount) -> None:
        self.server = Server.parse(demo.url)
        self.device = Device.derive(self.server, account.client_id)
        self.transport = Transport(
            self.server, self.device, certificate_authority=demo.certificate_authority
        )
        self.key = ApiKey.parse(
            client_id=account.client_id, client_secret=str(account.client_secret)
        )
        self.api = VaultApi(self.transport, self.server, self)
        self.login: Login | None = None

    def log_in(self) -> Login:
        self.login = log_in(self.transport, self.server, self.device, self.key)
        return self.login

    def current(self) -> str:
        return (self.login or self.log_in()).access_token

    def renewed(self, refused: str) -> str:
        return self.log_in().access_token


@pytest.fixture(params=[0, 1], ids=["PBKDF2", "Argon2id"])
def account(demo: DemoServer, request: pytest.FixtureRequest) -> Iterator[Account]:
    account = Account(demo, demo.accounts[request.param])
    yield account
    account.transport.close()


def of(demo: DemoServer, account: Account) -> DemoAccount:
    return next(a for a in demo.accounts if a.client_id == account.key.client_id)


def test_one_login_holds_all_that_unlocking_needs(demo: DemoServer, account: Account) -> None:
    login, person = account.log_in(), of(demo, account)
    assert (login.email, login.user_id, login.name) == (person.email, person.user_id, person.name)
    assert login.unlock is not None
    user_key = login.unlock.open(login.unlock.derive(password=person.master_password))
    assert login.private_key is not None
    assert PrivateKey.from_pkcs8(user_key.decrypt(EncString.parse(login.private_key)))
    assert login.has_master_password
    assert demo.requests == [("POST", TOKEN_PATH)]


def test_sync_and_revision_date_are_read(demo: DemoServer, account: Account) -> None:
    before = account.api.revision_date()
    sync = msgspec.json.decode(account.api.sync())
    assert sync["object"] == "sync"
    assert len(sync["ciphers"]) == len(demo.account_items(of(demo, account)))
    demo.touch(of(demo, account))
    assert account.api.revision_date() > before


def test_a_rotated_key_is_refused_and_the_token_lives_on(
    demo: DemoServer, account: Account
) -> None:
    account.log_in()
    demo.rotate_api_key(of(demo, account))
    account.api.sync()
    with pytest.raises(ApiKeyRefused) as caught:
        account.log_in()
    assert_silent(caught.value, str(account.key.client_secret), of(demo, account).client_secret)


def test_an_ended_token_is_renewed_without_a_word(demo: DemoServer, account: Account) -> None:
    account.log_in()
    demo.faults["/api/sync"] = [Fault(status=401)]
    account.api.sync()
    assert [path for _, path in demo.requests] == [TOKEN_PATH, "/api/sync", TOKEN_PATH, "/api/sync"]


def test_faults_are_typed_errors(demo: DemoServer, account: Account) -> None:
    demo.faults[TOKEN_PATH] = [Fault(status=429, headers={"Retry-After": "7"}), Fault(status=502)]
    with pytest.raises(RateLimited, match="in 7 seconds"):
        account.log_in()
    with pytest.raises(RequestRefused, match="out of order"):
        account.log_in()
    assert account.log_in().access_token
