"""What the official CLI shows of every item and field is what `bw_magics` reads.

Where the two differ on purpose, the difference is named in `EXCEPTIONS` and shown by a test.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.errors import FieldNotFound, HiddenByOrganization, RepromptRequired, Unreadable
from bw_magics.vault.item import Item
from bw_magics.vault.selection import Selection
from tests.demo_vault import enter
from tests.interop.conftest import Run, Served

pytestmark = pytest.mark.bw

EXCEPTIONS = {
    "viewPassword": "bw leaves the password out; bw_magics says that it is hidden",
    "reprompt": "bw does not enforce it; bw_magics asks for the master password again",
    "own key": "bw leaves an item out whose key cannot be read; bw_magics lists it as unreadable",
}

# The CLI's number of a type, and the object that holds its members.
MEMBERS = {
    3: "card",
    4: "identity",
    5: "sshKey",
    6: "bankAccount",
    7: "driversLicense",
    8: "passport",
}
FIELD_KINDS = {0: "text", 1: "hidden", 2: "boolean", 3: "linked"}


@pytest.fixture
def both(bw_vault: Served) -> Iterator[tuple[Vault, Run]]:
    """A vault and the CLI, unlocked on the same account."""
    server, run = bw_vault
    vault = enter(Vault(), server)
    yield vault, run
    vault.logout()


def moment(time: datetime | str | None) -> datetime | None:
    """A time as the CLI keeps it: to the millisecond."""
    if isinstance(time, str):
        time = datetime.fromisoformat(time)
    return time and time.replace(microsecond=time.microsecond // 1000 * 1000)


def shown_by_bw(entry: dict[str, Any]) -> dict[str, Any]:
    """What the CLI shows of an item, without what it leaves empty."""
    shown: dict[str, Any] = {
        "name": entry["name"],
        "folder": entry.get("folderId"),
        "organization": entry.get("organizationId"),
        "collections": sorted(entry.get("collectionIds") or ()),
        "favorite": entry["favorite"],
        "reprompt": entry["reprompt"] == 1,
        "notes": entry.get("notes"),
        "created": moment(entry["creationDate"]),
        "revised": moment(entry["revisionDate"]),
        "fields": [
            (field["name"], FIELD_KINDS[field["type"]], field.get("value") or None)
            for field in entry.get("fields") or ()
            if field["type"] != 3
        ],
        "linked": [field["name"] for field in entry.get("fields") or () if field["type"] == 3],
        "history": [past["password"] for past in entry.get("passwordHistory") or ()],
        "attachments": [
            (file["id"], file["fileName"], int(file["size"]))
            for file in entry.get("attachments") or ()
        ],
    }
    if login := entry.get("login"):
        shown |= {name: login.get(name) for name in ("username", "password", "totp")}
        shown["uris"] = [uri["uri"] for uri in login.get("uris") or ()]
        shown["passkeys"] = [
            {name: text for name, text in passkey.items() if text and name != "creationDate"}
            for passkey in login.get("fido2Credentials") or ()
        ]
    if (member := MEMBERS.get(entry["type"])) is not None:
        shown |= {name: text for name, text in (entry[member] or {}).items() if text}
    return {name: value for name, value in shown.items() if value not in (None, [], "")}


def read_by_us(item: Item) -> dict[str, Any]:
    """The same of an item of `bw_magics`."""
    read: dict[str, Any] = {
        "name": item.name,
        "folder": item.folder_id,
        "organization": item.organization_id,
        "collections": sorted(item.collection_ids),
        "favorite": item.is_favorite,
        "reprompt": item.has_reprompt,
        "notes": item.notes,
        "created": moment(item.created),
        "revised": moment(item.revised),
        "fields": [
            (field.name, field.kind, as_bw(field.value))
            for field in item.fields
            if field.kind != "linked"
        ],
        "linked": [field.name for field in item.fields if field.kind == "linked"],
        "history": [past.password for past in item.password_history],
        "attachments": [(file.id, file.name, file.size) for file in item.attachments],
    }
    if item.type == "login":
        read |= {"username": item.username, "password": item.password, "totp": item.totp_seed}
        read["uris"] = list(item.uris)
        read["passkeys"] = list(item.passkeys)
    elif item.item_type is not None:
        read |= {name: item.member(name) for name in item.item_type.members}
    return {name: value for name, value in read.items() if value not in (None, [], "")}


def as_bw(value: str | bool | None) -> str | None:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


@pytest.mark.parametrize("place", ["vault", "trash", "archive"])
def test_every_item_and_field_reads_the_same(both: tuple[Vault, Run], place: str) -> None:
    vault, run = both
    option = {"vault": [], "trash": ["--trash"], "archive": ["--archived"]}[place]
    shown = {entry["id"]: entry for entry in run("list", "items", *option)}
    ours = vault.items(Selection(trash=place == "trash", archived=place == "archive"))
    compared = 0
    for item in ours:
        if item.id not in shown:
            assert item.problem is not None, EXCEPTIONS["own key"]
            assert "own key" in item.problem
            continue
        entry = shown.pop(item.id)
        if item.is_hidden:
            assert "password" not in shown_by_bw(entry), EXCEPTIONS["viewPassword"]
            with pytest.raises(HiddenByOrganization):
                _ = item.password
            continue
        if item.has_reprompt:
            with pytest.raises(RepromptRequired):
                _ = item.password
            vault.confirm(password="demo-master-password", item_id=item.id)
        if place == "vault" and is_damaged(item):
            continue
        assert read_by_us(item) == shown_by_bw(entry)
        compared += 1
    assert shown == {}
    assert compared >= {"vault": 25, "trash": 1, "archive": 1}[place]


def is_damaged(item: Item) -> bool:
    """Whether the demo damaged something in it on purpose; those are compared on their own."""
    try:
        read_by_us(item)
    except Unreadable:
        return True
    return item.problem is not None or any(field.problem for field in item.fields)


def test_damaged_items_cost_neither_of_us_the_rest(both: tuple[Vault, Run]) -> None:
    vault, run = both
    damaged = [item for item in vault.items() if not item.is_hidden and _is_damaged(vault, item)]
    assert damaged
    shown = {entry["id"]: shown_by_bw(entry) for entry in run("list", "items")}
    for item in damaged:
        if item.id not in shown or item.problem:
            continue
        assert shown[item.id]["name"] == item.name
        assert shown[item.id].get("username") == item.username


def _is_damaged(vault: Vault, item: Item) -> bool:
    if item.has_reprompt:
        vault.confirm(password="demo-master-password", item_id=item.id)
    return is_damaged(item)


@pytest.mark.parametrize("what", ["username", "password"])
def test_what_is_encrypted_and_empty_is_missing(bw_official_vault: Served, what: str) -> None:
    server, run = bw_official_vault
    vault = enter(Vault(), server)

    refused = run.attempt("get", what, "Empty values")

    assert refused.status != 0
    assert "No" in refused.error
    with pytest.raises(FieldNotFound):
        vault.get(what, "Empty values")
    vault.logout()


@pytest.mark.parametrize("kind", ["folder", "collection", "organization"])
def test_places_read_the_same(both: tuple[Vault, Run], kind: str) -> None:
    vault, run = both
    shown = {(entry["id"], entry["name"]) for entry in run("list", f"{kind}s") if entry["id"]}
    assert {(place.id, place.name) for place in vault.places(kind)} == shown


@pytest.mark.parametrize(
    ("object", "query"),
    [
        ("password", "Warehouse DB (staging)"),
        ("username", "Warehouse DB (staging)"),
        ("notes", "Nightly load"),
        ("uri", "Model registry"),
    ],
)
def test_get_gives_what_bw_gets(both: tuple[Vault, Run], object: str, query: str) -> None:
    vault, run = both
    assert vault.get(object, query) == run("get", object, query)


def test_get_totp_gives_what_bw_gets(both: tuple[Vault, Run]) -> None:
    vault, run = both
    before = vault.get("totp", "Notebook hub")
    shown = run("get", "totp", "Notebook hub")
    assert shown in (before, vault.get("totp", "Notebook hub"))


def test_what_bw_creates_is_read(bw_session_factory: Callable[..., Run]) -> None:
    with DemoServer(iterations=5000) as server:
        account = server.accounts[0]
        run = bw_session_factory(server)
        vault = enter(Vault(), server, account)
        entry = {
            "organizationId": None,
            "folderId": None,
            "type": 1,
            "name": "Made by bw ✓",
            "notes": "made-up note\nof two lines",
            "favorite": False,
            "fields": [{"name": "port", "value": "5432", "type": 0}],
            "login": {
                "username": "maker",
                "password": "made-up-password-ü",
                "uris": [{"match": None, "uri": "https://made.demo.example"}],
            },
        }
        encoded = base64.b64encode(json.dumps(entry).encode()).decode()
        created = run("create", "item", encoded)
        assert vault.sync()
        item = vault["Made by bw ✓"]
        assert item.id == created["id"]
        assert read_by_us(item) == shown_by_bw(created)
        assert item.password == "made-up-password-ü"
        vault.logout()


def test_the_argon2id_account_reads_the_same(bw_session_factory: Callable[..., Run]) -> None:
    with DemoServer(iterations=5000) as server:
        account = server.accounts[1]
        run = bw_session_factory(server, account)
        vault = enter(Vault(), server, account)
        shown = {entry["id"]: shown_by_bw(entry) for entry in run("list", "items")}
        assert {item.id: read_by_us(item) for item in vault.items()} == shown
        vault.logout()
