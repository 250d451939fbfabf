"""What bw_magics writes the official CLI reads; what the CLI writes we edit, and it reads again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.demo.server import Style
from bw_magics.vault.changes import hidden, linked, matching
from bw_magics.vault.types import ITEM_TYPES
from tests.interop.conftest import Run
from tests.interop.test_writing import NEW, encoded
from tests.session.conftest import Session

pytestmark = pytest.mark.bw

# The CLI creates and reads the newer types only with a switch of its own.
KNOWN = [number for number in ITEM_TYPES if number < 6]


class Both:
    """A vault of ours and the CLI, in the same account."""

    def __init__(self, server: DemoServer, run: Run) -> None:
        self.server, self.run = server, run
        self.vault = Session(server, server.accounts[0]).enter().vault

    def seen(self, id: str) -> Any:
        """The item as the CLI reads it now."""
        self.run("sync")
        return self.run("get", "item", id)


@pytest.fixture(scope="module", params=["official", "vaultwarden"])
def both(request: pytest.FixtureRequest, bw_session_factory: Callable[..., Run]) -> Iterator[Both]:
    style: Style = request.param
    with DemoServer(style=style, iterations=5000) as server:
        yield Both(server, bw_session_factory(server))


def test_every_type_with_all_it_holds_is_read_by_bw(both: Both) -> None:
    both.vault.create_folder("Ours")
    made = {}
    for number in KNOWN:
        item_type = ITEM_TYPES[number]
        members = {member: f"made-up {member}" for member in item_type.members}
        if item_type.name == "login":
            members["totp"] = "JBSWY3DPEHPK3PXP"
        more: dict[str, Any] = {}
        if number == 1:
            more["uris"] = [matching("https://a.example", "exact"), "https://b.example"]
        made[number] = both.vault.create(
            item_type.name, name=f"Ours {number}", notes="a note\nof two lines", favorite=True,
            folder="Ours", fields={"host": "h", "t": hidden("made-up"), "on": True, **(
                {"user": linked("username")} if number == 1 else {})},
            **members, **more,
        )  # fmt: skip
    both.run("sync")
    listed = {item["id"]: item for item in both.run("list", "items")}
    for number, item in made.items():
        seen = listed[item.id]
        item_type = ITEM_TYPES[number]
        assert (seen["type"], seen["name"], seen["notes"]) == (
            number, f"Ours {number}", "a note\nof two lines",
        )  # fmt: skip
        assert seen["favorite"] is True
        assert seen["folderId"] == item.folder_id
        kinds = {field["name"]: (field["type"], field.get("value")) for field in seen["fields"]}
        assert kinds["host"] == (0, "h")
        assert kinds["t"] == (1, "made-up")
        assert kinds["on"] == (2, "true")
        for member in item_type.members:
            wanted = "JBSWY3DPEHPK3PXP" if member == "totp" else f"made-up {member}"
            assert seen[item_type.name][member] == wanted
        if number == 1:
            assert kinds["user"][0] == 3
            uris = [(uri["uri"], uri.get("match")) for uri in seen["login"]["uris"]]
            assert uris == [("https://a.example", 3), ("https://b.example", None)]


def test_edits_and_their_history_are_read_by_bw(both: Both) -> None:
    item = both.vault.create("login", name="Edited", password="p1", fields={"h": hidden("hv")})
    item.edit(password="p2", fields={"h": hidden("hv2")}, notes="new")
    seen = both.seen(item.id)
    assert seen["login"]["password"] == "p2"
    assert seen["notes"] == "new"
    assert [entry["password"] for entry in seen["passwordHistory"]] == ["h: hv", "p1"]


def test_what_bw_wrote_we_edit_and_bw_reads_again(both: Both) -> None:
    made = both.run("create", "item", encoded(NEW))
    both.run("edit", "item", made["id"], encoded({**made, "login": {
        **made["login"], "password": "demo-second"}}))  # fmt: skip
    both.vault.sync(force=True)
    both.vault.find(made["id"]).edit(password="demo-third", fields={"added": "x"})
    seen = both.seen(made["id"])
    assert seen["login"]["password"] == "demo-third"
    assert seen["login"]["username"] == "ada"
    assert seen["login"]["uris"] == made["login"]["uris"]
    assert [field["name"] for field in seen["fields"]] == ["host", "added"]
    history = [entry["password"] for entry in seen["passwordHistory"]]
    assert history == ["demo-second", "demo-made-by-bw"]
    both.vault.find(made["id"]).edit(notes=None)
    assert both.seen(made["id"]).get("notes") is None


def test_passkeys_and_histories_survive_an_edit(both: Both) -> None:
    [item, *_] = [each for each in both.vault.items() if each.type == "login" and each.passkeys]
    before = both.seen(item.id)
    item.edit(username="changed by us")
    after = both.seen(item.id)
    assert after["login"]["fido2Credentials"] == before["login"]["fido2Credentials"]
    assert after["login"]["fido2Credentials"]
    assert after["passwordHistory"] == before["passwordHistory"]
    different = {name for name in before if before[name] != after[name]}
    assert different == {"login", "revisionDate"}
    assert {**before["login"], "username": "changed by us"} == after["login"]


def test_our_files_and_folders_are_read_by_bw(both: Both, tmp_path: Path) -> None:
    both.vault.create_folder("Files")
    both.vault.create_folder("Files/Inner")
    item = both.vault.create("note", name="With a file", notes="n", folder="Files/Inner")
    contents = bytes(range(256)) * 500
    item.attach(contents, name="data.bin").attach(b"", name="empty.txt")
    both.vault.rename_folder("Files", "Papers")
    both.run("sync")
    target = tmp_path / "data.bin"
    both.run("get", "attachment", "data.bin", "--itemid", item.id, "--output", str(target))
    assert target.read_bytes() == contents
    folders = {folder["id"]: folder["name"] for folder in both.run("list", "folders")}
    assert folders[both.vault.find(item.id).folder_id or ""] == "Papers/Inner"


def test_what_we_share_and_file_away_bw_reads(both: Both) -> None:
    first = both.vault.places("collection")[0]
    item = both.vault.create("login", name="Shared by us", password="p", fields={"t": hidden("x")})
    item = item.attach(b"shared file", name="s.txt")
    item.share(organization=first.organization or "", collections=[first.id])
    seen = both.seen(item.id)
    assert seen["collectionIds"] == [first.id]
    assert (seen["login"]["password"], seen["fields"][0]["value"]) == ("p", "x")
    down = both.run("get", "attachment", "s.txt", "--itemid", item.id, "--raw")
    assert down == "shared file"
    note = both.vault.create("note", name="Thrown away", notes="n")
    note.trash()
    both.run("sync")
    assert note.id in [each["id"] for each in both.run("list", "items", "--trash")]


def test_a_rotation_that_did_not_end_is_read_by_bw(both: Both) -> None:
    item = both.vault.create("login", name="Half rotated", password="p-old")
    with pytest.raises(ZeroDivisionError), item.rotating(value="p-new"):
        raise ZeroDivisionError
    seen = both.seen(item.id)
    assert seen["login"]["password"] == "p-old"
    assert [(field["name"], field["value"]) for field in seen["fields"]] == [
        ("rotating password", "p-new")
    ]
    [rotation] = [each for each in both.vault.rotations() if each.item.id == item.id]
    rotation.finish()
    seen = both.seen(item.id)
    assert seen["login"]["password"] == "p-new"
    assert [entry["password"] for entry in seen["passwordHistory"]] == ["p-old"]
    assert json.dumps(seen).count("p-new") == 1
