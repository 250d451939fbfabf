"""`%config BwMagics.vault_cache = True`: the messages about it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bw_magics.demo import DemoServer, Fault
from tests.notebook.conftest import Notebook, trust, variables

WAREHOUSE = "demo-warehouse-password-1"


def test_a_kept_vault_is_read_without_a_server_and_the_magics_mention_it(
    notebook: Notebook,
    own_server: DemoServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust(own_server, tmp_path, monkeypatch)
    for name, value in variables(own_server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    notebook("%bw_unlock\n%bw_logout")
    assert not (tmp_path / "caches").exists(), "not unless it is asked for"
    notebook("%config BwMagics.vault_cache = True")
    notebook("%bw_unlock\n%bw_logout")
    assert len(list((tmp_path / "caches" / "bw_magics").iterdir())) == 1
    own_server.stop()
    came = notebook("%bw_login")
    assert came.lines[0].startswith("offline: localhost")
    assert "read only" in came.lines[0]
    notebook("%bw_unlock")
    assert notebook("%bw_get password Warehouse DB").value == WAREHOUSE
    status = notebook("%bw_status").lines
    assert any(line.startswith("problem: The server cannot be reached") for line in status)
    notebook("%config BwMagics.vault_cache = False")


def test_a_kept_vault_that_comes_first_says_how_old_it_is(
    notebook: Notebook,
    own_server: DemoServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust(own_server, tmp_path, monkeypatch)
    for name, value in variables(own_server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    notebook("%config BwMagics.vault_cache = 'first'")
    came = notebook("%bw_unlock")
    assert "kept" not in "".join(came.lines)
    notebook("%bw_logout")
    release = threading.Event()
    own_server.faults["/identity/connect/token"] = [Fault(until=release)]
    came = notebook("%bw_unlock")
    assert any("comes first" in line and "is being asked" in line for line in came.lines)
    assert any("unlocked" in line and "kept at" in line for line in came.lines)
    assert notebook("%bw_get password Warehouse DB").value == WAREHOUSE
    release.set()
    notebook("%bw_sync")
    assert not any("kept" in line for line in notebook("%bw_status").lines)
    notebook("%config BwMagics.vault_cache = False")
