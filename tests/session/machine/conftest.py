"""A demo server with a Secrets Manager, and logins to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bw_magics import SecretsManager
from bw_magics.demo import DemoServer
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.session.accounts import machine_account

TOKEN = "/identity/connect/token"

Login = Callable[..., SecretsManager]


@pytest.fixture(scope="module")
def shared() -> Iterator[DemoServer]:
    with DemoServer(iterations=5_000) as server:
        yield server


@pytest.fixture
def server(shared: DemoServer) -> DemoServer:
    """The module's server, as new: tests change its secrets, and some stop it."""
    shared.start()
    assert shared.machines is not None
    shared.machines.store.restore()
    shared.machines.lifetime = 3600
    shared.machines.end()
    shared.faults.clear()
    shared.requests.clear()
    return shared


@pytest.fixture
def machines(server: DemoServer) -> MachineTokens:
    assert server.machines is not None
    return server.machines


@pytest.fixture(autouse=True)
def patient_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server has asked this process to wait: ports of earlier tests come again."""
    monkeypatch.setattr(machine_account, "_busy", machine_account._Busy())


@pytest.fixture
def login(server: DemoServer, machines: MachineTokens) -> Iterator[Login]:
    """Logs in with the access token of a machine account, by its number; logs out at the end."""
    opened: list[SecretsManager] = []

    def login(number: int = 0, **changes: Any) -> SecretsManager:
        given: dict[str, Any] = {
            "access_token": machines.store.accounts[number].access_token,
            "server": server.url,
            "certificate_authority": server.certificate_authority,
            "sync_interval": 0,
        }
        opened.append(SecretsManager.login(**given | changes))
        return opened[-1]

    yield login
    for each in opened:
        each.logout()


def asked(server: DemoServer, part: str) -> int:
    """How many requests went to a path with that text in it."""
    return sum(1 for _, path in server.requests if part in path)
