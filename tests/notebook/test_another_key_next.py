"""A key for which nothing names a server does not go to the cloud after another key's server."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import CredentialsConflict
from bw_magics.session import process_vault
from tests.notebook.conftest import Notebook, Person, variables
from tests.notebook.test_meant_servers import ACCESS_TOKEN, at, write
from tests.notebook.test_same_server_again import KEY, OFFICE, PRELUDE, TOKEN
from tests.proxy import Proxy, proxy_to

CLOUD = "CONNECT identity.bitwarden.com:443 HTTP/1.1"
MINE = {"BW_CLIENTID": "user.7b1e5c3d-6c1d-4e0a-8b57-3f2a1d0c9e8b", "BW_CLIENTSECRET": "made-up"}
THEIRS = {"BW_CLIENTID": "user.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f", "BW_CLIENTSECRET": "made-up"}
OTHER = "client_id='user.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f', client_secret='made-up-secret'"
OTHER_TOKEN = ACCESS_TOKEN.replace("0.ec2c", "0.abcd")


@pytest.fixture
def proxy(trusted: DemoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy that notes each host outside of this machine, beside keys without a server."""
    for name, value in {**MINE, "BW_PASSWORD": "made-up-password"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOKEN", ACCESS_TOKEN)
    monkeypatch.setenv("BW_SERVER", "")  # set by a cell, taken back here
    monkeypatch.setenv("BWS_ACCESS_TOKEN", "")
    process_vault.forget()
    port = urlsplit(trusted.url).port
    assert port is not None
    with proxy_to(port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        yield proxy
    process_vault.forget()


@pytest.fixture
def cells(trusted: DemoServer, proxy: Proxy, notebook: Notebook) -> Notebook:
    """A notebook with files of other keys, and with the access token as a variable."""
    write("other.env", **THEIRS)
    write("named.env", **THEIRS, BW_SERVER=trusted.url)
    write("second.env", **variables(trusted, trusted.accounts[1]))
    write("empty.env", STAGE="test")
    write("mine.env", **MINE)
    notebook(f"{PRELUDE}token = os.environ['TOKEN']")
    return notebook


BEFORE = {
    "a line": "%bw_login --profile work --dotenv other.env --server {url}",
    "a line without a key": "%bw_login --profile work --dotenv empty.env --server {url}",
    "a file": "%bw_login --profile work --dotenv named.env",
    "a success": "%bw_login --profile work --dotenv second.env",
    "a logout": "%bw_login --profile work --dotenv second.env\n%bw_logout --profile work",
    "an unlock": "%bw_unlock --profile work --dotenv other.env --server {url}",
    "a vault": f"Vault().login({OTHER}, server='{{url}}')",
    "a server object": f"Vault().login({OTHER}, server=Server.parse('{{url}}'))",
    "the environment": f"os.environ['BW_SERVER'] = '{{url}}'\ntry:\n    Vault().login({OTHER})\n"
    "finally:\n    os.environ['BW_SERVER'] = ''",
    "an organisation": f"Organization.login({OFFICE}, server='{{url}}')",
    "a token": f"SecretsManager.login(access_token={OTHER_TOKEN!r}, server='{{url}}')",
}
NEXT = {
    "a line": "%bw_login",
    "an unlock": "%bw_unlock",
    "a profile's line": "%bw_login --profile home",
    "a named file": "%bw_login --dotenv mine.env",
    "a vault": f"Vault().login({KEY})",
    "no server": f"Vault().login({KEY}, server=None)",
    "the session": f"bw_session.login({KEY})",
    "the vault of the process": "process().vault()",
    "an organisation": f"Organization.login({OFFICE.replace('8d5b', '9999')})",
    "a token's line": "os.environ['BWS_ACCESS_TOKEN'] = token\n%bw_login --access-token",
    "a token's variable": "%bw_login --access-token $token",
    "a token": "SecretsManager.login(access_token=token)",
}


@pytest.mark.parametrize("then", NEXT.values(), ids=NEXT)
@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_another_key_stops_and_says_which_server_was_named(
    trusted: DemoServer, proxy: Proxy, cells: Notebook, before: str, then: str
) -> None:
    cells.attempt(before.format(url=trusted.url))
    trusted.requests.clear()
    error = cells.attempt(then).error
    assert isinstance(error, CredentialsConflict), error
    assert f"{at(trusted)} was named for another login" in error.fact
    assert "us is Bitwarden's cloud" in error.remedy
    assert proxy.asked == []
    assert ("POST", TOKEN) not in trusted.requests


QUIET = {
    "nothing": "",
    "the demo": "%bw_demo\n%bw_login\n%bw_login --access-token\n%bw_demo --stop",
    "another key in the cloud": f"Vault().login({OTHER}, server='us')",
    "another line to the cloud": "%bw_login --profile work --dotenv other.env --server us",
    "settings for the cloud": f"Vault().login({OTHER}, server='{{url}}')\n%bw config server us",
}


@pytest.mark.parametrize("then", NEXT.values(), ids=NEXT)
@pytest.mark.parametrize("before", QUIET.values(), ids=QUIET)
def test_without_another_server_the_cloud_is_the_default(
    trusted: DemoServer, proxy: Proxy, cells: Notebook, before: str, then: str
) -> None:
    for cell in before.format(url=trusted.url).splitlines():
        cells.attempt(cell)
    proxy.asked.clear()
    came = cells.attempt(then)
    assert CLOUD in proxy.asked, came.error


@pytest.mark.parametrize("then", NEXT.values(), ids=NEXT)
def test_a_key_that_was_at_the_cloud_goes_there_again(
    trusted: DemoServer, proxy: Proxy, cells: Notebook, then: str
) -> None:
    cells.attempt(then)
    cells.attempt(f"Vault().login({OTHER}, server={trusted.url!r})")
    proxy.asked.clear()
    came = cells.attempt(then)
    assert CLOUD in proxy.asked, came.error


ANSWERED = {
    "a line": ("%bw_login --server us", "%bw_login"),
    "a vault": (f"Vault().login({KEY}, server='us')", f"Vault().login({KEY})"),
    "a token": ("%bw_login --access-token $token --server us", "%bw_login --access-token $token"),
    "an organisation": (f"Organization.login({OFFICE}, server='us')", "%bw_login --server us"),
}


@pytest.mark.parametrize(("named", "then"), ANSWERED.values(), ids=ANSWERED)
def test_a_key_for_which_the_cloud_is_named_goes_there(
    trusted: DemoServer, proxy: Proxy, cells: Notebook, named: str, then: str
) -> None:
    cells.attempt(f"SecretsManager.login(access_token={OTHER_TOKEN!r}, server={trusted.url!r})")
    for cell in (named, then):
        proxy.asked.clear()
        came = cells.attempt(cell)
        assert CLOUD in proxy.asked, came.error


def test_a_person_who_types_another_key_chooses_its_server(
    trusted: DemoServer, proxy: Proxy, cells: Notebook, person: Person
) -> None:
    cells.attempt(f"Organization.login({OFFICE}, server={trusted.url!r})")
    cells.shell.run_line_magic("config", "BwMagics.prompt = 'stdin'")
    account = trusted.accounts[0]
    person.answers = [account.client_id, account.client_secret, trusted.url]
    came = cells.attempt("%bw_login --profile home --dotenv empty.env")
    assert len(person.asked) == 3
    assert f"✓ logged in at {at(trusted)}" in came.text
    assert proxy.asked == []
