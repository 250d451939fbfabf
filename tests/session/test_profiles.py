"""Several accounts at once: each profile is a session and a device of its own."""

from __future__ import annotations

import os

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.errors import NotLoggedIn, UsageMistake, VaultLocked
from bw_magics.settings import Device, Server
from tests.session.conftest import WAREHOUSE, Begin, eventually


def test_two_accounts_are_open_side_by_side(server: DemoServer, begin: Begin) -> None:
    session = begin(server).enter()
    grace = server.accounts[1]
    other = session.vault.profile("grace")
    assert other is session.vault.profile("grace") is other.profile("grace")
    assert other.profile("") is session.vault
    with pytest.raises(NotLoggedIn, match=r"of profile grace .*vault\.profile\(.grace.\)\.login"):
        other.items()
    other.login(
        client_id=grace.client_id,
        client_secret=grace.client_secret,
        server=server.url,
        certificate_authority=server.certificate_authority,
    )
    assert other.status.next_step == 'vault.profile("grace").unlock(password=…)'
    other.unlock(password=grace.master_password)
    assert {item.name for item in other.items()} != {item.name for item in session.vault.items()}
    session.vault.lock()
    assert (session.state, other.status.state) == ("locked", "unlocked")
    assert repr(other) == "<Vault grace: unlocked>"
    eventually(lambda: not other.status.is_syncing)
    other.logout()
    session.unlock()
    assert session.password == WAREHOUSE
    assert grace.client_secret in session.announced, "the guard learns of every profile"


def test_each_profile_is_a_device_of_its_own(server: DemoServer, begin: Begin) -> None:
    address = Server.parse(server.url)
    names = ("", "work", "home")
    ids = {Device.derive(address, "user.x", profile=name).identifier for name in names}
    assert len(ids) == 3
    given = "5f0c6c1e-7d52-4c1c-9f0d-4b1f7a3f2a10"
    ids = {
        Device.derive(address, "user.x", profile=name, identifier=given).identifier
        for name in names
    }
    assert len(ids) == 3
    assert given in ids


def test_environment_variables_belong_to_a_profile(server: DemoServer, begin: Begin) -> None:
    session = begin(server).enter()
    other = session.vault.profile("other")
    other.login(
        client_id=session.account.client_id,
        client_secret=session.account.client_secret,
        server=server.url,
        certificate_authority=server.certificate_authority,
    )
    other.unlock(password=session.account.master_password)
    with other.env(BWM_PROFILE="bw://Warehouse DB/password"):
        session.vault.lock()
        assert os.environ["BWM_PROFILE"] == WAREHOUSE
        other.lock()
        assert "BWM_PROFILE" not in os.environ
    with pytest.raises(VaultLocked, match="profile other"):
        other["Warehouse DB"].password  # noqa: B018 - reading it is what is refused
    eventually(lambda: not other.status.is_syncing)
    other.logout()


@pytest.mark.parametrize("name", ["a b", "-x", "é", "x" * 65, "../x"])
def test_a_name_is_a_short_word(name: str) -> None:
    with pytest.raises(UsageMistake) as mistake:
        Vault().profile(name)
    assert name not in str(mistake.value)
