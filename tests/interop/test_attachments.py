"""Files that the official CLI attaches are read here, and those read here are what it reads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from tests.demo_vault import enter
from tests.interop.conftest import Run

pytestmark = pytest.mark.bw

NAMES = ("Warehouse DB", "Cloud keys")  # without and with a key of its own

SERVICE = "Forecasting service account"


@pytest.fixture(scope="module", params=["official", "vaultwarden"])
def both(
    request: pytest.FixtureRequest, bw_session_factory: Callable[..., Run]
) -> Iterator[tuple[Run, Vault]]:
    """The CLI and a vault, at the same server."""
    with DemoServer(style=request.param, iterations=5000) as server:
        run = bw_session_factory(server)
        vault = enter(Vault(sync_interval=0), server)
        yield run, vault
        vault.logout()


@pytest.mark.parametrize("name", NAMES)
def test_what_bw_attaches_is_read_byte_for_byte(
    both: tuple[Run, Vault], tmp_path: Path, name: str
) -> None:
    run, vault = both
    file = tmp_path / "made by bw ü.bin"
    file.write_bytes(os.urandom(100_003))

    run("create", "attachment", "--file", str(file), "--itemid", vault[name].id)
    vault.sync()

    assert vault[name].attachment(file.name).read() == file.read_bytes()


def test_bw_reads_the_same_bytes(both: tuple[Run, Vault], tmp_path: Path) -> None:
    run, vault = both
    for name, file in (("Cloud keys", "bucket-policy.json"), (SERVICE, "über uns.txt")):
        item, target = vault[name], tmp_path / name
        run("get", "attachment", file, "--itemid", item.id, "--output", str(target))

        assert item.attachment(file).read() == target.read_bytes()
