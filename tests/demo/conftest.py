"""Demo servers, and a plain HTTP client for their protocol."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bw_magics.demo import DemoAccount, DemoServer

STYLES = ("official", "vaultwarden")


class Caller:
    """An HTTP client of a demo server; call `login` before requests below `/api`."""

    def __init__(self, server: DemoServer) -> None:
        authority = server.certificate_authority.decode()
        self.server = server
        self.http = httpx.Client(
            base_url=server.url,
            verify=ssl.create_default_context(cadata=authority),
            headers={"Bitwarden-Client-Version": "2026.6.0", "Accept": "application/json"},
            trust_env=False,
        )

    def form(self, account: DemoAccount | None = None, **changes: str | None) -> dict[str, str]:
        """Makes the form of a login; None removes a field."""
        account = account or self.server.accounts[0]
        form: dict[str, str | None] = {
            "grant_type": "client_credentials",
            "scope": "api",
            "client_id": account.client_id,
            "client_secret": account.client_secret,
            "deviceType": "25",
            "deviceIdentifier": "5f1b6a5e-0000-4000-8000-0de300000001",
            "deviceName": "demo test",
            **changes,
        }
        return {name: value for name, value in form.items() if value is not None}

    def token(self, account: DemoAccount | None = None, **changes: str | None) -> httpx.Response:
        """Returns the answer to a login."""
        return self.http.post("/identity/connect/token", data=self.form(account, **changes))

    def login(self, account: DemoAccount | None = None) -> Any:
        """Logs in; later requests carry the token. Returns the token answer."""
        answer = self.token(account)
        assert answer.status_code == 200, answer.text
        members = answer.json()
        self.http.headers["Authorization"] = f"Bearer {members['access_token']}"
        return members

    def sync(self) -> Any:
        """Returns a sync of the whole vault."""
        answer = self.http.get("/api/sync", params={"excludeDomains": "true"})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session", params=STYLES)
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    """Yields a shared server of each style, for tests that change nothing."""
    with DemoServer(style=request.param, iterations=5000) as server:
        yield server


@pytest.fixture
def official() -> Iterator[DemoServer]:
    """Yields an official server for one test."""
    with DemoServer(iterations=5000) as server:
        yield server


@pytest.fixture(params=STYLES)
def own(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    """Yields a server of each style for one test."""
    with DemoServer(style=request.param, iterations=5000) as server:
        yield server


Calls = Callable[[DemoServer], Caller]


def _callers() -> Iterator[Calls]:
    callers: list[Caller] = []

    def make(server: DemoServer) -> Caller:
        callers.append(Caller(server))
        return callers[-1]

    yield make
    for caller in callers:
        caller.http.close()


call = pytest.fixture(_callers, name="call")
lasting_call = pytest.fixture(_callers, scope="session", name="lasting_call")
