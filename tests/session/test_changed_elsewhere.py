"""What another client or an administrator did to the account, and what a session says about it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bw_magics.crypto import Argon2id, Kdf, Pbkdf2
from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.errors import AccountGone, ApiKeyRotated, BitwardenError, WrongMasterPassword
from bw_magics.session.accounts import api_key_account
from bw_magics.session.accounts.api_key_account import PAUSE
from bw_magics.session.sync import CHANGED_ELSEWHERE, SESSIONS_ENDED
from tests.session.conftest import REVISION, TOKEN, WAREHOUSE, Begin, Session

NEW = "another-demo-password"


@pytest.fixture
def vaultwarden() -> Iterator[DemoServer]:
    """A server whose tokens end with the security stamp."""
    with DemoServer(style="vaultwarden", iterations=5_000) as server:
        yield server


@pytest.fixture(params=["vaultwarden", "official"])
def changing(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    """A server whose tokens end with the security stamp, and one whose tokens outlive it."""
    with DemoServer(style=request.param, iterations=5_000) as server:
        yield server


@pytest.fixture(params=[True, False], ids=["revision moves", "revision stays"])
def moves(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def entered(begin: Begin, server: DemoServer, **settings: object) -> Session:
    session = begin(server, **settings).enter()
    session.settle()
    return session


def test_a_locked_session_opens_with_the_new_password(
    changing: DemoServer, begin: Begin, moves: bool
) -> None:
    session = entered(begin, changing)
    old = session.account.master_password
    session.vault.lock()
    changing.change_master_password(session.account, NEW, moves_revision=moves)

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
    changing: DemoServer, begin: Begin, tmp_path: Path, moves: bool
) -> None:
    old = entered(begin, changing, cache=tmp_path).account.master_password
    account = changing.accounts[0]
    changing.change_master_password(account, NEW, moves_revision=moves)
    session = begin(changing, cache=tmp_path)
    session.login()

    assert session.unlock(password=NEW)

    session.vault.sync()
    assert session.state == "unlocked"
    session.vault.lock()
    with pytest.raises(WrongMasterPassword):
        session.unlock(password=old)


def test_a_kept_vault_opens_offline_with_the_newest_password_only(
    changing: DemoServer, begin: Begin, tmp_path: Path, moves: bool
) -> None:
    first = entered(begin, changing, cache=tmp_path)
    old = first.account.master_password
    first.vault.lock()
    changing.change_master_password(first.account, NEW, moves_revision=moves)
    first.unlock(password=NEW)
    address, authority = changing.url, changing.certificate_authority
    changing.stop()
    try:
        session = begin(changing, cache=tmp_path)
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
        changing.start()


def test_a_server_that_cannot_be_asked_is_named_beside_a_wrong_password(
    changing: DemoServer, begin: Begin
) -> None:
    session = entered(begin, changing)
    session.vault.lock()
    changing.change_master_password(session.account, NEW, moves_revision=False)
    for path in (REVISION, TOKEN):
        session.fault(path, *[Fault(status=503)] * 9)

    with pytest.raises(WrongMasterPassword, match="changed elsewhere is not known: localhost"):
        session.unlock(password=NEW)

    session.server.faults.clear()
    with pytest.raises(WrongMasterPassword) as wrong:
        session.unlock(password="made-up, and wrong")
    assert "not known" not in str(wrong.value)
    assert session.unlock(password=NEW)


def wrong(session: Session) -> WrongMasterPassword:
    """Tries a wrong master password; returns the refusal."""
    with pytest.raises(WrongMasterPassword) as refused:
        session.unlock(password="made-up, and wrong")
    return refused.value


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Lets time pass for the account's logins."""
    monkeypatch.setattr(
        api_key_account,
        "time",
        SimpleNamespace(time=time.time, monotonic=lambda: time.monotonic() + seconds),
    )


