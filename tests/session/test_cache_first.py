"""`cache="first"`: the kept vault opens before the server answers, and locks if it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.errors import BitwardenError, VaultLocked, WrongMasterPassword
from bw_magics.session import sync
from tests.session.conftest import REVISION, SYNC, TOKEN, WAREHOUSE, Begin, Session, eventually


@pytest.fixture
def first(
    server: DemoServer, begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """A new session whose vault an earlier one kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    earlier = begin(server, cache=True).enter()
    earlier.settle()
    earlier.vault.logout()
    session = begin(server, cache="first")
    server.requests.clear()
    return session


def test_the_first_secret_waits_for_no_answer(first: Session) -> None:
    with first.held(TOKEN) as release:
        first.enter()
        assert first.password == WAREHOUSE
        assert (first.asked(REVISION), first.asked(SYNC)) == (0, 0)
        status = first.vault.status
        assert status.is_unconfirmed
        assert status.synced_at is not None
        assert status.problem is None
        assert not first.vault.is_offline
        release.set()
    first.settle()
    status = first.vault.status
    assert (status.state, status.is_unconfirmed) == ("unlocked", False)
    assert (first.asked(REVISION), first.asked(SYNC)) == (1, 0)
    assert first.password == WAREHOUSE


def test_the_first_secret_has_the_processor_for_itself(
    first: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "_ASK_AFTER", 1_000)
    first.enter()
    assert first.password == WAREHOUSE
    assert first.asked() == 0
    assert first.vault.status.is_unconfirmed

    assert not first.vault.sync(), "it waits for the answer, so the server is asked at once"

    assert (first.asked(REVISION), first.asked(SYNC)) == (2, 0)
    assert not first.vault.status.is_unconfirmed


def test_what_is_new_comes_in_the_background(first: Session) -> None:
    first.rename("Notebook hub", "Lab hub")
    with first.held(TOKEN) as release:
        first.enter()
        assert first.vault["Notebook hub"].name == "Notebook hub"
        release.set()
    first.settle()
    assert first.asked(SYNC) == 1
    assert first.vault["Lab hub"].name == "Lab hub"


def changed_password(server: DemoServer, account: DemoAccount) -> None:
    server.change_master_password(account, "another-password-of-the-demo")


CHANGES: dict[str, tuple[Callable[[DemoServer, DemoAccount], object], str]] = {
    "another API key": (lambda server, account: server.rotate_api_key(account), "refused"),
    "another master password": (changed_password, "changed elsewhere"),
    "a deleted account": (lambda server, account: server.delete_account(account), "refused"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_vault_locks_at_once_where_the_server_does_not_allow_it(
    first: Session, what: str
) -> None:
    change, reason = CHANGES[what]
    with first.held(TOKEN) as release:
        first.login()
        first.unlock()
        item = first.vault["Warehouse DB"]
        assert item.password == WAREHOUSE
        old = first.account.client_secret
        change(first.server, first.account)
        assert first.vault.status.state == "unlocked"
        release.set()
    eventually(lambda: first.vault.status.state == "locked")
    assert reason in (first.vault.status.reason or "")
    with pytest.raises(VaultLocked):
        _ = item.password
    assert old not in str(first.vault.status)


@pytest.mark.parametrize("what", CHANGES)
def test_an_answer_that_comes_before_the_unlock_counts_too(first: Session, what: str) -> None:
    change, _ = CHANGES[what]
    password, secret = first.account.master_password, first.account.client_secret
    change(first.server, first.account)
    first.login(client_secret=secret)
    first.settle()
    with pytest.raises(BitwardenError) as refused:
        first.unlock(password=password)
    assert first.vault.status.state == "locked"
    assert WAREHOUSE not in str(refused.value)


def test_without_a_server_the_vault_opens_and_reports_that(first: Session) -> None:
    account, address = first.account, first.server.url
    first.server.stop()
    first.vault.login(
        client_id=account.client_id,
        client_secret=account.client_secret,
        server=address,
        certificate_authority=first.server.certificate_authority,
    )
    with pytest.raises(BitwardenError):
        first.vault.sync()
    first.unlock()
    assert first.password == WAREHOUSE
    assert first.vault.is_offline
    problem = first.vault.status.problem
    assert problem is not None
    assert "cannot be reached" in problem


def test_a_wrong_password_opens_nothing(first: Session) -> None:
    first.login()
    with pytest.raises(WrongMasterPassword):
        first.unlock(password="made-up")
    assert first.vault.status.state == "locked"
    assert first.unlock()
    assert first.password == WAREHOUSE


def test_the_first_session_of_all_waits_as_usual(
    server: DemoServer, begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    session = begin(server, cache="first").enter()
    assert session.password == WAREHOUSE
    assert not session.vault.status.is_unconfirmed
    assert len(list((tmp_path / "bw_magics").glob("*.vault"))) == 1


def test_a_download_that_comes_first_is_not_replaced_by_the_kept_vault(first: Session) -> None:
    first.rename("Notebook hub", "Lab hub")
    first.login()
    first.settle()
    first.unlock()
    assert first.vault["Lab hub"].name == "Lab hub"
