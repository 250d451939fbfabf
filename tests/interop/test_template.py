"""`bw get template` and `bw list items` as the witness for the JSON that `%bw_create` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.vault.item_json import ItemJson
from bw_magics.vault.template import template
from tests.interop.conftest import Run

NAMES = (
    "item",
    "item.field",
    "item.login",
    "item.login.uri",
    "item.card",
    "item.identity",
    "item.securenote",
    "folder",
)


@pytest.fixture(scope="module")
def logged_in(bw_session_factory: Callable[[DemoServer], Run]) -> Iterator[Run]:
    with DemoServer(iterations=5000) as server:
        yield bw_session_factory(server)


@pytest.mark.bw
@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_that_of_bw(logged_in: Run, name: str) -> None:
    assert template(name) == logged_in("get", "template", name)


@pytest.mark.bw
def test_every_item_of_bw_can_be_read_for_an_edit(bw_items: dict[str, dict[str, Any]]) -> None:
    assert len(bw_items) > 10
    for item in bw_items.values():
        read = ItemJson.read(item, is_new=False)
        assert read.members["name"] == item["name"]
