"""A world of markers for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bw_magics import Vault
from tests.integrations.world import World, entered


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"))
    with world.server:
        yield world


@pytest.fixture
def vault(world: World) -> Iterator[Vault]:
    with entered(world) as vault:
        yield vault
