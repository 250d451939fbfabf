"""A whole session with everything logged: no secret in a line, a repr or an error."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import BitwardenError
from bw_magics.session.accounts.api_key_account import ApiKeyAccount
from bw_magics.vault.selection import Selection
from tests.session.conftest import REVISION, SYNC, TOKEN, Begin, Session


class Everything(logging.Handler):
    """Keeps all that any formatter could print of the records."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {vars(record)!r}")


@pytest.fixture
def everything() -> Iterator[Everything]:
    handler, root = Everything(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.setLevel(level)
    root.removeHandler(handler)


def secrets_of(session: Session) -> set[str]:
    """Every secret there is: of the account, and all that was announced."""
    account = session.account
    known = {account.client_secret, account.master_password, "made-up wrong password"}
    held = session.vault._current.state.account
    if held is not None:
        known.add(str(held.login.access_token))
    return {text for text in known | {str(s) for s in session.announced} if len(text) > 5}


def everything_about(session: Session) -> list[str]:
    """The reprs of all objects of a session, and of what they hold."""
    vault = session.vault
    state = vault._current.state
    shown: list[object] = [vault, state, vault._current, vault._sync, vault.status, session.waits]
    if state.account is not None:
        account = state.account
        assert isinstance(account, ApiKeyAccount)
        shown += [account, account.login, account.api, account._transport, account._api_key]
    if state.contents is not None:
        keys = state.contents.keys
        shown += [state.contents, keys, keys.user_key, state.snapshot, vault.items()]
        shown += [keys._organization_keys, keys._item_keys]
        for item in vault.items():
            shown += [item, item._sealed, item.describe()]
            shown.append([field.value for field in item.fields if field.kind == "hidden"])
    return [repr(each) for each in shown] + [str(each) for each in shown]


def test_no_secret_is_in_any_line_repr_or_error(
    demo: DemoServer, begin: Begin, everything: Everything
) -> None:
    session = begin(demo)
    errors: list[BaseException] = []

    def failing(call: object, *arguments: object, **named: object) -> None:
        with pytest.raises(BitwardenError) as caught:
            call(*arguments, **named)  # type: ignore[operator]
        errors.append(caught.value)

    failing(session.login, client_secret="made-up wrong password")
    session.login()
    tokens = {str(session.vault._current.state.account.login.access_token)}  # type: ignore[union-attr]
    failing(session.unlock, password="made-up wrong password")
    session.unlock()
    session.vault.confirm(password=session.account.master_password)
    for item in [*session.vault.items(), *session.vault.items(Selection(trash=True))]:
        for name, _ in item.outline():
            try:
                item.get(name)
            except BitwardenError as refusal:
                errors.append(refusal)
    session.fault(REVISION, Fault(status=401))
    session.vault.sync()
    session.fault(SYNC, Fault(status=500), Fault(cut=99))
    for _ in range(2):
        failing(session.vault.sync, force=True)
    session.fault(REVISION, Fault(status=401))
    session.fault(TOKEN, Fault(status=429))
    failing(session.vault.sync)
    failing(session.vault.get, "password", "Reporting")
    shown = everything_about(session)
    session.vault.lock()
    failing(session.vault.get, "password", "Warehouse DB")
    shown += everything_about(session)
    secrets = secrets_of(session) | tokens
    assert len(secrets) > 30
    session.vault.logout()
    shown += everything_about(session)
    lines = "\n".join(everything.lines)
    assert "/connect/token" in lines, "it was logged"
    for error in errors:
        shown += [str(error), repr(error), repr(vars(error)), repr(error.__context__)]
        shown += [repr(error.__cause__)]
    for secret in secrets:
        assert secret not in lines
        for text in shown:
            assert secret not in text
