"""`%bw_login --cli`: the session of the real CLI, taken over through a socket of our own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.client.cli_serve import CliServe
from bw_magics.demo import DemoServer
from bw_magics.errors import (
    AlreadyLoggedIn,
    AnswerUnusable,
    NotLoggedIn,
    NotOffered,
    ServerUnreachable,
    VaultLocked,
)
from bw_magics.secret import Secret
from tests.demo_vault import enter, log_in
from tests.interop.conftest import Run, Served

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sockets are not inherited there")


@pytest.fixture
def announced() -> list[Any]:
    return []


@pytest.fixture
def vault(session: str, announced: list[Any]) -> Iterator[Vault]:
    vault = Vault(on_secret=announced.append, sync_interval=0)
    vault.adopt_cli(session=session)
    yield vault
    vault.logout()


def test_the_same_items_are_read_and_listed(
    vault: Vault, bw_official_vault: Served, announced: list[Any], session: str
) -> None:
    _, run = bw_official_vault
    assert vault.status.state == "unlocked"
    listed = {item["id"]: item for item in run("list", "items")}
    items = {item.id: item for item in vault.items()}
    assert {id: item.name for id, item in items.items()} == {
        id: item["name"] for id, item in listed.items()
    }
    for id, plain in listed.items():
        login = plain.get("login") or {}
        if login.get("password"):
            value = items[id].password
            assert isinstance(value, Secret)
            assert value == login["password"]
        for field in plain["fields"]:
            if field["type"] == 1 and field.get("value"):
                assert items[id].field(field["name"]) is not None
    assert {place.name for place in vault.places("folder")} == {
        folder["name"] for folder in run("list", "folders") if folder["id"]
    }
    assert {place.name for place in vault.places("collection")} == {
        collection["name"] for collection in run("list", "collections")
    }
    assert vault.resolve("bw://Work/Databases/Warehouse DB/password") == "demo-warehouse-password-1"
    assert (
        vault.get("privateKey", "Cluster SSH key")
        == (next(item for item in listed.values() if item["type"] == 5)["sshKey"]["privateKey"])
    )
    assert session in announced
    assert "demo-warehouse-password-1" in announced


def test_a_lock_ends_it_and_leaves_the_cli_unlocked(
    vault: Vault, bw_official_vault: Served, session: str
) -> None:
    _, run = bw_official_vault
    assert vault.adopt_cli(session=session) is False
    item = vault["Warehouse DB"]
    assert vault.lock()
    assert vault.status.state == "unauthenticated"
    with pytest.raises((NotLoggedIn, VaultLocked)):
        _ = item.password
    assert session not in repr(vars(vault))
    assert run("status")["status"] == "unlocked"
    vault.adopt_cli(session=session)
    assert vault["Warehouse DB"].password == "demo-warehouse-password-1"


def test_a_sync_asks_the_cli_again(vault: Vault) -> None:
    assert vault.sync() is True
    assert vault["Warehouse DB"].password == "demo-warehouse-password-1"


def test_what_needs_a_login_is_told(vault: Vault, bw_official_vault: Served) -> None:
    server, _ = bw_official_vault
    with pytest.raises(AlreadyLoggedIn):
        log_in(vault, server)
    with pytest.raises(NotOffered):
        vault["Cloud keys"].attachment("bucket-policy.json").read()
    with pytest.raises(NotOffered):
        vault.remember()


def test_an_old_session_key_is_a_locked_cli(session: str) -> None:
    with pytest.raises(VaultLocked, match="no unlocked session"):
        Vault().adopt_cli(session="bm90IGEga2V5")


def test_nothing_listens_and_nothing_has_a_path(session: str, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    with CliServe(session=session) as cli:
        cli.status()
        assert cli._process is not None
        table = Path("/proc/net/tcp")
        if table.exists():
            listening = [line.split() for line in table.read_text().splitlines()[1:]]
            assert not [line for line in listening if line[1].endswith(":1F97")]
        assert session not in Path(f"/proc/{cli._process.pid}/cmdline").read_text()
        assert set(tmp_path.rglob("*")) == before
    assert cli._process.wait(120) == 0, "it ended with the socket"


def test_a_cli_that_is_missing_or_ends_is_one_typed_error(
    session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bw").write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(ServerUnreachable):
        Vault().adopt_cli(session=session)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(NotOffered, match="not installed"):
        Vault().adopt_cli(session=session)


def test_on_windows_it_names_the_reason(session: str, monkeypatch: pytest.MonkeyPatch) -> None:
    serve = CliServe(session=session)
    monkeypatch.setattr("bw_magics.client.cli_serve.IS_WINDOWS", True)
    with pytest.raises(NotOffered, match="On Windows"):
        serve.__enter__()


def in_clear(record: dict[str, Any]) -> None:
    record["name"] = "not encrypted"


def with_a_broken_key(record: dict[str, Any]) -> None:
    record["key"] = "2.AAAA|BBBB|CCCC"


def of_an_unknown_type(record: dict[str, Any]) -> None:
    record["type"] = 99


@pytest.mark.parametrize("spoil", [in_clear, with_a_broken_key, of_an_unknown_type])
def test_an_item_that_ends_the_cli_is_named_as_the_cause(
    bw_session_factory: Callable[[DemoServer], Run],
    bw_on_path: Callable[[Run], str],
    spoil: Callable[[dict[str, Any]], None],
) -> None:
    with DemoServer(iterations=5_000) as server:
        account = server.accounts[0]
        stored = server._service.vault(account)
        record: dict[str, Any] = next(iter(stored.items.values()))
        spoil(record)
        stored.touch(record)
        session = bw_on_path(bw_session_factory(server))

        with pytest.raises(AnswerUnusable, match=r"listed the items: .* API key.*: vault.login"):
            Vault().adopt_cli(session=session)

        vault = enter(Vault(), server, account)
        assert len(vault.items()) > 20, "the way that the error names reads the others"
        vault.logout()


@pytest.mark.parametrize("narrowed", ["--folderid=null", "--collectionid=null", "--search=ware"])
def test_a_narrowed_list_ends_the_cli_too_so_that_no_item_is_named(
    bw_session_factory: Callable[[DemoServer], Run], narrowed: str
) -> None:
    with DemoServer(iterations=5_000) as server:
        stored = server._service.vault(server.accounts[0])
        run = bw_session_factory(server)
        assert run("list", "items", narrowed)
        record: dict[str, Any] = next(
            each for each in stored.items.values() if each.get("folderId") is not None
        )
        in_clear(record)
        stored.touch(record)
        run("sync")

        assert run.attempt("list", "items", narrowed).status != 0


MAGICS = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.showtraceback = lambda *_, **__: None
outcomes = {}
for line in ["%load_ext bw_magics", "%bw_login --cli", "%bw_status", "%bw_apikey", "%bw_sync",
             "%bw_get username Warehouse DB", "%bw_lock", "%bw_status"]:
    came = shell.run_cell(line, store_history=False)
    error = came.error_in_exec or came.error_before_exec
    outcomes.setdefault(line, []).append(type(error).__name__ if error else "")
print(json.dumps(outcomes))
"""


def test_the_magics_answer_on_a_cli_session(session: str, tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", MAGICS],
        env={**os.environ, "BW_SESSION": session, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    outcomes = json.loads(finished.stdout.splitlines()[-1])

    assert outcomes.pop("%bw_apikey") == ["NotOffered"]
    assert set(map(tuple, outcomes.values())) == {("",), ("", "")}, outcomes
    assert "unlocked" in finished.stdout
    assert "unauthenticated" in finished.stdout
