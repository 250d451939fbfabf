"""A world of markers for each module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bw_magics import Vault
from bw_magics.demo.items.plain import login, text
from bw_magics.vault.item import Item
from tests.integrations.world import World, entered, marker


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    with world.server:
        yield world


@pytest.fixture
def vault(world: World) -> Iterator[Vault]:
    with entered(world) as vault:
        yield vault


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The chosen keyring is the vault, one adapter is declared, and no `.env` file is near."""
    from tests.integrations import libraries

    monkeypatch.chdir(tmp_path)
    with libraries.chosen():
        yield


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a real S3 server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def lake(world: World, vault: Vault, s3: str) -> Item:
    """An item for that server, and a file there."""
    world.add(
        login(
            "Bucket",
            "AKIADEMO",
            marker("bucket"),
            label="Bucket",
            fields=[text("endpoint", s3), text("Region", "eu-central-1")],
        )
    )
    vault.sync(force=True)
    lake = vault["Bucket"]
    import fsspec

    files = fsspec.filesystem("s3", **lake.storage_options("s3"))
    if not files.exists("lake"):
        files.mkdir("lake")
    with files.open("lake/sales.csv", "w") as file:
        file.write("month,sales\n1,10\n2,20\n")
    return lake
