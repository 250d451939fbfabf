"""The official CLI writes to the demo server, and reads back what it wrote."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from tests.demo_vault import enter
from tests.interop.conftest import Run, Served

pytestmark = pytest.mark.bw


NEW = {
    "organizationId": None,
    "folderId": None,
    "type": 1,
    "name": "Made by bw",
    "notes": "demo note",
    "favorite": False,
    "fields": [{"name": "host", "value": "made.demo.example", "type": 0}],
    "login": {
        "uris": [{"match": None, "uri": "https://made.demo.example"}],
        "username": "ada",
        "password": "demo-made-by-bw",
        "totp": None,
    },
    "reprompt": 0,
}


@pytest.fixture(scope="module")
def official(bw_session_factory: Callable[..., Run]) -> Iterator[Served]:
    """An official server and the CLI unlocked there, to be written to."""
    with DemoServer(iterations=5000) as server:
        yield server, bw_session_factory(server)


@pytest.fixture(scope="module")
def vaultwarden(bw_session_factory: Callable[..., Run]) -> Iterator[Served]:
    """The same in Vaultwarden's style."""
    with DemoServer(style="vaultwarden", iterations=5000) as server:
        yield server, bw_session_factory(server)


def encoded(value: dict[str, Any]) -> str:
    """JSON as `bw create` and `bw edit` take it."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_an_item_is_created_edited_and_deleted(official: Served) -> None:
    server, run = official
    account = server.accounts[0]

    made = run("create", "item", encoded(NEW))
    stored = server.stored_items(account)[made["id"]]
    assert stored["key"] is not None
    assert "demo-made-by-bw" not in repr(stored)
    assert made["login"]["password"] == "demo-made-by-bw"
    assert stored["login"]["uris"][0]["uriChecksum"].startswith("2.")

    edited = run("edit", "item", made["id"], encoded({**made, "name": "Renamed by bw"}))
    assert edited["name"] == "Renamed by bw"
    assert run("get", "item", made["id"])["name"] == "Renamed by bw"

    run("delete", "item", made["id"])
    assert server.stored_items(account)[made["id"]]["deletedDate"] is not None
    run("restore", "item", made["id"])
    assert server.stored_items(account)[made["id"]]["deletedDate"] is None
    run("delete", "item", made["id"], "--permanent")
    assert made["id"] not in server.stored_items(account)


def test_it_makes_item_keys_only_where_the_server_asks_for_them(vaultwarden: Served) -> None:
    """Official servers do by a flag in their config, Vaultwarden does not."""
    server, run = vaultwarden

    made = run("create", "item", encoded(NEW))
    edited = run("edit", "item", made["id"], encoded({**made, "name": "Renamed by bw"}))

    stored = server.stored_items(server.accounts[0])[made["id"]]
    assert stored["key"] is None
    assert edited["name"] == "Renamed by bw"


def test_a_folder_is_created(official: Served) -> None:
    server, run = official

    made = run("create", "folder", encoded({"name": "Made/By bw"}))

    assert made["name"] == "Made/By bw"
    assert ("POST", "/api/folders") in server.requests


def test_an_attachment_goes_up_comes_down_and_goes_away(official: Served, tmp_path: Path) -> None:
    server, run = official
    account = server.accounts[0]
    item_id = next(p["id"] for p in server.account_items(account) if p["name"] == "Model registry")
    file = tmp_path / "table.csv"
    file.write_text("id,value\n1,demo\n")

    made = run("create", "attachment", "--file", str(file), "--itemid", item_id)
    attachment = made["attachments"][0]
    down = run.attempt("get", "attachment", "table.csv", "--itemid", item_id, "--raw")
    run("delete", "attachment", attachment["id"], "--itemid", item_id)

    assert attachment["fileName"] == "table.csv"
    assert down.out == "id,value\n1,demo"
    assert server.stored_items(account)[item_id]["attachments"] == {}


def test_a_copy_that_is_out_of_date_is_not_saved(official: Served) -> None:
    server, run = official
    account = server.accounts[0]
    plain = next(p for p in server.account_items(account) if p["name"] == "Notebook hub")
    shown = run("get", "item", plain["id"])
    server.add_item(account, {**plain, "notes": "changed elsewhere"})

    result = run.attempt("edit", "item", plain["id"], encoded({**shown, "notes": "mine"}))

    assert result.status == 1
    assert "out of date" in result.error


def test_odd_boolean_fields_mean_what_bw_shows(official: Served) -> None:
    server, run = official
    texts = ["true", "false", "True", "FALSE", "1", "0", None, "", "ture"]
    fields = [{"name": str(number), "value": text, "type": 2} for number, text in enumerate(texts)]

    made = run("create", "item", encoded({**NEW, "name": "Odd flags", "fields": fields}))
    vault = enter(Vault(), server)
    read = vault["Odd flags"].fields
    vault.logout()

    shown = [field.get("value") for field in made["fields"]]
    meant = {"true": True, "1": True, "false": False, "0": False}
    assert [text or None for text in shown] == [text or None for text in texts]
    assert [field.value for field in read] == [meant.get((text or "").lower()) for text in shown]
    assert [field.name for field in read if field.problem] == [str(texts.index("ture"))]
