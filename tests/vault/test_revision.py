"""Edits change what they name and nothing else."""

from __future__ import annotations

import json
import os
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics import Secret
from bw_magics.crypto import UserKey
from bw_magics.crypto.uri_checksum import uri_checksum
from bw_magics.errors import MaskRefused, NotWritable, TooLong, Unreadable, UsageMistake
from bw_magics.vault.changes import hidden, linked, matching
from bw_magics.vault.draft import Draft, type_named
from bw_magics.vault.history import Author
from bw_magics.vault.record import changed_texts, kept_record
from bw_magics.vault.revision import edited_record, new_record
from bw_magics.vault.types import ITEM_TYPES, SSH_KEY, ItemType

Json = dict[str, Any]

KEY = UserKey(bytes(range(64)))
NOW = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=UTC)
AUTHOR = Author("00000000-0000-4000-8000-000000000001", NOW)
BESIDE = Path(__file__).parents[3] / "shared" / "vectors-writing.json"
VECTORS = Path(os.environ.get("BW_MAGICS_WRITING_VECTORS") or BESIDE)


def enc(text: str | None) -> str | None:
    return None if text is None else KEY.encrypt_text(text)


def clear(value: Any) -> Any:
    """The JSON value with its texts decrypted."""
    if isinstance(value, dict):
        return {name: clear(member) for name, member in value.items()}
    if isinstance(value, list):
        return [clear(element) for element in value]
    return KEY.decrypt_text(value) if isinstance(value, str) and value[:2] == "2." else value


def login(**members: Any) -> Json:
    """A login as a server sends it, with members that this version does not know."""
    return {
        "id": "10000000-0000-4000-8000-000000000001",
        "type": 1,
        "organizationId": None,
        "folderId": "20000000-0000-4000-8000-000000000001",
        "favorite": True,
        "reprompt": 1,
        "key": None,
        "name": enc("Warehouse DB"),
        "notes": enc("made-up notes"),
        "fields": [
            {"type": 0, "name": enc("host"), "value": enc("db.example.org"), "linkedId": None},
            {"type": 1, "name": enc("token"), "value": enc("made-up-token"), "linkedId": None},
            {"type": 2, "name": enc("ssl"), "value": enc("true"), "linkedId": None},
            {"type": 3, "name": enc("user"), "value": None, "linkedId": 100},
            {"type": 9, "name": enc("later"), "value": enc("made-up"), "new": {"x": [1]}},
        ],
        "passwordHistory": [{"password": enc("older"), "lastUsedDate": "2026-01-01T00:00:00Z"}],
        "login": {
            "username": enc("analyst"),
            "password": enc("made-up-1"),
            "totp": enc("JBSWY3DPEHPK3PXP"),
            "passwordRevisionDate": "2026-02-02T00:00:00Z",
            "autofillOnPageLoad": True,
            "uri": enc("https://first.example"),
            "uris": [
                {"uri": enc("https://first.example"), "uriChecksum": enc("x"), "match": 3},
                {"uri": enc("https://second.example"), "uriChecksum": None, "match": None},
            ],
            "fido2Credentials": [{"keyValue": enc("made-up key"), "creationDate": "2026-01-01"}],
            "notKnownHere": {"deep": [enc("x"), {"y": True}]},
        },
        "archivedDate": "2026-03-03T00:00:00.1234567Z",
        "revisionDate": "2026-11-29T10:00:00.1234567Z",
        "attachments": [{"id": "1", "fileName": enc("a"), "key": enc("k")}],
        "data": '{"Name":"…"}',
        **members,
    }


def draft(**members: Any) -> Draft:
    made = Draft(ITEM_TYPES[1])
    made.update(members)
    return made


def edited(record: Json, **members: Any) -> Json:
    return edited_record(record, draft(**members), KEY, AUTHOR)


def test_a_draft_without_changes_sends_everything_back_unchanged() -> None:
    record = login()
    request = edited(record)
    del record["login"]["uri"]
    for name in ("name", "notes", "fields", "passwordHistory", "login", "archivedDate", "folderId"):
        assert request[name] == record[name], name
    assert request["lastKnownRevisionDate"] == record["revisionDate"]
    assert request["encryptedFor"] == AUTHOR.user_id
    assert "attachments" not in request
    assert "data" not in request


