"""Busy servers, and kernels that are up for days: the state stays true, the next step obvious."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bw_magics.client import identity
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import RateLimited, RequestRefused, VaultLocked
from bw_magics.session.accounts import api_key_account as account_module
from bw_magics.session.accounts import patience
from bw_magics.session.accounts.api_key_account import ApiKeyAccount
from bw_magics.session.accounts.patience import patiently
from bw_magics.session.deadline import Deadline
from tests.session.conftest import (
    REVISION,
    SYNC,
    TOKEN,
    WAREHOUSE,
    Begin,
    Clock,
    Session,
    eventually,
)


class TestPatience:
    def test_twenty_kernels_that_start_at_once_all_get_in(self, begin: Begin) -> None:
        """Behind one address, and so one limit: five at once, then two a second."""
        with (
            DemoServer(iterations=5_000, logins=(5, 2.5)) as server,
            ThreadPoolExecutor(20) as kernels,
        ):
            sessions = [begin(server) for _ in range(20)]

            def start(session: Session) -> bool:
                return patiently(session.login, limit=60, on_wait=session.waits.append)

            assert all(kernels.map(start, sessions))
            assert {session.state for session in sessions} == {"locked"}
            refused = sum(1 for _, path in server.requests if path == TOKEN) - 20
            assert refused > 0, "the limit was met"
            assert any("asks to wait" in text for s in sessions for text in s.waits)

    @pytest.mark.parametrize("tells", [True, False])
    def test_it_counts_down_in_sight(
        self, begin: Begin, tells: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(patience, "FIRST", 0.5)
        with DemoServer(iterations=5_000, logins=(1, 1.0), tells_wait=tells) as server:
            begin(server).login()
            session = begin(server)
            assert patiently(session.login, limit=20, on_wait=session.waits.append)
            shown = "asks to wait: 1 s left" if tells else "did not say how long to wait: next try"
            assert any(shown in text for text in session.waits)

    def test_the_bound_holds(self, session: Session) -> None:
        session.fault(TOKEN, *[Fault(status=429, headers={"Retry-After": "60"})] * 2)
        for limit, told in ((0, "60 seconds"), (5, "longer than may be waited here: 5 seconds")):
            with pytest.raises(RateLimited, match=told) as caught:
                patiently(session.login, limit=limit, on_wait=session.waits.append)
            assert session.waits == [], "it did not wait"
            assert caught.value.wait == timedelta(seconds=60)

    def test_other_errors_are_not_waited_for(self, session: Session) -> None:
        session.fault(TOKEN, Fault(status=503))
        with pytest.raises(RequestRefused):
            patiently(session.login, limit=60, on_wait=None)
        assert session.asked(TOKEN) == 1


class TestClocks:
    @pytest.mark.parametrize("jump", [-400 * 86400, -3600, 3600, 400 * 86400])
    def test_a_clock_that_is_set_costs_at_most_a_renewal(
        self, unlocked: Session, jump: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jumped = SimpleNamespace(
            time=lambda: time.time() + jump, monotonic=time.monotonic, sleep=time.sleep
        )
        for module in (account_module, identity):
            monkeypatch.setattr(module, "time", jumped)
        unlocked.rename("Warehouse DB", "Moved")
        assert unlocked.vault.sync()
        assert unlocked.vault["Moved"].password == WAREHOUSE
        assert unlocked.asked(TOKEN) == (1 if jump > 0 else 0)

    def test_a_token_that_ended_during_a_sleep_is_renewed(self, begin: Begin) -> None:
        with DemoServer(iterations=5_000, token_lifetime=1.0) as server:
            session = begin(server).enter()
            session.settle()
            account = session.vault._current.state.account
            assert isinstance(account, ApiKeyAccount)
            ends = account.login.expires_at
            eventually(lambda: time.time() > ends)
            assert session.vault.sync() is False
            assert session.password == WAREHOUSE

    def test_a_sleep_counts_as_idle(self, session: Session) -> None:
        clock = Clock()
        session.vault._idle.clock = clock
        session.login()
        session.unlock(lock_timeout=3600)
        clock.now += 8 * 3600
        with pytest.raises(VaultLocked, match="it was idle since"):
            _ = session.password
        assert session.vault.status.next_step == "vault.unlock(password=…)"

    def test_a_clock_set_back_does_not_keep_it_open(self) -> None:
        """The time that passed counts, not the clock on the wall."""
        clock, passed = Clock(), Clock()
        deadline = Deadline(3600, clock, ticks=passed)
        clock.now -= 30 * 86400
        passed.now += 3599
        assert not deadline.is_past
        passed.now += 2
        assert deadline.is_past

    def test_the_newest_wrapped_key_counts_with_any_clock(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A login before the clock was set back, a sync with the new password after it."""
        jumped = SimpleNamespace(
            time=lambda: time.time() + 86400, monotonic=time.monotonic, sleep=time.sleep
        )
        with monkeypatch.context() as context:
            context.setattr(account_module, "time", jumped)
            session.login()
        session.settle()
        session.server.change_master_password(session.account, "another-demo-password")
        session.vault.sync()
        assert session.unlock(password="another-demo-password")


def test_a_restarted_server_is_met_again(unlocked: Session) -> None:
    unlocked.server.stop()
    unlocked.server.start()
    assert unlocked.vault.sync() is False
    unlocked.rename("Warehouse DB", "Moved")
    assert unlocked.vault.sync()
    assert unlocked.vault["Moved"].password == WAREHOUSE


def test_a_deleted_account_is_told_and_so_is_what_to_do(unlocked: Session) -> None:
    gone = Fault(status=200, body=b"-1", headers={"Content-Type": "application/json"})
    unlocked.fault(REVISION, gone)
    with pytest.raises(
        RequestRefused, match=r"no longer exists .*vault.logout.*, then vault.login"
    ):
        unlocked.vault.sync()
    assert "no longer exists" in (unlocked.vault.status.problem or "")
    assert unlocked.password == WAREHOUSE, "what is in memory is as it was"


def test_changed_keys_lock_and_the_new_password_opens(unlocked: Session) -> None:
    unlocked.server.change_master_password(unlocked.account, "another-demo-password")
    unlocked.vault.sync()
    assert unlocked.state == "locked"
    assert "changed elsewhere" in (unlocked.vault.status.reason or "")
    assert unlocked.unlock(password="another-demo-password")


def test_a_logout_ends_a_sync_that_waits_for_the_server(session: Session) -> None:
    session.login()
    session.settle()
    session.server.touch(session.account)
    session.server.requests.clear()
    before = set(threading.enumerate())

    def working() -> list[str]:
        started = set(threading.enumerate()) - before
        return [thread.name for thread in started if thread.name.startswith("bw_magics: ")]

    with session.held(SYNC) as release:
        task = session.vault._sync.start(session.vault._current.account())
        eventually(lambda: session.asked(SYNC))
        assert working(), "the control: the sync has a thread of its own"
        session.vault.logout()
        eventually(lambda: task.is_done)
        eventually(lambda: not working())
        assert not release.is_set(), "it did not wait for the answer"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_child_logs_in_and_unlocks_by_itself(unlocked: Session) -> None:
    child = os.fork()
    if child == 0:
        try:
            is_right = unlocked.state == "locked" and unlocked.unlock()
            os._exit(0 if is_right and unlocked.password == WAREHOUSE else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert unlocked.password == WAREHOUSE
