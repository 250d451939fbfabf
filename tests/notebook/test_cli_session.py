"""`%bw_login --cli` where there is nothing to take over; the real CLI is in tests/interop."""

from __future__ import annotations

import pytest

from bw_magics.errors import CredentialsMissing, NotOffered, UsageMistake
from tests.notebook.conftest import Notebook


def test_without_a_session_key_it_says_how_to_get_one(notebook: Notebook) -> None:
    error = notebook.refusal("%bw_login --cli")
    assert isinstance(error, CredentialsMissing)
    assert "export BW_SESSION=$(bw unlock --raw)" in str(error)
    assert notebook.state == "unauthenticated"


def test_without_the_cli_it_names_the_reason(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BW_SESSION", "bm90IGEga2V5")
    monkeypatch.setenv("PATH", "/nowhere")
    came = notebook.attempt("%bw_login --cli")
    assert isinstance(came.error, NotOffered)
    assert "bm90IGEga2V5" not in came.text


def test_the_demo_does_not_mix_with_it(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BW_SESSION", "bm90IGEga2V5")
    notebook("%bw_demo")
    assert isinstance(notebook.refusal("%bw_login --cli"), UsageMistake)


def test_a_session_key_that_was_typed_is_taken_out_of_the_cell(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    came = notebook.attempt("bw_session.adopt_cli(session='bm90IGEga2V5IG5vdCBhIGtleQ')")
    assert isinstance(came.error, NotOffered)
    assert "bm90IGEga2V5IG5vdCBhIGtleQ" not in came.text
    assert "This cell may contain a secret" in came.text
