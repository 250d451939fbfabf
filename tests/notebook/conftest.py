"""An IPython shell, a demo server over TLS, and a folder of its own for every test."""

from __future__ import annotations

import gc
import getpass
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

import bw_magics
from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import BitwardenError
from bw_magics.notebook.complete.completion import Completion
from bw_magics.session.accounts import machine_account
from bw_magics.session.accounts.configured import CONFIGURED
from bw_magics.session.state import State
from tests.notebook.lines import lines_on_screen

ITERATIONS = 5000


@dataclass
class Cell:
    """The result of a cell: its value, its prints, its displays, its error."""

    value: Any
    text: str
    displayed: list[dict[str, Any]]
    error: BaseException | None

    @property
    def lines(self) -> list[str]:
        """What it printed, without the lines that were overwritten."""
        return lines_on_screen(self.text)


class Notebook:
    """Runs cells in an IPython shell, with the extension loaded."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell: Any = shell

    def attempt(self, cell: str) -> Cell:
        """Runs a cell; an error is part of the result."""
        with capture_output() as captured:
            result = self.shell.run_cell(cell)
        error = result.error_before_exec or result.error_in_exec
        displayed = [dict(output.data) for output in captured.outputs]
        return Cell(result.result, captured.stdout + captured.stderr, displayed, error)

    def __call__(self, cell: str) -> Cell:
        """Runs a cell; raises its error."""
        came = self.attempt(cell)
        if came.error is not None:
            raise came.error
        return came

    def refusal(self, cell: str) -> BitwardenError:
        """The typed error of a cell, shown as one line and nothing else."""
        came = self.attempt(cell)
        assert isinstance(came.error, BitwardenError), came
        assert f"{type(came.error).__name__}: {came.error}" in came.lines
        assert "Traceback" not in came.text
        return came.error

    def offered(self, line: str) -> list[str]:
        """The completions of a line; none where it is not completed."""
        found = Completion(self.shell, bw_magics.bw_session).complete(line)
        return [] if found is None else [candidate.text for candidate in found.candidates]

    @property
    def state(self) -> str:
        return bw_magics.bw_session.status.state


@pytest.fixture(scope="session")
def ipython(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """The shell of this process; it keeps no history."""
    before = os.environ.get("IPYTHONDIR")
    os.environ["IPYTHONDIR"] = str(tmp_path_factory.mktemp("ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.TerminalInteractiveShell.simple_prompt = True
    shell = InteractiveShell.instance(config=config)
    # IPython finds its own magics when they are first used, and keeps them.
    shell.run_cell("%load_ext storemagic\n%config Application")
    yield shell
    InteractiveShell.clear_instance()
    if before is None:
        del os.environ["IPYTHONDIR"]
    else:
        os.environ["IPYTHONDIR"] = before


@pytest.fixture
def shell(
    ipython: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[InteractiveShell]:
    """The shell with an empty namespace, nothing loaded, in a folder and a home of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".git").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    yield ipython
    bw_magics.unload_ipython_extension(ipython)
    ipython.extension_manager.loaded.discard("bw_magics")
    CONFIGURED.forget()
    bw_magics.bw_session.logout()
    for other in bw_magics.bw_session.profiles[1:]:
        other.logout()
        del bw_magics.bw_session._profiles._vaults[other.profile_name]
    ipython.reset(new_session=True)
    # The reset collects garbage: the next one need not look at what this one has kept.
    gc.freeze()
    ipython.config.pop("BwMagics", None)
    assert bw_magics.bw_session._idle.held == 0
    bw_magics.bw_session._current.state = State()


@pytest.fixture
def notebook(shell: InteractiveShell) -> Iterator[Notebook]:
    bw_magics.load_ipython_extension(shell)
    yield Notebook(shell)
    # A login downloads in the background: the next test would count what it asks the server.
    for thread in threading.enumerate():
        if thread.name.startswith("bw_magics: downloading"):
            thread.join()


@pytest.fixture(scope="session")
def shared_server() -> Iterator[DemoServer]:
    """A server whose vault no test changes."""
    with DemoServer(iterations=ITERATIONS, strange=True) as server:
        yield server


@pytest.fixture
def server(shared_server: DemoServer) -> DemoServer:
    shared_server.requests.clear()
    shared_server.faults.clear()
    return shared_server


@pytest.fixture
def own_server() -> Iterator[DemoServer]:
    """A server that a test may change."""
    with DemoServer(iterations=ITERATIONS) as server:
        yield server


@pytest.fixture
def account(server: DemoServer) -> DemoAccount:
    return server.accounts[0]


def variables(server: DemoServer, account: DemoAccount | None = None) -> dict[str, str]:
    """What to set to log in and unlock without anybody."""
    account = account or server.accounts[0]
    return {
        "BW_CLIENTID": account.client_id,
        "BW_CLIENTSECRET": account.client_secret,
        "BW_PASSWORD": account.master_password,
        "BW_SERVER": server.url,
    }


