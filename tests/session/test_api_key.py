"""The personal API key: viewed and rotated, also where the answer is lost on the way."""

from __future__ import annotations

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.accounts import first_account
from bw_magics.errors import (
    CodeRefused,
    NotLoggedIn,
    RateLimited,
    ServerError,
    UsageMistake,
    WrongMasterPassword,
)
from tests.session.conftest import REVISION, TOKEN, WAREHOUSE, Begin, Session

VIEW = "/api/accounts/api-key"
ROTATE = "/api/accounts/rotate-api-key"
CODE = "/api/accounts/request-otp"


@pytest.mark.parametrize("is_unlocked", [False, True])
def test_the_key_is_viewed_with_the_master_password(
    demo: DemoServer, begin: Begin, is_unlocked: bool
) -> None:
    session = begin(demo)
    session.login()
    if is_unlocked:
        session.unlock()
    key = session.vault.api_key.view(password=session.account.master_password)
    assert (key.client_id, key.client_secret) == (
        session.account.client_id,
        session.account.client_secret,
    )
    assert session.state == ("unlocked" if is_unlocked else "locked"), "viewing unlocks nothing"
    assert repr(key) == "<ApiKey>"
    assert key.client_secret in session.announced


def test_nothing_typed_and_nothing_sent_is_in_an_error_or_a_repr(session: Session) -> None:
    session.login()
    session.settle()
    session.server.requests.clear()
    with pytest.raises(WrongMasterPassword) as wrong:
        session.vault.api_key.view(password="made-up-password")
    assert "made-up-password" not in str(wrong.value)
    assert session.asked(VIEW) == 0, "the password is tried on the vault's key first"
    with pytest.raises(UsageMistake):
        session.vault.api_key.view()
    with pytest.raises(UsageMistake):
        session.vault.api_key.view(password="a", code="b")
    session.vault.logout()
    with pytest.raises(NotLoggedIn):
        session.vault.api_key.view(password="made-up-password")


def test_a_password_that_the_server_refuses_is_told(session: Session) -> None:
    session.login()
    session.fault(VIEW, Fault(status=400, headers={"Content-Type": "application/json"}, body=b"{}"))
    with pytest.raises(WrongMasterPassword, match=r"localhost.* did not accept the master"):
        session.vault.api_key.view(password=session.account.master_password)


def test_the_session_goes_on_with_the_rotated_key(demo: DemoServer, begin: Begin) -> None:
    session = begin(demo).enter()
    session.settle()
    old = session.account.client_secret
    rotated = session.vault.api_key.rotate(password=session.account.master_password)
    assert rotated.api_key.client_secret == session.account.client_secret != old
    assert (rotated.is_seen_again, rotated.is_new) == (False, True)
    demo.requests.clear()
    session.fault(REVISION, Fault(status=401))
    session.vault.sync()
    assert session.asked(TOKEN) == 1, "the token was renewed with the new key"
    assert session.vault.status.problem is None
    assert session.password == WAREHOUSE
    assert session.login() is False, "the new key is the one that is logged in"


def test_a_key_rotated_elsewhere_is_taken_over_by_viewing_it(unlocked: Session) -> None:
    unlocked.server.rotate_api_key(unlocked.account)
    unlocked.vault.api_key.view(password=unlocked.account.master_password)
    unlocked.fault(REVISION, Fault(status=401))
    unlocked.vault.sync()
    assert unlocked.vault.status.problem is None


@pytest.mark.parametrize("fault", [Fault(cut=10), Fault(cut=0)])
def test_where_the_answer_is_lost_the_key_is_viewed_again(unlocked: Session, fault: Fault) -> None:
    old = unlocked.account.client_secret
    unlocked.fault(ROTATE, fault)
    rotated = unlocked.vault.api_key.rotate(password=unlocked.account.master_password)
    assert unlocked.asked(ROTATE) == 1, "never sent twice"
    assert (rotated.is_seen_again, rotated.is_new) == (True, True)
    assert rotated.api_key.client_secret == unlocked.account.client_secret != old
    unlocked.fault(REVISION, Fault(status=401))
    unlocked.vault.sync()
    assert unlocked.vault.status.problem is None


def test_where_it_was_not_rotated_that_is_told(unlocked: Session) -> None:
    unlocked.fault(ROTATE, Fault(status=502, body=b"bad gateway"))
    rotated = unlocked.vault.api_key.rotate(password=unlocked.account.master_password)
    assert (rotated.is_seen_again, rotated.is_new) == (True, False)
    assert rotated.api_key.client_secret == unlocked.account.client_secret


def test_where_nothing_can_be_seen_any_more_that_is_told(unlocked: Session) -> None:
    unlocked.fault(ROTATE, Fault(cut=0))
    unlocked.fault(VIEW, Fault(status=503))
    with pytest.raises(ServerError, match=r"may have been rotated.*vault.api_key"):
        unlocked.vault.api_key.rotate(password=unlocked.account.master_password)
    assert unlocked.password == WAREHOUSE


def test_a_refusal_is_not_a_lost_answer(unlocked: Session) -> None:
    unlocked.fault(ROTATE, Fault(status=429, headers={"Retry-After": "7"}))
    with pytest.raises(RateLimited):
        unlocked.vault.api_key.rotate(password=unlocked.account.master_password)
    assert unlocked.asked(VIEW) == 0


def test_members_without_a_password_use_a_code_from_an_e_mail(begin: Begin) -> None:
    account = first_account(iterations=5_000)
    account.unlocked_by = "trusted-device"
    with DemoServer(accounts=[account]) as server:
        session = begin(server)
        session.login()
        care = session.vault.api_key
        assert care.needs_code
        care.send_code()
        assert session.asked(CODE) == 1
        with pytest.raises(CodeRefused):
            care.view(code="000000x")
        code = account.codes[0]
        key = care.view(code=f" {code[:3]} {code[3:]} ")
        assert key.client_secret == account.client_secret
        with pytest.raises(CodeRefused):
            care.rotate(code=code)
        care.send_code()
        old = account.client_secret
        assert care.rotate(code=account.codes[0]).api_key.client_secret == account.client_secret
        assert account.client_secret != old


def test_with_a_code_a_lost_answer_says_to_look(begin: Begin) -> None:
    account = first_account(iterations=5_000)
    account.unlocked_by = "trusted-device"
    with DemoServer(accounts=[account]) as server:
        session = begin(server)
        session.login()
        session.vault.api_key.send_code()
        session.fault(ROTATE, Fault(cut=0))
        with pytest.raises(ServerError, match="may have been rotated"):
            session.vault.api_key.rotate(code=account.codes[0])
