"""What the official CLI says when the demo server refuses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.demo.server import Style
from tests.interop.conftest import Run

pytestmark = pytest.mark.bw


@pytest.mark.parametrize(
    ("style", "message"),
    [
        ("official", "client_id or client_secret is incorrect. Try again."),
        ("vaultwarden", "Incorrect client_secret"),
    ],
)
def test_a_wrong_secret(
    bw_folder_factory: Callable[[DemoServer, DemoAccount], Run], style: Style, message: str
) -> None:
    with DemoServer(style=style, iterations=5000) as server:
        run = bw_folder_factory(server, server.accounts[0])
        run.environment["BW_CLIENTSECRET"] = "x" * 30

        result = run.attempt("login", "--apikey")

    assert (result.status, result.error.strip()) == (1, message)


def test_too_many_requests(
    bw_folder_factory: Callable[[DemoServer, DemoAccount], Run],
) -> None:
    with DemoServer(iterations=5000) as server:
        server.faults["/identity/connect/token"] = [Fault(status=429, body=b"{}")]
        result = bw_folder_factory(server, server.accounts[0]).attempt("login", "--apikey")

    assert (result.status, result.error.strip()) == (1, "Rate limit exceeded. Try again later.")


def test_a_wrong_master_password(
    bw_folder_factory: Callable[[DemoServer, DemoAccount], Run],
) -> None:
    with DemoServer(iterations=5000) as server:
        run = bw_folder_factory(server, server.accounts[0])
        run("login", "--apikey")
        run.environment["BW_PASSWORD"] = "not the demo's password"
        requests = list(server.requests)

        result = run.attempt("unlock", "--passwordenv", "BW_PASSWORD", "--raw")

    assert result.status == 1
    assert result.out == ""
    assert ("POST", "/identity/connect/token") not in server.requests[len(requests) :]
