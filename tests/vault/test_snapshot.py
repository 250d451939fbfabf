"""`Snapshot.parse`: lenient in every detail, typed errors for the rest, one buffer in memory."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import AnswerUnusable
from bw_magics.vault import snapshot as module
from bw_magics.vault.contents import Contents
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.snapshot import Snapshot, read_record
from tests.vault.conftest import Json, Writer, pascal

PROFILE: Json = {"id": "u", "email": "nobody@vault.example"}
UNLOCK = {
    "kdf": {"kdfType": 0, "iterations": 600000},
    "masterKeyEncryptedUserKey": "2."
    + "|".join(["A" * 22 + "==", "A" * 107 + "=", "A" * 43 + "="]),
    "salt": "salt@vault.example",
}


def parse(answer: Any) -> Snapshot:
    return Snapshot.parse(json.dumps(answer).encode())


@pytest.mark.parametrize("spell", [lambda value: value, pascal], ids=["camelCase", "PascalCase"])
def test_both_spellings_are_read(writer: Writer, spell: Any) -> None:
    organization = writer.organization("Guild")
    writer.collection("Shared", organization)
    writer.folder("Work")
    writer.login("Warehouse", "ada")
    answer = {**writer.answer, "userDecryption": {"masterPasswordUnlock": UNLOCK}}
    snapshot = parse(spell(answer))
    assert [read_record(record).text("id") for record in snapshot.records]
    assert [folder.id for folder in snapshot.folders] == [writer.folders[0]["id"]]
    assert snapshot.collections[0].organization_id == organization
    assert snapshot.organizations[0].name == "Guild"
    assert (snapshot.email, snapshot.security_stamp) == ("nobody@vault.example", "stamp-1")
    assert snapshot.private_key == writer.private_key
    assert snapshot.unlock is not None
    assert snapshot.unlock.salt == "salt@vault.example"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"profile": PROFILE}, id="nothing but a profile"),
        pytest.param(
            {
                "profile": PROFILE,
                "ciphers": None,
                "folders": None,
                "collections": None,
                "userDecryption": None,
            },
            id="nulls",
        ),
        pytest.param({"profile": PROFILE, "new": [{"deep": 1}], "ciphers": []}, id="unknown"),
        pytest.param(
            {"profile": PROFILE, "folders": {}, "collections": 3, "userDecryption": []},
            id="blocks of other kinds",
        ),
        pytest.param(
            {
                "profile": PROFILE | {"organizations": [None, 3, {}, {"id": None}]},
                "folders": [None, {"id": 1, "name": "x"}, {"id": "f"}],
                "collections": [{"id": "c", "name": "n"}],
            },
            id="entries without what they need",
        ),
    ],
)
def test_missing_and_odd_blocks_are_empty(answer: Json) -> None:
    snapshot = parse(answer)
    assert (len(snapshot.records), snapshot.folders, snapshot.collections) == (0, (), ())
    assert (snapshot.organizations, snapshot.unlock) == ((), None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"text"',
        b"<html></html>",
        b'{"profile": {}}',
        b'{"profile": [], "ciphers": []}',
        b'{"profile": null, "ciphers": []}',
        b'{"profile": {"id": "u"}, "ciphers": {}}',
        b'{"profile": {"id": "u"}, "ciphers": [{"id": "1"}',
        b'{"profile": {"id": "u"}} more',
        b'{"profile": ' + b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_not_a_vault_is_one_typed_error(body: bytes) -> None:
    with pytest.raises(AnswerUnusable) as caught:
        Snapshot.parse(body)
    assert caught.value.remedy
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "record",
    [
        b"null",
        b"3",
        b'"text"',
        b"[]",
        b"{}",
        b'{"id": 5}',
        b'{"id": "\xff\xfe", "name": "x"}',
        b'{"id": "' + b"a" * 36 + b'", "name": 5, "type": "one"}',
        b'{"id": "x", "name": ' + b"[" * 400 + b"]" * 400 + b"}",
    ],
    ids=["null", "3", "text", "list", "empty", "id 5", "not utf-8", "odd members", "deep"],
)
def test_a_strange_item_does_not_affect_the_others(writer: Writer, record: bytes) -> None:
    writer.login("Warehouse")
    body = json.dumps(writer.answer).encode().replace(b'"ciphers": [', b'"ciphers": [%s, ' % record)
    snapshot = Snapshot.parse(body)
    contents = Contents(snapshot, KeyStore(writer.user_key))
    assert contents.names == ["Warehouse"]
    assert contents.unreadable == 1
    strange = contents.item_at(0)
    assert strange.problem
    assert strange.describe()
    assert not strange.fields
    assert not strange.uris
    assert not strange.attachments


def test_more_items_than_anybody_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ITEMS", 3)
    assert len(parse({"profile": PROFILE, "ciphers": [{}] * 3}).records) == 3
    with pytest.raises(AnswerUnusable):
        parse({"profile": PROFILE, "ciphers": [{}] * 4})


def test_an_unlock_block_that_cannot_be_used_is_a_reason_and_no_error() -> None:
    block = {**UNLOCK, "kdf": {"kdfType": 7, "iterations": 1}}
    snapshot = parse({"profile": PROFILE, "userDecryption": {"masterPasswordUnlock": block}})
    assert snapshot.unlock is None
    assert "kind 7" in str(snapshot.unlock_problem)


def test_its_repr_is_a_count(writer: Writer) -> None:
    writer.login("Warehouse")
    assert repr(writer.snapshot) == "<Snapshot of 1 items>"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
NAMES = ("profile", "Profile", "ciphers", "Ciphers", "folders", "collections", "userDecryption")
ITEMS = st.lists(
    st.dictionaries(
        st.sampled_from(["id", "Id", "name", "type", "key", "organizationId", "deletedDate",
                         "login", "fields", "notes", "attachments", "collectionIds"]),
        JSON,
    )
)  # fmt: skip


def look_at_everything(snapshot: Snapshot) -> None:
    writer = Writer()
    keys = KeyStore(writer.user_key)
    keys.renew(snapshot.private_key, snapshot.organizations)
    contents = Contents(snapshot, keys)
    for trashed in (True, False):
        for item in contents.items(trashed=trashed):
            assert item.describe()
            assert repr(item)
            assert isinstance(item.fields, tuple)
            assert isinstance(item.holds("password"), bool)
            assert isinstance(item.mentions.text, str)


@given(st.binary())
def test_any_bytes_are_a_snapshot_or_the_one_error(body: bytes) -> None:
    with contextlib.suppress(AnswerUnusable):
        Snapshot.parse(body)


@given(st.dictionaries(st.sampled_from(NAMES), JSON), ITEMS)
def test_any_json_can_be_looked_at(answer: Json, items: list[Json]) -> None:
    for body in (answer, {"profile": PROFILE, **answer, "ciphers": items}):
        try:
            snapshot = parse(body)
        except AnswerUnusable:
            continue
        look_at_everything(snapshot)


@given(st.data())
def test_a_damaged_answer_is_a_snapshot_or_the_one_error(data: st.DataObject) -> None:
    writer = Writer()
    writer.login("Warehouse", "ada", "https://db.vault.example", notes="n")
    body = bytearray(json.dumps(writer.answer).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        snapshot = Snapshot.parse(body)
    except AnswerUnusable:
        return
    look_at_everything(snapshot)


def test_items_are_views_into_the_body(writer: Writer) -> None:
    record = writer.login("Warehouse", "ada", "https://db.vault.example", notes="x" * 1000)
    writer.items = [record] * 2000
    body = json.dumps(writer.answer).encode()
    tracemalloc.start()
    try:
        snapshot = Snapshot.parse(body)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert all(type(record) is msgspec.Raw for record in snapshot.records)
    assert kept < len(body) * 0.1
    assert peak < len(body) * 0.1