@pytest.fixture
def trusted(server: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoServer:
    """The server, its certificate trusted, and nothing else about it known."""
    trust(server, tmp_path, monkeypatch)
    return server


def trust(server: DemoServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = folder / "authority.pem"
    authority.write_bytes(server.certificate_authority)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))


@pytest.fixture
def known(trusted: DemoServer, monkeypatch: pytest.MonkeyPatch) -> DemoServer:
    """The server with everything needed for it in the environment."""
    for name, value in variables(trusted).items():
        monkeypatch.setenv(name, value)
    return trusted


@pytest.fixture
def unlocked(known: DemoServer, notebook: Notebook) -> Notebook:
    """A notebook that has logged in and unlocked from the environment."""
    notebook("%bw_login\n%bw_unlock")
    return notebook


@pytest.fixture
def writable(
    own_server: DemoServer, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Notebook:
    """A notebook that is unlocked at a server which the test may change."""
    trust(own_server, tmp_path, monkeypatch)
    for name, value in variables(own_server).items():
        monkeypatch.setenv(name, value)
    notebook("%bw_unlock")
    return notebook


@dataclass
class Person:
    """Somebody at the keyboard, in place of a front end without forms; real kernels and real
    browsers are tried elsewhere.
    """

    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, prompt: str = "") -> str:
        self.asked.append(prompt.rstrip(": "))
        if not self.answers:
            raise AssertionError(f"nobody expected to be asked: {prompt}")
        return self.answers.pop(0)


@pytest.fixture
def person(shell: Any, monkeypatch: pytest.MonkeyPatch) -> Person:
    person = Person()
    monkeypatch.setattr(getpass, "getpass", person)
    monkeypatch.setattr(shell, "kernel", SimpleNamespace(_allow_stdin=True), raising=False)
    shell.config.BwMagics.prompt = "stdin"
    return person


def secrets_of(server: DemoServer, *accounts: DemoAccount) -> set[str]:
    """Every secret of the accounts: their credentials, and the values in their vaults."""
    found: set[str] = set()
    for account in accounts or server.accounts:
        found |= {account.client_secret, account.master_password}
        for item in server.account_items(account):
            found |= set(_secrets(item))
    return {secret for secret in found if len(secret) >= 6}


def _secrets(item: Mapping[str, Any]) -> Iterator[str]:
    login = item.get("login") or {}
    candidates = [item["notes"], login.get("password"), login.get("totp")]
    candidates += [field["value"] for field in item["fields"] if field["type"] == 1]
    candidates += [past["password"] for past in item["passwordHistory"]]
    candidates += [passkey["keyValue"] for passkey in login.get("fido2Credentials", [])]
    for kind, members in {
        "card": ("number",),
        "identity": ("ssn", "passportNumber", "licenseNumber"),
        "sshKey": ("privateKey",),
        "bankAccount": ("accountNumber", "routingNumber", "iban"),
        "driversLicense": ("licenseNumber",),
        "passport": ("passportNumber",),
    }.items():
        held = item.get(kind) or {}
        candidates += [held.get(member) for member in members]
    for attached in item["attachments"]:
        candidates.append(attached["contents"].decode())
    for value in candidates:
        if value:
            # A text of several lines would be shown with its line ends escaped.
            yield from (line.strip() for line in value.splitlines())


@pytest.fixture(scope="module")
def machine_server() -> Iterator[DemoServer]:
    with DemoServer(iterations=5_000) as server:
        yield server


@pytest.fixture
def machines(machine_server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> MachineTokens:
    """The Secrets Manager of the module's server, as new."""
    assert machine_server.machines is not None
    machine_server.machines.store.restore()
    machine_server.machines.end()
    machine_server.faults.clear()
    machine_server.requests.clear()
    monkeypatch.setattr(machine_account, "_busy", machine_account._Busy())
    return machine_server.machines


@pytest.fixture
def way_there(
    machine_server: DemoServer,
    machines: MachineTokens,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """An environment that names the server and nothing secret; returns an access token."""
    authority = tmp_path / "ca.pem"
    authority.write_bytes(machine_server.certificate_authority)
    monkeypatch.setenv("BW_CA_FILE", str(authority))
    monkeypatch.setenv("BW_SERVER", machine_server.url)
    return machines.store.accounts[0].access_token


@pytest.fixture
def logged_in(notebook: Notebook, way_there: str, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    monkeypatch.setenv("BWS_ACCESS_TOKEN", way_there)
    notebook("%bw_login --access-token")
    return notebook


@pytest.fixture
def opened(
    machine_server: DemoServer,
    way_there: str,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
) -> Notebook:
    """A demo vault and its Secrets Manager, open; its keys cost less than those of `%bw_demo`."""
    for name, value in variables(machine_server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BWS_ACCESS_TOKEN", way_there)
    notebook("%bw_login --apikey\n%bw_unlock\n%bw_login --access-token")
    return notebook
