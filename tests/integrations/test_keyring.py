"""A vault as a keyring: the library's own tests, and pip and twine at a real index."""

from __future__ import annotations

import sys
import threading
import warnings
import wsgiref.simple_server
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.core
import keyring.errors
import pytest
from keyring.backends.chainer import ChainerBackend
from keyring.testing.backend import BackendBasicTests

from bw_magics import Vault, bw_session
from bw_magics.demo.items.plain import login
from bw_magics.integrations.keyring import BitwardenKeyring
from bw_magics.session.storage.keyring import SERVICE, Remembered
from tests.integrations.entry_points import installed
from tests.integrations.world import World, entered, marker


@pytest.fixture(scope="module")
def opened(world: World) -> Iterator[Vault]:
    with entered(world) as vault:
        yield vault


@pytest.mark.libraries
@pytest.mark.usefixtures("opened")
class TestBackend(BackendBasicTests):
    """keyring's own tests of a backend."""

    def init_keyring(self) -> BitwardenKeyring:
        return BitwardenKeyring()


# What is found.


@pytest.mark.parametrize(
    ("service", "username", "is_found"),
    [
        ("Warehouse DB", "analyst", True),
        ("warehouse db", "analyst", True),
        ("Warehouse DB", "somebody", False),
        ("Warehouse", "analyst", False),
        ("https://index.demo.example/simple/", "ci", True),
        ("https://index.demo.example/other", "ci", True),
        ("index.demo.example", "ci", True),
        ("https://INDEX.demo.example:443/", "ci", True),
        ("http://index.demo.example/simple/", "ci", False),
        ("https://index.demo.example:8443/", "ci", False),
        ("https://demo.example/", "ci", False),
        ("https://other.demo.example/", "ci", False),
        ("https://[bad", "ci", False),
        ("No password", "ada", False),
        ("", "ci", False),
    ],
)
def test_a_login_is_found_by_name_or_by_host_and_port_and_user_name(
    world: World, vault: Vault, service: str, username: str, is_found: bool
) -> None:
    world.add(login("Index", "ci", marker("index"), ("https://index.demo.example/simple/",)))
    vault.sync(force=True)

    backend = BitwardenKeyring()

    assert (backend.get_password(service, username) is not None) is is_found
    credential = backend.get_credential(service, None)
    assert (credential is not None) is (is_found or username == "somebody")


def test_several_logins_are_never_guessed_from(vault: Vault) -> None:
    backend = BitwardenKeyring()
    assert backend.get_credential("Twin", None) is None
    with pytest.raises(keyring.errors.KeyringError, match="2 items fit"):
        backend.get_password("Twin", "ada")
    with pytest.raises(keyring.errors.PasswordSetError, match="2 items fit"):
        backend.set_password("Twin", "ada", "new")


def test_an_item_that_holds_more_than_a_password_is_not_deleted(vault: Vault) -> None:
    backend = BitwardenKeyring()
    with pytest.raises(keyring.errors.PasswordDeleteError, match="'Warehouse DB' holds more"):
        backend.delete_password("Warehouse DB", "analyst")
    assert vault["Warehouse DB"].password

    backend.set_password("https://new.demo.example", "ada", "first")
    assert vault["https://new.demo.example"].uris == ("https://new.demo.example",)
    backend.delete_password("https://new.demo.example", "ada")
    assert "https://new.demo.example" in [item.name for item in vault.items(trash=True)]


# Beside other keyrings.


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChainerBackend]:
    """The vault's keyring behind one of the system's."""

    class System(keyring.backend.KeyringBackend):
        priority = 5

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del self.kept[service, username]

        kept: dict[tuple[str, str], str] = {}  # noqa: RUF012 - for one test

    backends = [System(), BitwardenKeyring()]  # type: ignore[no-untyped-call]
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: backends)
    before = keyring.get_keyring()
    chain = ChainerBackend()
    keyring.set_keyring(chain)
    yield chain
    keyring.set_keyring(before)
    keyring.backend.KeyringBackend._classes.discard(System)


def test_the_systems_keyring_comes_first(world: World, vault: Vault, chain: ChainerBackend) -> None:
    assert chain.priority == 10
    keyring.set_password("elsewhere", "ada", "of the system")

    assert keyring.get_password("elsewhere", "ada") == "of the system"
    assert keyring.get_password("Warehouse DB", "analyst") == world.password
    assert not [item for item in vault.items() if item.name == "elsewhere"]


