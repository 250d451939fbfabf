"""The server that a person chooses while typing the key: asked only where nothing names one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import BitwardenError, InsecureServer, PromptCancelled, UsageMistake
from bw_magics.notebook.ask.server_choice import SERVER, chosen_server
from tests.notebook.conftest import Notebook, Person, variables
from tests.notebook.kernel import Kernel, Outcome, at_home, kernel
from tests.notebook.panels.front_end import LOADED, READY, Page

TOKEN = "/identity/connect/token"
KEY = ("BW_CLIENTID", "BW_CLIENTSECRET")
BOX = "Server (us, eu or its address; Enter: us)"
BOX_AGAIN = "Server (us, eu or its address)"


@pytest.mark.parametrize(
    ("answer", "server"),
    [
        ("us", "us"),
        ("EU", "eu"),
        ("https://vault.example.org", "https://vault.example.org"),
        ("HTTPS://Vault.example.org/", "HTTPS://Vault.example.org/"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_a_region_or_a_whole_address_is_a_server(answer: str, server: str) -> None:
    assert chosen_server(answer) == server


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("user.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f", UsageMistake),
        ("aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1", UsageMistake),
        ("correct.horse.battery", UsageMistake),
        ("vault.example.net", UsageMistake),
        ("", UsageMistake),
        ("https://?", UsageMistake),
        ("https://joe:made-up@vault.example.org", UsageMistake),
        ("http://vault.example.org", InsecureServer),
    ],
)
def test_what_may_be_a_secret_is_not_a_server(answer: str, error: type[BitwardenError]) -> None:
    with pytest.raises(error) as raised:
        chosen_server(answer)
    assert not answer or answer not in str(raised.value)


def test_every_offered_server_has_the_address_of_its_web_vault() -> None:
    assert [(choice.value, choice.address) for choice in SERVER.choices] == [
        ("us", "https://vault.bitwarden.com"),
        ("eu", "https://vault.bitwarden.eu"),
    ]


# In the box of a terminal or a front end without forms.


def key_of(server: DemoServer) -> list[str]:
    values = variables(server)
    return [values[name] for name in KEY]


def test_the_box_asks_for_the_server_and_the_key_goes_there(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    password = variables(trusted)["BW_PASSWORD"]
    person.answers = [*key_of(trusted), trusted.url, password]
    assert "✓ unlocked" in notebook("%bw_unlock").text
    assert person.asked == ["client_id", "client_secret", BOX, "Master password"]

    # The server that accepted the key stays the profile's, as one that a line named.
    notebook("%bw_logout")
    person.asked.clear()
    person.answers = key_of(trusted)
    assert "✓ logged in at localhost" in notebook("%bw_login").text
    assert person.asked == ["client_id", "client_secret"]


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("%config BwMagics.server = {url!r}", "%bw_login"),
        ("%bw config server {url}", "%bw_login"),
        ("import os; os.environ['BW_SERVER'] = {url!r}", "%bw_login"),
        ("", "%bw_login --server {url}"),
    ],
)
def test_the_box_does_not_ask_for_a_server_that_is_named(
    trusted: DemoServer,
    notebook: Notebook,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    line: str,
) -> None:
    monkeypatch.delenv("BW_SERVER", raising=False)
    notebook(setting.format(url=trusted.url))
    person.answers = key_of(trusted)
    assert "✓ logged in at localhost" in notebook(line.format(url=trusted.url)).text
    assert person.asked == ["client_id", "client_secret"]


def test_a_mistaken_server_is_asked_alone(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    person.answers = [*key_of(trusted), "localhost", trusted.url]
    came = notebook("%bw_login")
    assert "This is not the address of a server. Try again" in came.text
    assert "✓ logged in" in came.text
    assert person.asked == ["client_id", "client_secret", BOX, BOX_AGAIN]


def test_after_a_mistaken_server_enter_stops(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    person.answers = [*key_of(trusted), "localhost", ""]
    error = notebook.refusal("%bw_login")
    assert isinstance(error, PromptCancelled), "Enter sent the key to a server nobody named"


def test_after_a_refused_key_enter_at_the_server_stops(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    client_id, _ = key_of(trusted)
    person.answers = [client_id, "not-it", trusted.url, *key_of(trusted), ""]
    assert isinstance(notebook.refusal("%bw_login"), PromptCancelled)
    assert person.asked[-1] == BOX_AGAIN


def test_a_server_that_did_not_accept_the_key_is_not_kept(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    trusted.faults[TOKEN] = [Fault(status=503)]
    person.answers = [*key_of(trusted), trusted.url]
    notebook.refusal("%bw_login")
    person.answers = [*key_of(trusted), trusted.url]
    assert "✓ logged in" in notebook("%bw_login").text
    assert person.asked[2::3] == [BOX, BOX]


def test_a_chosen_server_uses_the_certificates_of_the_environment(
    server: DemoServer,
    notebook: Notebook,
    person: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate_authority)
    monkeypatch.setenv("BW_CA_FILE", str(authority))
    person.answers = [*key_of(server), server.url]
    assert f"localhost:{urlsplit(server.url).port}" in notebook("%bw_login").text


# In a form, in a real kernel.

ORGANIZATION = "organization.8d5b1f0e-4c3a-4b6e-9f43-0a1b2c3d4e5f"


@contextmanager
def form_kernel(server: DemoServer, home: Path, **variables: str) -> Iterator[Kernel]:
    """A kernel that trusts the server and knows no other credentials than these variables."""
    with kernel(at_home(home, server, **variables)) as started:
        assert started.run(f"import os; os.chdir({str(home)!r})\n%load_ext bw_magics").ok
        yield started


def asked_in_form(
    server: DemoServer, home: Path, answers: Sequence[Mapping[str, str]], **variables: str
) -> tuple[Page, Outcome, str]:
    """Answers the form of `%bw_unlock` in a kernel with these variables."""
    page = Page((LOADED, READY), [dict(each) for each in answers])
    with form_kernel(server, home, **variables) as started:
        return page, started.run("%bw_unlock", [], page), started.everything()


def answers_for(demo: DemoServer, **others: str) -> dict[str, str]:
    values = variables(demo)
    return {
        "client_id": values["BW_CLIENTID"],
        "client_secret": values["BW_CLIENTSECRET"],
        "server": demo.url,
        "master_password": values["BW_PASSWORD"],
    } | others


def test_a_form_keeps_the_typed_text_until_the_server_answers(
    server: DemoServer, tmp_path: Path
) -> None:
    server.faults[TOKEN] = [Fault(status=503)]
    right = answers_for(server)
    answers = [
        answers_for(server, server="vault.example.org"),
        answers_for(server, server="https://localhost:1"),
        right,
        right,
    ]
    page, came, published = asked_in_form(server, tmp_path, answers)

    assert came.ok, came
    rounds = [(each["at"], each["keeps"]) for each in page.asked]
    assert rounds == [("", False), ("server", True), ("", True), ("", True)]
    assert all(each["fields"] == page.asked[0]["fields"] for each in page.asked)
    assert page.asked[0]["about"]["server"] == ""
    [choices] = [
        each["choices"] for each in page.asked[0]["about"]["fields"] if each["name"] == "server"
    ]
    assert [each["value"] for each in choices] == ["us", "eu"]
    assert right["client_secret"] not in published
    assert right["master_password"] not in published


@pytest.mark.parametrize(
    ("mistake", "at"),
    [
        ({"client_id": ORGANIZATION}, "client_id"),
        ({"client_id": "joe@example.org"}, "client_id"),
        ({"client_secret": "made-up-and-wrong"}, "client_secret"),
    ],
)
def test_a_form_marks_the_field_that_is_wrong(
    server: DemoServer, tmp_path: Path, mistake: dict[str, str], at: str
) -> None:
    answers = [answers_for(server, **mistake), answers_for(server)]
    page, came, _ = asked_in_form(server, tmp_path, answers, BW_SERVER=server.url)

    assert came.ok, came
    first, second = page.asked
    assert "server" not in first["fields"]
    assert first["about"]["webVault"] == server.url
    # Official servers do not say which half is wrong; then the form marks the empty field.
    assert second["at"] == ("" if at == "client_secret" else at)
    assert second["keeps"] is False


# How long a change waits for a busy server, 25 times as short, and the whole wait 60 times.
SHORT_WAITS = """
from bw_magics.session.accounts import patience
from bw_magics.session.writing import turn
patience.FIRST, turn.PATIENCE = 0.2, 2.0
"""


def test_a_form_that_changes_something_is_not_offered_again_after_a_network_error(
    own_server: DemoServer, tmp_path: Path
) -> None:
    page = Page((LOADED, READY), [{"password": "made-up-password-1"}])
    with form_kernel(own_server, tmp_path, **variables(own_server)) as started:
        assert started.run("%bw_unlock").ok
        assert started.run(SHORT_WAITS).ok
        for item_id in own_server.stored_items(own_server.accounts[0]):
            own_server.faults[f"/api/ciphers/{item_id}"] = [Fault(status=429)] * 9
        came = started.run("%bw_edit password Photo club", [], page)

    assert came.ename == "RateLimited", came
    assert len(page.asked) == 1, "a change was offered to be made twice"
