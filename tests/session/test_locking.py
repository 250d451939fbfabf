"""Locking: idle in wall time, explicit, in a forked child; nothing that was read goes on."""

from __future__ import annotations

import copy
import os
import pickle
import sys
import warnings
from collections.abc import Callable

import pytest

from bw_magics.errors import BitwardenError, NotPickled, VaultLocked
from bw_magics.secret import Secret
from bw_magics.session.deadline import Deadline
from bw_magics.vault.item import Item
from tests.session.conftest import SYNC, WAREHOUSE, Clock, Session, eventually


@pytest.fixture
def clock(session: Session) -> Clock:
    clock = Clock()
    session.vault._idle.clock = clock
    session.enter()
    return clock


ACCESS: dict[str, Callable[[Session, Item], object]] = {
    "item": lambda session, item: session.vault["Warehouse DB"],
    "held item": lambda session, item: item.password,
    "its notes": lambda session, item: item.notes,
    "its fields": lambda session, item: item.fields,
    "its URIs": lambda session, item: item.uris,
    "describe": lambda session, item: item.describe(),
    "items": lambda session, item: session.vault.items(),
    "places": lambda session, item: session.vault.places("folder"),
    "confirm": lambda session, item: session.vault.confirm(
        password=session.account.master_password
    ),
}


@pytest.mark.parametrize("access", ACCESS.values(), ids=ACCESS)
def test_an_idle_vault_locks_itself_on_any_access(
    session: Session, clock: Clock, access: Callable[[Session, Item], object]
) -> None:
    item = session.vault["Warehouse DB"]
    clock.now += 3599
    access(session, item)
    clock.now += 3599
    access(session, item)
    clock.now += 3600
    with pytest.raises(VaultLocked, match=r"idle since .*\d\d:\d\d"):
        access(session, item)
    assert session.vault._current.state.contents is None


def test_the_status_notices_an_idle_vault_and_does_not_count_as_a_use(
    session: Session, clock: Clock
) -> None:
    assert session.vault.status.locks_at == clock.now + 3600
    clock.now += 1800
    assert session.state == "unlocked"
    clock.now += 1800
    status = session.vault.status
    assert (status.state, status.next_step) == ("locked", "vault.unlock(password=…)")
    assert "it was idle since" in (status.reason or "")


@pytest.mark.parametrize("timeout", [0, 60, 86400])
def test_the_timeout_is_chosen_at_the_unlock(session: Session, timeout: float) -> None:
    clock = Clock()
    session.vault._idle.clock = clock
    session.login()
    session.unlock(lock_timeout=timeout)
    clock.now += timeout - 1 if timeout else 1e9
    assert session.state == "unlocked"
    clock.now += 1
    assert session.state == ("locked" if timeout else "unlocked")


@pytest.mark.parametrize("timeout", [0, 60, 7200])
def test_an_open_vault_takes_another_timeout(
    session: Session, clock: Clock, timeout: float
) -> None:
    assert session.vault.unlock(lock_timeout=timeout) is False
    assert session.vault.status.locks_at == (clock.now + timeout if timeout else None)
    clock.now += timeout - 1 if timeout else 1e9
    assert session.state == "unlocked"
    clock.now += 1
    assert session.state == ("locked" if timeout else "unlocked")


def test_a_locked_vault_takes_no_timeout_without_its_password(
    session: Session, clock: Clock
) -> None:
    session.vault.lock()
    with pytest.raises(BitwardenError):
        session.vault.unlock(lock_timeout=0)
    assert session.state == "locked"


def test_no_cell_is_idle_while_it_runs(session: Session, clock: Clock) -> None:
    assert session.vault.hold() is None
    clock.now += 10_000
    assert session.password == WAREHOUSE
    session.vault.release()
    clock.now += 3599
    assert session.state == "unlocked"
    clock.now += 1
    assert "it was idle since" in (session.vault.hold() or "")
    session.vault.release()
    assert session.vault.hold() is None, "told once"


def test_a_cell_that_unlocks_is_running_too(session: Session) -> None:
    clock = Clock()
    session.vault._idle.clock = clock
    session.vault.hold()
    session.enter()
    clock.now += 10_000
    assert session.password == WAREHOUSE
    session.vault.release()
    clock.now += 3600
    assert session.state == "locked"


def test_releasing_too_often_does_no_harm(session: Session, clock: Clock) -> None:
    session.vault.release()
    session.vault.release()
    clock.now += 3600
    assert session.state == "locked"


def test_a_deadline_of_none_is_never_reached() -> None:
    clock = Clock()
    deadline = Deadline(None, clock)
    clock.now += 1e12
    assert not deadline.is_past
    assert deadline.at is None


def test_what_was_read_before_a_lock_reads_no_more(unlocked: Session) -> None:
    item, password = unlocked.vault["Warehouse DB"], unlocked.password
    unlocked.vault.lock()
    reads: list[Callable[[], object]] = [lambda: item.password, lambda: item.fields]
    reads.append(lambda: item.get("host"))
    for read in reads:
        with pytest.raises(VaultLocked, match="you locked it"):
            read()
    assert password == WAREHOUSE, "a value that was taken is the user's"
    assert item.name == "Warehouse DB"
    unlocked.unlock()
    with pytest.raises(VaultLocked, match="Fetch it again"):
        item.password  # noqa: B018
    assert unlocked.password == WAREHOUSE


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_starts_locked_and_can_unlock_again(session: Session) -> None:
    session.enter()
    item = session.vault["Warehouse DB"]

    def child() -> str:
        if session.state != "locked" or "forked" not in (session.vault.status.reason or ""):
            return "not locked"
        try:
            item.password  # noqa: B018
        except VaultLocked:
            pass
        else:
            return "an item still reads"
        session.unlock()
        session.vault.sync(force=True)
        return "fine" if session.password == WAREHOUSE else "another password"

    assert in_child(child) == "fine"
    assert session.password == item.password == WAREHOUSE


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_child_forked_during_a_sync_does_not_wait_for_its_parents_thread(
    session: Session,
) -> None:
    with session.held(SYNC):
        session.login()
        eventually(lambda: session.asked(SYNC))

        def child() -> str:
            session.unlock()
            return session.password or ""

        assert in_child(child) == WAREHOUSE
    session.unlock()
    assert session.password == WAREHOUSE


def in_child(function: Callable[[], str]) -> str:
    """What the function returns in a forked child."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads is the point
        process = os.fork()
    if process == 0:
        try:
            answer = function()
        except BaseException as error:
            answer = repr(error)
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        answer = stream.read()
    os.waitpid(process, 0)
    sys.stdout.flush()
    return answer


def test_nothing_that_holds_keys_or_tokens_is_pickled_or_copied(unlocked: Session) -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    state = unlocked.vault._current.state
    assert state.account is not None
    assert state.contents is not None
    item = unlocked.vault["Warehouse DB"]
    holders: tuple[object, ...] = (
        unlocked.vault, state.account, state.account.login, state.account.api, state.contents,
        state.contents.keys, item, item.password, unlocked.vault.items(), {"a": item.fields},
    )  # fmt: skip
    for value in holders:
        for take in (pickle.dumps, cloudpickle.dumps):
            with pytest.raises((NotPickled, TypeError), match="not pickled"):
                take(value)
        if not isinstance(value, (Secret, list, dict)):
            for take in (copy.copy, copy.deepcopy):
                with pytest.raises((NotPickled, TypeError), match="not pickled"):
                    take(value)
