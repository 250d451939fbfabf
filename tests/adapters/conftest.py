"""A real PostgreSQL, and items for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bw_magics.vault.item import Item
from tests.postgres import Postgres, programs, running
from tests.vault.conftest import Writer

TEXT, HIDDEN = 0, 1


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Yields a server that all tests share; each test makes its own roles."""
    where = programs()
    if where is None:
        pytest.skip("PostgreSQL is not installed")
    with running(where) as server:
        yield server


Login = Callable[..., Item]


@pytest.fixture
def login() -> Login:
    """Makes an unlocked login: `login(*uris, username=…, password=…, host="…")`.

    Other keywords become custom fields.
    """

    def make(
        *uris: str, username: str | None = "analyst", password: str | None = "pw", **fields: Any
    ) -> Item:
        writer = Writer()
        custom = [
            {"type": TEXT, "name": name.replace("_", " "), "value": value}
            for name, value in fields.items()
        ]
        record = writer.login("Warehouse DB", username, *uris, password=password, fields=custom)
        return writer.item(record)

    return make
