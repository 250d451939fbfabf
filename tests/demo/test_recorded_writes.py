"""What real servers answered to writes, right and wrong, and that the demo answers the same.

Recorded on 30 November 2026 from Vaultwarden (git 46d71107) and NodeWarden 1.8.0 with plain
requests. Names of members of JSON bodies are compared, and their values where they were told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bw_magics.demo import DemoServer
from tests.demo.conftest import Caller

NAME = (
    "2.AAAAAAAAAAAAAAAAAAAAAA==|AAAAAAAAAAAAAAAAAAAAAA=="
    "|AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
)
NOWHERE = "00000000-0000-4000-8000-00000000dead"
PAGE = "a page of HTML"
EMPTY = "no body"


@dataclass
class Writing:
    """A client of one style of server; `item` and `folder` are ids that it made."""

    http: httpx.Client
    server: DemoServer
    item: str = ""
    folder: str = ""

    def send(self, method: str, path: str, body: object = None, **how: Any) -> httpx.Response:
        path = path.format(item=self.item, folder=self.folder, nowhere=NOWHERE)
        if body is not None:
            how["content"] = body if isinstance(body, bytes) else json.dumps(body)
        return self.http.request(method, f"/api{path}", **how)

    def record(self, **members: object) -> dict[str, object]:
        return {"type": 1, "name": NAME, "login": {}, **members}

    def known(self) -> dict[str, Any]:
        found: dict[str, Any] = self.send("GET", "/ciphers/{item}").json()
        return found


Case = Callable[[Writing], httpx.Response]
Answer = tuple[int, object]


def create(**members: object) -> Case:
    return lambda w: w.send("POST", "/ciphers", w.record(**members))


def edit(**members: object) -> Case:
    return lambda w: w.send("PUT", "/ciphers/{item}", w.record(**members))


def request(method: str, path: str, body: object = None) -> Case:
    return lambda w: w.send(method, path, body)


def after(first: Case, then: Case) -> Case:
    def both(writing: Writing) -> httpx.Response:
        assert first(writing).status_code < 300
        return then(writing)

    return both


def nameless(writing: Writing) -> httpx.Response:
    return writing.send("POST", "/ciphers", {"type": 1, "login": {}})


def many(verb: str, method: str = "PUT") -> Case:
    return lambda w: w.send(method, f"/ciphers/{verb}", {"ids": [w.item], "folderId": None})


def announce(writing: Writing) -> httpx.Response:
    body = {"key": NAME, "fileName": NAME, "fileSize": 100}
    return writing.send("POST", "/ciphers/{item}/attachment/v2", body)


def upload(size: int) -> Case:
    def uploaded(writing: Writing) -> httpx.Response:
        file = announce(writing).json()["attachmentId"]
        path = f"/ciphers/{{item}}/attachment/{file}"
        writing.http.headers.pop("Content-Type")
        return writing.send("POST", path, files={"data": ("x", b"x" * size)})

    return uploaded


def delete_attachment(times: int) -> Case:
    def deleted(writing: Writing) -> httpx.Response:
        file = announce(writing).json()["attachmentId"]
        for _ in range(times):
            came = writing.send("DELETE", f"/ciphers/{{item}}/attachment/{file}")
        return came

    return deleted


def anonymous(writing: Writing) -> httpx.Response:
    return writing.send("POST", "/ciphers", writing.record(), headers={"Authorization": ""})


ITEM = {"object": "cipherDetails"}
STALE = "The client copy of this cipher is out of date. Resync the client and try again."
TOO_LONG = "The field Notes exceeds the maximum encrypted value length of 10000 characters."
KEY = {"key": NAME}
NOT_RECORDED: Answer = (0, None)

# A case, then what each server answered: a status, and members, a text, a page or nothing.
RECORDED: dict[str, tuple[Case, Answer, Answer]] = {
    "create": (create(), (200, ITEM), (200, ITEM | {"data": None})),
    "create without name": (nameless, (422, PAGE), (200, ITEM)),
    "create, name in clear": (
        create(name="clear"),
        (200, ITEM | {"name": "clear"}),
        (400, "Cipher name must be an encrypted string up to 1000 characters."),
    ),
    "create, type 99": (create(type=99), (400, "Invalid type"), (200, {"type": 99})),
    "create, type 6": (create(type=6), (400, "Invalid type"), (200, {"type": 6})),
    "create, unknown folder": (
        create(folderId=NOWHERE), (400, "Invalid folder"), (404, "Folder not found"),
    ),
    "create, long notes": (
        create(notes="2." + "A" * 10_000),
        (400, TOO_LONG),
        (400, "Cipher notes must be an encrypted string up to 10000 characters."),
    ),
    "create, encrypted for another": (create(encryptedFor=NOWHERE), (200, ITEM), (200, ITEM)),
    "edit, current date": (
        lambda w: edit(lastKnownRevisionDate=w.known()["revisionDate"])(w),
        (200, ITEM),
        (200, ITEM),
    ),
    "edit, copy a little out of date": (
        lambda w: after(edit(), edit(lastKnownRevisionDate=w.known()["revisionDate"]))(w),
        (200, ITEM),
        (400, STALE),
    ),
    "edit, copy far out of date": (
        edit(lastKnownRevisionDate="2026-01-01T00:00:00.000Z"), (400, STALE), (400, STALE),
    ),
    "edit without date": (edit(), (200, ITEM), (200, ITEM)),
    "edit, not a date": (edit(lastKnownRevisionDate="never"), (200, ITEM), (200, ITEM)),
    "edit by POST": (
        lambda w: w.send("POST", "/ciphers/{item}", w.record()), (200, ITEM), (200, ITEM),
    ),
    "edit unknown": (
        lambda w: w.send("PUT", "/ciphers/{nowhere}", w.record()),
        (400, "Cipher doesn't exist"),
        (404, "Cipher not found"),
    ),
    "edit, type changed": (edit(type=2, secureNote={}), (200, {"type": 1}), (200, {"type": 2})),
    "edit, key added": (edit(**KEY), (200, KEY), (200, KEY)),
    "edit, key left out": (after(edit(**KEY), edit()), (200, {"key": None}), (200, KEY)),
    "partial": (
        request("PUT", "/ciphers/{item}/partial", {"folderId": None, "favorite": True}),
        (200, {"favorite": True}),
        (200, {"favorite": True}),
    ),
    "partial, unknown folder": (
        request("PUT", "/ciphers/{item}/partial", {"folderId": NOWHERE, "favorite": True}),
        (400, "Invalid folder"),
        (404, "Folder not found"),
    ),
    "archive": (request("PUT", "/ciphers/{item}/archive"), (200, ITEM), (200, ITEM)),
    "unarchive": (
        request("PUT", "/ciphers/{item}/unarchive"),
        (200, {"archivedDate": None}),
        (200, {"archivedDate": None}),
    ),
    "archive several": (many("archive"), (200, {"object": "list"}), (200, {"object": "list"})),
    "unarchive several": (many("unarchive"), (200, {"object": "list"}), (200, {"object": "list"})),
    "trash": (
        request("PUT", "/ciphers/{item}/delete"), (200, EMPTY), (200, ITEM),
    ),
    "restore": (
        after(request("PUT", "/ciphers/{item}/delete"), request("PUT", "/ciphers/{item}/restore")),
        (200, {"deletedDate": None}),
        (200, {"deletedDate": None}),
    ),
    "restore what is not there": (
        request("PUT", "/ciphers/{item}/restore"),
        (200, {"deletedDate": None}),
        (200, {"deletedDate": None}),
    ),
    "trash several": (many("delete"), (200, EMPTY), (404, {})),
    "trash several by POST": (many("delete", "POST"), NOT_RECORDED, (204, EMPTY)),
    "restore several": (many("restore"), (200, {"object": "list"}), (404, {})),
    "restore several by POST": (many("restore", "POST"), NOT_RECORDED, (204, EMPTY)),
    "move several": (many("move"), (200, EMPTY), (204, EMPTY)),
    "delete": (request("DELETE", "/ciphers/{item}"), (200, EMPTY), (200, ITEM)),
    "delete again": (
        after(request("DELETE", "/ciphers/{item}"), request("DELETE", "/ciphers/{item}")),
        (400, "Cipher doesn't exist"),
        (204, EMPTY),
    ),
    "delete unknown": (
        request("DELETE", "/ciphers/{nowhere}"),
        (400, "Cipher doesn't exist"),
        (404, "Cipher not found"),
    ),
    "folder": (
        request("POST", "/folders", {"name": NAME}), (200, {"object": "folder"}),
        (200, {"object": "folder"}),
    ),
    "folder, name in clear": (
        request("POST", "/folders", {"name": "clear"}), (200, {"name": "clear"}),
        (200, {"name": "clear"}),
    ),
    "folder without name": (
        request("POST", "/folders", {}), (422, PAGE), (400, "Name is required"),
    ),
    "rename a folder": (
        request("PUT", "/folders/{folder}", {"name": NAME}), (200, {"object": "folder"}),
        (200, {"object": "folder"}),
    ),
    "rename an unknown folder": (
        request("PUT", "/folders/{nowhere}", {"name": NAME}),
        (400, "Invalid folder"),
        (404, "Folder not found"),
    ),
    "delete a folder": (request("DELETE", "/folders/{folder}"), (200, EMPTY), (204, EMPTY)),
    "delete a folder again": (
        after(request("DELETE", "/folders/{folder}"), request("DELETE", "/folders/{folder}")),
        (400, "Invalid folder"),
        (404, "Folder not found"),
    ),
    "announce a file": (
        announce,
        (200, {"object": "attachment-fileUpload", "fileUploadType": 0}),
        (200, {"object": "attachment-fileUpload", "fileUploadType": 1}),
    ),
    "file of another size": (upload(50), (200, EMPTY), (400, "File size does not match.")),
    "file": (upload(100), (200, EMPTY), (201, EMPTY)),
    "delete a file": (delete_attachment(1), (200, {}), (200, {"object": "deleteAttachment"})),
    "delete a file again": (
        delete_attachment(2), (400, "Attachment doesn't exist"), (404, "Attachment not found"),
    ),
    "file of an unknown item": (
        request("POST", "/ciphers/{nowhere}/attachment/v2", {}),
        (400, "Cipher doesn't exist"),
        (404, "Cipher not found"),
    ),
    "without a token": (anonymous, (401, PAGE), (401, "Unauthorized")),
    "not JSON": (
        request("POST", "/ciphers", b"{"), (400, PAGE), (400, "Invalid JSON"),
    ),
}  # fmt: skip


@pytest.fixture(params=["vaultwarden", "nodewarden"])
def writing(request: pytest.FixtureRequest) -> Iterator[Writing]:
    with DemoServer(style=request.param, iterations=5000) as server:
        caller = Caller(server)
        caller.login()
        caller.http.headers.pop("Accept")  # the recordings were made without
        caller.http.headers["Content-Type"] = "application/json"
        writing = Writing(caller.http, server)
        writing.item = writing.send("POST", "/ciphers", writing.record()).json()["id"]
        writing.folder = writing.send("POST", "/folders", {"name": NAME}).json()["id"]
        yield writing
        caller.http.close()


@pytest.mark.parametrize("what", RECORDED)
def test_the_demo_answers_as_the_server_did(writing: Writing, what: str) -> None:
    case, vaultwarden, nodewarden = RECORDED[what]
    recorded = vaultwarden if writing.server.style == "vaultwarden" else nodewarden
    if recorded is NOT_RECORDED:
        return
    status, expected = recorded

    came = case(writing)

    assert came.status_code == status
    if expected is EMPTY:
        assert came.content == b""
    elif expected is PAGE:
        assert came.headers["Content-Type"].startswith("text/html")
    elif isinstance(expected, str):
        body = came.json()
        model = body.get("errorModel") or body["ErrorModel"]
        assert expected in (model.get("message"), model.get("Message"))
    elif isinstance(expected, dict):
        body = came.json()
        assert {name: body.get(name) for name in expected} == expected


# The members of an item that each server answered, in any order.
COMMON = """
    object id type creationDate revisionDate deletedDate reprompt organizationId key attachments
    organizationUseTotp collectionIds name notes fields passwordHistory login secureNote card
    identity sshKey bankAccount driversLicense passport folderId favorite archivedDate edit
    viewPassword permissions