@pytest.mark.parametrize("style", ["vaultwarden", "nodewarden", "official"])
def test_many_wrong_passwords_cost_one_login_a_period(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, style: Any
) -> None:
    with DemoServer(style=style, iterations=5_000) as server:
        session = entered(begin, server)
        session.vault.lock()
        before = session.asked(TOKEN)

        assert "changed just now" not in wrong(session).remedy
        for _ in range(5):
            assert "If it was changed just now, wait half a minute" in wrong(session).remedy
        assert session.asked(TOKEN) == before + 1

        later(monkeypatch, PAUSE)
        for _ in range(5):
            wrong(session)
        assert session.asked(TOKEN) == before + 2
        assert session.unlock(), "the right one opens at any time"
        assert session.asked(TOKEN) == before + 2


def test_a_password_that_is_changed_after_a_wrong_one_opens_after_the_period(
    begin: Begin, monkeypatch: pytest.MonkeyPatch, moves: bool
) -> None:
    with DemoServer(iterations=5_000) as server:
        session = entered(begin, server)
        session.vault.lock()
        wrong(session)
        server.change_master_password(session.account, NEW, moves_revision=moves)
        if not moves:
            with pytest.raises(WrongMasterPassword, match="wait half a minute"):
                session.unlock(password=NEW)
            later(monkeypatch, PAUSE)

        assert session.unlock(password=NEW)


def test_a_server_that_asks_to_wait_gets_no_login_for_each_wrong_password(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DemoServer(iterations=5_000) as server:
        session = entered(begin, server)
        session.vault.lock()
        server.change_master_password(session.account, NEW, moves_revision=False)
        session.fault(TOKEN, Fault(status=429))
        before = session.asked(TOKEN)

        for _ in range(3):
            assert "is not known" in wrong(session).remedy
        assert session.asked(TOKEN) == before + 1

        later(monkeypatch, PAUSE)
        assert session.unlock(password=NEW)


def changed_kdf(server: DemoServer, account: DemoAccount, kdf: Kdf) -> None:
    """Another client changes the password and the key derivation in one request."""
    account.kdf = kdf
    server.change_master_password(account, NEW, moves_revision=False)


def changed_email(server: DemoServer, account: DemoAccount) -> None:
    """The e-mail is the salt of the derivation on these servers."""
    account.email = server._service.vault(account).salt = "moved@demo.example"
    server.change_master_password(account, NEW, moves_revision=False)


def rotated_keys(server: DemoServer, account: DemoAccount) -> None:
    """Every item is encrypted anew, with another user key; the revision date stays."""
    service = server._service
    account.master_password = NEW
    before = service._vaults.pop(account.user_id)
    after = service.vault(account)
    after.revision = before.revision
    # Only the tokens of some servers end with the old stamp.
    tokens = service.tokens
    tokens._issued = {each: replace(one, vault=after) for each, one in tokens._issued.items()}


ELSEWHERE: dict[str, Callable[[DemoServer, DemoAccount], None]] = {
    "other iterations": lambda server, account: changed_kdf(server, account, Pbkdf2(7_000)),
    "another derivation": lambda server, account: changed_kdf(
        server, account, Argon2id(iterations=2, memory=16, parallelism=1)
    ),
    "another e-mail": changed_email,
    "another user key": rotated_keys,
}


@pytest.mark.parametrize("style", ["vaultwarden", "nodewarden", "official"])
@pytest.mark.parametrize("change", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("where", ["in memory", "kept", "kept, in another kernel", "kept, first"])
def test_more_than_the_password_changed_and_only_the_new_one_opens(
    begin: Begin,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    style: Any,
    change: Callable[[DemoServer, DemoAccount], None],
    where: str,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with DemoServer(style=style, iterations=5_000) as server:
        session = entered(begin, server, cache=where != "in memory")
        old = session.account.master_password
        session.vault.lock()
        change(server, session.account)
        if where == "kept, in another kernel":
            session = begin(server, cache=True)
            session.login()
        if where == "kept, first":
            session = begin(server, cache="first")
            session.login()

        with pytest.raises(WrongMasterPassword):
            session.unlock(password="made-up, and wrong")
        assert session.unlock(password=NEW)
        assert session.password == WAREHOUSE
        session.vault.confirm(password=NEW)
        assert session.vault.sync() is False
        assert session.state == "unlocked"
        session.vault.lock()
        with pytest.raises(WrongMasterPassword):
            session.unlock(password=old)


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
