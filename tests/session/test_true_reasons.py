"""Why a server, or a gateway in front of it, refuses: the true reason, and a step that fits.

Each row is one refusal of one act of an unlocked session. None advises to log in again where a new
access token was refused, too, and none blames the API key, the master password or the address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bw_magics import Organization, SecretsManager
from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.accounts import first_account
from bw_magics.demo.service.public_api import PublicApi
from bw_magics.errors import (
    BitwardenError,
    RequestRefused,
    WriteRefused,
    WrongMasterPassword,
)
from tests.session.conftest import REVISION, TOKEN, Begin, Session

PAGE, JSON = {"Content-Type": "text/html"}, {"Content-Type": "application/json"}

GATEWAY = Fault(status=401, headers=PAGE, body=b"<html>Sign in</html>")
UNAUTHORIZED = Fault(status=401, headers=JSON, body=b'{"message": "Unauthorized."}')
FIREWALL = Fault(status=403, headers=PAGE, body=b"<html>Attention Required!</html>")
DISABLED = Fault(status=403, headers=JSON, body=b'{"message": "Account is disabled"}')
GONE = Fault(status=400, headers=JSON, body=b'{"message": "User not found."}')
PORTAL = Fault(status=302, headers={"Location": "https://sso.demo.example/login"})


@pytest.fixture(scope="module", params=["official", "vaultwarden", "nodewarden"])
def shared(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, iterations=5_000) as server:
        yield server


@pytest.fixture
def session(shared: DemoServer, begin: Begin) -> Iterator[Session]:
    session = begin(shared).enter()
    session.settle()
    yield session
    shared.faults.clear()


def sync(session: Session, fault: Fault) -> None:
    session.fault(REVISION, *[fault] * 4)
    session.vault.sync()


def edit(session: Session, fault: Fault) -> None:
    item = session.vault["Warehouse DB"]
    session.fault(f"/api/ciphers/{item.id}", *[fault] * 4)
    item.edit(username="made-up")


def create(session: Session, fault: Fault) -> None:
    session.fault("/api/ciphers", *[fault] * 4)
    session.vault.create("login", name="made-up")


def file_folder(session: Session, fault: Fault) -> None:
    session.fault("/api/folders", *[fault] * 4)
    session.vault.create_folder("made-up")


def download(session: Session, fault: Fault) -> None:
    item = next(item for item in session.vault.items() if item.attachments)
    entry = item.attachments[0]
    session.fault(f"/api/ciphers/{item.id}/attachment/{entry.id}", *[fault] * 4)
    item.attachment(entry.name).read()


def view_key(session: Session, fault: Fault) -> None:
    session.fault("/api/accounts/api-key", *[fault] * 4)
    session.vault.api_key.view(password=session.account.master_password)


def renew(session: Session, fault: Fault) -> None:
    session.fault(REVISION, Fault(status=401))
    session.fault(TOKEN, *[fault] * 4)
    session.vault.sync()


Act = Callable[[Session, Fault], None]
READINGS = (sync, download, view_key)
CHANGES = (edit, create, file_folder)
TWICE = "the access token that it has just given out"
RIGHTS = "a new access token did not help"

ROWS: list[tuple[Act, Fault, str, str]] = [
    *[(act, GATEWAY, TWICE, "gateway") for act in READINGS],
    *[(act, UNAUTHORIZED, TWICE, "gateway") for act in READINGS],
    *[(act, GATEWAY, RIGHTS, "gateway") for act in CHANGES],
    *[(act, UNAUTHORIZED, RIGHTS, "rights in the organisation") for act in CHANGES],
    *[(act, DISABLED, "account disabled", "administrators") for act in READINGS + CHANGES],
    *[(act, GONE, "no longer has the account", "server") for act in READINGS + CHANGES],
    *[(act, FIREWALL, "firewall in front of it", "network") for act in READINGS + CHANGES],
    *[(act, PORTAL, "sso.demo.example", "login page") for act in READINGS + CHANGES],
    (renew, GATEWAY, "asks for a login of its own", "gateway"),
    (renew, DISABLED, "account disabled", "administrators"),
    (renew, PORTAL, "sso.demo.example", "login page"),
]


@pytest.mark.parametrize(("act", "fault", "reason", "step"), ROWS)
def test_a_refusal_has_its_true_reason(
    session: Session, act: Act, fault: Fault, reason: str, step: str
) -> None:
    with pytest.raises(BitwardenError) as caught:
        act(session, fault)

    said = caught.value
    assert not isinstance(said, WrongMasterPassword)
    assert reason in said.fact
    assert step in str(said.remedy)
    assert "API key" not in said.fact
    assert "Update bw_magics" not in str(said.remedy)
    assert session.state == "unlocked", "what was downloaded stays readable"


def test_an_item_whose_folder_is_gone_was_not_created(session: Session) -> None:
    """Vaultwarden answers 400, NodeWarden 404; neither has created anything."""
    place = session.vault.places("folder")[0].name
    for status, text in ((400, b"Invalid folder"), (404, b"Folder not found")):
        body = b'{"message": "' + text + b'"}'
        session.fault("/api/ciphers", Fault(status=status, headers=JSON, body=body))
        with pytest.raises(WriteRefused, match="no longer has the folder"):
            session.vault.create("login", name="made-up", folder=place)


CONNECTOR = "/user-keys"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (UNAUTHORIZED, "does not accept the access token"),
        (GATEWAY, "does not accept the access token"),
        (Fault(status=404, headers=JSON, body=b"{}"), "has no key for this account"),
        (FIREWALL, "forbids the request"),
        (Fault(status=200, headers=PAGE, body=b"<html>"), "did not answer with a key of 32 bytes"),
        (Fault(status=200, headers=JSON, body=b""), "did not answer with a key of 32 bytes"),
        (Fault(status=502, headers=PAGE, body=b"<html>"), "out of order"),
    ],
)
def test_a_key_connectors_refusal_is_told_as_its_own(
    begin: Begin, fault: Fault, reason: str
) -> None:
    account = first_account(iterations=5_000)
    account.unlocked_by = "key-connector"
    with DemoServer(accounts=[account]) as server:
        session = begin(server)
        session.login()
        session.fault(CONNECTOR, *[fault] * 4)
        with pytest.raises(BitwardenError) as caught:
            session.vault.unlock(key_connector=server.key_connector)
        host = (server.key_connector or "").removeprefix("https://")
        assert host in caught.value.fact
        assert reason in caught.value.fact
        assert "your Bitwarden or Vaultwarden server" not in str(caught.value.remedy)
        assert "Log in again" not in str(caught.value.remedy)


def refused(kind: str, *faults: Fault) -> BitwardenError:
    """Logs in with another kind of key, and returns the refusal."""
    api = PublicApi()
    with DemoServer(iterations=5_000, public_api=api) as server:
        server.faults[TOKEN] = list(faults)
        there: dict[str, Any] = {
            "server": server.url,
            "certificate_authority": server.certificate_authority,
        }
        key = {"client_id": api.client_id, "client_secret": api.client_secret}
        log_in: Callable[..., object] = Organization.login
        if kind == "machine":
            assert server.machines is not None
            key = {"access_token": server.machines.store.accounts[0].access_token}
            log_in = SecretsManager.login
        with pytest.raises(RequestRefused) as caught:
            log_in(**key, **there)
    return caught.value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "invalid_grant", "ErrorModel": {"Message": "Two factor required."}}', "two-"),
        (b'{"error": "device_error", "error_description": "New device otp"}', "new device"),
    ],
)
@pytest.mark.parametrize("kind", ["organisation", "machine"])
def test_another_kind_of_key_is_not_told_to_be_a_personal_one(
    body: bytes, reason: str, kind: str
) -> None:
    refusal = refused(kind, Fault(status=400, headers=JSON, body=body))
    assert reason in refusal.fact
    assert "personal API key" not in str(refusal.remedy)


@pytest.mark.parametrize("kind", ["organisation", "machine"])
def test_a_gateway_before_the_login_of_another_key_is_told(kind: str) -> None:
    refusal = refused(kind, GATEWAY)
    assert "asks for a login of its own" in refusal.fact
    assert "Log in again" not in str(refusal.remedy)
