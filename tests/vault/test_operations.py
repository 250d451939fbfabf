"""What a vault costs, counted: decryptions, parsed records and objects, never seconds.

Every count is exact, and so linear in the items.
"""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections import Counter
from typing import Any

import pytest
from msgspec import Raw

from bw_magics.crypto.keys import Series, SymmetricKey
from bw_magics.vault import contents as contents_module
from bw_magics.vault import key_store, name_reader
from bw_magics.vault.contents import Contents
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.lookup import find
from bw_magics.vault.rotating import may_rotate
from bw_magics.vault.selection import Selection, select
from bw_magics.vault.snapshot import Snapshot
from tests.vault.conftest import Writer

SIZES = (30, 60, 120)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many values were decrypted, item keys among them, and how many records read whole."""
    found: Counter[str] = Counter()

    def count(holder: Any, name: str, what: str) -> None:
        original = getattr(holder, name)

        def counted(*arguments: Any) -> Any:
            found[what] += 1
            return original(*arguments)

        monkeypatch.setattr(holder, name, counted)

    count(SymmetricKey, "_open", "decrypted")
    count(Series, "_open", "decrypted")
    count(name_reader, "decrypt_text_once", "decrypted")
    count(contents_module, "read_record", "read whole")
    return found


def fill(writer: Writer, items: int) -> Writer:
    """Of three items one has a key of its own and one belongs to an organisation."""
    organization = writer.organization("Team")
    writer.collection("Data", organization)
    folder = writer.folder("Work")
    for number in range(items):
        writer.login(
            f"item {number}",
            f"user-{number}",
            f"https://host-{number}.vault.example",
            has_key=number % 3 == 0,
            organizationId=organization if number % 3 == 1 else None,
            folderId=folder,
            notes="n" * 500,
        )
    return writer


@pytest.mark.parametrize("items", SIZES)
def test_unlocking_decrypts_the_names_the_keys_on_the_way_and_nothing_else(
    writer: Writer, counts: Counter[str], items: int
) -> None:
    fill(writer, items)
    counts.clear()

    assert writer.open().decrypted_names == items

    keys, folders, private_key = items // 3, 1, 1
    assert counts == {"decrypted": items + keys + folders + private_key}


@pytest.mark.parametrize("items", SIZES)
def test_one_password_costs_its_own_decryptions_at_every_size(
    writer: Writer, counts: Counter[str], items: int
) -> None:
    contents = fill(writer, items).open()
    for name, first in (("item 2", 1), ("item 3", 2), ("item 4", 1)):
        counts.clear()
        assert find(contents, name).item.password == f"pw-{name}"
        assert counts == {"decrypted": first, "read whole": 1}

        counts.clear()
        assert find(contents, name).item.password == f"pw-{name}"
        assert counts == {"decrypted": 1, "read whole": 1}, "the item's own key is known now"


@pytest.mark.parametrize("items", SIZES)
def test_after_a_change_unchanged_items_are_not_decrypted_again(
    writer: Writer, counts: Counter[str], items: int
) -> None:
    before = fill(writer, items).open()
    writer.items[3]["name"] = writer.user_key.encrypt_text("changed")
    writer.items[3]["key"] = None
    writer.items.reverse()
    counts.clear()

    after = writer.open(before)

    folders = 1
    assert after.decrypted_names == 1
    assert counts == {"decrypted": 1 + folders}
    assert sorted(after.names) == sorted({*before.names, "changed"} - {"item 3"})


def test_organisations_wait_for_the_first_use_of_one(writer: Writer, counts: Counter[str]) -> None:
    writer.collection("Data", writer.organization("Team"))
    writer.login("personal")
    counts.clear()

    contents = writer.open()

    assert counts == {"decrypted": 1}
    assert [*contents.collection_names.values()] == ["Data"]
    private_key, collections = 1, 1
    assert counts == {"decrypted": 1 + private_key + collections}
    assert [*contents.collection_names.values()] == ["Data"]
    assert counts == {"decrypted": 1 + private_key + collections}


@pytest.mark.parametrize("items", SIZES)
def test_looking_for_rotations_opens_no_item_that_has_none(
    writer: Writer, counts: Counter[str], items: int
) -> None:
    key = writer.user_key
    short, long, rotating = (
        {"name": key.encrypt_text(name), "value": key.encrypt_text("made-up"), "type": 1}
        for name in ("PIN", "the PIN of the other card", "rotating password")
    )
    fill(writer, items)
    # Every third item is under the user key.
    for at, fields in ((2, [rotating]), (5, [long]), (8, [short]), (11, []), (14, None)):
        writer.items[at]["fields"] = fields
    writer.items[17].update(fields=[rotating], deletedDate="2026-11-30T00:00:00Z")
    contents = writer.open()
    counts.clear()

    assert contents.rotating == [2, 5]
    assert [contents.item_at(at).rotation is not None for at in contents.rotating] == [True, False]

    assert counts["read whole"] == 2
    counts.clear()
    assert contents.rotating == [2, 5]
    assert counts == {}


def test_an_old_servers_items_are_opened_to_look_for_rotations() -> None:
    old = b'{"Id": "1", "Type": 1, "Fields": [{"Type": 1, "Name": "2.x", "Value": "2.y"}]}'
    assert [may_rotate(Raw(each)) for each in (old, b"", b"[]")] == [True] * 3
    assert not may_rotate(Raw(b'{"id": "1", "type": 1, "fields": null}'))


@pytest.mark.parametrize("items", SIZES)
def test_searching_the_names_decrypts_nothing(
    writer: Writer, counts: Counter[str], items: int
) -> None:
    contents = fill(writer, items).open()
    counts.clear()

    assert len(contents.with_words("ITEM")) == items
    assert contents.with_folded_name("ITEM 7") == [7]
    assert contents.index.find("tem 1", 3)[0] == "item 1"

    assert counts == {}


def test_what_an_unlock_or_a_search_decrypts_keeps_no_key_of_an_item(writer: Writer) -> None:
    contents = fill(writer, 30).open()

    assert contents.keys._item_keys == {}
    assert len(select(contents, Selection(search="vault.example"))) == 30
    assert contents.keys._item_keys == {}


def test_keys_of_items_that_were_read_do_not_add_up(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_store, "_MOST_ITEM_KEYS", 3)
    contents = fill(writer, 30).open()
    for item in contents.items():
        assert item.password
        assert len(contents.keys._item_keys) <= 3


def opened(writer: Writer, body: bytes) -> Contents:
    snapshot = Snapshot.parse(body)
    keys = KeyStore(writer.user_key)
    keys.renew(snapshot.private_key, snapshot.organizations)
    return Contents(snapshot, keys)


def test_an_unlocked_vault_has_no_objects_of_its_own_for_each_item() -> None:
    def objects(items: int) -> int:
        writer = fill(Writer(), items)
        body = json.dumps(writer.answer).encode()
        opened(writer, body)  # imports and caches
        gc.collect()
        before = len(gc.get_objects())
        contents = opened(writer, body)
        gc.collect()
        assert len(contents) == items
        return len(gc.get_objects()) - before

    assert objects(400) - objects(100) < 10


def test_memory_is_the_answer_and_a_little_for_each_item() -> None:
    items = 2_000
    writer = fill(Writer(), items)
    body = json.dumps(writer.answer).encode()
    opened(writer, body)

    tracemalloc.start()
    try:
        contents = opened(writer, body)
        steady, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert contents.snapshot.body is body, "not copied"
    assert len(body) > 1000 * items
    assert steady < 500 * items
    assert peak < 1.2 * steady
