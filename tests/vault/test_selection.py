"""`Selection`: the filters of `bw list items`."""

from __future__ import annotations

from typing import Any

import pytest

from bw_magics.crypto.keys import Series, SymmetricKey
from bw_magics.errors import VaultLocked
from bw_magics.vault.lookup import find
from bw_magics.vault.selection import Selection, select
from tests.vault.conftest import Writer, locked, spoiled, stable_id

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
        ({"url": "her-site.vault.example"}, ["alpha", "Beta", "(unreadable)"]),
        ({"url": "https://vault.other"}, []),
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


@pytest.fixture
def decrypted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was decrypted since."""
    texts: list[str] = []

    def count(kind: type[SymmetricKey | Series]) -> None:
        decrypt_text = kind.decrypt_text

        def counted(self: Any, text: str) -> str:
            texts.append(text)
            return decrypt_text(self, text)

        monkeypatch.setattr(kind, "decrypt_text", counted)

    count(SymmetricKey)
    count(Series)
    return texts


@pytest.fixture
def many(writer: Writer) -> Writer:
    for number in range(20):
        writer.login(f"item {number}", f"user-{number}", f"https://host-{number}.vault.example")
    return writer


def test_user_names_and_uris_are_decrypted_by_the_first_search_only(
    many: Writer, decrypted: list[str]
) -> None:
    contents = many.open()
    decrypted.clear()
    for search in ("user-7", "host-1", "nothing at all"):
        select(contents, Selection(search=search))
        select(contents, Selection(url=f"https://{search}.vault.example"))
    assert find(contents, "host-7.vault.example", loose=True).item.name == "item 7"
    assert len(decrypted) == 2 * 20

    select(contents, Selection(search="item"))
    assert len(decrypted) == 2 * 20


def test_a_name_that_fits_is_not_looked_at_any_further(many: Writer, decrypted: list[str]) -> None:
    contents = many.open()
    decrypted.clear()
    assert len(select(contents, Selection(search="item"))) == 20
    assert decrypted == []


def test_after_a_sync_only_what_was_changed_is_decrypted_for_a_search(
    many: Writer, decrypted: list[str]
) -> None:
    contents = many.open()
    select(contents, Selection(search="user-7"))
    changed = many.login("new", "user-7", "https://new.vault.example")
    many.items.insert(0, many.items.pop())
    decrypted.clear()

    newer = many.open(contents)
    found = select(newer, Selection(search="user-7"))

    assert [item.name for item in found] == ["item 7", "new"]
    assert len(decrypted) == 3
    assert changed["login"]["username"] in decrypted


def test_a_lock_forgets_what_searches_have_decrypted(many: Writer) -> None:
    contents = many.open()
    select(contents, Selection(search="user-7"))
    contents.forget(locked)
    with pytest.raises(VaultLocked):
        select(contents, Selection(search="user-7"))