@pytest.mark.parametrize(
    ("members", "path", "value"),
    [
        ({"username": "ada"}, ("login", "username"), "ada"),
        ({"username": None}, ("login", "username"), None),
        ({"username": ""}, ("login", "username"), None),
        ({"name": "Sales DB"}, ("name",), "Sales DB"),
        ({"notes": "new"}, ("notes",), "new"),
        ({"favorite": False}, ("favorite",), False),
        ({"reprompt": False}, ("reprompt",), 0),
        ({"totp": None}, ("login", "totp"), None),
    ],
)
def test_only_the_named_member_changes(members: Json, path: tuple[str, ...], value: object) -> None:
    record = login()
    before = edited(record)
    after = edited(record, **members)
    found: Any = after
    for name in path:
        found = found[name]
    assert clear(found) == value
    for holder, name in (
        ((before, path[0]), (after, path[0]))
        if len(path) == 1
        else (
            (before[path[0]], path[1]),
            (after[path[0]], path[1]),
        )
    ):
        del holder[name]
    assert before == after


def test_the_same_value_again_changes_no_byte() -> None:
    record = login()
    same = {"username": "analyst", "password": "made-up-1", "fields": {"token": "made-up-token"}}
    assert edited(record, **same) == edited(record)


@pytest.mark.parametrize(
    ("fields", "index", "entry"),
    [
        ({"host": "db2"}, 0, (0, "host", "db2")),
        ({"token": "new"}, 1, (1, "token", "new")),
        ({"ssl": False}, 2, (2, "ssl", "false")),
        ({"ssl": "TRUE"}, 2, (2, "ssl", "true")),
        ({"host": hidden("db2")}, 0, (1, "host", "db2")),
        ({"host": Secret("made-up")}, 0, (1, "host", "made-up")),
        ({"host": True}, 0, (2, "host", "true")),
        ({"new": "x"}, 5, (0, "new", "x")),
        ({"new": Secret("made-up")}, 5, (1, "new", "made-up")),
        ({"new": False}, 5, (2, "new", "false")),
        ({"later": "x"}, 4, (9, "later", "x")),
    ],
)
def test_a_field_is_set_by_name(fields: Json, index: int, entry: tuple[int, str, str]) -> None:
    record = login()
    found = edited(record, fields=fields)["fields"]
    assert (found[index]["type"], *(clear(found[index][m]) for m in ("name", "value"))) == entry
    others = [each for number, each in enumerate(found) if number != index]
    assert others == [e for n, e in enumerate(record["fields"]) if n != index]


def test_a_field_can_be_linked_renamed_and_deleted() -> None:
    record = login()
    changes = draft(fields={"user": linked("password"), "pass": linked("password")})
    fields = edited_record(record, changes, KEY, AUTHOR)["fields"]
    assert [(f["linkedId"], f["value"]) for f in (fields[3], fields[5])] == [(101, None)] * 2
    with pytest.raises(UsageMistake, match="cannot be linked"):
        linked("canary")


def test_a_linked_field_takes_no_text() -> None:
    with pytest.raises(UsageMistake, match="shows another member"):
        edited(login(), fields={"user": "ada"})
    field = edited(login(), fields={"user": hidden("ada")})["fields"][3]
    assert (field["type"], clear(field["value"]), field["linkedId"]) == (1, "ada", None)


def test_of_two_fields_with_one_name_the_second_is_counted() -> None:
    twins = [{"type": 0, "name": enc("twin"), "value": enc(value)} for value in ("a", "b")]
    record = login(fields=twins)
    fields = edited(record, fields={"twin#2": "c"})["fields"]
    assert clear(fields) == [
        {"type": 0, "name": "twin", "value": "a"},
        {"type": 0, "name": "twin", "value": "c"},
    ]


def test_a_field_of_kind_boolean_takes_truths_only() -> None:
    with pytest.raises(UsageMistake, match="true or false"):
        edited(login(), fields={"ssl": "perhaps"})


def test_uris_keep_their_entries_in_the_wanted_order() -> None:
    record = login()
    first, second = record["login"]["uris"]
    made = edited(
        record,
        uris=[
            "https://second.example",
            "https://new.example",
            matching("https://first.example", "never"),
        ],
    )["login"]["uris"]
    assert made[0] == second
    assert clear(made[1]) == {
        "uri": "https://new.example",
        "uriChecksum": uri_checksum("https://new.example"),
        "match": None,
    }
    assert made[2] == {**first, "match": 5}
    record["login"]["uris"][0]["match"] = 5
    [again] = edited(record, uris=[matching("https://first.example", "default")])["login"]["uris"]
    assert again == {**first, "match": None}


def test_a_uri_that_cannot_be_read_is_not_lost() -> None:
    record = login()
    broken = {"uri": UserKey.generate().encrypt_text("x"), "match": 1}
    record["login"]["uris"].append(broken)
    assert edited(record, uris=[])["login"]["uris"] == [broken]


