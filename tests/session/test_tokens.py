"""Access tokens: renewed silently, by one thread, and honestly where the key was rotated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import ApiKeyRotated, BitwardenError, RequestRefused
from bw_magics.session.accounts.api_key_account import ApiKeyAccount
from tests.session.conftest import REVISION, SYNC, TOKEN, WAREHOUSE, Begin, Session, eventually

ROTATED = "The API key was rotated: .* Log in again with the new client_secret: vault.login"


def test_a_refused_token_is_renewed_once(demo: DemoServer, begin: Begin) -> None:
    session = begin(demo).enter()
    session.settle()
    demo.requests.clear()
    session.fault(REVISION, Fault(status=401))
    assert session.vault.sync() is False
    assert [path for _, path in demo.requests] == [REVISION, TOKEN, REVISION]


def test_a_token_that_is_refused_again_is_an_error(unlocked: Session) -> None:
    unlocked.fault(REVISION, Fault(status=401), Fault(status=401))
    with pytest.raises(RequestRefused):
        unlocked.vault.sync()
    assert unlocked.asked(TOKEN) == 1
    assert unlocked.password == WAREHOUSE


class Turnstile:
    """The lock of an account's renewal, which counts the threads that came to it."""

    def __init__(self, account: ApiKeyAccount) -> None:
        self.came: list[None] = []
        self._lock = account._renewal
        account._renewal = self  # type: ignore[assignment]

    def __enter__(self) -> None:
        self.came.append(None)
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_twenty_threads_share_one_renewal(unlocked: Session, pool: ThreadPoolExecutor) -> None:
    account = unlocked.vault._current.state.account
    assert isinstance(account, ApiKeyAccount)
    refused = account.login.access_token
    turnstile = Turnstile(account)
    with unlocked.held(TOKEN):
        renewals = [pool.submit(account.renewed, refused) for _ in range(20)]
        eventually(lambda: len(turnstile.came) == 20)
    tokens = {renewal.result() for renewal in renewals}
    assert len(tokens) == 1
    assert refused not in tokens
    assert unlocked.asked(TOKEN) == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429}])
def test_twenty_threads_share_a_renewal_that_fails(
    unlocked: Session, pool: ThreadPoolExecutor, fault: dict[str, int]
) -> None:
    account = unlocked.vault._current.state.account
    assert isinstance(account, ApiKeyAccount)
    refused = account.login.access_token
    turnstile = Turnstile(account)
    with unlocked.held(TOKEN, **fault):
        futures = [pool.submit(account.renewed, refused) for _ in range(20)]
        eventually(lambda: len(turnstile.came) == 20)
    assert all(isinstance(future.exception(), BitwardenError) for future in futures)
    assert unlocked.asked(TOKEN) == 1
    assert account.renewed(refused) != refused, "the next one tries again"


@pytest.mark.parametrize("lifetime", [2, 60, 3600])
def test_a_token_is_renewed_shortly_before_it_ends(begin: Begin, lifetime: float) -> None:
    with DemoServer(iterations=5_000, token_lifetime=lifetime) as server:
        session = begin(server).enter()
        account = session.vault._current.state.account
        assert isinstance(account, ApiKeyAccount)
        session.vault.sync()
        assert session.asked(TOKEN) == 1
        account.logged_in_at -= 0.95 * lifetime
        expires_at = account.login.expires_at - 0.95 * lifetime
        object.__setattr__(account.login, "expires_at", expires_at)
        session.vault.sync()
        assert session.asked(TOKEN) == 2


def test_while_the_old_token_lives_a_failing_renewal_raises_nothing(unlocked: Session) -> None:
    account = unlocked.vault._current.state.account
    assert isinstance(account, ApiKeyAccount)
    account.logged_in_at -= 3500
    object.__setattr__(account.login, "expires_at", account.login.expires_at - 3500)
    unlocked.fault(TOKEN, Fault(status=503))
    assert unlocked.vault.sync() is False
    assert unlocked.asked(TOKEN) == 1


def test_a_rotated_key_is_told_and_reads_go_on(demo: DemoServer, begin: Begin) -> None:
    session = begin(demo).enter()
    session.settle()
    demo.rotate_api_key(session.account)
    assert session.vault.sync() is True, "the token lives on"
    assert session.vault.status.problem is None
    session.fault(REVISION, Fault(status=401))
    with pytest.raises(ApiKeyRotated, match=ROTATED):
        session.vault.sync()
    assert session.password == WAREHOUSE
    status = session.vault.status
    assert status.state == "unlocked"
    assert status.problem is not None
    assert status.problem.startswith("The API key was rotated: localhost")
    assert session.vault.lock()
    assert session.unlock()


def test_a_rotated_key_is_not_sent_again_and_a_new_login_repairs(unlocked: Session) -> None:
    old = unlocked.account.client_secret
    unlocked.server.rotate_api_key(unlocked.account)
    for _ in range(3):
        unlocked.fault(REVISION, Fault(status=401))
        with pytest.raises(ApiKeyRotated):
            unlocked.vault.sync()
    assert unlocked.asked(TOKEN) == 1
    with pytest.raises(BitwardenError):
        unlocked.login(client_secret=old)
    assert unlocked.login() is True
    unlocked.settle()
    status = unlocked.vault.status
    assert (status.state, status.problem) == ("unlocked", None)
    assert unlocked.password == WAREHOUSE
    assert unlocked.login() is False
    unlocked.rename("Notebook hub", "Lab hub")
    unlocked.vault.sync()
    assert unlocked.vault["Lab hub"].name == "Lab hub"


def test_a_wrong_password_is_told_although_the_key_was_rotated(unlocked: Session) -> None:
    unlocked.vault.lock()
    unlocked.server.rotate_api_key(unlocked.account)
    unlocked.fault(REVISION, Fault(status=401))
    with pytest.raises(BitwardenError, match="master password is wrong"):
        unlocked.unlock(password="made-up")
    assert unlocked.asked(SYNC) == 0
