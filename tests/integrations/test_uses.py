"""Each library that asks for a secret leaves one entry in the journal, with its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from bw_magics import Vault
from bw_magics.session.journal.journal import Journal
from tests.integrations.libraries import LIBRARIES
from tests.integrations.world import World
from tests.journals import own_journal, uses

pytestmark = [pytest.mark.libraries, pytest.mark.usefixtures("chosen")]

WAYS = {
    "keyring": "keyring",
    "keyring by reference": "keyring",
    "pydantic-settings": "pydantic-settings",
    "pydantic-settings in a variable": "pydantic-settings",
    "OmegaConf": "OmegaConf",
    "dlt": "dlt",
    "fsspec": "fsspec",
    "fsspec by reference": "reference",
    "environment": "environment",
    "dotenv": "environment",
    "another package": "adapter password",
}


@pytest.fixture
def journal() -> Iterator[Journal]:
    with own_journal() as journal:
        yield journal


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_leaves_one_entry_with_its_name(
    world: World, vault: Vault, journal: Journal, library: str
) -> None:
    assert LIBRARIES[library].ask("bw://Warehouse DB/password") == world.password

    assert uses(journal) == [("Warehouse DB", "password", WAYS[library])]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_that_gets_nothing_leaves_no_entry(
    vault: Vault, journal: Journal, library: str
) -> None:
    with suppress(Exception):
        assert LIBRARIES[library].ask("bw://Nowhere/password") is None

    assert uses(journal) == []
