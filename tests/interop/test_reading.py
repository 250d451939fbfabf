"""The official CLI reads from the demo server what was written down there.

What it does otherwise than one might think is told in the test that shows it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import time
from base64 import b32decode
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from tests.interop.conftest import Run, Served

pytestmark = pytest.mark.bw


Items = dict[str, dict[str, Any]]

# Members of a plain item that are the demo's own, and one that only the CLI shows: the
# encrypted item key.
OURS = {"itemKey", "unreadable", "edit", "viewPassword"}
ITS = {"object", "key"}


def trimmed(value: Any) -> Any:
    """Without nulls, of which the CLI leaves out most; dates as moments, as it cuts them."""
    if isinstance(value, dict):
        return {
            name: moment(member) if name.endswith("Date") else trimmed(member)
            for name, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        return [trimmed(element) for element in value]
    return value


def moment(date: str) -> datetime:
    """A date to the millisecond, which is what the CLI keeps."""
    exact = datetime.fromisoformat(date)
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)


def comparable(item: dict[str, Any]) -> dict[str, Any]:
    """An item of either side, without what only one side has."""
    members = {name: value for name, value in item.items() if name not in OURS | ITS}
    members["attachments"] = [each["fileName"] for each in item["attachments"]]
    trim: dict[str, Any] = trimmed(members)
    return trim


def find(server: DemoServer, name: str) -> dict[str, Any]:
    """The plain item of that name."""
    return next(p for p in server.account_items(server.accounts[0]) if p["name"] == name)


def test_every_item_reads_as_it_was_written_down(bw_vault: Served, bw_items: Items) -> None:
    server, _ = bw_vault
    truth = {
        plain["id"]: plain
        for plain in server.account_items(server.accounts[0])
        if not plain["deletedDate"] and not plain["archivedDate"] and not plain["unreadable"]
    }

    assert len(truth) > 20
    for item_id, plain in truth.items():
        shown = comparable(bw_items[item_id])
        expected = comparable(plain)
        if not plain["viewPassword"]:
            del expected["login"]["password"]
        assert shown == expected, plain["name"]


def test_it_lists_nothing_else_but_half_readable_items(bw_vault: Served, bw_items: Items) -> None:
    server, _ = bw_vault
    plain = server.account_items(server.accounts[0])
    listed = {p["name"] for p in plain if p["id"] in bw_items}

    assert bw_items.keys() <= {p["id"] for p in plain}
    assert {p["name"] for p in plain} - listed == {"Deleted forum", "Old wiki", "Unreadable key"}


def test_what_it_cannot_decrypt_it_leaves_out(bw_vault: Served, bw_items: Items) -> None:
    """An item with a bad key is missing; of others only the values are, and a name is empty."""
    server, _ = bw_vault
    half = bw_items[find(server, "Half readable")["id"]]

    assert find(server, "Unreadable key")["id"] not in bw_items
    assert bw_items[find(server, "Unreadable name")["id"]]["name"] == ""
    assert half["notes"] == "The note can be read, the password cannot."
    assert "password" not in half["login"]
    assert "value" not in half["fields"][1]


def test_it_hides_the_password_but_not_the_hidden_fields(bw_vault: Served, bw_items: Items) -> None:
    """With `viewPassword` false, `bw list` shows null for the password only."""
    server, _ = bw_vault
    plain = find(server, "Billing portal")

    shown = bw_items[plain["id"]]

    assert shown["login"]["password"] is None
    assert shown["fields"][0]["value"] == plain["fields"][0]["value"]


def test_folders_collections_organizations(bw_vault: Served) -> None:
    server, run = bw_vault
    contents = server.accounts[0].contents

    folders = {folder["name"]: folder["id"] for folder in run("list", "folders")}
    collections = {each["name"]: each["organizationId"] for each in run("list", "collections")}
    organizations = [each["name"] for each in run("list", "organizations")]

    assert folders == {"No Folder": "", **{f.name: f.id for f in contents.folders}}
    assert collections == {c.name: c.organization_id for c in contents.collections}
    assert organizations == ["Demo Analytics"]


@pytest.mark.parametrize(
    ("option", "name"), [("--trash", "Deleted forum"), ("--archived", "Old wiki")]
)
def test_trash_and_archive(bw_official_vault: Served, option: str, name: str) -> None:
    _, run = bw_official_vault

    assert [item["name"] for item in run("list", "items", option)] == [name]


def test_sync_asks_for_the_revision_date_only(bw_vault: Served) -> None:
    server, run = bw_vault
    server.requests.clear()

    assert run("sync") == "Syncing complete."
    assert ("GET", "/api/sync") not in server.requests
    assert ("GET", "/api/accounts/revision-date") in server.requests


def test_single_values(bw_official_vault: Served) -> None:
    server, run = bw_official_vault
    warehouse = find(server, "Warehouse DB")
    console = find(server, "Deployment console")

    assert run("get", "password", warehouse["id"]) == warehouse["login"]["password"]
    assert run("get", "username", console["id"]) == console["login"]["username"]
    assert run("get", "notes", find(server, "Nightly load")["id"]) == find(server, "Nightly load")[
        "notes"
    ].rstrip("\n")
    before = int(time.time())
    code = run("get", "totp", console["id"])
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert code in {totp(secret, moment, 60, 8) for moment in (before, int(time.time()))}


def totp(secret: str, moment: int, period: int, digits: int) -> str:
    """RFC 6238 with SHA-256."""
    digest = hmac.digest(b32decode(secret), struct.pack(">Q", moment // period), hashlib.sha256)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def test_an_exact_name_does_not_win(bw_official_vault: Served) -> None:
    """`bw get` searches for a part of the name: the longer sibling makes it ambiguous."""
    _, run = bw_official_vault

    result = run.attempt("get", "password", "Warehouse DB")

    assert result.status == 1
    assert "More than one result was found" in result.error


def test_attachments(bw_vault: Served) -> None:
    server, run = bw_vault
    plain = find(server, "Forecasting service account")
    server.requests.clear()

    text = run.attempt(
        "get", "attachment", "service-account.json", "--itemid", plain["id"], "--raw"
    )

    file = plain["attachments"][0]
    assert text.out == file["contents"].decode()
    paths = [path for _, path in server.requests]
    assert f"/api/ciphers/{plain['id']}/attachment/{file['id']}" in paths
    assert f"/attachments/{plain['id']}/{file['id']}" in paths


def test_the_argon2id_account_with_a_salt_of_its_own(
    bw_session_factory: Callable[..., Run],
) -> None:
    with DemoServer(iterations=5000) as server:
        account = server.accounts[1]
        run = bw_session_factory(server, account)
        names = {item["name"] for item in run("list", "items")}

        assert account.salt.lower() != account.email
        assert names == {plain["name"] for plain in server.account_items(account)}


def test_one_value_from_the_future_ends_every_item_command(
    bw_session_factory: Callable[..., Run],
) -> None:
    """Why such items are in the demo's vault only on request."""
    with DemoServer(iterations=5000, strange=True) as server:
        result = bw_session_factory(server).attempt("list", "items")

    assert result.status == 1
    assert result.out == ""
    assert "InvalidTypeSymm" in result.error or "invalid value: 99" in result.error
