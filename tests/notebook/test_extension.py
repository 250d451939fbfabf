"""Loading, loading twice, reloading and unloading leave nothing behind."""

from __future__ import annotations

import atexit
import threading
import time
from typing import Any

import pytest
from traitlets import TraitError

import bw_magics
from bw_magics.demo import DemoServer
from bw_magics.notebook.extension import registered
from tests.notebook.conftest import Notebook

COMMANDS = ("login", "unlock", "status", "sync", "get", "list", "lock", "logout", "demo")


def inventory(shell: Any) -> dict[str, object]:
    """What an extension can leave in a shell and a process."""
    return {
        "line magics": set(shell.magics_manager.magics["line"]),
        "cell magics": set(shell.magics_manager.magics["cell"]),
        "registry": set(shell.magics_manager.registry),
        "configurables": [type(each).__name__ for each in shell.configurables],
        "callbacks": {name: list(calls) for name, calls in shell.events.callbacks.items()},
        "names": {name for name in shell.user_ns if not name.startswith("_")},
        "hidden names": set(shell.user_ns_hidden),
        "hooks": {name: str(hook) for name, hook in shell.hooks.items()},
        "transformers": list(shell.input_transformers_cleanup),
        "matchers": list(shell.Completer.custom_matchers),
        "completers": sorted(map(str, shell.strdispatchers["complete_command"].regexs)),
    }


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.is_alive()}


def wait_for(condition: Any) -> None:
    until = time.monotonic() + 240
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    assert condition()


def test_loading_brings_the_magics_the_settings_and_the_session(shell: Any) -> None:
    before = inventory(shell)
    notebook = Notebook(shell)
    assert notebook("%load_ext bw_magics").text == ""
    after = inventory(shell)
    brought: set[str] = after["line magics"] - before["line magics"]  # type: ignore[operator]
    assert {"bw", *(f"bw_{command}" for command in COMMANDS)} <= brought
    assert all(name.startswith("bw") for name in brought)
    assert "BwMagics" in after["configurables"]  # type: ignore[operator]
    assert notebook("bw_session").value is bw_magics.bw_session


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["%load_ext bw_magics"], id="once"),
        pytest.param(["%load_ext bw_magics", "%load_ext bw_magics"], id="twice"),
        pytest.param(["%load_ext bw_magics", "%reload_ext bw_magics"], id="reloaded"),
        pytest.param(["%reload_ext bw_magics", "%reload_ext bw_magics"], id="only reloaded"),
        pytest.param(
            ["%load_ext bw_magics", "%unload_ext bw_magics", "%load_ext bw_magics"], id="again"
        ),
    ],
)
def test_unloading_leaves_nothing_behind(shell: Any, cells: list[str]) -> None:
    before = inventory(shell)
    notebook = Notebook(shell)
    for cell in cells:
        assert not notebook(cell).displayed
        names = [type(each).__name__ for each in shell.configurables]
        assert names.count("BwMagics") == (registered(shell) is not None)
    notebook("%unload_ext bw_magics")
    assert inventory(shell) == before


def test_what_runs_at_exit_is_taken_away_too(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at_exit: list[Any] = []
    monkeypatch.setattr(atexit, "register", at_exit.append)
    monkeypatch.setattr(atexit, "unregister", at_exit.remove)
    bw_magics.load_ipython_extension(shell)
    bw_magics.load_ipython_extension(shell)
    assert len(at_exit) == 1
    bw_magics.unload_ipython_extension(shell)
    bw_magics.unload_ipython_extension(shell)
    assert not at_exit


def test_unloading_logs_out_and_ends_every_thread(
    shell: Any, known: DemoServer, notebook: Notebook
) -> None:
    before = threads()
    notebook("%bw_login\n%bw_unlock\n%bw_get password Warehouse DB")
    assert notebook.state == "unlocked"
    bw_magics.unload_ipython_extension(shell)
    assert notebook.state == "unauthenticated"
    wait_for(lambda: not [each for each in threads() - before if "bw_magics:" in each.name])


def test_unloading_stops_the_demo(shell: Any, notebook: Notebook) -> None:
    before = threads()
    notebook("%bw_demo")
    assert threads() - before
    bw_magics.unload_ipython_extension(shell)
    wait_for(lambda: not threads() - before)


def test_a_session_of_the_users_own_is_not_taken_away(shell: Any, notebook: Notebook) -> None:
    notebook("bw_session = 'mine'")
    bw_magics.unload_ipython_extension(shell)
    assert shell.user_ns["bw_session"] == "mine"


def test_settings_from_a_configuration_file_are_taken(shell: Any) -> None:
    shell.config.BwMagics.server = "eu"
    shell.config.BwMagics.lock_timeout = 90
    bw_magics.load_ipython_extension(shell)
    magics = registered(shell)
    assert magics is not None
    assert magics.settings.server == "eu"
    assert bw_magics.bw_session.lock_timeout == 90


@pytest.mark.parametrize(
    ("setting", "value", "read"),
    [
        ("lock_timeout", "0", lambda: bw_magics.bw_session.lock_timeout == 0),
        ("lock_timeout", "120", lambda: bw_magics.bw_session.lock_timeout == 120),
        ("sync_interval", "0", lambda: bw_magics.bw_session.sync_interval == 0),
    ],
)
def test_a_changed_setting_reaches_the_session(
    notebook: Notebook, setting: str, value: str, read: Any
) -> None:
    notebook(f"%config BwMagics.{setting} = {value}")
    assert read()
    bw_magics.unload_ipython_extension(notebook.shell)
    assert (bw_magics.bw_session.lock_timeout, bw_magics.bw_session.sync_interval) == (3600, 300)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("lock_timeout", -1), ("sync_interval", -1), ("sync_interval", "x"), ("prompt", "x")],
)
def test_a_setting_that_makes_no_sense_is_refused(
    shell: Any, notebook: Notebook, setting: str, value: object
) -> None:
    loaded = registered(shell)
    assert loaded is not None
    with pytest.raises(TraitError):
        setattr(loaded.settings, setting, value)
    assert bw_magics.bw_session.lock_timeout == 3600


def test_the_settings_explain_themselves(notebook: Notebook) -> None:
    text = notebook("%config BwMagics").text
    for name in ("server", "lock_timeout", "sync_interval", "prompt"):
        assert f"BwMagics.{name}" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_magic_has_a_manual(shell: Any, notebook: Notebook, command: str) -> None:
    magic = shell.find_line_magic(f"bw_{command}")
    manual = shell.inspector.info(magic)["docstring"]
    assert manual.startswith("::\n\n  %bw_" + command)
    assert len(manual.split("\n\n")[2].split()) > 3, "a sentence that says what it does"
    for option in magic.parser._option_string_actions:
        assert option in manual