def test_an_ssh_key_keeps_all_that_official_clients_need() -> None:
    """The official CLI lists no item at all where one of the three is missing."""
    whole = {"private_key": "made-up", "public_key": "ssh-x", "key_fingerprint": "SHA256:x"}
    made = Draft.new("sshkey")
    made.update({"name": "K", **whole})
    record = new_record(made, KEY, AUTHOR, wrapped_key=None)
    for name in whole:
        partial = Draft.new("sshkey")
        partial.update({"name": "K", **whole, name: None})
        with pytest.raises(UsageMistake, match="cannot open a vault"):
            new_record(partial, KEY, AUTHOR, wrapped_key=None)
        emptied = Draft(SSH_KEY)
        emptied.update({name: None})
        with pytest.raises(UsageMistake, match="cannot open a vault"):
            edited_record(record, emptied, KEY, AUTHOR)
    # What another client left out does not keep the rest from being edited.
    del record["sshKey"]["publicKey"]
    renamed = Draft(SSH_KEY)
    renamed.update({"name": "K2"})
    assert "publicKey" not in edited_record(record, renamed, KEY, AUTHOR)["sshKey"]


@pytest.mark.parametrize(
    ("old", "members", "history"),
    [
        ("p1", {"password": "p2"}, ["p1", "older"]),
        ("p1", {"password": None}, ["p1", "older"]),
        ("p1", {"password": "p1"}, ["older"]),
        (None, {"password": "p2"}, ["older"]),
        ("p1", {"fields": {"token": "t2"}}, ["token: made-up-token", "older"]),
        (
            "p1",
            {"fields": {"token": "t2"}, "password": "p2"},
            ["token: made-up-token", "p1", "older"],
        ),
        ("p1", {"fields": {"host": "h2"}}, ["older"]),
        ("p1", {"username": "ada"}, ["older"]),
    ],
)
def test_replaced_secrets_are_in_the_history(
    old: str | None, members: Json, history: list[str]
) -> None:
    record = login()
    record["login"]["password"] = enc(old)
    request = edited(record, **members)
    assert [clear(entry["password"]) for entry in request["passwordHistory"]] == history
    is_new = members.get("password", old) != old and old
    date = "2026-11-30T12:00:00.123Z" if is_new else "2026-02-02T00:00:00Z"
    assert request["login"]["passwordRevisionDate"] == date


def test_a_hidden_field_that_becomes_text_or_goes_leaves_its_value() -> None:
    for fields in ({"token": hidden("x")}, {"token": None}):
        request = edited(login(), fields=fields)
        assert clear(request["passwordHistory"][0]["password"]) == "token: made-up-token"
    removed = draft()
    removed.changes.extend(draft().changes)
    removed.fields["token"] = "soon gone"
    del removed.fields["token"]
    request = edited_record(login(), removed, KEY, AUTHOR)
    assert "token" not in [clear(field["name"]) for field in request["fields"]]
    assert clear(request["passwordHistory"][0]["password"]) == "token: made-up-token"


def test_five_earlier_passwords_are_kept() -> None:
    past = [{"password": enc(f"old {n}"), "lastUsedDate": "2026-01-01"} for n in range(5)]
    history = edited(login(passwordHistory=past), password="new")["passwordHistory"]
    assert [clear(entry["password"]) for entry in history] == [
        "made-up-1",
        "old 0",
        "old 1",
        "old 2",
        "old 3",
    ]
    assert history[1:] == past[:4]


@pytest.mark.vectors
@pytest.mark.skipif(not VECTORS.exists(), reason="no published vectors beside the checkout")
def test_histories_as_published() -> None:
    vectors = json.loads(VECTORS.read_text())["vectors"]
    tried = 0
    for vector in vectors:
        if vector["category"] != "password-history" or "old" not in vector["inputs"]:
            continue
        old, new = vector["inputs"]["old"], vector["inputs"]["new"]
        past = [{"password": enc(text), "lastUsedDate": "2026"} for text in old.get("history", [])]
        record = login(passwordHistory=past, fields=None)
        record["login"]["password"] = enc(old["password"])
        request = edited(record, password=new["password"])
        found = [clear(entry["password"]) for entry in request["passwordHistory"] or []]
        assert found == vector["expected"]["history"], vector["id"]
        tried += 1
    assert tried >= 3


