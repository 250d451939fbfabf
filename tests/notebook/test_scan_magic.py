"""`%bw_scan` in a shell, against a demo vault."""

from __future__ import annotations

import builtins
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import UsageMistake, VaultLocked
from bw_magics.scan.fingerprints import Fingerprints, read_key
from bw_magics.scan.scan import Scan
from bw_magics.secrecy.ordinary import SHORTEST, is_ordinary
from tests.notebook.conftest import Notebook, Person, secrets_of

PASSWORD = "demo-warehouse-password-1"


# Items of the strange vault with a value that cannot be read; the scan names them.
_UNREADABLE = (
    "Billing portal",
    "Encrypted in the future",
    "From the future",
    "Half readable",
)


def write_leak(path: Path, text: str = PASSWORD) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": [text]}
    cells = [{"cell_type": "code", "source": [], "outputs": [output], "execution_count": 1}]
    path.write_text(json.dumps({"cells": cells}))


def test_a_leak_is_named_and_never_shown(unlocked: Notebook, server: DemoServer) -> None:
    write_leak(Path("a.ipynb"))
    came = unlocked("%bw_scan")
    assert [str(hit) for hit in came.value] == [
        "a.ipynb: cell 1, output 1: Warehouse DB / password"
    ]
    assert any(line.startswith("⚠") and line.endswith("1 found") for line in came.lines)
    assert not any(secret in came.text for secret in secrets_of(server))


def test_every_secret_of_the_vault_is_searched_for(unlocked: Notebook, server: DemoServer) -> None:
    values = {
        value
        for item in server.account_items(server.accounts[0])
        if item["name"] not in (*_UNREADABLE, "Unreadable name", "Unreadable key")
        for value in _secrets(item)
        if value and len(value) >= SHORTEST and not is_ordinary(value)
    }
    assert len(values) > 10
    for number, value in enumerate(sorted(values)):
        Path(f"{number:03}.txt").write_text(value)
    came = unlocked("%bw_scan")
    hits = came.value
    assert all(f"'{name}'" in came.text for name in _UNREADABLE)
    missing = values - {Path(hit.source).read_text() for hit in hits}
    assert not missing


def _secrets(item: Mapping[str, Any]) -> Iterator[str | None]:
    login = item.get("login") or {}
    yield from (item["notes"], login.get("password"), login.get("totp"))
    yield from (field["value"] for field in item["fields"] if field["type"] == 1)
    yield from (past["password"] for past in item["passwordHistory"])
    for kind, member in {"card": "number", "identity": "ssn", "sshKey": "privateKey"}.items():
        yield (item.get(kind) or {}).get(member)


def test_what_the_session_may_not_read_is_not_found(unlocked: Notebook, server: DemoServer) -> None:
    items = server.account_items(server.accounts[0])
    hidden = next(item for item in items if item["name"] == "Billing portal")
    Path("a.txt").write_text(hidden["login"]["password"])
    came = unlocked("%bw_scan a.txt")
    assert came.value is None
    assert "'Billing portal'" in came.text, "it is told"


def test_nothing_is_returned_where_nothing_is_found(unlocked: Notebook) -> None:
    Path("a.py").write_text("print(1)")
    came = unlocked("%bw_scan .")
    assert came.value is None
    assert came.lines[-1].startswith("✓ 1 file searched")
    assert came.lines[-1].endswith("nothing found")


def test_git_and_history_are_searched_when_named(
    unlocked: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    write_leak(Path("a.ipynb"))
    Path(".git").rmdir()
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for line in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-q", "-m", "x"],
        ["rm", "-q", "a.ipynb"],
    ):
        subprocess.run(["git", *identity, *line], check=True)
    came = unlocked("%bw_scan --git --history")
    assert [hit.part.partition(", ")[2] for hit in came.value] == ["a.ipynb, cell 1, output 1"]
    assert any("IPython has no history there" in line for line in came.lines)


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("n", 1)])
def test_a_person_is_asked_before_outputs_are_emptied(
    unlocked: Notebook, person: Person, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    monkeypatch.setattr(builtins, "input", person)
    person.answers = [answer]
    write_leak(Path("a.ipynb"))
    unlocked("%bw_scan --fix")
    assert person.asked == ["Empty the outputs with a hit in 1 notebook? [y/N]"]
    assert len(json.loads(Path("a.ipynb").read_text())["cells"][0]["outputs"]) == left


def test_nobody_to_ask_is_refused_before_anything_is_read(unlocked: Notebook) -> None:
    write_leak(Path("a.ipynb"))
    assert isinstance(unlocked.refusal("%bw_scan --fix --nointeraction"), UsageMistake)


def test_a_locked_vault_says_what_to_do(unlocked: Notebook) -> None:
    unlocked("%bw_lock")
    assert isinstance(unlocked.refusal("%bw_scan"), VaultLocked)


def test_fingerprints_are_kept_when_asked_for(
    unlocked: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bw_magics.scan import places

    monkeypatch.setattr(places, "FINGERPRINTS", tmp_path / "f" / "scan.fingerprints")
    monkeypatch.setattr(places, "KEY", tmp_path / "f" / "scan.key")
    came = unlocked("%bw_scan --remember")
    assert "could be guessed" in came.text, came.text
    seeker = Fingerprints.load(places.FINGERPRINTS, read_key(places.KEY))
    assert seeker.count > 0
    assert Scan(seeker).hits == []