"""
MEMBERS = {"vaultwarden": COMMON, "nodewarden": COMMON + " data"}


def test_an_item_has_the_members_that_the_server_answered(writing: Writing) -> None:
    """NodeWarden repeats what it was sent besides, which no client reads."""
    assert set(writing.known()) == set(MEMBERS[writing.server.style].split())


@pytest.mark.parametrize("what", ["partial", "archive"])
def test_filing_moves_the_items_date_where_the_server_moves_it(writing: Writing, what: str) -> None:
    before = writing.known()["revisionDate"]
    RECORDED[what][0](writing)

    moved = writing.known()["revisionDate"] != before
    assert moved is (writing.server.style == "nodewarden")


def test_an_edit_without_archived_date_unarchives_where_it_does(writing: Writing) -> None:
    RECORDED["archive"][0](writing)
    edit()(writing)

    stays = writing.known()["archivedDate"] is not None
    assert stays is (writing.server.style == "nodewarden")


def test_ids_sizes_and_addresses_of_files_are_written_as_the_server_does(writing: Writing) -> None:
    came = announce(writing).json()
    (listed,) = came["cipherResponse"]["attachments"]

    keys = {"attachmentId", "cipherResponse", "fileUploadType", "object", "url"}
    assert set(came) == keys
    if writing.server.style == "vaultwarden":
        assert len(came["attachmentId"]) == 20
        assert came["url"] == f"/ciphers/{writing.item}/attachment/{came['attachmentId']}"
        assert (listed["size"], listed["sizeName"]) == ("100", "100.00 bytes")
    else:
        assert len(came["attachmentId"]) == 36
        assert came["url"].startswith("https://")
        assert (listed["size"], listed["sizeName"]) == ("100", "100 Bytes")


def test_dates_have_the_digits_of_the_server(writing: Writing) -> None:
    fraction = writing.known()["revisionDate"].partition(".")[2]
    assert len(fraction) == {"vaultwarden": 7, "nodewarden": 4}[writing.server.style]