@pytest.mark.parametrize(
    ("members", "error", "words"),
    [
        ({"pasword": "x"}, UsageMistake, "Did you mean 'password'"),
        ({"name": ""}, UsageMistake, "needs a name"),
        ({"name": None}, UsageMistake, "needs a name"),
        ({"username": 5}, UsageMistake, "has to be a text, not int"),
        ({"favorite": "yes"}, UsageMistake, "True or False"),
        ({"uris": "https://x"}, UsageMistake, "list of texts"),
        ({"fields": ["x"]}, UsageMistake, "map names to values"),
        ({"fields": {"": "x"}}, UsageMistake, "needs a name"),
        ({"password": "[REDACTED]"}, MaskRefused, "mask"),
        ({"password": "[REDACTED Warehouse DB/password]"}, MaskRefused, "mask"),
        ({"password": "••••••••"}, MaskRefused, "mask"),
        ({"password": repr(Secret("made-up", "Warehouse DB / password"))}, MaskRefused, "mask"),
        ({"notes": "host=x\npassword=[REDACTED]\n"}, MaskRefused, "mask"),
        ({"fields": {"token": "••••••••"}}, MaskRefused, "mask"),
        ({"fields": {"token": hidden("••••••••")}}, MaskRefused, "mask"),
        ({"uris": ["postgresql://u:[REDACTED]@h/"]}, MaskRefused, "mask"),
        ({"notes": "n" * 8_000}, TooLong, "notes"),
        ({"username": "n" * 700}, TooLong, "username"),
        ({"password": "n" * 3_700}, TooLong, "password"),
        ({"fields": {"f" * 700: "x"}}, TooLong, "field:"),
        ({"fields": {"host": "x" * 3_700}}, TooLong, "field:host"),
        ({"uris": ["https://x/" + "y" * 7_500]}, TooLong, "URI"),
    ],
)
def test_what_cannot_be_written_is_named(members: Json, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        edited(login(), **members)
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize(
    ("plain", "member", "fits"),
    [
        (687, "username", True),
        (688, "username", False),
        (3695, "password", True),
        (3696, "password", False),
        (7439, "notes", True),
        (7440, "notes", False),
    ],
)
def test_the_longest_texts_that_servers_take(plain: int, member: str, fits: bool) -> None:
    if fits:
        assert edited(login(), **{member: "x" * plain})
        return
    with pytest.raises(TooLong) as caught:
        edited(login(), **{member: "x" * plain})
    assert caught.value.member == member
    assert caught.value.length > caught.value.limit
    assert f"about {plain - 1} bytes" in caught.value.remedy


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"type": 99}, "type that this version does not know"),
        ({"type": None}, "type that this version does not know"),
        ({"data": '{"format_version":1,"x":"y"}'}, "one encrypted block"),
    ],
)
def test_an_item_that_is_not_understood_is_not_edited(members: Json, words: str) -> None:
    with pytest.raises(NotWritable, match=words):
        edited(login(**members), username="x")


def test_a_member_that_cannot_be_read_is_not_overwritten() -> None:
    record = login()
    record["login"]["password"] = UserKey.generate().encrypt_text("made-up")
    with pytest.raises(Unreadable, match="password cannot be read"):
        edited(record, password="new")
    assert edited(record, username="x")["login"]["password"] == record["login"]["password"]


def test_a_record_of_an_old_server_is_sent_in_todays_spelling() -> None:
    def pascal(value: Any) -> Any:
        if isinstance(value, dict):
            return {name[:1].upper() + name[1:]: pascal(m) for name, m in value.items()}
        return [pascal(element) for element in value] if isinstance(value, list) else value

    record = login()
    assert edited(pascal(record)) == edited(record)


@pytest.mark.parametrize("item_type", ITEM_TYPES.values(), ids=lambda each: each.name)
def test_every_type_can_be_created(item_type: ItemType) -> None:
    members: Json = {member: f"made-up {member}" for member in item_type.members}
    made = Draft.new(item_type.name)
    made.update({"name": "New", "notes": "n", "favorite": True, "fields": {"a": "b"}, **members})
    request = new_record(made, KEY, AUTHOR, wrapped_key="2.x|y|z")
    assert request["type"] == item_type.number
    assert clear(request["name"]) == "New"
    assert request["key"] == "2.x|y|z"
    held = request[item_type.name]
    assert clear(held) == (members or {"type": 0})
    assert kept_record({**request, "revisionDate": "x"})


def test_a_new_item_needs_a_name() -> None:
    with pytest.raises(UsageMistake, match="needs a name"):
        new_record(Draft.new("login"), KEY, AUTHOR, wrapped_key=None)


