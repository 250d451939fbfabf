"""`Contents`: names indexed once, keys that may fail one by one, a resync that costs little."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bw_magics.crypto import EncString
from bw_magics.errors import NotFound, Unreadable, VaultLocked
from bw_magics.settings import VERSION
from bw_magics.vault.catalogue import Catalogue
from bw_magics.vault.contents import Contents
from bw_magics.vault.kept import KeptCatalogue
from bw_magics.vault.places import places
from bw_magics.vault.snapshot import Folder
from tests.vault.conftest import Raw, Writer, key_pair, locked, spoiled, stable_id


def test_names_are_at_hand_and_nothing_else_is_decrypted(writer: Writer) -> None:
    writer.login("Warehouse")
    writer.login("Registry", has_key=True)
    contents = writer.open()
    assert contents.names == ["Warehouse", "Registry"]
    assert (len(contents), contents.decrypted_names, contents.unreadable) == (2, 2, 0)
    assert writer.announced == []


@pytest.mark.parametrize("has_key", [False, True], ids=["owner's key", "key of its own"])
@pytest.mark.parametrize("is_shared", [False, True], ids=["personal", "organisation"])
def test_every_kind_of_key_opens_its_item(writer: Writer, has_key: bool, is_shared: bool) -> None:
    organization = writer.organization("Guild") if is_shared else None
    record = writer.login("Warehouse", has_key=has_key, organizationId=organization)
    item = writer.item(record)
    assert item.password == "pw-Warehouse"
    assert item.organization == ("Guild" if is_shared else None)


@pytest.mark.parametrize(("type", "written_as"), [(3, 3), (4, 4), (5, 3), (6, 4)])
def test_an_organisations_key_of_every_rsa_type_opens_its_items(
    writer: Writer, type: int, written_as: int
) -> None:
    organization = writer.organization("Guild")
    wrapped = key_pair().wrap(writer.organization_keys[organization].material, written_as)
    mac = b"m" * 32 if type in (5, 6) else b""
    writer.organizations[0]["key"] = str(EncString(type, wrapped.data, mac=mac))
    assert writer.item(writer.login("Warehouse", organizationId=organization)).password == (
        "pw-Warehouse"
    )


def test_another_items_key_does_not_open_it(writer: Writer) -> None:
    other = writer.login("Other", has_key=True)
    record = writer.login("Warehouse", has_key=True)
    record["key"] = other["key"]
    item = writer.item(record)
    assert item.problem is not None
    with pytest.raises(Unreadable, match="Integrity check"):
        item.password  # noqa: B018


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(
            {"key": "spoiled"}, "own key cannot be read: Integrity check failed", id="key"
        ),
        pytest.param({"name": "spoiled"}, "Integrity check failed", id="name"),
        pytest.param({"name": "9.AAAA"}, "Encryption type 9 is not supported", id="name, type 9"),
        pytest.param({"name": "7.AAAA"}, "Encryption type 7", id="name, type 7"),
        pytest.param({"name": "plain text"}, "not an encrypted string", id="name in clear"),
        pytest.param({"name": None}, "It has no name", id="no name"),
        pytest.param({"key": "2.A|B|C"}, "own key cannot be read", id="key malformed"),
        pytest.param({"type": 99}, "type 99 are not known", id="unknown type"),
        pytest.param({"type": None}, "not known", id="no type"),
        pytest.param({"organizationId": "gone"}, "not among your organisations", id="foreign"),
        pytest.param({"id": None}, "not an item", id="no id"),
    ],
)
def test_an_item_that_cannot_be_read_says_why(
    writer: Writer, spoil: dict[str, object], reason: str
) -> None:
    writer.login("Good")
    record = writer.login("Bad", has_key=True)
    for name, value in spoil.items():
        record[name] = spoiled(record[name]) if value == "spoiled" else value
    contents = writer.open()
    assert contents.unreadable == 1
    bad = contents.item_at(1)
    assert bad.problem is not None
    assert reason in bad.problem
    assert reason in bad.describe()
    with pytest.raises(Unreadable) as caught:
        bad.get("number")
    assert reason in str(caught.value) or "cannot be read" in str(caught.value)
    assert contents.item_at(0).password == "pw-Good"
    assert contents.item_at(0).problem is None


def test_an_item_of_an_unknown_type_keeps_its_name_notes_and_fields(writer: Writer) -> None:
    record = writer.add(
        "Future", 99, notes="n", fields=[{"type": 0, "name": "a", "value": "b", "linkedId": None}]
    )
    item = writer.item(record)
    assert (item.name, item.type, item.notes, item.field("a")) == ("Future", "type 99", "n", "b")


@pytest.mark.parametrize(
    ("private_key", "reason"),
    [
        ("spoiled", "private key cannot be read: Integrity check failed"),
        (None, "has no private key"),
    ],
)
def test_without_the_private_key_personal_items_go_on(
    writer: Writer, private_key: str | None, reason: str
) -> None:
    organization = writer.organization("Guild")
    shared = writer.login("Shared", organizationId=organization)
    writer.collection("Data", organization)
    personal = writer.login("Mine")
    writer.private_key = private_key and spoiled(writer.private_key or "")
    contents = writer.open()
    assert contents.item(personal["id"]).password == "pw-Mine"
    assert reason in (contents.item(shared["id"]).problem or "")
    assert [place.name for place in places(contents, "collection")] == ["(unreadable)"]
    assert [place.name for place in places(contents, "organization")] == ["Guild"]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (None, "key was not sent"),
        ("4.AAAA", "key cannot be read"),
        ("2.AAAA", "key cannot be read"),
        ("9.AAAA", "Encryption type 9"),
    ],
)
def test_one_organisations_key_costs_only_its_own_items(
    writer: Writer, key: str | None, reason: str
) -> None:
    good, bad = writer.organization("Good"), writer.organization("Bad")
    fine = writer.login("Fine", organizationId=good)
    lost = writer.login("Lost", organizationId=bad)
    writer.organizations[1]["key"] = key
    contents = writer.open()
    assert contents.item(fine["id"]).password == "pw-Fine"
    assert reason in (contents.item(lost["id"]).problem or "")


def test_a_key_of_an_odd_length_is_unreadable(writer: Writer) -> None:
    organization = writer.organization("Guild")
    writer.organizations[0]["key"] = str(key_pair().wrap(b"k" * 32))
    record = writer.login("Lost", organizationId=organization)
    assert "64 bytes" in (writer.item(record).problem or "")


def test_trash_and_archive_are_told_apart(writer: Writer) -> None:
    writer.login("Here")
    writer.login("Trashed", deletedDate="2026-01-01T00:00:00Z")
    writer.login("Archived", archivedDate="2026-01-01T00:00:00Z")
    contents = writer.open()
    assert len(contents) == 1
    assert contents.names == ["Here", "Archived"]
    assert [item.name for item in contents.items(trashed=True)] == ["Trashed"]
    assert [(item.name, item.is_archived) for item in contents.items()] == [
        ("Here", False),
        ("Archived", True),
    ]


def test_a_resync_decrypts_only_what_changed(writer: Writer) -> None:
    records = [writer.login(f"Item {number}", has_key=True) for number in range(10)]
    first = writer.open()
    assert first.decrypted_names == 10
    records[3]["revisionDate"] = "2026-06-06T00:00:00Z"
    records[4]["name"] = writer.open().keys.user_key.encrypt_text("x")  # under the wrong key
    writer.login("New")
    second = writer.open(previous=first)
    assert second.decrypted_names == 3
    assert second.names == [f"Item {number}" for number in range(10) if number != 4] + ["New"]
    assert "Integrity check" in (second.item(records[4]["id"]).problem or "")
    assert first.item(records[4]["id"]).name == "Item 4"


def test_what_cannot_be_read_is_tried_again_only_where_there_is_another_key(
    writer: Writer,
) -> None:
    guild = writer.organization("Guild")
    writer.login("Readable")
    writer.login("Of the guild", organizationId=guild)
    wrapped = writer.organizations[0]["key"]
    writer.organizations[0]["key"] = None
    first = writer.open()
    same = writer.open(previous=first)
    writer.organizations[0]["key"] = wrapped
    mended = writer.open(previous=same)

    counted = [contents.decrypted_names for contents in (first, same, mended)]
    assert counted == [2, 0, 1]
    assert [contents.unreadable for contents in (first, same, mended)] == [1, 1, 0]
    assert list(same.catalogue.problems.values()) == list(first.catalogue.problems.values())
    assert mended.names == ["Readable", "Of the guild"]


def test_an_item_that_is_gone_is_gone_after_a_resync(writer: Writer) -> None:
    record = writer.login("Short-lived")
    writer.login("Stays")
    first = writer.open()
    writer.items.remove(record)
    second = writer.open(previous=first)
    assert second.names == ["Stays"]
    with pytest.raises(NotFound):
        second.item(record["id"])
    assert first.item(record["id"]).password == "pw-Short-lived"


def test_a_confirmed_item_stays_confirmed_after_a_resync(writer: Writer) -> None:
    record = writer.login("Payroll", reprompt=1)
    first = writer.open()
    held = first.item(record["id"])
    second = writer.open(previous=first)
    second.keys.confirm(record["id"])
    assert second.item(record["id"]).password == "pw-Payroll"
    assert held.password == "pw-Payroll"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_compare_in_nfc(writer: Writer, form: str) -> None:
    writer.login(unicodedata.normalize("NFD" if form == "NFC" else "NFC", "Größe é"))
    contents = writer.open()
    assert contents.with_name(unicodedata.normalize(form, "Größe é")) == [0]  # type: ignore[arg-type]
    assert contents.with_folded_name(unicodedata.normalize(form, "GRÖSSE É")) == [0]  # type: ignore[arg-type]


def test_items_of_one_name_are_all_found(writer: Writer) -> None:
    for _ in range(3):
        writer.login("Twin")
    assert writer.open().with_name("Twin") == [0, 1, 2]


def test_an_empty_name_is_a_name(writer: Writer) -> None:
    item = writer.item(writer.login(""))
    assert (item.name, item.problem) == ("", None)


def test_folder_names_that_cannot_be_read_are_marked(writer: Writer) -> None:
    writer.folder("Work")
    writer.folders.append({"id": "x", "name": Raw("2.bad")})
    assert sorted(place.name for place in places(writer.open(), "folder")) == [
        "(unreadable)",
        "Work",
    ]


def test_after_forgetting_nothing_is_readable(writer: Writer) -> None:
    record = writer.login("Warehouse", None, "https://db.vault.example", has_key=True, notes="n")
    contents = writer.open()
    item = contents.item(record["id"])
    assert item.password == "pw-Warehouse"
    contents.keys.forget(locked)
    uses = writer.uses
    for read in (lambda: item.password, lambda: item.uris, lambda: item.notes):
        with pytest.raises(VaultLocked):
            read()
    with pytest.raises(VaultLocked):
        contents.keys.key_for(None, record["key"])
    with pytest.raises(VaultLocked):
        contents.keys.user_key  # noqa: B018
    assert writer.uses == uses, "a refused read does not keep the vault from being idle"
    assert repr(contents.keys) == "<KeyStore, forgotten>"
    assert item.name == "Warehouse"


NAMES = ("A", "a", "B", "é", "e\u0301", "")
RECORD = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "deletedDate": st.sampled_from([None, "2026-01-02T03:04:05Z"]),
        "archivedDate": st.sampled_from([None, "2026-01-02T03:04:05Z"]),
        "type": st.sampled_from([1, 99]),
        "in_capitals": st.booleans(),
    }
)


@given(exchanges=st.lists(st.tuples(st.integers(0, 4), RECORD), max_size=6), data=st.data())
def test_exchanging_records_one_by_one_is_reading_all_anew(
    exchanges: list[tuple[int, Any]], data: st.DataObject
) -> None:
    """What a change puts into the vault in memory is what a sync would bring."""
    writer = Writer()
    for number in range(4):
        writer.login(NAMES[number])
    contents = writer.open()
    records = {stable_id(f"item {at} {NAMES[at]}"): dict(writer.items[at]) for at in range(4)}
    ids = [*records, stable_id("one that is new")]
    for at, wanted in exchanges:
        record = {**writer.items[0], **wanted, "id": ids[at]}
        record["id"] = ids[at].upper() if record.pop("in_capitals") else ids[at]
        record["name"] = writer.user_key.encrypt_text(wanted["name"]) if wanted["name"] else None
        if data.draw(st.booleans()):
            contents.with_name(wanted["name"])  # an index that was made before is made anew
        snapshot = contents.with_record(record["id"], json.dumps(record).encode())
        contents = Contents(snapshot, contents.keys, previous=contents)
        assert contents.decrypted_names <= 1, "none where the record is the same"
        records[ids[at]] = record
    anew = Contents(replace(contents.snapshot, body=b"another download"), contents.keys)
    assert len(contents.snapshot.records) == len(records)
    for each in ("names", "ids", "by_id", "trashed", "archived", "problems"):
        assert getattr(contents.catalogue, each) == getattr(anew.catalogue, each), each
    for name in NAMES:
        assert contents.with_name(name) == anew.with_name(name)
        assert contents.with_folded_name(name) == anew.with_folded_name(name)
    assert sorted(contents.index.find("", 99)) == sorted(anew.index.find("", 99))


def test_names_of_places_are_kept_where_they_cannot_differ(writer: Writer) -> None:
    writer.folder("Work")
    record = writer.login("Warehouse")
    first = writer.open()
    second = Contents(
        first.with_record(record["id"], json.dumps(record).encode()), first.keys, previous=first
    )
    assert second.folder_names is first.folder_names
    folders = (*first.snapshot.folders, Folder("f-2", writer.user_key.encrypt_text("New")))
    third = Contents(replace(second.snapshot, folders=folders), first.keys, previous=second)
    assert [*third.folder_names.values()] == ["Work", "New"]


# Two with one name, one of them in the trash; a name that is not in NFC; two with one id.
LISTED = KeptCatalogue(
    VERSION,
    ids=["a", "b", None, "d", "a", "f"],
    names=["Twin", "Twin", None, "Cafe\u0301", "Twin", "\u212a"],
    trashed=[1],
    archived=[],
    problems={},
    places={},
)


@pytest.mark.parametrize("id", ["a", "b", "d", "f", "none"])
@pytest.mark.parametrize("name", ["Twin", "Caf\u00e9", "K", "twin", "none"])
def test_the_first_question_is_answered_like_later_ones(id: str, name: str) -> None:
    catalogue = Catalogue.of_kept(LISTED)

    first = [*catalogue.exactly(id, name)]

    assert first == [*catalogue.exactly(id, name)]
    position = catalogue.by_id.get(id)
    assert first[0] == ("id", [] if position in (None, 1) else [position])
    assert first[1] == ("name", catalogue.by_name.get(name))
