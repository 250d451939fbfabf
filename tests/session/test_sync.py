"""Syncing: one cheap question where nothing is new, never a reader that waits or sees nothing."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    AnswerUnusable,
    RequestRefused,
    ServerError,
    ServerUnreachable,
    VaultLocked,
    WrongMasterPassword,
)
from bw_magics.session.sync import CHANGED_ELSEWHERE
from tests.session.conftest import REVISION, SYNC, TOKEN, WAREHOUSE, Begin, Session, eventually


def test_nothing_new_is_one_request(demo: DemoServer, begin: Begin) -> None:
    session = begin(demo).enter()
    session.settle()
    demo.requests.clear()
    assert session.vault.sync() is False
    assert demo.requests == [("GET", REVISION)]


def test_something_new_is_downloaded(unlocked: Session) -> None:
    before = unlocked.vault.status.synced_at or 0
    unlocked.rename("Notebook hub", "Lab hub")
    assert unlocked.vault.sync() is True
    assert unlocked.vault["Lab hub"].password == "demo-hub-password-4"
    assert (unlocked.asked(REVISION), unlocked.asked(SYNC)) == (1, 1)
    assert (unlocked.vault.status.synced_at or 0) > before


def test_force_downloads_everything_again(unlocked: Session) -> None:
    assert unlocked.vault.sync(force=True) is True
    assert unlocked.asked(SYNC) == 1


def test_a_locked_vault_is_synced_too(unlocked: Session) -> None:
    unlocked.vault.lock()
    unlocked.rename("Notebook hub", "Lab hub")
    assert unlocked.vault.sync() is True
    assert unlocked.state == "locked"
    unlocked.server.requests.clear()
    unlocked.unlock()
    assert unlocked.vault["Lab hub"].name == "Lab hub"
    assert unlocked.asked() == 0


def test_only_changed_names_are_decrypted_again(unlocked: Session) -> None:
    unlocked.rename("Notebook hub", "Lab hub")
    unlocked.vault.sync()
    contents = unlocked.vault._current.state.contents
    assert contents is not None
    assert contents.decrypted_names == 1
    assert contents.unreadable == 2


def test_a_sync_that_is_asked_for_sees_what_was_changed_before_it(
    unlocked: Session, pool: ThreadPoolExecutor
) -> None:
    """Even where another one was under way that had asked too early."""
    told = len(unlocked.waits)
    with unlocked.held(REVISION, status=200, body=b"0"):
        early = pool.submit(unlocked.vault.sync)
        eventually(lambda: unlocked.asked(REVISION))
        unlocked.rename("Notebook hub", "Lab hub")
        late = pool.submit(unlocked.vault.sync)
        eventually(lambda: len(unlocked.waits) == told + 2)  # both wait for the early one
    assert late.result() is True
    assert unlocked.vault["Lab hub"].name == "Lab hub"
    early.result()


def test_forced_syncs_take_turns(unlocked: Session, pool: ThreadPoolExecutor) -> None:
    futures = [pool.submit(unlocked.vault.sync, force=True) for _ in range(4)]
    assert all(future.result() for future in futures)
    paths = [path for _, path in unlocked.server.requests]
    assert paths == [REVISION, SYNC] * 4


FAILURES = [
    pytest.param(Fault(status=500), RequestRefused, id="500"),
    pytest.param(Fault(status=429), ServerError, id="429"),
    pytest.param(
        Fault(status=200, headers={"Content-Type": "text/html"}, body=b"<html>"),
        AnswerUnusable,
        id="HTML",
    ),
    pytest.param(Fault(cut=300), AnswerUnusable, id="cut off"),
    pytest.param(
        Fault(status=302, headers={"Location": "https://x.example"}), ServerError, id="302"
    ),
]


@pytest.mark.parametrize(("fault", "error"), FAILURES)
def test_a_sync_that_fails_leaves_the_vault_usable(
    unlocked: Session, fault: Fault, error: type[Exception]
) -> None:
    synced_at = unlocked.vault.status.synced_at
    unlocked.fault(SYNC, fault)
    with pytest.raises(error):
        unlocked.vault.sync(force=True)
    status = unlocked.vault.status
    assert (status.state, status.synced_at) == ("unlocked", synced_at)
    assert status.problem
    assert unlocked.password == WAREHOUSE
    assert unlocked.vault.sync(force=True)
    assert unlocked.vault.status.problem is None


def test_a_server_that_is_gone_leaves_the_vault_usable(unlocked: Session) -> None:
    unlocked.server.stop()
    with pytest.raises(ServerUnreachable):
        unlocked.vault.sync()
    assert unlocked.password == WAREHOUSE
    unlocked.vault.lock()
    with pytest.raises(WrongMasterPassword):
        unlocked.unlock(password="made-up")
    assert unlocked.unlock()
    assert unlocked.password == WAREHOUSE


# In the background.


def test_an_old_vault_is_refreshed_without_making_a_read_wait(unlocked: Session) -> None:
    unlocked.rename("Notebook hub", "Lab hub")
    with unlocked.held(REVISION):
        unlocked.vault.sync_interval = 1e-6
        assert unlocked.password == WAREHOUSE
        assert unlocked.vault["Notebook hub"].name == "Notebook hub"
        assert unlocked.vault.status.is_syncing
        unlocked.vault.sync_interval = 0
    unlocked.settle()
    assert unlocked.vault["Lab hub"].password == "demo-hub-password-4"
    assert unlocked.asked(SYNC) == 1


def test_a_fresh_vault_asks_nobody(unlocked: Session) -> None:
    unlocked.vault.sync_interval = 300
    for _ in range(100):
        assert unlocked.password == WAREHOUSE
    assert unlocked.asked() == 0


def test_a_refresh_that_fails_is_a_problem_and_no_error(unlocked: Session) -> None:
    synced_at = unlocked.vault.status.synced_at
    # Held back: a read uses the vault more than once, and each use may start a refresh.
    with unlocked.held(REVISION, status=503):
        unlocked.vault.sync_interval = 1e-6
        assert unlocked.password == WAREHOUSE
        unlocked.vault.sync_interval = 300
    unlocked.settle()
    status = unlocked.vault.status
    assert "503" in (status.problem or "")
    assert (status.state, status.synced_at) == ("unlocked", synced_at)
    for _ in range(10):
        assert unlocked.password == WAREHOUSE
    assert unlocked.asked() == 1, "it is not tried again with every read"
    unlocked.vault.sync()
    assert unlocked.vault.status.problem is None


def test_readers_see_the_old_vault_or_the_new_one_and_never_none(
    unlocked: Session, pool: ThreadPoolExecutor
) -> None:
    ended = threading.Event()

    def read() -> set[int]:
        seen = set()
        while not ended.is_set():
            assert unlocked.password == WAREHOUSE
            seen.add(len(unlocked.vault.items()))
        return seen

    readers = [pool.submit(read) for _ in range(4)]
    count = len(unlocked.vault.items())
    for _ in range(5):
        assert unlocked.vault.sync(force=True)
    ended.set()
    assert {number for reader in readers for number in reader.result()} == {count}


def test_a_lock_during_a_sync_stays(unlocked: Session, pool: ThreadPoolExecutor) -> None:
    with unlocked.held(SYNC):
        syncing = pool.submit(unlocked.vault.sync, force=True)
        eventually(lambda: unlocked.asked(SYNC))
        unlocked.vault.lock()
    assert syncing.result()
    assert unlocked.state == "locked"
    assert "you locked it" in (unlocked.vault.status.reason or "")


def test_an_unlock_during_a_sync_reads_what_the_sync_brings(
    unlocked: Session, pool: ThreadPoolExecutor
) -> None:
    unlocked.vault.lock()
    unlocked.rename("Notebook hub", "Lab hub")
    with unlocked.held(SYNC):
        syncing = pool.submit(unlocked.vault.sync)
        eventually(lambda: unlocked.asked(SYNC))
        unlocked.unlock()
    syncing.result()
    assert unlocked.vault["Lab hub"].name == "Lab hub"
    contents = unlocked.vault._current.state.contents
    assert contents is not None
    assert contents.snapshot is unlocked.vault._current.state.snapshot


# Changed elsewhere.


def test_a_password_changed_elsewhere_locks_with_that_reason(
    demo: DemoServer, begin: Begin
) -> None:
    session = begin(demo).enter()
    session.settle()
    item, old = session.vault["Warehouse DB"], session.account.master_password
    demo.change_master_password(session.account, "made-up new password")
    session.vault.sync()
    status = session.vault.status
    assert (status.state, status.reason) == ("locked", CHANGED_ELSEWHERE)
    with pytest.raises(VaultLocked, match="changed elsewhere"):
        item.password  # noqa: B018
    with pytest.raises(WrongMasterPassword):
        session.unlock(password=old)
    session.unlock(password="made-up new password")
    assert session.password == WAREHOUSE


@pytest.mark.parametrize("is_synced", [True, False], ids=["synced", "not synced"])
def test_a_locked_vault_takes_the_new_password(
    demo: DemoServer, begin: Begin, is_synced: bool
) -> None:
    session = begin(demo).enter()
    session.vault.lock()
    demo.change_master_password(session.account, "made-up new password")
    if is_synced:
        session.vault.sync()
        with pytest.raises(WrongMasterPassword):
            session.unlock(password="demo-master-password")
    session.unlock(password="made-up new password")
    assert session.password == WAREHOUSE


def test_a_password_changed_while_it_is_typed_is_the_old_one(session: Session) -> None:
    """The login still had the old wrapped key, the first sync has the new one."""
    with session.held(SYNC):
        session.login()
        session.server.change_master_password(session.account, "made-up new password")
    with pytest.raises(WrongMasterPassword):
        session.unlock(password="demo-master-password")
    logins = session.asked(TOKEN)
    assert session.unlock()
    assert session.asked(TOKEN) == logins
