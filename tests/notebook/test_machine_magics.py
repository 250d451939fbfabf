"""The Secrets Manager in a notebook: logging in, reading, environment, status, the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import bw_magics
from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.items.machine_secrets import PlainSecret
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import (
    AccessTokenInvalid,
    AccessTokenRefused,
    Ambiguous,
    CredentialsConflict,
    CredentialsMissing,
    NoSecretsManager,
    NotFound,
    NotLoggedIn,
    RateLimited,
    SecretTyped,
    UsageMistake,
)
from bw_magics.notebook.extension import registered
from bw_magics.secret import Secret
from bw_magics.session.default import bw_session
from tests.notebook.conftest import Notebook, Person

TOKEN = "/identity/connect/token"
MAIL = "demo-machine-mail-token-3"


def knows(notebook: Notebook, text: str) -> bool:
    """Whether the output guard masks a text."""
    session = registered(notebook.shell)
    return session is not None and session.guard.knows(text)


# Logging in.


def test_the_environment_logs_in_without_a_person(
    notebook: Notebook, way_there: str, machine_server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BWS_ACCESS_TOKEN", way_there)
    name = machine_server.url.removeprefix("https://")

    assert notebook("%bw_login --access-token").lines == [
        f"✓ logged in to the Secrets Manager at {name} with the access token from the environment "
        "· secrets: 12 in 3 projects"
    ]
    assert notebook("%bw login --access-token").lines == [
        f"already logged in to the Secrets Manager at {name}"
    ]
    assert [path for _, path in machine_server.requests].count(TOKEN) == 1
    assert notebook.state == "unauthenticated"


def test_a_failed_login_is_shown_with_its_server_and_the_source_of_the_token(
    notebook: Notebook, way_there: str, machine_server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = notebook("%bw_status").lines
    name = machine_server.url.removeprefix("https://")
    wrong = way_there.replace(way_there.split(".")[2].split(":")[0], "made-up-refused-secret")
    notebook.shell.user_ns["token"] = wrong
    assert isinstance(notebook.refusal("%bw_login --access-token $token"), AccessTokenRefused)

    came = notebook("%bw_status")
    told = f"Secrets Manager: logged out, the last login failed, at {name} with the access token"
    assert came.lines == [*before, f"{told} from a variable"]
    assert "made-up-refused" not in came.text

    monkeypatch.setenv("BWS_ACCESS_TOKEN", way_there)
    notebook("%bw_login --access-token")
    assert "Secrets Manager: logged in · 12 secrets in 3 projects" in notebook("%bw_status").lines
    notebook("%bw_logout")
    assert "the last login failed" not in notebook("%bw_status").text

    notebook.refusal("%bw_login --access-token $token")
    assert notebook("%bw_status").lines[-1] == f"{told} from a variable"
    notebook("%bw_logout")
    assert "the last login failed" not in notebook("%bw_status").text


def test_a_variable_logs_in(notebook: Notebook, way_there: str) -> None:
    notebook.shell.user_ns["token"] = way_there
    assert "from a variable" in notebook("%bw_login --access-token $token").lines[0]


def test_a_file_logs_in(
    notebook: Notebook, way_there: str, machine_server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BW_SERVER")
    Path(".env").write_text(f"BWS_ACCESS_TOKEN={way_there}\nBWS_SERVER_URL={machine_server.url}\n")
    Path(".env").chmod(0o600)

    assert "from .env in project" in notebook("%bw_login --access-token").lines[0]


def test_a_person_is_asked_in_the_masked_form(
    notebook: Notebook, way_there: str, person: Person
) -> None:
    person.answers = ["wrong", f"  '{way_there}' "]
    came = notebook("%bw_login --access-token")

    assert "three parts" in came.text or "no colon" in came.text
    assert "from the keyboard" in came.lines[-1]
    assert way_there not in came.text


def test_a_person_chooses_the_server_that_nothing_names(
    notebook: Notebook,
    way_there: str,
    machine_server: DemoServer,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("BW_SERVER")
    person.answers = [way_there, machine_server.url]
    notebook("%bw_login --access-token")

    assert notebook("%bw_get secret MAIL_TOKEN").value == MAIL


@pytest.mark.parametrize(
    "line",
    [
        "%bw_login --access-token {token}",
        "%bw_login --access-token={token}",
        "%bw_login --access-token '{token}'",
        "%bw login --access-token {token}",
        "%bw_login {token}",
        "%bw_login --apikey {token}",
    ],
)
def test_a_typed_token_is_refused_and_removed(
    notebook: Notebook, way_there: str, machines: MachineTokens, line: str
) -> None:
    error = notebook.refusal(line.replace("{token}", way_there))

    assert isinstance(error, SecretTyped)
    assert way_there not in str(error)
    account = machines.store.accounts[0]
    assert account.client_secret not in "\n".join(notebook.shell.user_ns["In"])
    assert knows(notebook, way_there), "the guard masks it from now on"


@pytest.mark.parametrize(
    "cell",
    [
        "from bw_magics import SecretsManager\nSecretsManager.login(access_token='{token}')",
        "import os\nos.environ['BWS_ACCESS_TOKEN'] = '{token}'",
        "%env BWS_ACCESS_TOKEN={token}",
    ],
)
def test_a_token_written_in_a_cell_is_taken_out_of_the_history(
    notebook: Notebook, way_there: str, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BWS_ACCESS_TOKEN", "unset again at the end")
    notebook.attempt(cell.replace("{token}", way_there))

    assert way_there not in "\n".join(notebook.shell.user_ns["In"])


REFUSED = {
    "": (CredentialsMissing, "BWS_ACCESS_TOKEN is not set"),
    "--cli": (UsageMistake, "two lines"),
    "--remember": (UsageMistake, "two lines"),
    "--apikey": (UsageMistake, "two lines"),
    "$nothing": (UsageMistake, "does not exist"),
    "$number": (UsageMistake, "does not hold a text"),
    "$malformed": (AccessTokenInvalid, "three parts"),
    "$unknown": (AccessTokenRefused, "was refused by"),
    "$token --dotenv .env": (UsageMistake, "both give a token"),
}


@pytest.mark.parametrize(("line", "expected"), REFUSED.items(), ids=[*REFUSED])
def test_what_is_refused(
    notebook: Notebook,
    way_there: str,
    line: str,
    expected: tuple[type[Exception], str],
) -> None:
    unknown = way_there.replace("demoSecret", "madeUpSecret")
    names = {"number": 7, "malformed": "a:b", "unknown": unknown, "token": way_there}
    notebook.shell.user_ns.update(names)
    error = notebook.refusal(f"%bw_login --access-token {line}")

    assert isinstance(error, expected[0])
    assert expected[1] in str(error)
    assert way_there not in str(error)


def test_vaultwarden_is_told_to_have_none(
    notebook: Notebook, way_there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DemoServer(style="vaultwarden", iterations=5_000) as other:
        (tmp_path / "other.pem").write_bytes(other.certificate_authority)
        monkeypatch.setenv("BW_CA_FILE", str(tmp_path / "other.pem"))
        monkeypatch.setenv("BW_SERVER", other.url)
        monkeypatch.setenv("BWS_ACCESS_TOKEN", way_there)
        error = notebook.refusal("%bw_login --access-token")

    assert isinstance(error, NoSecretsManager)
    assert "is Vaultwarden, which has no Secrets Manager" in str(error)
    assert "%bw_login" in str(error)


def test_a_busy_server_is_told(
    notebook: Notebook, way_there: str, machine_server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BWS_ACCESS_TOKEN", way_there)
    machine_server.faults[TOKEN] = [Fault(status=429, body=b"", headers={"Retry-After": "30"})] * 9
    for _ in range(3):
        assert isinstance(notebook.refusal("%bw_login --access-token"), RateLimited)
    assert [path for _, path in machine_server.requests].count(TOKEN) == 1


def test_an_account_without_a_project_logs_in_and_is_told(
    notebook: Notebook, way_there: str, machines: MachineTokens
) -> None:
    notebook.shell.user_ns["token"] = machines.store.accounts[2].access_token
    assert "secrets: none yet" in notebook("%bw_login --access-token $token").lines[0]


def test_a_token_of_one_source_never_goes_to_the_server_of_another(
    notebook: Notebook, way_there: str, machine_server: DemoServer
) -> None:
    Path(".env").write_text(f"BWS_ACCESS_TOKEN={way_there}\n")
    Path(".env").chmod(0o600)
    error = notebook.refusal("%bw_login --access-token")

    assert isinstance(error, CredentialsConflict)
    assert machine_server.requests == []


def test_the_demo_has_one_too(notebook: Notebook) -> None:
    notebook("%bw_demo")
    assert "from the demo vault" in notebook("%bw_login --access-token").lines[0]
    assert notebook("%bw_get bws://Reporting/MAIL_TOKEN").value == MAIL
    notebook("%bw_demo --stop")
    assert isinstance(notebook.refusal("%bw_get bws://Reporting/MAIL_TOKEN"), NotLoggedIn)


# Reading.


def test_get_gives_secrets_by_key_project_and_reference(logged_in: Notebook) -> None:
    for line in (
        "secret MAIL_TOKEN",
        "secret mail_token",
        "secret MAIL_TOKEN --project Reporting",
        "bws://Reporting/MAIL_TOKEN",
        "bws://MAIL_TOKEN",
        "$ref",
    ):
        logged_in.shell.user_ns["ref"] = "bws://Reporting/MAIL_TOKEN"
        value = logged_in(f"%bw_get {line}").value
        assert isinstance(value, Secret)
        assert value == MAIL, line


def test_the_guard_knows_what_was_read_and_the_token(
    logged_in: Notebook, machines: MachineTokens
) -> None:
    account = machines.store.accounts[0]
    assert knows(logged_in, account.access_token)
    assert knows(logged_in, account.client_secret)
    assert not knows(logged_in, "demo-machine-s3-secret-6")
    logged_in("value = %bw_get secret S3_SECRET")
    assert knows(logged_in, "demo-machine-s3-secret-6")


def test_several_secrets_are_shown_as_a_table(logged_in: Notebook) -> None:
    came = logged_in.attempt("%bw_get secret API_KEY")

    assert isinstance(came.error, Ambiguous)
    (table,) = came.displayed
    assert "Data platform" in table["text/plain"]
    assert "demo-machine" not in str(came.displayed)


def test_the_lists(logged_in: Notebook) -> None:
    table = logged_in("%bw_list secrets").value
    assert len(table) == 12
    assert "demo-machine" not in repr(table) + table._repr_html_()
    assert "Integrity check failed" in repr(table)
    reporting = logged_in("%bw_list secrets --project Reporting --search token").value
    assert [each.key for each in reporting] == ["MAIL_TOKEN"]
    projects = logged_in("%bw_list projects").value
    assert [each.name for each in projects] == ["Data platform", "Größe/50 %", "Reporting"]
    assert len(logged_in("%bw_list projects --columns id").value.headings) == 2


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("%bw_get secret NOTHING", NotFound),
        ("%bw_get bws://Reporting/NOTHING", NotFound),
        ("%bw_get bws://", UsageMistake),
        ("%bw_get password Warehouse DB --project Reporting", UsageMistake),
        ("%bw_list items --project Reporting", UsageMistake),
        ("%bw_list secrets --project Nowhere", NotFound),
    ],
)
def test_mistakes_are_one_line(logged_in: Notebook, line: str, kind: type[Exception]) -> None:
    assert isinstance(logged_in.refusal(line), kind)


@pytest.mark.parametrize(
    "line", ["%bw_get secret X", "%bw_get bws://x/y", "%bw_list secrets", "%bw_env A=bws://x/y"]
)
def test_without_a_login_the_next_step_is_named(notebook: Notebook, line: str) -> None:
    error = notebook.refusal(line)

    assert isinstance(error, NotLoggedIn)
    assert "%bw_login --access-token" in str(error)


# The environment, a database.


def test_variables_for_a_cell_and_until_the_logout(logged_in: Notebook) -> None:
    came = logged_in(
        "%%bw_env BWM_A=bws://Reporting/MAIL_TOKEN\nimport os\nlen(os.environ['BWM_A'])"
    )
    assert came.value == len(MAIL)
    assert "BWM_A" not in os.environ
    assert logged_in("%bw_env BWM_A=bws://Reporting/MAIL_TOKEN").lines == [
        "✓ set until the logout: BWM_A"
    ]
    assert "bws://Reporting/MAIL_TOKEN · until the logout" in logged_in("%bw_env").text
    assert os.environ["BWM_A"] == MAIL
    logged_in("%bw_logout")
    assert "BWM_A" not in os.environ


def test_a_dotenv_file_names_secrets(logged_in: Notebook) -> None:
    Path("job.env").write_text(
        "BWM_TOKEN=bws://Reporting/MAIL_TOKEN\nAPI_URL=https://api.example\n"
    )
    read = "import os\nos.environ['BWM_TOKEN'], os.environ['API_URL']"
    came = logged_in(f"%%bw_env --dotenv job.env\n{read}")

    assert came.value == (MAIL, "https://api.example")
    assert "BWM_TOKEN" not in os.environ


def test_a_whole_dotenv_is_one_secret(logged_in: Notebook, machines: MachineTokens) -> None:
    machines.store.add(PlainSecret("DOTENV", "BWM_PASSWORD=demo-machine-in-dotenv\n"))
    logged_in("%bw_sync")
    read = "import os\nos.environ['BWM_PASSWORD']"
    came = logged_in(f"%%bw_env --dotenv bws://Reporting/DOTENV\n{read}")

    assert came.value == "demo-machine-in-dotenv"
    assert knows(logged_in, "demo-machine-in-dotenv")


def test_a_database_is_connected_from_a_uri(logged_in: Notebook) -> None:
    pytest.importorskip("sqlalchemy")
    engine = logged_in("%bw_connect bws://Reporting/WAREHOUSE_URL").value

    assert engine.url.username == "etl"
    assert engine.url.password == "demo-machine-url-2"
    assert engine.url.host == "db.demo.example"
    assert "demo-machine" not in repr(engine)


# Status, and the end.


def test_the_status_has_counts_and_no_values(logged_in: Notebook, machines: MachineTokens) -> None:
    text = logged_in("%bw_status").text
    assert "Secrets Manager: logged in · 12 secrets in 3 projects" in text
    assert "access token from the environment" in text
    assert "unauthenticated" in text
    machines.store.accounts[0].is_revoked = True
    machines.end()
    logged_in.attempt("%bw_sync --force")
    assert "problem: The access token was accepted before" in logged_in("%bw_status").text


def test_a_sync_reads_what_changed(logged_in: Notebook, machines: MachineTokens) -> None:
    machines.store.add(PlainSecret("MAIL_TOKEN", "demo-machine-changed"))
    assert logged_in("%bw_sync").lines == ["✓ synced the Secrets Manager"]
    assert logged_in("%bw_get secret MAIL_TOKEN").value == "demo-machine-changed"


@pytest.mark.parametrize("line", ["%bw_lock", "%bw_logout"])
def test_a_lock_and_a_logout_end_it(logged_in: Notebook, line: str) -> None:
    assert logged_in(line).lines == ["✓ logged out of the Secrets Manager"]
    assert isinstance(logged_in.refusal("%bw_get secret MAIL_TOKEN"), NotLoggedIn)
    assert "logged out" in logged_in("%bw_status").text


def test_unloading_ends_it(logged_in: Notebook) -> None:
    machine = bw_session.secrets_manager
    assert machine is not None
    bw_magics.unload_ipython_extension(logged_in.shell)
    assert not machine.status.is_logged_in


def test_each_profile_has_its_own(logged_in: Notebook) -> None:
    error = logged_in.refusal("%bw_get secret MAIL_TOKEN --profile other")
    assert isinstance(error, NotLoggedIn)


# Completion.


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%bw_get bws://Rep", "bws://Reporting/"),
        ("%bw_get bws://Reporting/MA", "bws://Reporting/MAIL_TOKEN"),
        ("%bw_env A=bws://Reporting/WARE", "bws://Reporting/WAREHOUSE_PASSWORD"),
        ("bw_session.resolve('bws://Reporting/MA", "bws://Reporting/MAIL_TOKEN"),
        ("%bw_get secret mail", "MAIL_TOKEN"),
        ("%bw_get sec", "secret"),
        ("%bw_get bw", "bws://"),
        ("%bw_get secret API_KEY --project Data", '"Data platform"'),
        ("%bw_list sec", "secrets"),
        ("%bw_login --acc", "--access-token"),
    ],
)
def test_names_are_completed(
    logged_in: Notebook, machine_server: DemoServer, line: str, expected: str
) -> None:
    machine_server.requests.clear()

    assert expected in logged_in.offered(line)
    assert machine_server.requests == []
