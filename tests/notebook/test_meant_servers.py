"""Ways by which a key could reach a server that nobody meant: it goes to no other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import keyring
import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    ApiKeyRefused,
    CredentialsConflict,
    CredentialsMissing,
    UsageMistake,
)
from tests.notebook.conftest import Notebook, Person, variables
from tests.notebook.memory_keyring import InMemory
from tests.notebook.test_credentials import colab

KEY = ("BW_CLIENTID", "BW_CLIENTSECRET")
TOKEN = "/identity/connect/token"
ELSEWHERE = "https://localhost:1"
ACCESS_TOKEN = (
    "0.ec2c1d46-6a4b-4751-a310-af9601317f2d.C2IgxjjLF7qSshsbwe8JGcbM075YXw:X8vbvA0bduihIDe/qrzIQQ=="
)


@pytest.fixture
def only_key(trusted: DemoServer, monkeypatch: pytest.MonkeyPatch) -> DemoServer:
    """A trusted server whose key the environment has, but not its address."""
    for name, value in variables(trusted).items():
        if name != "BW_SERVER":
            monkeypatch.setenv(name, value)
    return trusted


@pytest.fixture
def memory() -> Iterator[InMemory]:
    before, memory = keyring.get_keyring(), InMemory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


def at(server: DemoServer) -> str:
    return f"localhost:{urlsplit(server.url).port}"


def write(name: str, **values: str) -> None:
    path = Path(name)
    path.write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))
    path.chmod(0o600)


def name_server(notebook: Notebook, how: str, url: str) -> None:
    if how == "the environment":
        os.environ["BW_SERVER"] = url
    else:
        notebook(f"%bw config server {url}")


# In Python, without a server.

BY_PYTHON = {
    "a vault": "from bw_magics import Vault\nVault().login(client_id=os.environ['BW_CLIENTID'], "
    "client_secret=os.environ['BW_CLIENTSECRET'])",
    "a profile": "bw_session.profile('work').login(client_id=os.environ['BW_CLIENTID'], "
    "client_secret=os.environ['BW_CLIENTSECRET'])",
    "an organisation": "from bw_magics import Organization\nOrganization.login(client_id="
    "'organization.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f', client_secret='made-up')",
    "a token": "from bw_magics import SecretsManager\n"
    "SecretsManager.login(access_token=os.environ['TOKEN'])",
    "a token of the environment": "from bw_magics import SecretsManager\n"
    "os.environ['BWS_ACCESS_TOKEN'] = os.environ['TOKEN']\nSecretsManager.login()",
}


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", ACCESS_TOKEN)
    monkeypatch.setenv("BWS_ACCESS_TOKEN", "")  # set by a cell, taken back here
    monkeypatch.setenv("BW_SERVER", "")


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("login", BY_PYTHON.values(), ids=BY_PYTHON)
@pytest.mark.parametrize("how", ["the environment", "the settings"])
def test_a_login_in_python_without_a_server_goes_to_the_named_one(
    only_key: DemoServer, notebook: Notebook, how: str, login: str
) -> None:
    name_server(notebook, how, only_key.url)
    came = notebook.attempt(f"import os\n{login}")
    assert ("POST", TOKEN) in only_key.requests, came.text


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("login", BY_PYTHON.values(), ids=BY_PYTHON)
def test_a_login_in_python_does_not_pass_over_the_server_of_a_file(
    only_key: DemoServer, notebook: Notebook, login: str
) -> None:
    write(".env", BW_SERVER=only_key.url)
    error = notebook.refusal(f"import os\n{login}")
    assert isinstance(error, CredentialsConflict)
    assert ".env in project names the server (BW_SERVER)" in error.fact


def test_an_empty_server_is_not_the_default_one(notebook: Notebook) -> None:
    line = f"SecretsManager.login(access_token={ACCESS_TOKEN!r}, server='')"
    came = notebook.attempt(f"from bw_magics import SecretsManager\n{line}")
    assert isinstance(came.error, UsageMistake)


@pytest.mark.parametrize("how", ["the environment", "the settings"])
def test_the_named_authority_holds_for_a_server_that_python_names(
    server: DemoServer,
    notebook: Notebook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate_authority)
    if how == "the environment":
        monkeypatch.setenv("BW_CA_FILE", str(authority))
    else:
        notebook(f"%config BwMagics.certificate_authority = {str(authority)!r}")
    values = variables(server)
    key = f"client_id={values['BW_CLIENTID']!r}, client_secret={values['BW_CLIENTSECRET']!r}"
    notebook.attempt(f"bw_session.login({key}, server={server.url!r})")
    assert ("POST", TOKEN) in server.requests


# By magics.


def test_a_named_file_does_not_pass_over_the_server_of_the_projects_file(
    trusted: DemoServer, notebook: Notebook
) -> None:
    values = variables(trusted)
    write(".env", BW_SERVER=values.pop("BW_SERVER"))
    write("key.env", **values)
    error = notebook.refusal("%bw_login --dotenv key.env")
    assert isinstance(error, CredentialsConflict)
    assert ".env in project" in error.fact
    assert "key.env" in error.fact


ABOVE = {
    "a line": "%bw_login",
    "an unlock": "%bw_unlock",
    "the vault of the process": "from bw_magics.session.process_vault import process\n"
    "process().open_vault()",
    "an access token": "%bw_login --access-token",
    "a reference of the process": "from bw_magics.session.process_vault import process\n"
    "process().machine()",
}


@pytest.mark.parametrize("login", ABOVE.values(), ids=ABOVE)
@pytest.mark.parametrize("place", ["a file", "the environment"])
def test_a_server_named_by_a_file_of_a_folder_above_is_not_passed_over(
    trusted: DemoServer,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    login: str,
    place: str,
) -> None:
    values = variables(trusted) | {"BWS_ACCESS_TOKEN": ACCESS_TOKEN}
    write(".env", BW_SERVER=values.pop("BW_SERVER"))
    Path("notebooks").mkdir()
    monkeypatch.chdir("notebooks")
    if place == "a file":
        write(".env", **values)
    else:
        write(".env", OTHER="made-up")
        for name, value in values.items():
            monkeypatch.setenv(name, value)
    error = notebook.refusal(login)
    assert isinstance(error, CredentialsConflict)
    assert ".env in project names the server (BW_SERVER)" in error.fact


OF_OURS = ("BWS_SERVER_URL", "BW_URL", "BW_SERVER_URL", "BW_VAULT_URL", "BW_REGION", "bw_server")
OF_OTHERS = (
    "BITWARDEN_SERVER",
    "BITWARDEN_URL",
    "BITWARDEN_SERVER_URL",
    "bitwarden_base_url",
    "VAULTWARDEN_URL",
    "VAULTWARDEN_SERVER",
)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        *((name, ".env in project") for name in OF_OURS + OF_OTHERS),
        *((name, "the environment") for name in OF_OURS + OF_OTHERS),
    ],
)
def test_an_address_by_a_name_that_is_not_read_stops_the_login(
    trusted: DemoServer,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    place: str,
) -> None:
    values = variables(trusted)
    values[name] = values.pop("BW_SERVER")
    if place == "the environment":
        for variable, value in values.items():
            monkeypatch.setenv(variable, value)
    else:
        write(".env", **values)
    error = notebook.refusal("%bw_login")
    assert isinstance(error, CredentialsConflict | CredentialsMissing)
    assert name in error.fact
    assert trusted.url not in str(error)


@pytest.mark.parametrize(
    ("name", "value"), [("BW_REGION", "us"), ("BWS_SERVER_URL", "https://vault.bitwarden.com")]
)
def test_the_default_servers_address_by_any_name_stops_nothing(
    only_key: DemoServer,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
) -> None:
    monkeypatch.setenv(name, value)
    came = notebook.attempt("%bw_login --server https://localhost:1\n%bw_login")
    assert not isinstance(came.error, CredentialsConflict)


def test_a_configured_server_holds_beside_a_stray_file(
    only_key: DemoServer, notebook: Notebook
) -> None:
    write(".env", BW_SERVER=ELSEWHERE)
    notebook(f"%bw config server {only_key.url}")
    assert f"✓ logged in at {at(only_key)}" in notebook("%bw_login").text


@pytest.mark.parametrize(
    "named", ["%bw config server {url}", "%config BwMagics.server = {url!r}", "line"]
)
@pytest.mark.parametrize("reload", ["%reload_ext bw_magics", "%unload_ext bw_magics"])
def test_a_named_server_outlives_a_reload(
    only_key: DemoServer, notebook: Notebook, named: str, reload: str
) -> None:
    notebook("%load_ext bw_magics")
    if named == "line":
        only_key.faults[TOKEN] = [Fault(status=503)]
        notebook.refusal(f"%bw_login --server {only_key.url}")
    else:
        notebook(named.format(url=only_key.url))
    notebook(f"{reload}\n%load_ext bw_magics")
    assert f"✓ logged in at {at(only_key)}" in notebook("%bw_login").text


def test_a_server_written_between_unload_and_load_counts(
    only_key: DemoServer, notebook: Notebook
) -> None:
    notebook(f"%load_ext bw_magics\n%bw config server {ELSEWHERE}\n%unload_ext bw_magics")
    notebook.shell.config.BwMagics.server = only_key.url
    assert f"✓ logged in at {at(only_key)}" in notebook("%load_ext bw_magics\n%bw_login").text


@pytest.mark.parametrize("again", ["%bw config server {url}", "%config BwMagics.server = {url!r}"])
def test_naming_the_same_server_again_ends_that_of_a_line(
    only_key: DemoServer, notebook: Notebook, again: str
) -> None:
    named = again.format(url=only_key.url)
    notebook(named)
    notebook.attempt(f"%bw_login --server {ELSEWHERE}")
    assert f"✓ logged in at {at(only_key)}" in notebook(f"{named}\n%bw_login").text


@pytest.mark.usefixtures("memory")
class TestRememberedKeys:
    @pytest.fixture
    def remembering(
        self, trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
    ) -> Notebook:
        """A notebook after a logout, whose keyring holds the key of the server."""
        with monkeypatch.context() as patch:
            for name, value in variables(trusted).items():
                patch.setenv(name, value)
            notebook("%bw_login --remember\n%bw_logout")
        trusted.requests.clear()
        return notebook

    def test_it_is_not_sent_to_another_server_of_a_line(
        self, remembering: Notebook, trusted: DemoServer
    ) -> None:
        other = trusted.url.replace("localhost", "127.0.0.1")
        error = remembering.refusal(f"%bw_login --server {other}")
        assert isinstance(error, CredentialsConflict)
        assert f"is for {at(trusted)}" in error.fact
        assert ("POST", TOKEN) not in trusted.requests

    def test_a_person_is_asked_for_the_key_of_the_other_server(
        self, remembering: Notebook, trusted: DemoServer, person: Person
    ) -> None:
        remembering.shell.run_line_magic("config", "BwMagics.prompt = 'stdin'")
        person.answers = ["user.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f", "made-up", "", ""]
        other = trusted.url.replace("localhost", "127.0.0.1")
        came = remembering.attempt(f"%bw_login --server {other}")
        assert person.asked[:2] == ["client_id", "client_secret"], came
        assert not isinstance(came.error, ApiKeyRefused)

    def test_it_goes_to_its_own_server_named_in_other_words(
        self, remembering: Notebook, trusted: DemoServer
    ) -> None:
        line = f"%bw_login --server {trusted.url.upper().replace('HTTPS', 'https')}/"
        assert "with the API key from the keyring" in remembering(line).text


def test_the_demo_takes_no_token_of_a_variable(notebook: Notebook) -> None:
    notebook(f"token = {ACCESS_TOKEN!r}\n%bw_demo")
    error = notebook.refusal("%bw_login --access-token $token")
    assert isinstance(error, UsageMistake)
    assert "demo" in error.fact


@pytest.mark.parametrize("name", ["BW_SERVER", "BW_IDENTITY", "BW_API", "BW_KEY_CONNECTOR"])
def test_colabs_address_that_may_not_be_read_stops_the_login(
    trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    values = variables(trusted)
    colab(monkeypatch, values, hidden=frozenset({name}))
    error = notebook.refusal("%bw_login")
    assert isinstance(error, CredentialsMissing)
    assert f"Colab's secret {name} cannot be read" in error.fact
    assert trusted.requests == []


def test_colab_names_single_services_too(
    trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = variables(trusted)
    url = values.pop("BW_SERVER")
    colab(monkeypatch, values | {"BW_IDENTITY": f"{url}/identity", "BW_API": f"{url}/api"})
    assert "with the API key from Colab's secrets" in notebook("%bw_login").text
