"""Servers as the settings name them, busy servers, and members without a master password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics.crypto import Pbkdf2
from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.demo.items.plain import Organization, PlainVault, login
from bw_magics.errors import (
    CredentialsConflict,
    InsecureServer,
    KeyConnectorUnconfirmed,
    NoWayToUnlock,
    RateLimited,
    UsageMistake,
)
from tests.notebook.conftest import Notebook, Person, trust, variables

TOKEN = "/identity/connect/token"


def test_config_server_as_the_cli_spells_it(notebook: Notebook) -> None:
    line = "%bw config server https://v.example --identity https://i.example --api=a.example/x"
    told = notebook(f"{line} --web-vault https://w.example --key-connector kc.example").lines
    assert told == [
        "server: v.example · identity at i.example · API at a.example/x "
        "· Key Connector at kc.example"
    ]
    assert notebook("%bw config server").lines == told
    assert notebook("%bw config server eu").lines == ["server: vault.bitwarden.eu"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("server a b", UsageMistake),
        ("server https://v.example --identity", UsageMistake),
        ("server https://v.example --identity --api x", UsageMistake),
        ("server https://v.example --canary x", UsageMistake),
        ("server --identity https://canary.example", UsageMistake),
        ("server https://v.example --api http://canary.example", InsecureServer),
        ("server https://v.example --key-connector http://localhost:1/canary", InsecureServer),
        ("servers", UsageMistake),
    ],
)
def test_a_line_that_is_not_understood_changes_nothing(
    notebook: Notebook, line: str, kind: type[Exception]
) -> None:
    error = notebook.refusal(f"%bw config {line}")
    assert isinstance(error, kind)
    assert "canary" not in str(error)
    assert notebook("%bw config server").lines == ["server: vault.bitwarden.com"]


def test_services_elsewhere_come_with_the_key(
    notebook: Notebook, trusted: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = variables(trusted)
    base = values.pop("BW_SERVER")
    values |= {"BW_IDENTITY": f"{base}/identity", "BW_API": f"{base}/api"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    notebook("%bw_login")
    told = notebook("%bw_unlock\n%bw_status")
    assert any("Bitwarden 2026.8.0" in line for line in told.lines)


def test_a_server_of_unknown_software_is_used_too(unlocked: Notebook, known: DemoServer) -> None:
    unlocked("%bw_logout")
    known.faults["/api/config"] = [Fault(status=404)]
    unlocked("%bw_login\n%bw_unlock")
    assert not any("says it is" in line for line in unlocked("%bw_status").lines)


@pytest.mark.parametrize(
    "name", ["BW_SERVER", "BW_IDENTITY", "BW_API", "BW_KEY_CONNECTOR", "BW_CA_FILE"]
)
def test_a_stray_dotenv_says_nothing_of_the_way_for_a_key_from_elsewhere(
    notebook: Notebook, trusted: DemoServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    values = variables(trusted)
    del values["BW_SERVER"]
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)
    Path(".env").write_text(f"{name}=canary.example\n")
    Path(".env").chmod(0o600)
    error = notebook.refusal("%bw_login")
    assert isinstance(error, CredentialsConflict)
    assert name in str(error)
    assert "canary" not in str(error)


def test_an_authority_file_by_setting(
    notebook: Notebook, server: DemoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = tmp_path / "private.pem"
    authority.write_bytes(server.certificate_authority)
    values = variables(server)
    url = values.pop("BW_SERVER")
    for variable, value in values.items():
        monkeypatch.setenv(variable, value)
    notebook(f"%config BwMagics.certificate_authority = {str(authority)!r}")
    assert "logged in" in notebook(f"%bw_login --server {url}").text
    notebook("%bw_logout\n%config BwMagics.certificate_authority = '/nowhere/canary.pem'")
    assert "does not exist" in str(notebook.refusal(f"%bw_login --server {url}"))


class TestBusyServers:
    def test_without_wait_the_error_says_how_long(
        self, notebook: Notebook, known: DemoServer
    ) -> None:
        known.faults[TOKEN] = [Fault(status=429, headers={"Retry-After": "7"})]
        error = notebook.refusal("%bw_login")
        assert isinstance(error, RateLimited)
        assert "7 seconds" in str(error)

    def test_wait_counts_down_and_gets_in(self, notebook: Notebook, known: DemoServer) -> None:
        known.faults[TOKEN] = [Fault(status=429, headers={"Retry-After": "1"})] * 2
        told = notebook("%bw_login --wait --nointeraction")
        assert "the server asks to wait: 1 s left" in told.text
        assert any("logged in" in line for line in told.lines)
        assert [path for _, path in known.requests].count(TOKEN) == 3

    def test_the_wait_is_bounded(self, notebook: Notebook, known: DemoServer) -> None:
        known.faults[TOKEN] = [Fault(status=429, headers={"Retry-After": "3000"})]
        error = notebook.refusal("%config BwMagics.login_wait = 5\n%bw_login --wait")
        assert isinstance(error, RateLimited)
        assert "longer than may be waited here: 5 seconds" in str(error)
        assert notebook.state == "unauthenticated"


class TestMembersWithoutAPassword:
    @pytest.fixture
    def connected(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
        yield from self.serving("key-connector", tmp_path, monkeypatch)

    @pytest.fixture
    def trusting(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
        yield from self.serving("trusted-device", tmp_path, monkeypatch)

    def serving(
        self, how: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[DemoServer]:
        account = DemoAccount(
            name="Mary Demo",
            email="mary@demo.example",
            client_secret="demoSecretNotRealMaryMary00001",
            master_password="demo-master-password-of-mary",
            kdf=Pbkdf2(5_000),
            contents=PlainVault(
                items=[login("Mine", "member", "demo-member-mine", ())],
                organizations=[Organization("11111111-1111-4111-8111-111111111111", "Guild")],
            ),
            unlocked_by=how,
        )
        with DemoServer(accounts=[account]) as server:
            trust(server, folder, monkeypatch)
            for name, value in variables(server).items():
                if name != "BW_PASSWORD":
                    monkeypatch.setenv(name, value)
            yield server

    def test_unattended_it_needs_a_setting(
        self, connected: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = notebook.refusal("%bw_unlock --nointeraction")
        assert isinstance(error, KeyConnectorUnconfirmed)
        assert "BW_KEY_CONNECTOR" in error.remedy
        monkeypatch.setenv("BW_KEY_CONNECTOR", connected.key_connector or "")
        notebook("%bw_logout")
        assert "unlocked" in notebook("%bw_unlock --nointeraction").text
        assert notebook("print(bw_session['Mine'].username)").error is None

    def test_a_person_agrees_at_every_unlock(
        self, connected: DemoServer, person: Person, notebook: Notebook
    ) -> None:
        person.answers = ["no", "yes"]
        told = notebook("%bw_unlock")
        assert "Your organisation Guild keeps your key at localhost:" in told.text
        assert person.asked == ["Type yes to agree"] * 2
        assert "✓ unlocked" in told.text
        notebook("%bw_lock")
        assert notebook.state == "locked"
        person.answers = ["yes"]
        notebook("%bw_unlock")
        assert [path for _, path in connected.requests].count("/user-keys") == 2

    def test_a_trusted_device_is_asked_for_and_nobody_is_asked_a_password(
        self, trusting: DemoServer, person: Person, notebook: Notebook
    ) -> None:
        error = notebook.refusal("%bw_unlock")
        assert isinstance(error, NoWayToUnlock)
        assert "only devices that your organisation trusts" in str(error)
        assert person.asked == []
