"""Every integration with references to the Secrets Manager: with a token alone, beside a vault, and
with every bad input.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import keyring
import pytest
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

from bw_magics import SecretsManager, bw_session, current_vault
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    CredentialsConflict,
    CredentialsMissing,
    NotLoggedIn,
    UnsafeFile,
    VaultLocked,
)
from bw_magics.integrations.keyring import BitwardenKeyring
from bw_magics.integrations.source import resolve
from bw_magics.session.accounts import machine_account
from bw_magics.session.process_vault import can_open
from tests.integrations.libraries import LIBRARIES, OF_REFERENCES
from tests.integrations.world import World, entered, forget

pytestmark = [pytest.mark.libraries, pytest.mark.usefixtures("chosen", "as_new")]

SECRET, ITEM = "bws://Reporting/WAREHOUSE", "bw://Warehouse DB/password"
TOKEN = "/identity/connect/token"


@pytest.fixture
def as_new(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The Secrets Manager as it was, and no server that asked this process to wait."""
    monkeypatch.setattr(machine_account, "_busy", machine_account._Busy())
    world.server.faults.clear()
    world.server.requests.clear()
    yield
    forget()
    for account in world.machines.store.accounts:
        account.is_revoked, account.expires = False, None
    world.machines.end()


def logins(world: World) -> int:
    return [path for _, path in world.server.requests].count(TOKEN)


def set_all(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


# Which source is asked.


@pytest.mark.parametrize("library", OF_REFERENCES)
def test_a_token_alone_resolves_references_and_logs_in_once(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    set_all(monkeypatch, world.machine_credentials)

    values = [LIBRARIES[library].ask(SECRET) for _ in range(3)]

    assert values == [world.machine_value] * 3
    assert logins(world) == 1


@pytest.mark.parametrize("library", OF_REFERENCES)
@pytest.mark.parametrize("reference", [ITEM, SECRET])
def test_credentials_of_both_open_what_a_reference_needs_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str, reference: str
) -> None:
    set_all(monkeypatch, world.credentials | world.machine_credentials)
    expected = world.password if reference == ITEM else world.machine_value

    assert LIBRARIES[library].ask(reference) == expected
    if library not in ("environment", "dotenv", "fsspec by reference"):  # they ask the vault first
        assert logins(world) == 1
    assert LIBRARIES[library].ask(SECRET if reference == ITEM else ITEM)


@pytest.mark.parametrize("library", OF_REFERENCES)
@pytest.mark.parametrize("reference", [ITEM, SECRET])
def test_the_session_of_a_program_gives_both(world: World, library: str, reference: str) -> None:
    with entered(world), manager(world) as opened:
        bw_session.secrets_manager = opened
        expected = world.password if reference == ITEM else world.machine_value
        assert LIBRARIES[library].ask(reference) == expected


@contextmanager
def manager(world: World) -> Iterator[SecretsManager]:
    with SecretsManager.login(
        access_token=world.machine_credentials["BWS_ACCESS_TOKEN"],
        server=world.server.url,
        certificate_authority=world.server.certificate_authority,
    ) as opened:
        yield opened


def test_a_session_with_a_secrets_manager_alone_is_the_one_in_use(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, world.machine_credentials)
    with manager(world) as opened:
        bw_session.secrets_manager = opened
        world.server.requests.clear()
        assert current_vault() is bw_session
        assert resolve(SECRET) == world.machine_value
        assert logins(world) == 0


def test_a_logout_holds_although_a_token_is_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, world.machine_credentials)
    with entered(world), manager(world) as opened:
        bw_session.secrets_manager = opened
        bw_session.lock()
        with pytest.raises(NotLoggedIn):
            resolve(SECRET)
        with pytest.raises(VaultLocked):
            resolve(ITEM)


def test_an_own_vault_that_is_locked_resolves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, world.credentials | world.machine_credentials)
    vault = current_vault()
    assert vault.resolve(SECRET) == world.machine_value
    vault.lock()
    with pytest.raises(NotLoggedIn):
        vault.resolve(SECRET)
    with pytest.raises(NotLoggedIn):
        resolve(SECRET)


def test_half_of_an_api_key_does_not_stop_the_secrets_manager(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, world.credentials | world.machine_credentials | {"BW_PASSWORD": ""})

    assert resolve(SECRET) == world.machine_value
    with pytest.raises(CredentialsMissing, match="BW_PASSWORD"):
        resolve(ITEM)


def test_a_token_may_be_in_a_dotenv_file_that_only_the_owner_writes(world: World) -> None:
    file = Path(".env")
    lines = [f"{name}='{value}'" for name, value in world.machine_credentials.items()]
    file.write_text("\n".join(lines))
    file.chmod(0o666)
    with pytest.raises(UnsafeFile):
        resolve(SECRET)
    assert logins(world) == 0

    file.chmod(0o600)
    assert can_open()
    assert resolve(SECRET) == world.machine_value


