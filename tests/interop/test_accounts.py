"""The official CLI as a witness of the table of accounts: it reads what the table says it reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from tests.tables.accounts import BW, KINDS, Kind, make

Run = Any

# The other tests of this folder have these as their vaults.
ELSEWHERE = (
    ("PBKDF2, an organisation", "official"),
    ("PBKDF2, an organisation", "vaultwarden"),
    ("Argon2id", "official"),
    ("salt that is not the e-mail", "official"),
    ("account encryption V2", "official"),
    ("bank account, passport", "official"),
    ("an item whose password is hidden", "official"),
)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if kind.witness == BW and (kind.name, kind.style) not in ELSEWHERE],
    ids=lambda kind: f"{kind.name}, {kind.style}",
)
def test_the_cli_reads_it_too(kind: Kind, bw_session_factory: Callable[..., Run]) -> None:
    with DemoServer(style=kind.style, accounts=[make(kind)]) as server:  # type: ignore[arg-type]
        kind.spoil(server)
        run = bw_session_factory(server, server.accounts[0])
        shown = {item["name"]: item for item in run("list", "items")}
    expected = {"Mine": "demo-member-mine"}
    if "unreadable" not in kind.name:
        members = [o for o in kind.organizations if o.is_enabled]
        expected |= {f"Shared {o.name}": f"demo-shared-{o.name}" for o in members}
        assert shown["Hidden"]["login"]["password"] is None
    assert "Shared Closed" not in shown
    assert {name: shown[name]["login"]["password"] for name in expected} == expected
