"""The official CLI as witness for account encryption V2: XChaCha20 user key, Ed25519 signatures.

It unlocks the demo's V2 account, shows what `bw_magics` reads, and what it writes is read. It
is not a witness for XAES-256-GCM user keys, ML-DSA-44 and blob items, which it cannot read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.vault.selection import Selection
from tests.demo_vault import enter
from tests.interop.conftest import Run
from tests.interop.test_same_reading import read_by_us, shown_by_bw
from tests.interop.test_writing import NEW, encoded

pytestmark = pytest.mark.bw

# What the two show differently on purpose: see `EXCEPTIONS` of `test_same_reading`.
DIFFERENT = {"viewPassword", "reprompt", "unreadable"}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(iterations=5000, encryption=2) as server:
        yield server


@pytest.fixture(scope="module")
def run(server: DemoServer, bw_session_factory: Callable[..., Run]) -> Run:
    """The CLI, logged in and unlocked."""
    return bw_session_factory(server)


@pytest.fixture
def vault(server: DemoServer) -> Iterator[Vault]:
    vault = enter(Vault(), server)
    yield vault
    vault.logout()


@pytest.mark.parametrize("place", ["vault", "trash", "archive"])
def test_every_item_and_field_reads_the_same(
    server: DemoServer, run: Run, vault: Vault, place: str
) -> None:
    option = {"vault": [], "trash": ["--trash"], "archive": ["--archived"]}[place]
    shown = {entry["id"]: entry for entry in run("list", "items", *option)}
    ours = vault.items(Selection(trash=place == "trash", archived=place == "archive"))
    plain = {each["id"]: each for each in server.account_items(server.accounts[0])}

    compared = 0
    for item in ours:
        truth = plain[item.id]
        if truth["unreadable"] or truth["reprompt"] or not truth["viewPassword"]:
            continue
        assert read_by_us(item) == shown_by_bw(shown[item.id]), item.name
        compared += 1

    assert compared >= {"vault": 20, "trash": 1, "archive": 1}[place]


def test_folders_and_collections_read_the_same(run: Run, vault: Vault) -> None:
    for kind, listed in (("folder", "folders"), ("collection", "collections")):
        shown = {entry["name"] for entry in run("list", listed)} - {"No Folder"}
        assert {place.name for place in vault.places(kind)} == shown
        assert shown


def test_what_it_creates_and_edits_is_read(server: DemoServer, run: Run, vault: Vault) -> None:
    made = run("create", "item", encoded(NEW))
    stored = server.stored_items(server.accounts[0])[made["id"]]
    vault.sync(force=True)

    # The key of the item is of version 1 and lies under that of the user, which is of version 2.
    assert stored["key"][:2] == "7."
    assert stored["name"][:2] == "2."
    assert read_by_us(vault["Made by bw"]) == shown_by_bw(made)

    changed = {**made, "notes": "edited by bw", "name": "Edited by bw"}
    run("edit", "item", made["id"], encoded(changed))
    vault.sync(force=True)

    assert vault["Edited by bw"].notes == "edited by bw"
    assert vault["Edited by bw"].uris == ("https://made.demo.example",)


def test_a_folder_it_creates_is_read(run: Run, vault: Vault) -> None:
    run("create", "folder", encoded({"name": "Made by bw / Ünits"}))
    vault.sync(force=True)

    assert "Made by bw / Ünits" in {place.name for place in vault.places("folder")}


def test_an_attachment_it_adds_is_read(
    server: DemoServer, run: Run, vault: Vault, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("file") / "key.json"
    file.write_bytes(b'{"made": "up"}')
    item = next(
        each
        for each in server.account_items(server.accounts[0])
        if each["name"] == "Deployment console"
    )

    run("create", "attachment", "--file", str(file), "--itemid", item["id"])
    vault.sync(force=True)

    names = [entry.name for entry in vault[item["id"]].attachments]
    assert "key.json" in names
    assert vault[item["id"]].attachment("key.json").read() == b'{"made": "up"}'


def test_a_uri_whose_checksum_is_missing_is_hidden_by_both(
    server: DemoServer, bw_session_factory: Callable[..., Run]
) -> None:
    """Protocol 6.4: in a V2 account also in items without a key of their own."""
    with DemoServer(iterations=5000, encryption=2) as own:
        account = own.accounts[0]
        stored = own._service.vault(account)
        record = next(
            each
            for each in stored.items.values()
            if each["type"] == 1
            and each["key"] is None
            and each["organizationId"] is None
            and each["deletedDate"] is None
            and len(each["login"]["uris"]) == 1
            and not stored_plain(own, each["id"])["unreadable"]
            and not stored_plain(own, each["id"])["archivedDate"]
            and not stored_plain(own, each["id"])["reprompt"]
        )
        record["login"]["uris"][0]["uriChecksum"] = None
        stored.touch(record)
        run = bw_session_factory(own, account)
        vault = enter(Vault(), own, account)
        try:
            shown = run("get", "item", record["id"])
            assert not shown["login"].get("uris")
            assert vault[record["id"]].uris == ()
        finally:
            vault.logout()


def stored_plain(server: DemoServer, id: str) -> dict[str, object]:
    return next(p for p in server.account_items(server.accounts[0]) if p["id"] == id)
