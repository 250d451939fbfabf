"""Ids compare ignoring case: servers write them in capitals, people paste them from anywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bw_magics.vault.contents import Contents
from bw_magics.vault.ids import ById
from bw_magics.vault.inventory import inventory_at
from bw_magics.vault.lookup import find
from bw_magics.vault.places import find_place, places
from bw_magics.vault.selection import Selection, select
from bw_magics.vault.tiebreak import Tiebreak
from tests.vault.conftest import Writer, stable_id

FOLDER = stable_id("folder Work")
GUILD = stable_id("organization G")
TEAM = stable_id("collection T")

Change = Callable[[str], str]


def vault(writer: Writer, change: Change) -> Contents:
    """A vault whose items name their places by ids that were changed."""
    folder, guild = writer.folder("Work"), writer.organization("G")
    team = writer.collection("T", guild)
    writer.login("Mine", "ada", folderId=folder)
    shared = writer.login(
        "Shared", "bob", organizationId=guild, collectionIds=[team], viewPassword=True
    )
    writer.items[0]["folderId"] = change(folder)
    shared["organizationId"], shared["collectionIds"] = change(guild), [change(team)]
    for item in writer.items:
        item["id"] = change(item["id"])
    writer.collections[0]["organizationId"] = change(guild)
    return writer.open()


WAYS: dict[str, Callable[[Contents, Change], object]] = {
    "item": lambda vault, change: vault.item(change(vault.item_at(0).id)).name == "Mine",
    "lookup": lambda vault, change: find(vault, change(vault.item_at(0).id)).step == "id",
    "beginning of an id": lambda vault, change: (
        len(select(vault, Selection(search=change(vault.item_at(0).id[:12])))) == 1
    ),
    "--folderid": lambda vault, change: (
        [item.name for item in select(vault, Selection(folder_id=change(FOLDER)))] == ["Mine"]
    ),
    "--organizationid": lambda vault, change: (
        len(select(vault, Selection(organization_id=change(GUILD)))) == 1
    ),
    "--collectionid": lambda vault, change: (
        len(select(vault, Selection(collection_id=change(TEAM)))) == 1
    ),
    "folder of an item": lambda vault, change: vault.item_at(0).folder == "Work",
    "organisation of an item": lambda vault, change: vault.item_at(1).organization == "G",
    "collections of an item": lambda vault, change: vault.item_at(1).collections == ("T",),
    "organisation's key": lambda vault, change: vault.item_at(1).password == "pw-Shared",
    "names in a folder": lambda vault, change: vault.names_in(change(FOLDER)) == ["Mine"],
    "tiebreak": lambda vault, change: (
        find(vault, "Shared", tiebreak=Tiebreak(organization=change(GUILD))).item.name == "Shared"
    ),
    "folder by id": lambda vault, change: (
        find_place(places(vault, "folder"), "folder", change(FOLDER)).name == "Work"
    ),
    "completion": lambda vault, change: (
        [
            "username" in inventory_at(vault, position).members
            for position in vault.with_id(change(vault.item_at(1).id))
        ]
        == [True]
    ),
}


def in_braces(id: str) -> str:
    """Returns an id as .NET writes it."""
    return f" {{{id.upper()}}}"


def as_urn(id: str) -> str:
    return f"URN:UUID:{id}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("typed", [str.lower, str.upper, str.title, in_braces, as_urn])
@pytest.mark.parametrize("stored", [str.lower, str.upper])
def test_ids_compare_ignoring_case(writer: Writer, stored: Change, typed: Change, way: str) -> None:
    assert WAYS[way](vault(writer, stored), typed) is True


def test_a_confirmed_item_is_confirmed_in_any_spelling(writer: Writer) -> None:
    record = writer.login("Guarded", reprompt=1)
    item = writer.item(record)

    item._sealed._keys.confirm(item.id.upper())

    assert item.password == "pw-Guarded"


def test_ids_keep_the_spelling_of_the_server() -> None:
    names = ById([("AB-1", "one"), ("cd-2", "two")])

    assert list(names) == ["AB-1", "cd-2"]
    assert names["ab-1"] == "one"
    assert names.get("CD-2") == "two"
    assert "ef-3" not in names
