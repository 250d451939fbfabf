"""A `bw` that answers oddly or ends: the session goes on where it can, else one typed error.

The program of this test is a `bw` of its own; the real one is in tests/interop.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.client import cli_serve
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    NotOffered,
    ServerUnreachable,
    VaultLocked,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sockets are not inherited there")

PROGRAM = """#!{python}
import json, os, signal, socket, sys, time
sys.stderr.write("(node:1) DeprecationWarning: made up\\n" * 2000)
answers = json.load(open({answers!r}))
if answers.get("exit") is not None:
    sys.exit(answers["exit"])
stream = socket.socket(fileno=int(sys.argv[-1].rpartition("/")[2]))
reader = stream.makefile("rb")
while line := reader.readline():
    while reader.readline().strip():
        pass
    path = line.split()[1].decode()
    answer = answers.get(path, answers.get(path.partition("?")[0], {{}}))
    if answer == "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    if answer == "half":
        stream.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 9999\\r\\n\\r\\n[{{")
        sys.exit(1)
    if answer == "never":
        time.sleep(3600)
    body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    stream.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
"""

ID = "8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f"
ORGANIZATION = "11111111-1111-4111-8111-111111111111"


def item(name: str, **members: Any) -> dict[str, Any]:
    number = abs(hash(name)) % 10**12
    return {
        "object": "item",
        "id": f"8d5b1f0e-4c3a-4b6e-9f43-{number:012d}",
        "name": name,
        "type": 1,
        "login": {"username": "made-up", "password": "made-up-1"},
        "revisionDate": "2026-11-30T00:00:00.000Z",
        **members,
    }


def listed(*entries: Any) -> dict[str, Any]:
    return {"success": True, "data": {"object": "list", "data": list(entries)}}


def status(state: str = "unlocked", **members: Any) -> dict[str, Any]:
    template = {"status": state, "serverUrl": "https://vault.example.org", "userId": ID, **members}
    return {"success": True, "data": {"object": "template", "template": template}}


GOOD: dict[str, Any] = {
    "/status": status(),
    "/list/object/items": listed(item("Kept")),
    "/list/object/items?trash=true": listed(),
    "/list/object/folders": listed({"id": None, "name": "No Folder"}),
    "/list/object/collections": listed(),
    "/list/object/organizations": listed(),
}

Adopt = Callable[..., Vault]


@pytest.fixture
def adopt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Adopt]:
    """Takes over the session of a `bw` whose answers are the good ones and these."""
    vaults: list[Vault] = []

    def start(changes: dict[str, Any]) -> Vault:
        answers = tmp_path / "answers.json"
        answers.write_text(json.dumps({**GOOD, **changes}))
        program = tmp_path / "bw"
        program.write_text(PROGRAM.format(python=sys.executable, answers=str(answers)))
        program.chmod(0o700)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        vaults.append(Vault(sync_interval=0))
        vaults[-1].adopt_cli(session="bm90IGEga2V5")
        return vaults[-1]

    yield start
    for vault in vaults:
        vault.logout()


ITEMS = "/list/object/items"
KEPT = item("Kept")

# What of the CLI's lists is odd; the item that is fine is read in every row.
ODD: dict[str, dict[str, Any]] = {
    "warnings on stderr": {},
    "an item that is nothing": {ITEMS: listed(None, KEPT)},
    "an item that is a text": {ITEMS: listed("odd", KEPT)},
    "an item without an id": {ITEMS: listed({"name": "odd", "type": 1}, KEPT)},
    "an item without a name": {ITEMS: listed({**item("odd"), "name": None}, KEPT)},
    "an item of an unknown type": {ITEMS: listed(item("odd", type=99, login=None), KEPT)},
    "an item of an organisation that is not listed": {
        ITEMS: listed(item("odd", organizationId=ORGANIZATION), KEPT)
    },
    "a field that could not be decrypted": {
        ITEMS: listed(item("odd", fields=[{"name": "[cannot decrypt]", "value": None}]), KEPT)
    },
    "a login that is a text": {ITEMS: listed(item("odd", login="odd"), KEPT)},
    "fields that are a text": {ITEMS: listed(item("odd", fields="odd"), KEPT)},
    "a folder that is nothing": {"/list/object/folders": listed(None)},
    "an organisation without an id": {"/list/object/organizations": listed({"name": "odd"})},
    "an organisation that is a text": {"/list/object/organizations": listed("odd")},
    "a collection that is nothing": {"/list/object/collections": listed(None)},
    "a server over plain http": {"/status": status(serverUrl="http://192.168.1.5")},
    "a server that cannot be read": {"/status": status(serverUrl="a b")},
    "no server": {"/status": status(serverUrl=None)},
}


@pytest.mark.parametrize("changes", ODD.values(), ids=ODD)
def test_one_odd_entry_leaves_the_others(adopt: Adopt, changes: dict[str, Any]) -> None:
    vault = adopt(changes)
    assert vault["Kept"].password == "made-up-1"
    assert vault.status.state == "unlocked"
    assert len(vault.items()) >= 1


# What goes wrong, the error, and a word of its reason.
WRONG: dict[str, tuple[dict[str, Any], type[BitwardenError], str]] = {
    "locked": ({"/status": status("locked")}, VaultLocked, "no unlocked session"),
    "logged out": ({"/status": status("unauthenticated")}, VaultLocked, "no unlocked session"),
    "too old": ({"exit": 1}, ServerUnreachable, "ended without an answer"),
    "killed while it lists": ({ITEMS: "signal"}, AnswerUnusable, "was ended by the system"),
    "killed at once": ({"/status": "signal"}, ServerUnreachable, "was ended by the system"),
    "ends while it lists": ({ITEMS: "half"}, AnswerUnusable, "cannot read one of them"),
    "half an answer": ({"/status": '{"success": true, "da'}, AnswerUnusable, "cannot be read"),
    "a question": ({"/status": "? Master password: [input is hidden]"}, AnswerUnusable, "read"),
    "a list that is missing": ({ITEMS: {"success": True, "data": {}}}, AnswerUnusable, "the items"),
    "a list that is a text": (
        {ITEMS: {"success": True, "data": {"data": "odd"}}},
        AnswerUnusable,
        "the items",
    ),
    "a refusal": (
        {ITEMS: {"success": False, "message": "Vault is locked."}},
        VaultLocked,
        "no unlocked session",
    ),
    "a refusal with other words": (
        {ITEMS: {"success": False, "message": "canary"}},
        AnswerUnusable,
        "the items",
    ),
}


@pytest.mark.parametrize(("changes", "kind", "reason"), WRONG.values(), ids=WRONG)
def test_what_ends_the_session_is_one_typed_error(
    adopt: Adopt, changes: dict[str, Any], kind: type[BitwardenError], reason: str
) -> None:
    with pytest.raises(BitwardenError) as caught:
        adopt(changes)
    assert type(caught.value) is kind
    assert reason in caught.value.fact
    assert str(caught.value.remedy)
    assert "canary" not in str(caught.value)
    assert "bm90IGEga2V5" not in str(caught.value)


def test_one_that_never_answers_has_an_end(adopt: Adopt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_serve, "_PATIENCE", 0.5)
    with pytest.raises(ServerUnreachable, match="did not answer in time"):
        adopt({"/status": "never"})


def test_one_that_cannot_be_started_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bw"
    program.write_bytes(b"\x7fELF made up")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotOffered, match="cannot be started"):
        Vault().adopt_cli(session="bm90IGEga2V5")
