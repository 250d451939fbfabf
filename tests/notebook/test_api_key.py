"""`%bw_apikey`: which questions it asks, which values it shows, and which it never shows."""

from __future__ import annotations

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import CredentialsMissing, NotLoggedIn, NotOffered, SecretTyped
from bw_magics.secret import Secret
from tests.notebook.conftest import Notebook, Person, trust, variables


def test_the_key_is_shown_masked(unlocked: Notebook, known: DemoServer) -> None:
    account = known.accounts[0]
    came = unlocked("%bw_apikey")
    assert isinstance(came.value, Secret)
    assert came.value == account.client_secret
    assert f"client_id: {account.client_id}" in came.lines
    assert account.client_secret not in came.text
    assert account.client_secret not in repr(came.displayed)
    assert unlocked("%bw apikey").value == account.client_secret


def test_unattended_it_needs_a_password_and_never_rotates(
    unlocked: Notebook, known: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = known.accounts[0].client_secret
    error = unlocked.refusal("%bw_apikey --rotate")
    assert isinstance(error, NotOffered)
    assert "a person has to confirm" in str(error)
    assert known.accounts[0].client_secret == before
    monkeypatch.delenv("BW_PASSWORD")
    assert isinstance(unlocked.refusal("%bw_apikey"), CredentialsMissing)


def test_a_typed_secret_is_refused_and_so_is_a_yes(unlocked: Notebook) -> None:
    assert isinstance(unlocked.refusal("%bw_apikey my-master-password"), SecretTyped)
    assert "--yes" not in str(unlocked.refusal("%bw_apikey --rotate --yes"))


def test_logged_out_it_names_the_reason(notebook: Notebook, known: DemoServer) -> None:
    assert isinstance(notebook.refusal("%bw_apikey"), NotLoggedIn)


def test_a_person_is_asked_told_and_asked_again(
    person: Person,
    notebook: Notebook,
    own_server: DemoServer,
    tmp_path: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust(own_server, tmp_path, monkeypatch)  # type: ignore[arg-type] # a path
    for name, value in variables(own_server).items():
        monkeypatch.setenv(name, value)
    account = own_server.accounts[0]
    old = account.client_secret
    notebook("%bw_unlock")
    person.answers = ["not-the-password", account.master_password]
    came = notebook("%bw_apikey --rotate")
    assert person.asked == ["Master password"] * 2, "asked although BW_PASSWORD is set"
    told = " ".join(came.lines)
    assert "Ends: every further login" in told
    assert "Does not end: tokens that were issued already" in told
    assert "✓ rotated; this session goes on with the new API key" in came.lines
    assert came.value == account.client_secret != old
    assert "not-the-password" not in came.text
    assert account.client_secret not in came.text
