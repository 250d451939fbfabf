"""The table "Bad input gets this", row by row: the error, its remedy, the state afterwards."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.errors import (
    AnswerUnusable,
    ApiKeyRefused,
    BitwardenError,
    CertificateRefused,
    ClientIdInvalid,
    CredentialsConflict,
    CredentialsMissing,
    HiddenByOrganization,
    InsecureServer,
    KdfRefused,
    NotLoggedIn,
    OrganizationApiKey,
    RateLimited,
    Redirected,
    RequestRefused,
    SecretTyped,
    ServerUnreachable,
    Unreadable,
    UnsafeFile,
    UsageMistake,
    VaultLocked,
    WrongMasterPassword,
)
from bw_magics.session.accounts.api_key_account import ApiKeyAccount
from bw_magics.session.default import bw_session
from tests.notebook.conftest import ITERATIONS, Notebook, trust, variables

TOKEN = "/identity/connect/token"
SYNC = "/api/sync"
REVISION = "/api/accounts/revision-date"
TYPED = "hunter2horse"
HTML = Fault(200, {"Content-Type": "text/html"}, b"<html>log in to the network first</html>")


@dataclass
class World:
    """A notebook whose environment names a server of its own, and what a test may do to it."""

    notebook: Notebook
    server: DemoServer
    patch: pytest.MonkeyPatch

    @property
    def account(self) -> DemoAccount:
        return self.server.accounts[0]

    @property
    def name(self) -> str:
        return self.server.url.removeprefix("https://")

    def set(self, **values: str | None) -> None:
        for name, value in values.items():
            if value is None:
                self.patch.delenv(name, raising=False)
            else:
                self.patch.setenv(name, value)

    def refusal(self, cell: str, kind: type[BitwardenError], *words: str) -> BitwardenError:
        """The error of a cell: exactly this type, these words, one line, nothing secret."""
        came = self.notebook.attempt(cell)
        error = came.error
        assert isinstance(error, BitwardenError), came
        assert type(error) is kind, error
        assert error.remedy
        for word in words:
            assert word in str(error), word
        assert f"{kind.__name__}: {error}" in came.lines
        assert "Traceback" not in came.text
        for secret in (TYPED, self.account.client_secret, self.account.master_password):
            assert secret not in came.text
        assert self.account.client_id not in came.text
        return error

    def unlock(self) -> None:
        self.notebook("%bw_unlock")
        self.server.requests.clear()

    def asked(self, path: str) -> int:
        return sum(1 for _, asked in self.server.requests if asked == path)


@pytest.fixture
def world(
    own_server: DemoServer, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    return make_world(own_server, notebook, tmp_path, monkeypatch)


def make_world(
    server: DemoServer, notebook: Notebook, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> World:
    trust(server, folder, monkeypatch)
    world = World(notebook, server, monkeypatch)
    world.set(**variables(server))
    return world


# Before anything is sent.


@pytest.mark.parametrize(
    ("changes", "cell", "kind", "words"),
    [
        pytest.param(
            {"BW_CLIENTID": None},
            "%bw_login",
            CredentialsMissing,
            ("BW_CLIENTID is not set", "nobody to ask", "Settings → Security → Keys"),
            id="no id",
        ),
        pytest.param(
            {"BW_CLIENTSECRET": ""},
            "%bw_login",
            CredentialsMissing,
            ("BW_CLIENTSECRET is not set", "Settings → Security → Keys"),
            id="an empty secret",
        ),
        pytest.param(
            {"BW_CLIENTID": "organization.0b5a9f5c-1d0e-4b1e-9d57-b3a1f2c4d6e8"},
            "%bw_login",
            OrganizationApiKey,
            ("organisation", "user."),
            id="an organisation's key",
        ),
        pytest.param(
            {"BW_CLIENTID": TYPED},
            "%bw_login",
            ClientIdInvalid,
            ("user.",),
            id="no personal id",
        ),
        pytest.param(
            {"BW_CLIENTID": f"user.{TYPED}"},
            "%bw_login",
            ClientIdInvalid,
            ("user.",),
            id="no GUID",
        ),
        pytest.param(
            {"BW_SERVER": f"ftp://{TYPED}"},
            "%bw_login",
            UsageMistake,
            ("https://vault.example.org",),
            id="no address",
        ),
        pytest.param(
            {"BW_SERVER": "http://vault.example.org"},
            "%bw_login",
            InsecureServer,
            ("https",),
            id="plain http",
        ),
        pytest.param(
            {"BW_DEVICE_ID": TYPED},
            "%bw_login",
            UsageMistake,
            ("BW_DEVICE_ID is not a UUID",),
            id="no device id",
        ),
        pytest.param(
            {}, f"%bw_unlock {TYPED}", SecretTyped, ("BW_PASSWORD", "delete it there"), id="typed"
        ),
        pytest.param(
            {}, f"%bw_unlock --password {TYPED}", SecretTyped, ("BW_PASSWORD",), id="as an option"
        ),
        pytest.param(
            {}, f"%bw unlock {TYPED}", SecretTyped, ("BW_PASSWORD",), id="the way of the CLI"
        ),
        pytest.param(
            {},
            f"%bw_login me@example.org {TYPED}",
            SecretTyped,
            ("BW_PASSWORD",),
            id="e-mail and password",
        ),
    ],
)
def test_nothing_is_sent(
    world: World,
    changes: dict[str, str | None],
    cell: str,
    kind: type[BitwardenError],
    words: tuple[str, ...],
) -> None:
    world.set(**changes)
    world.refusal(cell, kind, *words)
    assert world.server.requests == []
    assert world.notebook.state == "unauthenticated"


@pytest.mark.parametrize("around", ["  {}  ", "'{}'", '"{}"', "{}\n", "\t{}", " '{}' "])
def test_space_and_quotes_around_the_key_are_harmless(world: World, around: str) -> None:
    world.set(
        BW_CLIENTID=around.format(world.account.client_id),
        BW_CLIENTSECRET=around.format(world.account.client_secret),
    )
    world.notebook("%bw_login")
    assert world.notebook.state == "locked"


def test_a_server_out_of_a_file_is_not_combined_with_another_key(world: World) -> None:
    world.set(BW_SERVER=None)
    file = Path(".env")
    file.write_text(f"BW_SERVER={world.server.url}\n")
    file.chmod(0o600)
    world.refusal("%bw_login", CredentialsConflict, ".env in project", "the environment")
    assert world.server.requests == []


def test_a_file_that_others_may_write_is_refused(world: World) -> None:
    file = Path(".env")
    file.write_text(f"BW_SERVER={world.server.url}\n")
    file.chmod(0o622)
    world.refusal("%bw_login", UnsafeFile, ".env in project", "chmod 600 .env")
    assert world.server.requests == []


# What the server refuses.


@pytest.mark.parametrize("style", ["official", "vaultwarden", "invalid_grant"])
def test_a_wrong_secret_is_refused_in_all_three_shapes(
    style: str, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DemoServer(
        style="vaultwarden" if style == "vaultwarden" else "official", iterations=ITERATIONS
    ) as server:
        world = make_world(server, notebook, tmp_path, monkeypatch)
        world.set(BW_CLIENTSECRET=TYPED)
        if style == "invalid_grant":
            body = {
                "error": "invalid_grant",
                "error_description": "ClientId or clientSecret is incorrect. Try again",
                "ErrorModel": {"Message": f"ClientId or clientSecret is incorrect. {TYPED}"},
            }
            world.server.faults[TOKEN] = [answer(400, body)]
        world.refusal(
            "%bw_login",
            ApiKeyRefused,
            f"client_id or client_secret was refused by {world.name}",
            "us, eu and self-hosted",
            "rotated",
        )
        assert world.asked(TOKEN) == 1
        assert notebook.state == "unauthenticated"


def test_a_wrong_master_password_changes_nothing_and_is_not_counted(world: World) -> None:
    world.set(BW_PASSWORD=TYPED)
    for _ in range(12):
        world.refusal("%bw_unlock", WrongMasterPassword, "The master password is wrong.")
        assert world.notebook.state == "locked"
    world.set(BW_PASSWORD=world.account.master_password)
    world.notebook("%bw_unlock")
    assert world.notebook.state == "unlocked"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(429, {"Retry-After": "61"}), ("Try again in 61 seconds.",)),
        (Fault(429), ("did not say how long to wait",)),
    ],
)
def test_too_many_logins_are_told_and_not_tried_again(
    world: World, fault: Fault, words: tuple[str, ...]
) -> None:
    world.server.faults[TOKEN] = [fault]
    world.refusal("%bw_login", RateLimited, world.name, *words)
    assert world.asked(TOKEN) == 1
    assert world.notebook.state == "unauthenticated"


# The state that a command needs.


@pytest.mark.parametrize(
    "cell", ["%bw_get password Warehouse DB", "%bw_list items", "bw_session['Warehouse DB']"]
)
def test_locked_or_logged_out_says_which_why_and_what_is_next(world: World, cell: str) -> None:
    world.refusal(cell, NotLoggedIn, "logged out: nobody has logged in.", "%bw_login, then")
    world.notebook("%bw_login")
    world.refusal(cell, VaultLocked, "locked: it was not unlocked yet.", "Next: %bw_unlock.")
    world.notebook("%bw_unlock\n%bw_lock")
    world.refusal(cell, VaultLocked, "locked: you locked it at ", "Next: %bw_unlock.")
    world.notebook("%bw_logout")
    world.refusal(cell, NotLoggedIn, "logged out: you logged out at ", "Next: %bw_login")


@pytest.mark.parametrize("cell", ["%bw_sync", "%bw_sync --force"])
def test_there_is_nothing_to_sync_while_logged_out(world: World, cell: str) -> None:
    world.refusal(cell, NotLoggedIn, "%bw_login")


def test_a_password_changed_elsewhere_locks_with_that_reason(world: World) -> None:
    world.unlock()
    world.server.change_master_password(world.account, "another-master-password")
    world.notebook("%bw_sync")
    world.refusal("%bw_get password Warehouse DB", VaultLocked, "changed elsewhere")
    world.refusal("%bw_unlock", WrongMasterPassword)
    world.set(BW_PASSWORD="another-master-password")
    world.notebook("%bw_unlock")


# The way to the server, and what comes back.


def answer(status: int, body: object) -> Fault:
    return Fault(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


ON_THE_WAY = [
    pytest.param(HTML, AnswerUnusable, ("not JSON", "login page"), id="HTML"),
    pytest.param(Fault(cut=40), AnswerUnusable, ("cut off",), id="truncated"),
    pytest.param(
        Fault(302, {"Location": "https://other.example.org/x"}),
        Redirected,
        ("other.example.org",),
        id="redirect",
    ),
    pytest.param(Fault(503), RequestRefused, ("out of order (status 503)",), id="503"),
    pytest.param(answer(200, ["x"]), AnswerUnusable, (), id="another shape"),
]


@pytest.mark.parametrize(("fault", "kind", "words"), ON_THE_WAY)
def test_a_login_names_the_server_and_the_remedy(
    world: World, fault: Fault, kind: type[BitwardenError], words: tuple[str, ...]
) -> None:
    world.server.faults[TOKEN] = [fault]
    world.refusal("%bw_login", kind, world.name, *words)
    assert world.asked(TOKEN) == 1
    assert world.notebook.state == "unauthenticated"
    world.notebook("%bw_login")


@pytest.mark.parametrize(("fault", "kind", "words"), ON_THE_WAY)
def test_the_vault_in_memory_stays_usable(
    world: World, fault: Fault, kind: type[BitwardenError], words: tuple[str, ...]
) -> None:
    world.unlock()
    # A server that is out of order is asked again.
    world.server.faults[SYNC] = [fault] * 5
    world.refusal("%bw_sync --force", kind, world.name, *words)
    world.server.faults.clear()
    assert world.notebook("%bw_get password Warehouse DB").value == "demo-warehouse-password-1"
    assert world.notebook("%bw_sync --force").lines[-1] == "✓ synced"


@pytest.mark.parametrize(("fault", "kind", "words"), ON_THE_WAY)
def test_the_first_sync_fails_where_it_is_needed(
    world: World, fault: Fault, kind: type[BitwardenError], words: tuple[str, ...]
) -> None:
    world.server.faults[SYNC] = [fault] * 5
    world.notebook("%bw_login")
    world.refusal("%bw_unlock", kind, world.name, *words)
    assert world.notebook.state == "locked"
    world.server.faults.clear()
    world.notebook("%bw_unlock")


def test_a_server_that_is_down(world: World) -> None:
    world.unlock()
    name = world.name
    world.server.stop()
    world.refusal("%bw_sync", ServerUnreachable, name)
    assert world.notebook("%bw_get password Warehouse DB").value == "demo-warehouse-password-1"
    world.notebook("%bw_logout")
    error = world.refusal("%bw_login", ServerUnreachable, "refused the connection", name)
    assert "port" in error.remedy


def test_an_unknown_host(world: World) -> None:
    def resolve(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    world.patch.setattr(socket, "getaddrinfo", resolve)
    world.set(BW_SERVER="https://vault.nowhere.invalid")
    world.refusal("%bw_login", ServerUnreachable, "The host name of vault.nowhere.invalid")
    assert world.notebook.state == "unauthenticated"


def test_a_certificate_that_nobody_vouches_for(world: World) -> None:
    world.set(SSL_CERT_FILE=None)
    world.refusal("%bw_login", CertificateRefused, world.name, "SSL_CERT_FILE")
    assert world.server.requests == []


@pytest.fixture
def elsewhere(world: World, tmp_path: Path) -> Iterator[Callable[[bytes], str]]:
    """Starts a TLS server that gives one scripted answer; its certificate is trusted."""
    authority = trustme.CA()
    file = tmp_path / "elsewhere.pem"
    file.write_bytes(authority.cert_pem.bytes())
    world.set(SSL_CERT_FILE=str(file))
    listener = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    threads: list[threading.Thread] = []

    def start(raw: bytes) -> str:
        def serve() -> None:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(65536)
                secured.sendall(raw)
                # The rest of the request, if it came as a piece of its own: closed over bytes that
                # nobody read, a connection loses what the client has not read yet, either.
                secured.shutdown(socket.SHUT_WR)
                while secured.recv(65536):
                    pass

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return f"https://localhost:{listener.getsockname()[1]}"

    yield start
    for thread in threads:
        thread.join(120)
    listener.close()


@pytest.mark.parametrize(
    ("raw", "kind", "words"),
    [
        pytest.param(b"", ServerUnreachable, ("closed the connection",), id="nothing"),
        pytest.param(b"SSH-2.0-x\r\n\r\n", AnswerUnusable, ("does not speak HTTP",), id="not HTTP"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
            AnswerUnusable,
            ("cut off",),
            id="half an answer",
        ),
    ],
)
def test_what_is_not_a_bitwarden_server(
    world: World,
    elsewhere: Callable[[bytes], str],
    raw: bytes,
    kind: type[BitwardenError],
    words: tuple[str, ...],
) -> None:
    url = elsewhere(raw)
    world.set(BW_SERVER=url)
    world.refusal("%bw_login", kind, url.removeprefix("https://"), *words)
    assert world.notebook.state == "unauthenticated"


# What the server says of the vault.


@pytest.mark.parametrize("iterations", [1, 4999, 2_000_001, 2**31])
def test_a_key_derivation_too_weak_or_too_costly_is_refused_before_any_work(
    world: World, iterations: int
) -> None:
    def never(*_: object, **__: object) -> bytes:
        raise AssertionError("nothing is derived")

    login, sync = true_answers(world)
    world.server.faults[TOKEN] = [answer(200, with_iterations(login, iterations))]
    world.server.faults[SYNC] = [answer(200, with_iterations(sync, iterations))] * 3
    world.patch.setattr("hashlib.pbkdf2_hmac", never)
    world.patch.setattr("cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC", never)
    world.refusal("%bw_unlock", KdfRefused, "PBKDF2 iterations")
    assert world.notebook.state == "locked"


def true_answers(world: World) -> tuple[Any, Any]:
    """What the server answers to a login and a sync."""
    context = ssl.create_default_context(cadata=world.server.certificate_authority.decode())
    with httpx.Client(base_url=world.server.url, verify=context, trust_env=False) as http:
        form = {
            "grant_type": "client_credentials",
            "scope": "api",
            "client_id": world.account.client_id,
            "client_secret": world.account.client_secret,
            "deviceType": "25",
            "deviceIdentifier": "5f1b6a5e-0000-4000-8000-0de300000002",
            "deviceName": "tests",
        }
        http.headers["Bitwarden-Client-Version"] = "2026.6.0"
        login = http.post(TOKEN, data=form).json()
        http.headers["Authorization"] = f"Bearer {login['access_token']}"
        return login, http.get(SYNC).json()


def with_iterations(node: Any, iterations: int) -> Any:
    if isinstance(node, list):
        return [with_iterations(each, iterations) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: iterations if "iterations" in name.lower() else with_iterations(each, iterations)
        for name, each in node.items()
    }


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("password Half readable", Unreadable, ("password of 'Half readable'", "web vault")),
        ("bad Half readable", Unreadable, ("Half readable",)),
        ("password Encrypted in the future", Unreadable, ("Encrypted in the future",)),
        ("password Billing portal", HiddenByOrganization, ("Billing portal", "owner")),
    ],
)
def test_what_cannot_be_read_is_reported_and_costs_nothing_else(
    unlocked: Notebook, line: str, kind: type[BitwardenError], words: tuple[str, ...]
) -> None:
    error = unlocked.refusal(f"%bw_get {line}")
    assert type(error) is kind
    assert all(word in str(error) for word in words)
    assert unlocked("%bw_get notes Half readable").value.startswith("The note can be read")
    assert unlocked("%bw_get good Encrypted in the future").value == "readable"
    assert unlocked("%bw_get username Billing portal").value == "team"


def test_lists_show_what_cannot_be_read_as_unreadable(unlocked: Notebook) -> None:
    came = unlocked("%bw_list items")
    names = [item.name for item in came.value]
    assert names.count("(unreadable)") >= 2
    assert "Warehouse DB" in names
    assert "From the future" in names
    assert re_count(r"(\d+) unreadable: ", came.text) >= 2
    assert "type 99" in came.text
    assert "unreadable" in unlocked("%bw_status").lines[0]


def re_count(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    return int(found[1]) if found else 0


def test_a_key_rotated_while_logged_in_does_not_stop_the_reading(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DemoServer(iterations=ITERATIONS, token_lifetime=200) as server:
        world = make_world(server, notebook, tmp_path, monkeypatch)
        world.unlock()
        account = bw_session._current.state.account
        assert isinstance(account, ApiKeyAccount)
        account.logged_in_at -= 3600  # long ago: its token is renewed before it ends
        new = server.rotate_api_key(world.account)
        assert notebook("%bw_sync").lines[-1] in ("✓ synced", "✓ nothing new")
        assert notebook("%bw_get password Warehouse DB").value == "demo-warehouse-password-1"
        problem = notebook("%bw_status").lines[-1]
        assert problem.startswith("problem: The API key was rotated: ")
        assert "Log in again with the new client_secret: %bw_login" in problem
        world.refusal("%bw_login", ApiKeyRefused)
        assert notebook("%bw_get password Warehouse DB").value == "demo-warehouse-password-1"
        world.set(BW_CLIENTSECRET=new)
        assert notebook("%bw_login").lines[0].startswith("✓ logged in")
        assert notebook.state == "unlocked"
        assert "problem" not in notebook("%bw_status").text
