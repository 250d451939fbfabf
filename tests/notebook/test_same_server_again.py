"""A key whose server was named once goes to that server again, by each other way in.

Another key, for which nobody named a server, then goes nowhere by default.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import CredentialsConflict, CredentialsMissing
from bw_magics.session import process_vault
from bw_magics.session.accounts.configured import CONFIGURED
from bw_magics.session.accounts.server_rule import ACCESS_TOKEN_RULE, API_KEY_RULE, ServerRule
from bw_magics.settings import NO_SETTINGS, Server, ServerSettings
from tests.notebook.conftest import Notebook, variables
from tests.notebook.test_meant_servers import ACCESS_TOKEN, ELSEWHERE, at, write

TOKEN = "/identity/connect/token"
KEY = "client_id=os.environ['BW_CLIENTID'], client_secret=os.environ['BW_CLIENTSECRET']"
OFFICE = (
    "client_id='organization.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f', client_secret='made-up-secret'"
)
PRELUDE = (
    "import os\n"
    "from bw_magics import Organization, SecretsManager, Vault, bw_session\n"
    "from bw_magics.settings import Server\n"
    "from bw_magics.session.process_vault import process\n"
)


@pytest.fixture
def only_key(trusted: DemoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
    """A trusted server whose key and token the environment has, but not its address."""
    for name, value in variables(trusted).items():
        if name != "BW_SERVER":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOKEN", ACCESS_TOKEN)
    process_vault.forget()
    yield trusted
    process_vault.forget()


NAMED = {
    "a line": "%bw_login --server {url}",
    "a line of a profile": "%bw_login --profile work --server {url}",
    "an unlock": "%bw_unlock --server {url}",
    "a vault": f"Vault().login({KEY}, server='{{url}}')",
    "the session": f"bw_session.login({KEY}, server='{{url}}')",
    "a server of its own": f"Vault().login({KEY}, server=Server.parse('{{url}}'))",
}
AGAIN = {
    "a line": "%bw_login",
    "a line of another profile": "%bw_login --profile home",
    "an unlock": "%bw_unlock",
    "a vault": f"Vault().login({KEY})",
    "a profile": f"bw_session.profile('home').login({KEY})",
    "the vault of the process": "process().vault()",
}


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN)
@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_after_a_failure_the_key_goes_to_the_same_server(
    only_key: DemoServer, notebook: Notebook, named: str, again: str
) -> None:
    notebook(PRELUDE)
    only_key.faults[TOKEN] = [Fault(status=503)]
    assert notebook.attempt(named.format(url=only_key.url)).error is not None
    only_key.requests.clear()
    came = notebook.attempt(again)
    assert ("POST", TOKEN) in only_key.requests, came.text


@pytest.mark.parametrize(
    "login",
    [
        f"Organization.login({OFFICE}%s)",
        "SecretsManager.login(access_token=os.environ['TOKEN']%s)",
    ],
    ids=["an organisation", "a token"],
)
def test_other_keys_go_to_their_server_again(
    only_key: DemoServer, notebook: Notebook, login: str
) -> None:
    notebook(PRELUDE)
    only_key.faults[TOKEN] = [Fault(status=503)] * 2
    assert notebook.attempt(login % f", server={only_key.url!r}").error is not None
    only_key.requests.clear()
    came = notebook.attempt(login % "")
    assert ("POST", TOKEN) in only_key.requests, came.text


def test_a_token_of_a_variable_goes_to_its_server_again(
    only_key: DemoServer, notebook: Notebook
) -> None:
    notebook(f"{PRELUDE}token = os.environ['TOKEN']")
    only_key.faults[TOKEN] = [Fault(status=503)] * 2
    notebook.attempt(f"SecretsManager.login(access_token=token, server={only_key.url!r})")
    only_key.requests.clear()
    came = notebook.attempt("%bw_login --access-token $token")
    assert ("POST", TOKEN) in only_key.requests, came.text


def test_a_server_that_is_named_later_takes_its_place(
    only_key: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook.attempt(f"{PRELUDE}Vault().login({KEY}, server={ELSEWHERE!r})")
    monkeypatch.setenv("BW_SERVER", only_key.url)
    assert f"✓ logged in at {at(only_key)}" in notebook("%bw_login").text


def test_a_file_that_names_a_server_is_not_passed_over(
    only_key: DemoServer, notebook: Notebook
) -> None:
    notebook.attempt(f"{PRELUDE}Vault().login({KEY}, server={only_key.url!r})")
    write(".env", BW_SERVER=ELSEWHERE)
    only_key.requests.clear()
    assert notebook.attempt(f"Vault().login({KEY})").error is not None
    assert ("POST", TOKEN) not in only_key.requests


MISREAD = {
    "a line": "%bw_login --server vault.bitwarden.con",
    "an unlock": "%bw_unlock --server https://vault.example.org:84a3",
    "a token's line": "%bw_login --access-token $token --server 'vault example.org'",
    "plain http": "%bw_login --server http://vault.example.org",
    "a setting's line": "%bw config server htps://vault.example.org",
    "a variable without a text": "%bw config server $nothing",
}
DEFAULT = {
    "a line": "%bw_login",
    "an unlock": "%bw_unlock",
    "another profile": "%bw_login --profile home",
    "a token": "import os; os.environ['BWS_ACCESS_TOKEN'] = token\n%bw_login --access-token",
    "a vault": f"Vault().login({KEY})",
    "the vault of the process": "process().vault()",
}


@pytest.mark.parametrize("login", DEFAULT.values(), ids=DEFAULT)
@pytest.mark.parametrize("misread", MISREAD.values(), ids=MISREAD)
def test_after_a_server_that_cannot_be_read_no_key_goes_to_the_default_one(
    only_key: DemoServer,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    misread: str,
    login: str,
) -> None:
    monkeypatch.setenv("BWS_ACCESS_TOKEN", "")  # set by a cell, taken back here
    notebook(f"{PRELUDE}token = os.environ['TOKEN']")
    assert notebook.attempt(misread).error is not None
    error = notebook.attempt(login).error
    assert isinstance(error, CredentialsConflict)
    assert "could not be read" in error.fact
    assert f"✓ logged in at {at(only_key)}" in notebook(f"%bw_login --server {only_key.url}").text


# Another key, for which nobody named a server.

OTHER = "user.6c0a4f0e-1f2b-4c3d-8e9f-0123456789ab"
OTHER_KEY = f"client_id={OTHER!r}, client_secret='made-up-secret'"
MACHINE = "access_token=os.environ['TOKEN']"

# Each uses one key, at a server that it names.
PERSONAL = {
    "a line": "%bw_login --server {url}",
    "a line of a profile": "%bw_login --profile work --server {url}",
    "an unlock": "%bw_unlock --server {url}",
    "a vault": f"Vault().login({KEY}, server='{{url}}')",
    "a server of its own": f"Vault().login({KEY}, server=Server.parse('{{url}}'))",
}
OTHERS = {
    "an organisation": f"Organization.login({OFFICE}, server='{{url}}')",
    "a token": f"SecretsManager.login({MACHINE}, server='{{url}}')",
    "a token's line": "%bw_login --access-token $token --server {url}",
}
# Each uses another key than a personal line, and names no server.
UNNAMED = {
    "a vault": f"Vault().login({OTHER_KEY})",
    "no server": f"Vault().login({OTHER_KEY}, server=None)",
    "a profile": f"bw_session.profile('home').login({OTHER_KEY})",
    "an organisation": f"Organization.login({OFFICE})",
    "a token": f"SecretsManager.login({MACHINE})",
    "a token's line": "%bw_login --access-token $token --profile home",
    "a line with another key": f"os.environ['BW_CLIENTID'] = {OTHER!r}\n%bw_login --profile home",
    "an unlock with it": f"os.environ['BW_CLIENTID'] = {OTHER!r}\n%bw_unlock --profile home",
    "the vault of the process": f"os.environ['BW_CLIENTID'] = {OTHER!r}\nprocess().vault()",
}
# The key of the environment, which was not used yet.
FIRST_USE = {
    "a line": "%bw_login --profile home",
    "an unlock": "%bw_unlock --profile home",
    "a vault": f"Vault().login({KEY})",
    "the vault of the process": "process().vault()",
}


@pytest.fixture(autouse=True)
def nothing_named() -> Iterator[None]:
    CONFIGURED.forget()
    yield
    CONFIGURED.forget()


def refused(notebook: Notebook, login: str, server: DemoServer) -> None:
    """Runs a login, and checks that it asks for the server instead of taking the default one."""
    error = notebook.attempt(login).error
    assert isinstance(error, CredentialsConflict), error
    assert error.fact.startswith("Nothing names the server for the ")
    assert at(server) in error.fact
    assert "us is Bitwarden's cloud" in (error.remedy or "")


@pytest.mark.parametrize(
    ("named", "unnamed"),
    [
        pytest.param(named, unnamed, id=f"{first}, then {then}")
        for firsts, others in ((PERSONAL, UNNAMED), (OTHERS, FIRST_USE))
        for first, named in firsts.items()
        for then, unnamed in others.items()
    ],
)
def test_after_a_failed_login_another_key_goes_nowhere_by_default(
    only_key: DemoServer, notebook: Notebook, named: str, unnamed: str
) -> None:
    notebook(f"{PRELUDE}token = os.environ['TOKEN']")
    only_key.faults[TOKEN] = [Fault(status=503)] * 2
    assert notebook.attempt(named.format(url=only_key.url)).error is not None
    refused(notebook, unnamed, only_key)


@pytest.mark.parametrize("unnamed", UNNAMED.values(), ids=UNNAMED)
def test_neither_does_it_after_a_login_that_ended(
    only_key: DemoServer, notebook: Notebook, unnamed: str
) -> None:
    notebook(f"{PRELUDE}token = os.environ['TOKEN']\n%bw_login --server {only_key.url}")
    notebook("%bw_logout")
    refused(notebook, unnamed, only_key)


def test_neither_does_it_after_a_line_that_found_no_key(
    only_key: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BW_CLIENTID")
    failed = notebook.attempt(f"{PRELUDE}%bw_login --server {only_key.url}")
    assert isinstance(failed.error, CredentialsMissing)
    refused(notebook, f"Vault().login({OTHER_KEY})", only_key)


def test_a_server_that_is_named_for_it_gets_it(only_key: DemoServer, notebook: Notebook) -> None:
    notebook.attempt(f"{PRELUDE}Organization.login({OFFICE}, server={only_key.url!r})")
    refused(notebook, "%bw_login", only_key)
    assert f"✓ logged in at {at(only_key)}" in notebook(f"%bw_login --server {only_key.url}").text


def test_the_end_of_the_demo_leaves_the_next_login_alone(notebook: Notebook) -> None:
    notebook("%bw_demo\n%bw_login\n%bw_login --access-token\n%bw_demo --stop")
    assert CONFIGURED.elsewhere("another") is None


@pytest.mark.parametrize("rule", [API_KEY_RULE, ACCESS_TOKEN_RULE], ids=["key", "token"])
@pytest.mark.parametrize(
    ("others", "own", "expected"),
    [
        ({}, None, "us"),
        ({"other": "us"}, None, "us"),
        ({"other": "https://vault.bitwarden.com"}, None, "us"),
        ({"other": "https://vault.example.org"}, "us", "us"),
        ({"other": "us"}, "eu", "eu"),
        ({"other": "eu"}, None, None),
        ({"other": "https://vault.example.org"}, None, None),
        ({"other": "us", "another": "https://example.org/vault"}, None, None),
    ],
)
def test_the_default_server_gets_a_key_only_where_no_other_server_was_named(
    rule: ServerRule, others: dict[str, str], own: str | None, expected: str | None
) -> None:
    for key_id, server in others.items():
        CONFIGURED.note(key_id, Server.parse(server))
    if own is not None:
        CONFIGURED.note("own", Server.parse(own))

    def settings() -> ServerSettings:
        return rule.of_key(NO_SETTINGS, "own", "the environment")

    if expected is None:
        with pytest.raises(CredentialsConflict, match="was named for another login"):
            settings()
    else:
        assert settings().parse() == Server.parse(expected)