@pytest.mark.parametrize("name", ["note", "secureNote", "secure_note", "SSHKEY", "ssh-key"])
def test_a_type_is_named_as_people_write_it(name: str) -> None:
    assert type_named(name).name in ("secureNote", "sshKey")
    with pytest.raises(UsageMistake, match="not a type"):
        type_named("logins")


def test_an_answer_is_compared_with_the_request() -> None:
    record = login()
    sent = edited(record, username="ada")
    assert changed_texts(sent, sent) == []
    answer = json.loads(json.dumps(sent))
    del answer["login"]["notKnownHere"]  # an official server drops what it does not know
    assert changed_texts(sent, answer) == []
    answer["login"]["password"] = enc("other")
    answer["fields"][0]["value"] = None
    answer["key"] = None
    assert changed_texts(sent, answer) == ["fields[0].value", "login.password"]


def test_a_draft_shows_names_and_no_values() -> None:
    made = draft(password="made-up", fields={"token": hidden("made-up")}, uris=["https://made-up"])
    assert repr(made) == "<Draft of login: password, field:token, uris>"
    assert repr(made.fields) == "<DraftFields: field:token>"
    assert repr(Draft.new("login").fields) == "<DraftFields: no changes>"
    assert "made-up" not in repr(made.changes) + repr(made.fields) + repr(made.uris)


def test_a_draft_reads_what_it_was_given() -> None:
    made = draft(username="ada", fields={"a": "b"}, uris=["https://x"])
    made.uris.append("https://y")
    assert (made.username, made.password, made.favorite) == ("ada", None, False)
    assert dict(made.fields) == {"a": "b"}
    assert list(made.uris) == ["https://x", "https://y"]
    with pytest.raises(AttributeError, match="no member 'iban'"):
        _ = made.iban


VALUES = st.text(max_size=20).filter(lambda text: "•" not in text and "[REDACTED" not in text)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | VALUES.map(enc),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "username": VALUES | st.none(),
        "password": VALUES | st.none(),
        "notes": VALUES | st.none(),
        "name": VALUES.filter(bool),
        "favorite": st.booleans(),
        "fields": st.dictionaries(st.sampled_from(["host", "token", "new"]), VALUES, max_size=3),
        "uris": st.lists(VALUES.filter(bool), max_size=3),
    },
)


@given(unknown=st.dictionaries(st.text(min_size=1, max_size=8), JSON, max_size=4), changes=CHANGES)
def test_what_is_not_named_stays_byte_for_byte(unknown: Json, changes: Json) -> None:
    record = login()
    record["login"] = {**{f"x{name}": value for name, value in unknown.items()}, **record["login"]}
    record["fields"] = [{**unknown, **field} for field in record["fields"]]
    request = edited(record, **changes)
    named = set(changes)
    for member in (
        "name",
        "notes",
        "favorite",
        "folderId",
        "key",
        "archivedDate",
        "organizationId",
    ):
        if member not in named:
            assert request[member] == record[member]
    for member, value in record["login"].items():
        if member not in {*named, "uri", "passwordRevisionDate"}:
            assert request["login"][member] == value
    changed = changes.get("fields", {})
    assert len(request["fields"]) >= len(record["fields"])
    for before, after in zip(record["fields"], request["fields"], strict=False):
        if clear(before["name"]) not in changed:
            assert before == after
    for member, value in changes.items():
        if member in ("username", "password", "notes", "name"):
            holder = request if member in ("notes", "name") else request["login"]
            assert clear(holder[member]) == (value or None)


@pytest.mark.parametrize("stored", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_an_edit_finds_a_field_in_either_form_of_its_name(stored: Any, typed: Any) -> None:
    name = unicodedata.normalize(stored, "Schlüssel")
    record = login(fields=[{"type": 0, "name": enc(name), "value": enc("a"), "linkedId": None}])

    fields = edited(record, fields={unicodedata.normalize(typed, "Schlüssel"): "b"})["fields"]

    assert [clear([field["name"], field["value"]]) for field in fields] == [[name, "b"]]
    assert fields[0]["name"] == record["fields"][0]["name"]


def test_the_second_field_without_a_name_is_the_one_that_is_changed() -> None:
    record = login(
        fields=[
            {"type": 0, "name": name, "value": enc(value), "linkedId": None}
            for name, value in ((None, "a"), (enc(""), "b"), (enc("host"), "c"))
        ]
    )

    fields = edited(record, fields={"#2": "new"})["fields"]

    assert [clear(field["value"]) for field in fields] == ["a", "new", "c"]
