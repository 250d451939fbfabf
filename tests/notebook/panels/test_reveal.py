"""`reveal` where there is no panel; in a terminal: `test_terminal`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import bw_magics
from bw_magics.errors import UsageMistake
from bw_magics.notebook.panels.vault import NotebookVault
from bw_magics.secret import Secret
from bw_magics.session.vault import Vault
from tests.notebook.conftest import Notebook

VALUE = Secret("horse-Battery-77", "Warehouse DB / password")


def test_the_handle_is_the_same_before_and_after_loading(shell: Any) -> None:
    before = bw_magics.bw_session
    assert type(before) is Vault

    bw_magics.load_ipython_extension(shell)
    assert type(before) is NotebookVault
    assert shell.user_ns["bw_session"] is before is bw_magics.bw_session

    bw_magics.unload_ipython_extension(shell)
    assert type(before) is Vault
    assert not hasattr(before, "reveal")


def test_an_unattended_kernel_refuses(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    unattended = SimpleNamespace(_allow_stdin=False)
    monkeypatch.setattr(notebook.shell, "kernel", unattended, raising=False)
    notebook.shell.user_ns["value"] = VALUE

    assert "Nobody watches" in str(notebook.refusal("bw_session.reveal(value)"))


def test_only_text_is_revealed(notebook: Notebook) -> None:
    assert isinstance(notebook.refusal("bw_session.reveal(5)"), UsageMistake)
