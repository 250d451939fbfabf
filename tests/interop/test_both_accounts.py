"""Every public name of `Vault` answers, or raises a typed error, on both kinds of account."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bw_magics import Reference, Vault
from bw_magics.demo import DemoServer
from bw_magics.errors import AlreadyLoggedIn, BitwardenError, NotLoggedIn, NotOffered
from bw_magics.secret import Secret
from bw_magics.session.accounts.account import Account
from bw_magics.session.api_key import ApiKeyCare
from bw_magics.session.environment.environment import Environment
from bw_magics.session.journal.journal import Because, Journal
from bw_magics.session.status import Status
from bw_magics.settings import ServerSettings
from bw_magics.vault.item import Item
from bw_magics.vault.lookup import Found
from tests.demo_vault import log_in
from tests.interop.conftest import Served

ITEM = "Warehouse DB"
REFERENCE = f"bw://{ITEM}/password"


@dataclass(frozen=True)
class World:
    """A vault, and what its login needs."""

    vault: Vault
    server: DemoServer
    session: str

    def log_in(self) -> bool:
        return log_in(self.vault, self.server)

    @property
    def password(self) -> str:
        return self.server.accounts[0].master_password

    def set_variable(self) -> str | None:
        with self.vault.env(BW_MAGICS_TEST=REFERENCE):
            return os.environ.get("BW_MAGICS_TEST")


Call = Callable[[World], object]
# A value is compared, a type is that of the answer or of the error.
Expected = Any

NONE = type(None)

# For each name: the calls, and what each gives with an API key and with a CLI session.
ROWS: dict[str, list[tuple[Call, Expected, Expected]]] = {
    "adopt_cli": [(lambda w: w.vault.adopt_cli(session=w.session), AlreadyLoggedIn, False)],
    "api_key": [
        (lambda w: w.vault.api_key, ApiKeyCare, ApiKeyCare),
        (lambda w: w.vault.api_key.needs_code, False, NotOffered),
        (lambda w: w.vault.api_key.send_code(), None, NotOffered),
        (lambda w: w.vault.api_key.view(password=w.password).client_secret, Secret, NotOffered),
        (lambda w: w.vault.api_key.rotate(password=w.password).is_new, True, NotOffered),
    ],
    "attachment_limit": [(lambda w: w.vault.attachment_limit, int, int)],
    "because": [(lambda w: w.vault.because("nightly load"), Because, Because)],
    "cache": [(lambda w: w.vault.cache, False, False)],
    "check": [(lambda w: w.vault.check(Reference.parse(REFERENCE)), None, None)],
    "confirm": [
        (lambda w: w.vault.confirm(password=w.password), None, NotOffered),
        (lambda w: w.vault.confirm(password="made-up"), BitwardenError, NotOffered),
    ],
    "create": [(lambda w: w.vault.create("login", name="Made up"), Item, NotOffered)],
    "create_folder": [(lambda w: w.vault.create_folder("Made up"), "Made up", NotOffered)],
    "delete_folder": [(lambda w: w.vault.delete_folder("Work/Databases"), None, NotOffered)],
    "env": [(lambda w: w.set_variable(), "demo-warehouse-password-1", "demo-warehouse-password-1")],
    "environment": [(lambda w: w.vault.environment, Environment, Environment)],
    "find": [(lambda w: w.vault.find(ITEM), Item, Item)],
    "forget": [(lambda w: w.vault.forget(), (list, BitwardenError), (list, BitwardenError))],
    "generate": [(lambda w: w.vault.generate(), Secret, Secret)],
    "get": [(lambda w: w.vault.get("password", ITEM), Secret, Secret)],
    "hold": [(lambda w: w.vault.hold(), None, None)],
    "is_offline": [(lambda w: w.vault.is_offline, False, False)],
    "items": [(lambda w: w.vault.items(), list, list)],
    "journal": [(lambda w: w.vault.journal, Journal, Journal)],
    "locate": [(lambda w: w.vault.locate(ITEM), Found, Found)],
    "lock": [
        (lambda w: w.vault.lock(), True, True),
        (lambda w: w.vault.status.state, "locked", "unauthenticated"),
    ],
    "lock_timeout": [(lambda w: w.vault.lock_timeout, float, float)],
    "login": [(lambda w: w.log_in(), False, AlreadyLoggedIn)],
    "logout": [
        (lambda w: w.vault.logout(), True, True),
        (lambda w: w.vault.sync(), NotLoggedIn, NotLoggedIn),
    ],
    "must_change_password": [(lambda w: w.vault.must_change_password, False, False)],
    "on_secret": [(lambda w: w.vault.on_secret, None, None)],
    "on_wait": [(lambda w: w.vault.on_wait, None, None)],
    "places": [(lambda w: w.vault.places("folder"), list, list)],
    "profile": [(lambda w: w.vault.profile(""), Vault, Vault)],
    "profile_name": [(lambda w: w.vault.profile_name, "", "")],
    "profiles": [(lambda w: w.vault.profiles, tuple, tuple)],
    "release": [(lambda w: w.vault.release(), None, None)],
    "remember": [(lambda w: w.vault.remember(), (NONE, BitwardenError), NotOffered)],
    "rename_folder": [
        (lambda w: w.vault.rename_folder("Work/Cloud", "Other"), "Other", NotOffered),
    ],
    "resolve": [(lambda w: w.vault.resolve(REFERENCE), Secret, Secret)],
    "resolve_all": [(lambda w: w.vault.resolve_all([REFERENCE])[REFERENCE], Secret, Secret)],
    "default_server": [(lambda w: w.vault.default_server, ServerSettings, ServerSettings)],
    "rotations": [(lambda w: w.vault.rotations(), list, list)],
    "secrets_manager": [(lambda w: w.vault.secrets_manager, None, None)],
    "server_software": [(lambda w: w.vault.server_software(patience=20), str, None)],
    "status": [
        (lambda w: w.vault.status, Status, Status),
        (lambda w: w.vault.status.state, "unlocked", "unlocked"),
        (lambda w: w.vault.status.problem, None, None),
    ],
    "sync": [
        (lambda w: w.vault.sync(), bool, True),
        (lambda w: w.vault.sync(force=True), True, True),
    ],
    "sync_interval": [(lambda w: w.vault.sync_interval, 0, 0)],
    "unlock": [(lambda w: w.vault.unlock(password=w.password), False, False)],
    "way_to_unlock": [(lambda w: w.vault.way_to_unlock, "master-password", "master-password")],
}


def public_names() -> set[str]:
    return {name for name in {*dir(Vault), *vars(Vault())} if not name.startswith("_")}


def outcome(call: Call, world: World) -> object:
    try:
        return call(world)
    except BitwardenError as error:
        return error


def fits(found: object, expected: Expected) -> bool:
    if isinstance(expected, (type, tuple)) and expected != ():
        return isinstance(found, expected)
    return bool(found == expected)


def misfits(world: World, enter: Callable[[], object], column: int) -> dict[str, object]:
    """The answers that are not the expected ones; the vault is unlocked before each name."""
    found: dict[str, object] = {}
    for name, rows in ROWS.items():
        if world.vault.status.state != "unlocked":
            enter()
        for number, row in enumerate(rows):
            answer = outcome(row[0], world)
            if not fits(answer, row[1 + column]):
                found[f"{name}[{number}]"] = answer
    return found


@pytest.fixture
def world_of_api_key() -> Iterator[World]:
    with DemoServer(iterations=5_000) as server:
        world = World(Vault(sync_interval=0), server, "made-up-session-key")
        yield world
        world.vault.logout()


@pytest.fixture
def world_of_cli(bw_official_vault: Served, session: str) -> Iterator[World]:
    world = World(Vault(sync_interval=0), bw_official_vault[0], session)
    yield world
    world.vault.logout()


def test_every_public_name_has_a_row() -> None:
    assert set(ROWS) == public_names()


def missing(vault: Vault) -> set[str]:
    """What the account that is logged in lacks of the protocol."""
    account, absent = vault._current.account(), object()
    wanted = {name for name in vars(Account) if not name.startswith("_")}
    assert len(wanted) > 15
    return {name for name in wanted if inspect.getattr_static(account, name, absent) is absent}


def test_with_an_api_key_every_name_answers(world_of_api_key: World) -> None:
    world = world_of_api_key

    def enter() -> None:
        world.log_in()
        world.vault.unlock(password=world.password)
        assert missing(world.vault) == set()

    assert misfits(world, enter, 0) == {}


def test_with_a_cli_session_every_name_answers(world_of_cli: World) -> None:
    world = world_of_cli

    def enter() -> None:
        world.vault.adopt_cli(session=world.session)
        assert missing(world.vault) == set()

    assert misfits(world, enter, 1) == {}