def test_a_vault_that_nobody_logged_in_to_does_not_stop_the_others(chain: ChainerBackend) -> None:
    assert keyring.get_password("elsewhere", "ada") is None


def test_the_api_key_is_remembered_by_the_system_and_never_in_the_vault(
    world: World, vault: Vault, chain: ChainerBackend
) -> None:
    bw_session.remember()

    remembered = Remembered().source()
    assert remembered is not None
    assert remembered.get("BW_CLIENTID") == world.account.client_id
    assert not [item for item in vault.items() if item.name == SERVICE]
    with pytest.raises(keyring.errors.PasswordSetError):
        BitwardenKeyring().set_password(SERVICE, "default", "x")


def test_it_offers_itself_only_where_a_vault_can_be_opened(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not BitwardenKeyring.viable
    for name, value in world.credentials.items():
        monkeypatch.setenv(name, value)
    assert BitwardenKeyring.viable
    assert BitwardenKeyring.priority == 1


# pip and twine, as the entry point gives it to them.


class Index:
    """A real package index on loopback that asks for a user name and password."""

    def __init__(self, folder: Path, password: str) -> None:
        self.folder = folder
        self.asked: list[tuple[str, str]] = []

        def is_allowed(username: str, given: str) -> bool:
            self.asked.append((username, given))
            return (username, given) == ("ci", password)

        finders = list(sys.meta_path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its import of cgi and its import hook are old
            import pypiserver

            sys.meta_path[:] = finders  # its own would warn at every later import

        application = pypiserver.app(
            roots=[folder], authenticate=["download", "list", "update"], auther=is_allowed
        )
        self._server = wsgiref.simple_server.make_server(
            "127.0.0.1", 0, application, handler_class=_Quiet
        )
        self.port = self._server.server_port

    def __enter__(self) -> Index:
        threading.Thread(target=self._server.serve_forever, args=(0.01,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def wheel(folder: Path, name: str = "toy") -> Path:
    """Makes a wheel that holds nothing."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        about = f"{name}-1.0.dist-info"
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture(scope="module")
def index(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    password = marker("index")
    with Index(tmp_path_factory.mktemp("index"), password) as index:
        world.add(login("Loopback", "ci", password, (f"http://127.0.0.1:{index.port}",)))
        yield index


@pytest.mark.libraries
def test_pip_gets_the_password_from_the_vault(world: World, index: Index, tmp_path: Path) -> None:
    wheel(index.folder)
    to = tmp_path / "to"
    pip = ("-m", "pip", "-vvv", "download", "--no-deps", "--no-input", "--dest", str(to))
    where = f"--index-url=http://127.0.0.1:{index.port}/simple/"
    asks = {"PIP_KEYRING_PROVIDER": "import", "PYTHONPATH": installed(tmp_path)}

    control = world.python(*pip, where, "toy", check=False)
    done = world.python(*pip, where, "toy", variables=asks)

    assert control.returncode != 0, "without the keyring the index refuses"
    assert index.asked[-1][0] == "ci"
    assert [path.name for path in to.iterdir()] == ["toy-1.0-py3-none-any.whl"]
    written = [world.folder, tmp_path]
    assert not world.found_in(done.stdout, done.stderr, folders=written)


@pytest.mark.libraries
def test_twine_uploads_with_the_password_from_the_vault(
    world: World, index: Index, tmp_path: Path
) -> None:
    where = f"http://127.0.0.1:{index.port}/"
    upload = ("-m", "twine", "upload", "--verbose", "--disable-progress-bar")
    asks = {"PYTHONPATH": installed(tmp_path)}

    done = world.python(
        *upload, "--repository-url", where, str(wheel(tmp_path, "sent")), variables=asks
    )

    assert (index.folder / "sent-1.0-py3-none-any.whl").exists()
    assert not world.found_in(done.stdout, done.stderr, folders=[world.folder, tmp_path])


@pytest.mark.libraries
def test_the_keyring_command_lists_the_vault_and_prints_what_it_is_asked_for(
    world: World, tmp_path: Path
) -> None:
    asks = {"PYTHONPATH": installed(tmp_path)}
    listed = world.python("-m", "keyring", "--list-backends", variables=asks)
    got = world.python("-m", "keyring", "get", "Warehouse DB", "analyst", variables=asks)

    assert "bw_magics.integrations.keyring.BitwardenKeyring (priority: 1)" in listed.stdout
    assert got.stdout.strip() == world.password
