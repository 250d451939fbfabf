"""The first sync: in the background, waited for visibly, interruptible, its error told once."""

from __future__ import annotations

import _thread
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bw_magics.crypto import MasterKey, MasterPasswordUnlock
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    NotLoggedIn,
    RequestRefused,
    ServerUnreachable,
    VaultLocked,
)
from tests.session.conftest import (
    REVISION,
    SYNC,
    TOKEN,
    WAREHOUSE,
    Begin,
    Session,
    eventually,
)


def is_told(session: Session) -> bool:
    """Whether it was said that something waits for the first sync."""
    return any("downloading the vault from localhost" in text for text in session.waits)


def test_login_returns_while_the_first_sync_runs(
    session: Session, pool: ThreadPoolExecutor
) -> None:
    with session.held(SYNC) as release:
        session.login()
        status = session.vault.status
        assert (status.state, status.is_syncing, status.synced_at) == ("locked", True, None)
        unlocking = pool.submit(session.unlock)
        eventually(lambda: is_told(session))
        release.set()
        assert unlocking.result()
    assert session.password == WAREHOUSE
    assert session.asked(SYNC) == 1


def test_the_key_is_derived_while_the_sync_downloads(
    session: Session, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []
    derive = MasterPasswordUnlock.derive

    def watched(self: MasterPasswordUnlock, *, password: str) -> MasterKey:
        before = session.vault.status.is_syncing
        key = derive(self, password=password)
        seen.append((before, session.vault.status.is_syncing))
        assert threading.current_thread() is not threading.main_thread()
        return key

    monkeypatch.setattr(MasterPasswordUnlock, "derive", watched)
    with session.held(SYNC) as release:
        session.login()
        unlocking = pool.submit(session.unlock)
        eventually(lambda: seen or unlocking.done())
        release.set()
        unlocking.result()
    assert seen == [(True, True)]


@pytest.mark.parametrize("when", ["it failed before", "it fails while it is waited for"])
def test_its_error_is_raised_once_and_then_it_is_tried_again(
    session: Session, pool: ThreadPoolExecutor, when: str
) -> None:
    with session.held(SYNC, status=503) as release:
        if when == "it failed before":
            release.set()
        session.login()
        if release.is_set():
            session.settle()
            assert "503" in (session.vault.status.problem or "")
        unlocking = pool.submit(session.unlock)
        eventually(lambda: is_told(session) or unlocking.done())
        release.set()
        with pytest.raises(RequestRefused, match="503"):
            unlocking.result()
    assert (session.state, session.asked(SYNC)) == ("locked", 1)
    session.unlock()
    assert session.password == WAREHOUSE
    assert session.vault.status.problem is None
    assert session.asked(SYNC) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(Fault(status=500), RequestRefused, id="500"),
        pytest.param(
            Fault(status=200, headers={"Content-Type": "text/html"}, body=b"<html>"),
            AnswerUnusable,
            id="HTML",
        ),
        pytest.param(Fault(cut=200), AnswerUnusable, id="cut off"),
        pytest.param(
            Fault(status=200, headers={"Content-Type": "application/json"}, body=b"{}"),
            AnswerUnusable,
            id="no vault",
        ),
    ],
)
def test_every_failure_of_it_is_one_typed_error(
    session: Session, fault: Fault, error: type[Exception]
) -> None:
    session.fault(SYNC, fault)
    session.login()
    with pytest.raises(error) as caught:
        session.unlock()
    assert isinstance(caught.value, BitwardenError)
    assert caught.value.remedy
    assert session.unlock()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=404),
        Fault(status=405),
        Fault(status=200, headers={"Content-Type": "application/json"}, body=b'"soon"'),
    ],
)
def test_a_server_without_a_revision_is_synced_too(session: Session, fault: Fault) -> None:
    session.fault(REVISION, fault)
    assert session.enter().password == WAREHOUSE


@contextlib.contextmanager
def interrupted(session: Session, path: str) -> Iterator[None]:
    """Interrupts the main thread, as ■ does, while the answer for the path is held back."""
    session.server.requests.clear()

    def interrupt() -> None:
        eventually(lambda: session.asked(path))
        _thread.interrupt_main()

    with session.held(path) as release:
        watching = threading.Thread(target=interrupt)
        watching.start()
        with pytest.raises(KeyboardInterrupt):
            yield
        watching.join()
        assert not release.is_set(), "it did not wait for the answer"


SLOW: dict[str, tuple[str, bool, Callable[[Session], object]]] = {
    "login": (TOKEN, False, lambda session: session.login()),
    "unlock": (SYNC, False, lambda session: session.enter()),
    "sync": (REVISION, True, lambda session: session.vault.sync()),
    "forced sync": (SYNC, True, lambda session: session.vault.sync(force=True)),
}


@pytest.mark.parametrize(("path", "is_in", "call"), SLOW.values(), ids=SLOW)
def test_an_interrupt_gets_through_and_the_vault_is_usable_afterwards(
    server: DemoServer, begin: Begin, path: str, is_in: bool, call: Callable[[Session], object]
) -> None:
    session = begin(server)
    if is_in:
        session.enter().settle()
    with interrupted(session, path):
        call(session)
    assert session.state in ("unauthenticated", "locked", "unlocked")
    if not is_in:
        session.vault.logout()
        session.enter()
    assert session.password == WAREHOUSE
    session.vault.sync()


def test_another_account_does_not_wait_for_the_sync_of_the_one_before(session: Session) -> None:
    with session.held(SYNC):
        session.login()
        eventually(lambda: session.asked(SYNC))
        session.vault.logout()
        session.account = session.server.accounts[1]
        session.enter()
    assert session.password == "demo-warehouse-grace"
    assert session.vault.status.problem is None


@pytest.mark.parametrize("end", ["lock", "logout"])
def test_nothing_comes_back_after_a_lock_during_an_unlock(
    session: Session, pool: ThreadPoolExecutor, end: str
) -> None:
    with session.held(SYNC):
        session.login()
        unlocking = pool.submit(session.unlock)
        eventually(lambda: session.asked(SYNC))
        getattr(session.vault, end)()
    with pytest.raises((VaultLocked, NotLoggedIn)):
        unlocking.result()
    session.settle()
    assert session.state == ("locked" if end == "lock" else "unauthenticated")


def test_two_unlocks_at_once_leave_one_set_of_keys(
    session: Session, pool: ThreadPoolExecutor
) -> None:
    with session.held(SYNC):
        session.login()
        unlocking = [pool.submit(session.unlock) for _ in range(8)]
        eventually(lambda: is_told(session))
    outcomes = [future.result() for future in unlocking]
    assert outcomes.count(True) == 1
    items = [session.vault["Warehouse DB"] for _ in range(3)]
    session.vault.lock()
    for item in items:
        with pytest.raises(VaultLocked):
            item.password  # noqa: B018


def test_a_server_that_is_gone_is_one_error(server: DemoServer, begin: Begin) -> None:
    session = begin(server)
    url = server.url
    server.stop()
    with pytest.raises(ServerUnreachable, match="refused the connection"):
        session.vault.login(
            client_id=session.account.client_id,
            client_secret=session.account.client_secret,
            server=url,
            certificate_authority=server.certificate_authority,
        )
    assert session.state == "unauthenticated"
