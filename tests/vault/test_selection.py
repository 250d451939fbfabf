"""`Selection`: the filters of `bw list items`."""

from __future__ import annotations

from typing import Any

import pytest

from bw_magics.vault.selection import Selection, select
from tests.vault.conftest import Writer, spoiled, stable_id

WORK, GUILD, DATA = (
    stable_id("folder Work"),
    stable_id("organization Guild"),
    stable_id("collection Data"),
)


@pytest.fixture
def vault(writer: Writer) -> Writer:
    work, guild = writer.folder("Work"), writer.organization("Guild")
    data = writer.collection("Data", guild)
    writer.login("alpha", "ada", "https://sub.site.vault.example/x", folderId=work)
    writer.login("Beta", "BATCH", "https://site.vault.example")
    writer.login("gamma", None, organizationId=guild, collectionIds=[data], has_key=True)
    writer.login("old", "ada", deletedDate="2026-01-01T00:00:00Z", folderId=work)
    writer.login("kept", "ada", archivedDate="2026-01-01T00:00:00Z")
    bad = writer.login("lost", "ada", "https://site.vault.example")
    bad["name"] = spoiled(bad["name"])
    bad["login"]["username"] = spoiled(bad["login"]["username"])
    return writer


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["alpha", "Beta", "gamma", "(unreadable)"]),
        ({"search": "A"}, ["alpha", "Beta", "gamma", "(unreadable)"]),
        ({"search": "batch"}, ["Beta"]),
        ({"search": "sub.site"}, ["alpha"]),
        ({"search": "nothing"}, []),
        ({"search": stable_id("item 0 alpha")[:8]}, ["alpha"]),
        ({"search": stable_id("item 0 alpha")[:6]}, []),
        ({"url": "https://site.vault.example/other"}, ["alpha", "Beta", "(unreadable)"]),
        ({"url": "sub.site.vault.example"}, ["alpha", "Beta", "(unreadable)"]),
        ({"url": "her-site.vault.example"}, []),
        ({"url": ""}, []),
        ({"folder_id": WORK}, ["alpha"]),
        ({"folder_id": "null"}, ["Beta", "gamma", "(unreadable)"]),
        ({"folder_id": "notnull"}, ["alpha"]),
        ({"folder_id": "unknown"}, []),
        ({"organization_id": GUILD}, ["gamma"]),
        ({"organization_id": "null"}, ["alpha", "Beta", "(unreadable)"]),
        ({"collection_id": DATA}, ["gamma"]),
        ({"collection_id": "notnull"}, ["gamma"]),
        ({"collection_id": "null"}, ["alpha", "Beta", "(unreadable)"]),
        ({"folder_id": WORK, "organization_id": GUILD}, ["alpha", "gamma"]),
        ({"folder_id": WORK, "search": "beta"}, []),
        ({"trash": True}, ["old"]),
        ({"trash": True, "folder_id": WORK}, ["old"]),
        ({"archived": True}, ["kept"]),
    ],
    ids=str,
)
def test_filters(vault: Writer, filters: dict[str, Any], names: list[str]) -> None:
    assert [item.name for item in select(vault.open(), Selection(**filters))] == names
    assert vault.announced == []
