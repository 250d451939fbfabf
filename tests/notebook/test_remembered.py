"""`%bw_login --remember`: in a keyring of this process's memory, and where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.backends.null
import keyring.errors
import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import (
    ApiKeyRefused,
    CredentialsMissing,
    ExtraMissing,
    NoKeyring,
    UsageMistake,
)
from bw_magics.session.storage.keyring import Remembered
from tests.notebook.conftest import Notebook, Person, trust, variables
from tests.notebook.memory_keyring import InMemory

KEY = ("BW_CLIENTID", "BW_CLIENTSECRET", "BW_SERVER")


@pytest.fixture(autouse=True)
def memory() -> Iterator[InMemory]:
    before = keyring.get_keyring()
    memory = InMemory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def leave(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.delenv(name)


def test_a_remembered_key_is_enough_in_the_next_kernel(
    notebook: Notebook,
    known: DemoServer,
    memory: InMemory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = known.accounts[0]
    came = notebook("%bw_login --remember")
    assert "  the API key is in the keyring now: %bw_logout --forget removes it" in came.lines
    (entry,) = memory.entries.values()
    assert account.client_secret in entry
    assert account.master_password not in entry
    notebook("%bw_logout")
    assert memory.entries, "a logout alone leaves it there"
    leave(monkeypatch, *KEY)
    came = notebook("%bw_login")
    assert came.lines[0].endswith("with the API key from the keyring")
    notebook("%bw_unlock")
    assert notebook.state == "unlocked"
    assert "✓ removed the API key in the keyring" in notebook("%bw_logout --forget").lines
    assert not memory.entries
    assert isinstance(notebook.refusal("%bw_login"), CredentialsMissing)
    assert "nothing was remembered" in notebook("%bw_logout --forget").lines


def test_each_profile_has_an_entry_of_its_own(
    notebook: Notebook, known: DemoServer, memory: InMemory
) -> None:
    notebook("%bw_login --remember")
    notebook("%bw_login --remember --profile work")
    assert sorted(user for _, user in memory.entries) == ["default", "work"]
    notebook("%bw_logout --profile work --forget")
    assert [user for _, user in memory.entries] == ["default"]


def test_the_environment_goes_before_the_keyring(
    notebook: Notebook, known: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook("%bw_login --remember\n%bw_logout")
    assert notebook("%bw_login").lines[0].endswith("with the API key from the environment")
    notebook("%bw_logout")
    leave(monkeypatch, "BW_CLIENTSECRET")
    assert notebook("%bw_login").lines[0].endswith("with the API key from the keyring")


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
def test_without_a_keyring_it_warns_and_writes_no_file(
    notebook: Notebook,
    known: DemoServer,
    tmp_path: Path,
    backend: type[keyring.backend.KeyringBackend],
) -> None:
    keyring.set_keyring(backend())
    before = sorted(tmp_path.rglob("*"))
    error = notebook.refusal("%bw_login --remember")
    assert isinstance(error, NoKeyring)
    assert "written to no file" in str(error)
    assert notebook.state == "unauthenticated", "nothing was half done"
    assert sorted(tmp_path.rglob("*")) == before
    notebook("%bw_login")
    assert notebook("%bw_logout --forget").lines == ["✓ logged out", "nothing was remembered"]
    notebook("%bw_login")
    assert Remembered().source() is None


def test_a_keyring_that_is_a_file_is_refused(notebook: Notebook, known: DemoServer) -> None:
    plain = type("PlaintextKeyring", (InMemory,), {"__module__": "keyrings.alt.file"})
    keyring.set_keyring(plain())
    error = notebook.refusal("%bw_login --remember")
    assert isinstance(error, NoKeyring)
    assert "is a file" in str(error)


def test_a_keyring_that_fails_does_not_say_with_what(notebook: Notebook, known: DemoServer) -> None:
    class Broken(InMemory):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise keyring.errors.KeyringError(password)

    keyring.set_keyring(Broken())
    came = notebook.attempt("%bw_login --remember")
    assert isinstance(came.error, NoKeyring)
    assert known.accounts[0].client_secret not in came.text + repr(came.error)


def test_a_keyring_that_does_not_answer_may_have_kept_the_key(
    notebook: Notebook, known: DemoServer
) -> None:
    class Locked(InMemory):
        def get_password(self, service: str, username: str) -> str | None:
            raise keyring.errors.KeyringLocked

    notebook("%bw_login")
    keyring.set_keyring(Locked())
    assert isinstance(notebook.refusal("%bw_logout --forget"), NoKeyring)
    assert notebook.state == "unauthenticated"


def test_without_the_extra_it_says_what_to_install(
    notebook: Notebook, known: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    error = notebook.refusal("%bw_login --remember")
    assert isinstance(error, ExtraMissing)
    assert "bw_magics[keyring]" in str(error)
    notebook("%bw_login")


def test_the_demos_key_is_not_remembered(notebook: Notebook, memory: InMemory) -> None:
    notebook("%bw_demo")
    assert isinstance(notebook.refusal("%bw_login --remember"), UsageMistake)
    assert not memory.entries


def test_a_stale_key_is_told_and_a_person_is_asked(
    person: Person,
    notebook: Notebook,
    own_server: DemoServer,
    memory: InMemory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trust(own_server, tmp_path, monkeypatch)
    for name, value in variables(own_server).items():
        monkeypatch.setenv(name, value)
    account = own_server.accounts[0]
    notebook("%bw_login --remember\n%bw_logout")
    leave(monkeypatch, "BW_CLIENTID", "BW_CLIENTSECRET")
    own_server.rotate_api_key(account)
    assert isinstance(notebook.refusal("%bw_login --nointeraction"), ApiKeyRefused)
    person.answers = [account.client_id, account.client_secret]
    came = notebook("%bw_login --remember")
    assert any(line.startswith("The API key in the keyring was refused") for line in came.lines)
    assert account.client_secret in next(iter(memory.entries.values()))
    notebook("%bw_unlock --passwordenv BW_PASSWORD")
    person.answers = [account.master_password]
    came = notebook("%bw_apikey --rotate")
    assert "  the keyring has the new one, too" in came.lines
    assert account.client_secret in next(iter(memory.entries.values()))


def test_a_kept_vault_is_forgotten_too(
    notebook: Notebook, known: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    notebook("%config BwMagics.vault_cache = True\n%bw_unlock")
    assert list((tmp_path / "caches" / "bw_magics").iterdir())
    assert "✓ removed the kept vault" in notebook("%bw_logout --forget").lines
    assert not list((tmp_path / "caches" / "bw_magics").iterdir())
    notebook("%config BwMagics.vault_cache = False")


def test_a_kept_vault_is_forgotten_without_a_keyring(
    notebook: Notebook, known: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    keyring.set_keyring(keyring.backends.fail.Keyring())
    notebook("%config BwMagics.vault_cache = True\n%bw_unlock")
    assert "✓ removed the kept vault" in notebook("%bw_logout --forget").lines
    notebook("%config BwMagics.vault_cache = False")
