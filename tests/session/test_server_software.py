"""What a server says it is, from `/api/config`; nothing depends on it."""

from __future__ import annotations

from typing import Literal

import pytest

from bw_magics import Vault
from bw_magics.answer import Answer
from bw_magics.client.software import read_software
from bw_magics.demo import DemoServer, Fault
from tests.demo_vault import log_in


@pytest.mark.parametrize(
    ("style", "said"),
    [("official", "Bitwarden 2026.8.0"), ("vaultwarden", "Vaultwarden, as release 2026.6.0")],
)
def test_each_kind_of_server_is_recognised(
    style: Literal["official", "vaultwarden"], said: str
) -> None:
    with DemoServer(style=style, iterations=5000) as server:
        vault = Vault()
        log_in(vault, server)
        try:
            assert vault.server_software(patience=20) == said
            server.faults["/api/config"] = [Fault(status=404)]
            vault.unlock(password=server.accounts[0].master_password)
            assert vault.status.state == "unlocked"
        finally:
            vault.logout()


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, None),
        ({"version": "what they like"}, None),
        ({"version": "2026.6.0", "server": {"name": "Vaultwarden"}}, "as release 2026.6.0"),
        ({"server": {"name": "vaultwarden"}}, "Vaultwarden"),
        ({"version": "2026.6.0", "server": {"name": "other"}}, "not Bitwarden's own"),
        ({"version": "2023.1.0", "environment": {}}, "an older server"),
        (
            {
                "version": "2026.6.0",
                "gitHash": "nodewarden",
                "server": None,
                "environment": {"cloudRegion": "self-hosted"},
                "featureStates": {},
            },
            "NodeWarden, as release 2026.6.0",
        ),
        (
            {"version": "2026.6.0", "gitHash": "other", "environment": {}, "featureStates": {}},
            "not Bitwarden's own",
        ),
        (
            {"version": "2026.8.0", "gitHash": "3bf01d49", "environment": {}, "featureStates": {}},
            "Bitwarden 2026.8.0",
        ),
        ({"Version": "2026.8.0", "Environment": {}, "FeatureStates": {}}, "Bitwarden 2026.8.0"),
    ],
)
def test_the_servers_own_words_are_not_repeated(
    config: dict[str, object], said: str | None
) -> None:
    told = read_software(Answer(config))
    assert (told is None) if said is None else (told is not None and said in told)
    assert told is None or "other" not in told
