"""What another client or an administrator did to the account, and what a session says about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import AccountGone, ApiKeyRotated, BitwardenError, WrongMasterPassword
from bw_magics.session.sync import CHANGED_ELSEWHERE, SESSIONS_ENDED
from tests.session.conftest import REVISION, WAREHOUSE, Begin, Session

NEW = "another-demo-password"


@pytest.fixture
def vaultwarden() -> Iterator[DemoServer]:
    """A server whose tokens end with the security stamp."""
    with DemoServer(style="vaultwarden", iterations=5_000) as server:
        yield server


@pytest.fixture(params=[True, False], ids=["revision moves", "revision stays"])
def moves(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def entered(begin: Begin, server: DemoServer, **settings: object) -> Session:
    session = begin(server, **settings).enter()
    session.settle()
    return session


def test_a_locked_session_opens_with_the_new_password(
    vaultwarden: DemoServer, begin: Begin, moves: bool
) -> None:
    session = entered(begin, vaultwarden)
    old = session.account.master_password
    session.vault.lock()
    vaultwarden.change_master_password(session.account, NEW, moves_revision=moves)

    assert session.unlock(password=NEW)

    assert session.password == WAREHOUSE
    session.vault.lock()
    with pytest.raises(WrongMasterPassword):
        session.unlock(password=old)


def test_one_that_opened_with_the_old_password_is_locked_by_the_next_sync(
    vaultwarden: DemoServer, begin: Begin, moves: bool
) -> None:
    session = entered(begin, vaultwarden)
    old = session.account.master_password
    session.vault.lock()
    vaultwarden.change_master_password(session.account, NEW, moves_revision=moves)
    assert session.unlock(password=old), "the server is not asked"

    assert session.vault.sync() is True

    assert session.vault.status.reason == CHANGED_ELSEWHERE
    with pytest.raises(WrongMasterPassword):
        session.unlock(password=old)
    assert session.unlock(password=NEW)
    assert session.vault.sync() is False
    assert session.state == "unlocked"


def test_a_kept_vault_opens_with_the_new_password_and_stays_open(
    vaultwarden: DemoServer, begin: Begin, tmp_path: Path, moves: bool
) -> None:
    old = entered(begin, vaultwarden, cache=tmp_path).account.master_password
    account = vaultwarden.accounts[0]
    vaultwarden.change_master_password(account, NEW, moves_revision=moves)
    session = begin(vaultwarden, cache=tmp_path)
    session.login()

    assert session.unlock(password=NEW)

    session.vault.sync()
    assert session.state == "unlocked"
    session.vault.lock()
    with pytest.raises(WrongMasterPassword):
        session.unlock(password=old)


def test_a_kept_vault_opens_offline_with_the_newest_password_only(
    vaultwarden: DemoServer, begin: Begin, tmp_path: Path, moves: bool
) -> None:
    first = entered(begin, vaultwarden, cache=tmp_path)
    old = first.account.master_password
    first.vault.lock()
    vaultwarden.change_master_password(first.account, NEW, moves_revision=moves)
    first.unlock(password=NEW)
    address, authority = vaultwarden.url, vaultwarden.certificate_authority
    vaultwarden.stop()
    try:
        session = begin(vaultwarden, cache=tmp_path)
        session.vault.login(
            client_id=session.account.client_id,
            client_secret=session.account.client_secret,
            server=address,
            certificate_authority=authority,
        )
        with pytest.raises(WrongMasterPassword):
            session.unlock(password=old)
        assert session.unlock(password=NEW)
        assert session.vault.is_offline
    finally:
        vaultwarden.start()


def test_sessions_that_were_ended_are_locked_with_that_reason(
    vaultwarden: DemoServer, begin: Begin, moves: bool
) -> None:
    session = entered(begin, vaultwarden)
    vaultwarden.end_sessions(session.account, moves_revision=moves)

    session.vault.sync()

    assert session.vault.status.reason == SESSIONS_ENDED
    assert session.unlock()
    session.vault.sync()
    assert session.state == "unlocked"


def test_a_kept_vault_of_ended_sessions_stays_open_after_a_new_login(
    vaultwarden: DemoServer, begin: Begin, tmp_path: Path, moves: bool
) -> None:
    entered(begin, vaultwarden, cache=tmp_path)
    vaultwarden.end_sessions(vaultwarden.accounts[0], moves_revision=moves)
    session = begin(vaultwarden, cache=tmp_path).enter()

    session.vault.sync()

    assert session.state == "unlocked"


def rotate(server: DemoServer, session: Session) -> None:
    server.rotate_api_key(session.account)
    server.end_sessions(session.account)


def delete(server: DemoServer, session: Session) -> None:
    server.delete_account(session.account)


@pytest.mark.parametrize(
    ("change", "error", "fact", "remedy"),
    [
        (rotate, ApiKeyRotated, "The API key was rotated", "with the new client_secret"),
        (delete, AccountGone, "The account no longer exists on localhost", "another account"),
    ],
    ids=["rotated", "deleted"],
)
def test_a_key_that_is_refused_now_is_told_with_the_servers_reason(
    vaultwarden: DemoServer,
    begin: Begin,
    change: Callable[[DemoServer, Session], None],
    error: type[BitwardenError],
    fact: str,
    remedy: str,
) -> None:
    session = entered(begin, vaultwarden)
    change(vaultwarden, session)

    with pytest.raises(error) as refused:
        session.vault.sync()

    assert refused.value.fact.startswith(fact)
    assert remedy in refused.value.remedy
    assert (session.vault.status.problem or "").startswith(fact)
    assert session.password == WAREHOUSE, "what was downloaded stays readable"


def test_where_the_server_does_not_say_why_both_reasons_are_named(begin: Begin) -> None:
    with DemoServer(iterations=5_000) as server:
        session = entered(begin, server)
        delete(server, session)
        session.fault(REVISION, Fault(status=401))

        with pytest.raises(ApiKeyRotated, match=r"was rotated: .* If the account was deleted"):
            session.vault.sync()
