"""Environment variables from the Secrets Manager, beside those of a vault."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.demo.items.machine_secrets import PlainSecret
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import NotFound, NotLoggedIn, UsageMistake
from bw_magics.session.environment.assignments import inline
from bw_magics.vault.references import parse_reference
from tests.session.machine.conftest import Login

NAMES = ("ONE", "TWO", "STAGE", "API_KEY")


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    for name in NAMES:
        os.environ.pop(name, None)


@pytest.fixture
def vault(server: DemoServer, login: Login) -> Iterator[Vault]:
    """An unlocked vault with a Secrets Manager beside it."""
    vault = Vault(sync_interval=0)
    account = server.accounts[0]
    vault.login(
        client_id=account.client_id,
        client_secret=account.client_secret,
        server=server.url,
        certificate_authority=server.certificate_authority,
    )
    vault.unlock(password=account.master_password)
    vault.secrets_manager = login()
    yield vault
    vault.logout()


def present() -> dict[str, str]:
    return {name: os.environ[name] for name in NAMES if name in os.environ}


def test_a_program_sets_variables_for_a_block(login: Login) -> None:
    with login().env(ONE="bws://Reporting/MAIL_TOKEN"):
        assert present() == {"ONE": "demo-machine-mail-token-3"}
    assert present() == {}


def test_one_block_takes_from_both(vault: Vault) -> None:
    with vault.env(ONE="bws://Reporting/MAIL_TOKEN", TWO="bw://Warehouse DB/password"):
        assert present() == {"ONE": "demo-machine-mail-token-3", "TWO": "demo-warehouse-password-1"}
    assert present() == {}


def test_all_or_none_is_set(vault: Vault) -> None:
    with pytest.raises(NotFound, match="Variable 2 of 2"):
        vault.environment.set(
            inline({"ONE": "bws://Reporting/MAIL_TOKEN", "TWO": "bws://Reporting/NOTHING"})
        )
    assert present() == {}


def test_an_idle_lock_takes_only_what_is_the_vaults(vault: Vault) -> None:
    vault.environment.set(
        inline({"ONE": "bws://Reporting/MAIL_TOKEN", "TWO": "bw://Warehouse DB/password"})
    )
    vault._current.lock("it was idle since 02:10")
    assert present() == {"ONE": "demo-machine-mail-token-3"}
    assert [each.scope for each in vault.environment.variables] == ["until the logout"]
    vault.unlock(password="demo-master-password")
    assert set(present()) == {"ONE", "TWO"}


@pytest.mark.parametrize("end", ["lock", "logout"])
def test_a_lock_and_a_logout_take_both(vault: Vault, end: str) -> None:
    vault.environment.set(
        inline({"ONE": "bws://Reporting/MAIL_TOKEN", "TWO": "bw://Warehouse DB/password"})
    )
    getattr(vault, end)()

    assert present() == {}


def test_a_logout_of_the_secrets_manager_leaves_what_is_the_vaults(vault: Vault) -> None:
    assert vault.secrets_manager is not None
    vault.environment.set(
        inline({"ONE": "bws://Reporting/MAIL_TOKEN", "TWO": "bw://Warehouse DB/password"})
    )
    vault.secrets_manager.logout()

    assert set(present()) == {"TWO"}


@pytest.mark.parametrize(
    "order",
    [
        ("bw://Warehouse DB/password", "bws://Reporting/MAIL_TOKEN"),
        ("bws://Reporting/MAIL_TOKEN", "bw://Warehouse DB/password"),
    ],
)
def test_a_variable_belongs_to_who_set_it_last(vault: Vault, order: tuple[str, str]) -> None:
    for reference in order:
        vault.environment.set(inline({"ONE": reference}))
    assert len(vault.environment.variables) == 1
    vault._current.lock("it was idle since 02:10")

    last_is_machine = order[1].startswith("bws")
    assert present() == ({"ONE": "demo-machine-mail-token-3"} if last_is_machine else {})
    assert vault.environment.absent == ([] if last_is_machine else ["ONE"])


def test_without_a_login_it_is_told_where(vault: Vault) -> None:
    vault.secrets_manager = None
    with pytest.raises(NotLoggedIn, match="nobody is logged in there"):
        vault.environment.set(inline({"ONE": "bws://Reporting/MAIL_TOKEN"}))


def test_a_whole_dotenv_text_can_be_one_secret(
    vault: Vault, machines: MachineTokens, server: DemoServer
) -> None:
    assert vault.secrets_manager is not None
    text = "STAGE=test\nAPI_KEY=demo-machine-dotenv-key\n"
    machines.store.add(PlainSecret("DOTENV", text))
    vault.secrets_manager.sync()
    reference = parse_reference("bws://Reporting/DOTENV")
    vault.environment.set(vault.environment.read_text(reference))
    assert present() == {"STAGE": "test", "API_KEY": "demo-machine-dotenv-key"}
    vault.secrets_manager.logout()
    assert present() == {}


def test_a_note_cannot_steer_programs(vault: Vault, machines: MachineTokens) -> None:
    assert vault.secrets_manager is not None
    machines.store.add(PlainSecret("DOTENV", "MAKEFLAGS='--eval=$(shell touch x)'\n"))
    vault.secrets_manager.sync()
    found = vault.environment.read_text(parse_reference("bws://Reporting/DOTENV"))
    with pytest.raises(UsageMistake, match="MAKEFLAGS"):
        vault.environment.set(found)
