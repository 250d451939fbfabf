"""Three honest states, why, and what to type next."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.errors import (
    AlreadyLoggedIn,
    ApiKeyRefused,
    NotFound,
    NotLoggedIn,
    NotOffered,
    OrganizationApiKey,
    StateError,
    VaultLocked,
    WrongMasterPassword,
)
from bw_magics.secret import Secret
from bw_magics.steps import LOG_IN, UNLOCK
from bw_magics.vault.selection import Selection
from tests.session.conftest import SYNC, TOKEN, WAREHOUSE, Begin, Session

READS: dict[str, Callable[[Vault], object]] = {
    "item": lambda vault: vault["Warehouse DB"],
    "get": lambda vault: vault.get("password", "Warehouse DB"),
    "folder": lambda vault: vault.get("folder", "Work"),
    "items": lambda vault: vault.items(),
    "places": lambda vault: vault.places("folder"),
    "confirm": lambda vault: vault.confirm(password="x"),
}
reads = pytest.mark.parametrize("read", READS.values(), ids=READS)


@pytest.mark.parametrize("number", [0, 1], ids=["PBKDF2", "Argon2id"])
def test_from_nothing_to_a_password_in_two_requests(
    demo: DemoServer, begin: Begin, number: int
) -> None:
    session = begin(demo, number)
    assert (session.state, session.vault.status.next_step) == ("unauthenticated", LOG_IN.call)
    assert session.login()
    status = session.vault.status
    assert (status.state, status.next_step, status.source) == ("locked", UNLOCK.call, "the test")
    assert status.reason == "it was not unlocked yet"
    assert demo.url.endswith(status.server or "?")
    assert session.unlock()
    assert session.vault["Warehouse DB"].password in (WAREHOUSE, "demo-warehouse-grace")
    status = session.vault.status
    assert (status.state, status.next_step, status.reason) == ("unlocked", None, None)
    assert status.items
    assert status.synced_at
    assert status.problem is None
    assert (session.asked(TOKEN), session.asked(SYNC)) == (1, 1)


def test_the_other_calls_read_the_same(demo: DemoServer, begin: Begin) -> None:
    vault = begin(demo).enter().vault
    assert vault.get("password", "warehouse db") == WAREHOUSE
    assert isinstance(vault.get("password", "Warehouse DB"), Secret)
    assert vault.get("port", "Warehouse DB") == "5432"
    assert vault.find("staging", loose=True).name == "Warehouse DB (staging)"
    assert [place.name for place in vault.places("organization")] == ["Demo Analytics"]
    assert {item.name for item in vault.items(Selection(trash=True))} == {"Deleted forum"}
    assert vault["Production warehouse"].password == "demo-production-password"
    assert vault.status.unreadable == 2
    with pytest.raises(NotFound):
        vault["warehouse"]
    with pytest.raises(NotOffered):
        vault.get("fingerprint", "me")


@reads
def test_logged_out_names_the_state_and_what_to_type(
    session: Session, read: Callable[[Vault], object]
) -> None:
    with pytest.raises(NotLoggedIn, match=r"logged out: nobody has logged in\. Next: vault\.login"):
        read(session.vault)
    for call in (session.unlock, session.vault.sync):
        with pytest.raises(NotLoggedIn):
            call()
    assert session.vault.lock() is session.vault.logout() is False


@reads
def test_locked_says_why_and_what_to_type(
    unlocked: Session, read: Callable[[Vault], object]
) -> None:
    unlocked.vault.lock()
    with pytest.raises(VaultLocked, match=r"you locked it at \d\d:\d\d\. Next: vault\.unlock"):
        read(unlocked.vault)
    assert "you locked it" in (unlocked.vault.status.reason or "")
    unlocked.vault.logout()
    with pytest.raises(NotLoggedIn, match=r"you logged out at \d\d:\d\d"):
        read(unlocked.vault)


def test_again_says_already_and_asks_nobody(unlocked: Session) -> None:
    assert unlocked.login() is unlocked.unlock() is False
    assert unlocked.unlock(password="any other") is False
    assert unlocked.asked() == 0
    assert unlocked.vault.lock()
    assert unlocked.vault.lock() is False
    assert unlocked.unlock()
    assert unlocked.asked() == 0, "an unlock with a vault at hand needs no server"
    assert unlocked.vault.logout()
    assert unlocked.vault.logout() is False


def test_another_account_is_refused_while_one_is_logged_in(unlocked: Session) -> None:
    other = unlocked.server.accounts[1]
    with pytest.raises(AlreadyLoggedIn, match=r"vault\.logout"):
        unlocked.login(client_id=other.client_id, client_secret=other.client_secret)
    with pytest.raises(AlreadyLoggedIn):
        unlocked.login(server="us")
    assert unlocked.asked() == 0
    assert unlocked.password == WAREHOUSE


def test_after_a_logout_another_account_starts_from_nothing(unlocked: Session) -> None:
    item = unlocked.vault["Warehouse DB"]
    unlocked.vault.logout()
    unlocked.account = unlocked.server.accounts[1]
    unlocked.login()
    assert unlocked.state == "locked"
    unlocked.unlock()
    assert unlocked.password == "demo-warehouse-grace"
    with pytest.raises(VaultLocked, match="after this was fetched"):
        item.password  # noqa: B018


def test_a_refused_key_fails_at_login_and_leaves_no_account(demo: DemoServer, begin: Begin) -> None:
    session = begin(demo)
    with pytest.raises(ApiKeyRefused):
        session.login(client_secret="demoSecretNotRealWrong00000001")
    assert session.state == "unauthenticated"
    with pytest.raises(OrganizationApiKey):
        session.login(client_id=f"organization.{session.account.user_id}")
    assert session.asked() == 1
    assert session.login()


def test_a_refused_key_changes_nothing_of_a_vault_in_use(unlocked: Session) -> None:
    with pytest.raises(ApiKeyRefused):
        unlocked.login(client_secret="demoSecretNotRealWrong00000001")
    assert unlocked.state == "unlocked"
    assert unlocked.password == WAREHOUSE


def test_a_wrong_password_says_exactly_that_and_changes_nothing(
    demo: DemoServer, begin: Begin
) -> None:
    session = begin(demo)
    session.login()
    session.settle()
    before = session.vault.status
    for wrong in ("made-up password", "", "demo-master-passworD", "demo-master-password "):
        with pytest.raises(WrongMasterPassword, match="The master password is wrong") as caught:
            session.unlock(password=wrong)
        assert not wrong or wrong not in str(caught.value)
    after = session.vault.status
    assert (after.state, after.reason, after.problem) == (before.state, before.reason, None)
    assert session.unlock()


def test_reprompt_needs_the_password_again_until_the_lock(unlocked: Session) -> None:
    vault = unlocked.vault
    payroll = vault["Payroll"]
    with pytest.raises(WrongMasterPassword):
        vault.confirm(password="wrong", item_id=payroll.id)
    vault.confirm(password=unlocked.account.master_password, item_id=payroll.id)
    assert payroll.password == "demo-payroll-password"
    vault.sync(force=True)
    assert vault["Payroll"].password == payroll.password
    vault.lock()
    unlocked.unlock()
    with pytest.raises(Exception, match="asks for the master password again"):
        vault["Payroll"].password  # noqa: B018


def test_unattended_there_is_nobody_to_prompt_again_and_no_idle_lock(session: Session) -> None:
    session.login()
    session.unlock(is_unattended=True)
    assert session.vault["Payroll"].password == "demo-payroll-password"
    assert session.vault.status.locks_at is None


def test_the_vault_shows_only_its_state(unlocked: Session) -> None:
    assert repr(unlocked.vault) == "<Vault: unlocked>"
    assert isinstance(unlocked.vault._current.state.refusal(), StateError)


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        ("bw_magics.vault.snapshot", "MOST_ITEMS", 1),
        ("bw_magics.client.transport", "SYNC_CEILING", 1),
    ],
)
def test_a_vault_near_a_ceiling_says_how_near(
    unlocked: Session, monkeypatch: pytest.MonkeyPatch, module: str, name: str, value: int
) -> None:
    assert unlocked.vault.status.problem is None
    monkeypatch.setattr(f"{module}.{name}", value)
    problem = unlocked.vault.status.problem
    assert problem is not None
    assert "items in" in problem
    assert "in 0 MiB" not in problem
    assert "cannot be opened" in problem
