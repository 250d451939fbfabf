"""`reveal` where there is no panel; in a terminal: `test_terminal`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

import bw_magics
from bw_magics.errors import NotOffered, UsageMistake
from bw_magics.secret import Secret
from bw_magics.session.presented import PresentedVault
from bw_magics.session.vault import Vault
from tests.notebook.conftest import Notebook

VALUE = Secret("horse-Battery-77", "Warehouse DB / password")


def test_the_handle_is_the_same_before_and_after_loading(shell: Any) -> None:
    before = bw_magics.bw_session
    kind = type(before)
    assert before.presenter is None

    bw_magics.load_ipython_extension(shell)
    assert type(before) is kind
    assert before.presenter is not None
    assert shell.user_ns["bw_session"] is before is bw_magics.bw_session

    bw_magics.unload_ipython_extension(shell)
    assert type(before) is kind
    assert before.presenter is None
    for show in (lambda: before.reveal(VALUE), before.browse):
        with pytest.raises(NotOffered):
            show()
    assert not hasattr(Vault(), "reveal")


def test_an_unattended_kernel_refuses(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    unattended = SimpleNamespace(_allow_stdin=False)
    monkeypatch.setattr(notebook.shell, "kernel", unattended, raising=False)
    notebook.shell.user_ns["value"] = VALUE

    assert "Nobody watches" in str(notebook.refusal("bw_session.reveal(value)"))


def test_only_text_is_revealed(notebook: Notebook) -> None:
    assert isinstance(notebook.refusal("bw_session.reveal(5)"), UsageMistake)


def test_a_profile_that_is_made_later_has_the_presenter(notebook: Notebook) -> None:
    beside = bw_magics.bw_session.profile("later")
    assert isinstance(beside, PresentedVault)
    assert beside.presenter is bw_magics.bw_session.presenter is not None
    bw_magics.unload_ipython_extension(notebook.shell)
    assert beside.presenter is None


def test_tab_offers_what_people_use_and_help_shows_an_example(notebook: Notebook) -> None:
    with provisionalcompleter():
        found = notebook.shell.Completer.completions("bw_session.", len("bw_session."))
        offered = {each.text.lstrip(".") for each in found}
    assert {"browse", "env", "get", "items", "lock", "profile", "resolve", "reveal"} <= offered
    assert not {"hold", "release", "locate", "on_secret", "on_wait", "presenter"} & offered
    assert not [name for name in offered if name.startswith("_")]
    manual = type(bw_magics.bw_session).__doc__ or ""
    assert 'bw_session["Warehouse DB"].password' in manual