def test_a_token_never_goes_to_the_server_of_another_source(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = world.machine_credentials
    set_all(monkeypatch, {name: given[name] for name in ("BW_SERVER", "BW_CA_FILE")})
    file = Path(".env")
    file.write_text(f"BWS_ACCESS_TOKEN={given['BWS_ACCESS_TOKEN']}\n")
    file.chmod(0o600)

    with pytest.raises(CredentialsConflict):
        resolve(SECRET)
    assert world.server.requests == []


def test_a_keyring_neither_sets_nor_deletes_a_reference(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, world.machine_credentials)
    with pytest.raises(PasswordSetError, match="is read, and not set"):
        keyring.set_password(SECRET, "ada", "made up")
    with pytest.raises(PasswordDeleteError):
        keyring.delete_password(SECRET, "ada")
    assert resolve(SECRET) == world.machine_value


def test_a_token_alone_does_not_stop_the_other_keyrings_of_a_chain(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, world.machine_credentials)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: [BitwardenKeyring()])
    keyring.set_keyring(ChainerBackend())

    assert BitwardenKeyring.viable
    assert keyring.get_password("https://index.example.org", "ci") is None
    assert keyring.get_password(SECRET, "ci") == world.machine_value


# Bad input.


@dataclass(frozen=True)
class Case:
    """What the error says; `is_closed`: nothing is open."""

    says: str
    reference: str = SECRET
    is_closed: bool = False


CASES = {
    "logged out": Case("logged out", is_closed=True),
    "locked": Case("logged out: you logged out", is_closed=True),
    "not found": Case(f"Closest: {SECRET}", "bws://Reporting/WAREHOSE"),
    "no such project": Case(f"Closest: {SECRET}", "bws://Reports/WAREHOUSE"),
    "ambiguous": Case("2 secrets fit", "bws://TWIN"),
    "unreadable": Case("cannot be read", "bws://Reporting/DAMAGED"),
    "malformed": Case("Not a valid reference", "bws://"),
    "unattended": Case("BWS_ACCESS_TOKEN is", is_closed=True),
    "token not whole": Case("access token", is_closed=True),
    "token unknown": Case("was refused", is_closed=True),
    "token revoked": Case("was refused", is_closed=True),
    "token expired": Case("was refused", is_closed=True),
    "revoked while open": Case("was accepted before", is_closed=True),
    "no projects": Case("may read no secrets"),
    "rate limit": Case("too many"),
    "offline": Case("refused the connection"),
    "Vaultwarden": Case("no Secrets Manager"),
}


@contextmanager
def situation(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    account, given = world.machines.store.accounts[0], world.machine_credentials
    token = given["BWS_ACCESS_TOKEN"]
    changes: dict[str, dict[str, str]] = {
        "token not whole": {"BWS_ACCESS_TOKEN": token.partition(":")[0]},
        "token unknown": {"BWS_ACCESS_TOKEN": token.replace("demoSecret", "madeUpSecret")},
        "no projects": {"BWS_ACCESS_TOKEN": world.machines.store.accounts[2].access_token},
        "offline": {"BW_SERVER": "https://localhost:1"},
        "unattended": {"BWS_ACCESS_TOKEN": ""},
    }
    if name == "rate limit":
        world.server.faults[TOKEN] = [Fault(status=429, headers={"Retry-After": "30"})] * 9
    account.is_revoked = name == "token revoked"
    account.expires = datetime(2026, 1, 1, tzinfo=UTC) if name == "token expired" else None
    set_all(monkeypatch, given | changes.get(name, {}))
    if name == "Vaultwarden":
        with DemoServer(style="vaultwarden", accounts=[world.account]) as other:
            Path("other.pem").write_bytes(other.certificate_authority)
            set_all(monkeypatch, {"BW_SERVER": other.url, "BW_CA_FILE": "other.pem"})
            yield
    elif name in ("logged out", "locked"):
        with entered(world), manager(world) as opened:
            bw_session.secrets_manager = opened
            bw_session.lock() if name == "locked" else opened.logout()
            yield
    elif name == "revoked while open":
        with manager(world) as opened:
            assert opened.resolve(SECRET)
            bw_session.secrets_manager = opened
            account.is_revoked = True
            world.machines.end()
            opened._download.expire()
            yield
    else:
        yield


@pytest.mark.parametrize("library", OF_REFERENCES)
@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_the_librarys_own_error_without_a_value(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str, name: str
) -> None:
    kind, case = LIBRARIES[library], CASES[name]

    with situation(name, world, monkeypatch):
        says, shown = kind.refusal(case.reference, is_closed=case.is_closed)

    assert case.says in says
    assert not world.found_in(shown)
    assert "madeUpSecret" not in shown


@pytest.mark.parametrize("name", ["token unknown", "token revoked", "rate limit"])
def test_a_token_that_was_refused_is_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with situation(name, world, monkeypatch):
        for _ in range(3):
            with pytest.raises((KeyringLocked, keyring.errors.KeyringError)):
                keyring.get_password(SECRET, "ada")

    assert logins(world) == 1


@pytest.mark.parametrize("library", OF_REFERENCES)
def test_secrets_that_were_read_stay_usable_while_the_server_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    set_all(monkeypatch, world.machine_credentials)
    assert LIBRARIES[library].ask(SECRET) == world.machine_value
    world.server.faults["/secrets/sync"] = [Fault(reset=True)] * 9
    from bw_magics.session.process_vault import process

    process().machine()._download.expire()

    assert LIBRARIES[library].ask(SECRET) == world.machine_value
