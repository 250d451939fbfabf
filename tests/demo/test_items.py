"""Creating, editing and deleting items, with the checks of real servers."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import pytest

from bw_magics.answer import Answer
from bw_magics.crypto import (
    AttachmentKey,
    EncString,
    ItemKey,
    MasterPasswordUnlock,
    SymmetricKey,
    UserKey,
    encrypt_file,
)
from bw_magics.demo import DemoServer
from tests.demo.conftest import Caller, Calls

Writer = tuple[Caller, UserKey]


@pytest.fixture
def writer(own: DemoServer, call: Calls) -> Any:
    """Yields a logged-in caller and the user key of its account."""
    caller = call(own)
    caller.login()
    block = Answer(caller.sync()["userDecryption"]).object("masterPasswordUnlock")
    unlock = MasterPasswordUnlock.read(block, email=None)
    assert unlock is not None
    return caller, unlock.open(unlock.derive(password=own.accounts[0].master_password))


def new_item(caller: Caller, user_key: SymmetricKey, **members: Any) -> Any:
    return {
        "type": 1,
        "encryptedFor": caller.server.accounts[0].user_id,
        "organizationId": None,
        "folderId": None,
        "favorite": False,
        "reprompt": 0,
        "name": user_key.encrypt_text("New item"),
        "notes": None,
        "login": {"username": user_key.encrypt_text("ada"), "uris": None, "response": None},
        "fields": None,
        "attachments": {},
        "response": None,
        **members,
    }


def create(caller: Caller, user_key: SymmetricKey, **members: Any) -> Any:
    answer = caller.http.post("/api/ciphers", json=new_item(caller, user_key, **members))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_created_item_is_in_the_next_sync(writer: Writer) -> None:
    caller, key = writer

    made = create(caller, key)

    synced = next(c for c in caller.sync()["ciphers"] if c["id"] == made["id"])
    assert key.decrypt_text(synced["name"]) == "New item"
    assert synced["attachments"] is None
    assert "response" not in synced["login"]
    assert made["object"] == ("cipher" if caller.server.style == "official" else "cipherDetails")


def test_an_edit_replaces_everything(writer: Writer) -> None:
    caller, key = writer
    item_key = ItemKey.generate()
    made = create(caller, key, key=str(key.encrypt(item_key.material)), notes=key.encrypt_text("n"))

    edited = caller.http.put(
        f"/api/ciphers/{made['id']}",
        json=new_item(caller, key, lastKnownRevisionDate=made["revisionDate"]),
    ).json()

    assert edited["key"] is None
    assert edited["notes"] is None
    assert edited["revisionDate"] > made["revisionDate"]
    assert edited["creationDate"] == made["creationDate"]


@pytest.mark.parametrize(
    ("seconds", "official", "vaultwarden"), [(-60, 400, 400), (60, 400, 200), (-0.5, 200, 200)]
)
def test_an_edit_of_an_outdated_copy_is_refused(
    writer: Writer, seconds: float, official: int, vaultwarden: int
) -> None:
    caller, key = writer
    made = create(caller, key)
    known = datetime.fromisoformat(made["revisionDate"]) + timedelta(seconds=seconds)

    answer = caller.http.put(
        f"/api/ciphers/{made['id']}",
        json=new_item(caller, key, lastKnownRevisionDate=known.isoformat()),
    )

    expected = official if caller.server.style == "official" else vaultwarden
    assert answer.status_code == expected
    if expected == 400:
        assert "out of date" in answer.json()["message"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"name": "plain text"}, "The model state is invalid."),
        ({"name": None}, "The model state is invalid."),
        ({"notes": "plain text"}, "The model state is invalid."),
        ({"login": {"password": "plain text"}}, "The model state is invalid."),
        ({"archivedDate": "tomorrow"}, "The model state is invalid."),
        ({"type": 42}, "Invalid type"),
        ({"folderId": "00000000-0000-4000-8000-000000000000"}, "Invalid folder"),
    ],
    ids=[
        "plain name",
        "no name",
        "plain notes",
        "plain password",
        "no date",
        "unknown type",
        "unknown folder",
    ],
)
def test_what_is_not_an_encrypted_item_is_refused(
    writer: Writer, members: dict[str, Any], message: str
) -> None:
    caller, key = writer

    answer = caller.http.post("/api/ciphers", json=new_item(caller, key, **members))

    if caller.server.style != "official" and message.startswith("The model"):
        # What Vaultwarden takes of it is in test_recorded_writes.py.
        assert answer.status_code in (200, 422)
        return
    assert answer.status_code == 400
    assert answer.json()["message"] == message
    assert answer.json()["object"] == "error"


def test_the_official_server_refuses_what_is_encrypted_for_somebody_else(
    official: DemoServer, call: Calls
) -> None:
    caller = call(official)
    caller.login()
    item = new_item(caller, ItemKey.generate(), encryptedFor=official.accounts[1].user_id)

    answer = caller.http.post("/api/ciphers", json=item)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Cipher was not encrypted for the current user")


def test_vaultwarden_refuses_new_types(writer: Writer) -> None:
    caller, key = writer
    item = new_item(caller, key, type=6, bankAccount={"bankName": key.encrypt_text("Demo Bank")})

    answer = caller.http.post("/api/ciphers", json=item)

    assert answer.status_code == (200 if caller.server.style == "official" else 400)


def test_trash_restore_archive_delete(writer: Writer) -> None:
    caller, key = writer
    path = f"/api/ciphers/{create(caller, key)['id']}"

    assert caller.http.put(f"{path}/delete").content == b""
    assert caller.http.get(path).json()["deletedDate"]
    assert caller.http.put(f"{path}/restore").json()["deletedDate"] is None
    assert caller.http.put(f"{path}/archive").json()["archivedDate"]
    assert caller.http.put(f"{path}/unarchive").json()["archivedDate"] is None
    assert caller.http.put(f"{path}/partial", json={"favorite": True}).json()["favorite"] is True
    assert caller.http.delete(path).content == b""
    assert caller.http.get(path).status_code == unknown(caller)


def unknown(caller: Caller) -> int:
    """The status for an unknown item or file."""
    return 404 if caller.server.style == "official" else 400


def test_read_only_items_stay_as_they_are(own: DemoServer, writer: Writer) -> None:
    caller, _ = writer
    locked = next(i for i in own.account_items(own.accounts[0]) if not i["edit"])

    assert caller.http.delete(f"/api/ciphers/{locked['id']}").status_code == 400
    assert caller.http.get(f"/api/ciphers/{locked['id']}/details").json()["viewPassword"] is False


def test_an_organisation_item_needs_a_collection_of_its_organisation(
    own: DemoServer, writer: Writer
) -> None:
    caller, key = writer
    sync = caller.sync()
    collection = sync["collections"][0]
    item = new_item(caller, key, organizationId=collection["organizationId"])

    made = caller.http.post(
        "/api/ciphers/create", json={"cipher": item, "collectionIds": [collection["id"]]}
    )
    none = caller.http.post("/api/ciphers/create", json={"cipher": item, "collectionIds": []})
    foreign = caller.http.post(
        "/api/ciphers/create", json={"cipher": item, "collectionIds": [sync["profile"]["id"]]}
    )

    assert made.status_code == 200
    assert none.status_code == 400
    assert foreign.status_code == 404
    stored = own.stored_items(own.accounts[0])[made.json()["id"]]
    assert stored["collectionIds"] == [collection["id"]]


def test_accounts_do_not_see_each_other(own: DemoServer, call: Calls) -> None:
    ada, grace = call(own), call(own)
    ada.login(own.accounts[0])
    grace.login(own.accounts[1])
    foreign = own.account_items(own.accounts[0])[0]["id"]

    assert grace.http.get(f"/api/ciphers/{foreign}").status_code == unknown(grace)
    assert len(grace.sync()["ciphers"]) == len(own.account_items(own.accounts[1]))


def test_folders(writer: Writer) -> None:
    caller, key = writer
    made = caller.http.post("/api/folders", json={"name": key.encrypt_text("New")}).json()
    item = create(caller, key, folderId=made["id"])

    renamed = caller.http.put(
        f"/api/folders/{made['id']}", json={"name": key.encrypt_text("Renamed")}
    ).json()
    listed = caller.http.get("/api/folders").json()["data"]
    removed = caller.http.delete(f"/api/folders/{made['id']}")

    assert key.decrypt_text(renamed["name"]) == "Renamed"
    assert made["id"] in {folder["id"] for folder in listed}
    assert removed.content == b""
    assert caller.http.get(f"/api/ciphers/{item['id']}").json()["folderId"] is None
    plain = caller.http.post("/api/folders", json={"name": "plain"}).status_code
    assert plain == (400 if caller.server.style == "official" else 200)


@pytest.mark.parametrize("size", [0, 20, 2_000_000], ids=str)
def test_attachments_go_up_and_come_down(writer: Writer, size: int) -> None:
    caller, key = writer
    item = create(caller, key)
    file_key = AttachmentKey.generate()
    file = encrypt_file(file_key, os.urandom(size))
    path = f"/api/ciphers/{item['id']}/attachment"

    announced = caller.http.post(
        f"{path}/v2",
        json={
            "key": str(key.encrypt(file_key.material)),
            "fileName": key.encrypt_text("data.bin"),
            "fileSize": len(file),
        },
    ).json()
    attachment = announced["attachmentId"]
    uploaded = caller.http.post(f"{path}/{attachment}", files={"data": ("name", file)})
    metadata = caller.http.get(f"{path}/{attachment}").json()
    bearer = caller.http.headers.pop("Authorization")
    downloaded = caller.http.get(metadata["url"])
    without_token = caller.http.get(metadata["url"].partition("?")[0])
    caller.http.headers["Authorization"] = bearer

    assert announced["fileUploadType"] == 0
    assert uploaded.status_code == 200
    assert downloaded.content == file
    assert without_token.status_code == 404
    assert metadata["size"] == str(len(file))
    assert AttachmentKey(key.decrypt(EncString.parse(metadata["key"]))) == file_key
    deleted = caller.http.delete(f"{path}/{attachment}").json()
    if caller.server.style == "official":
        assert deleted["cipher"]["attachments"] is None
    else:
        assert deleted == {}
    assert caller.http.get(metadata["url"]).status_code == 404


def test_an_attachment_has_to_be_announced_in_full(writer: Writer) -> None:
    caller, key = writer
    path = f"/api/ciphers/{create(caller, key)['id']}/attachment"

    assert caller.http.post(f"{path}/v2", json={"key": "2.x"}).status_code == 400


def test_a_file_of_another_length_than_announced_is_refused_or_taken(writer: Writer) -> None:
    caller, key = writer
    path = f"/api/ciphers/{create(caller, key)['id']}/attachment"
    text = key.encrypt_text("x")
    announced = caller.http.post(f"{path}/v2", json={"key": text, "fileName": text, "fileSize": 9})

    answer = caller.http.post(
        f"{path}/{announced.json()['attachmentId']}", files={"data": ("name", b"short")}
    )

    assert answer.status_code == (400 if caller.server.style == "official" else 200)


def test_the_api_key_is_shown_and_rotated_for_the_master_password(
    own: DemoServer, call: Calls
) -> None:
    caller, account = call(own), own.accounts[0]
    caller.login()
    block = Answer(caller.sync()["userDecryption"]).object("masterPasswordUnlock")
    unlock = MasterPasswordUnlock.read(block, email=None)
    assert unlock is not None
    password = account.master_password
    proof = {
        "masterPasswordHash": unlock.derive(password=password).password_hash(password=password)
    }
    old = account.client_secret

    shown = caller.http.post("/api/accounts/api-key", json=proof).json()
    rotated = caller.http.post("/api/accounts/rotate-api-key", json=proof).json()
    refused = caller.http.post("/api/accounts/api-key", json={"masterPasswordHash": "wrong"})

    assert shown["apiKey"] == old
    assert rotated["apiKey"] == account.client_secret != old
    assert refused.status_code == 400
