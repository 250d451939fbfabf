"""Which server a key goes to: the one that its source names, or the one a person configured."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import CredentialsConflict, ServerError
from bw_magics.notebook.ask.demo import Demo
from bw_magics.notebook.ask.server_choice import SERVER
from bw_magics.notebook.ask.sources import Sources
from bw_magics.session.default import bw_session
from bw_magics.settings import SERVER_VARIABLES, Server, ServerSettings
from tests.notebook.conftest import Notebook, Person, variables

KEY = ("BW_CLIENTID", "BW_CLIENTSECRET")
TOKEN = "/identity/connect/token"
# Every address that a place gives bears the name of the place, so that a server tells where
# each of its services was named.
FILES = ("BW_CA_FILE", "BW_CLIENT_CERTIFICATE", "BW_CLIENT_CERTIFICATE_KEY")


def values_of(place: str, names: frozenset[str]) -> dict[str, str]:
    values = {}
    for name in names:
        if name in FILES:
            values[name] = f"/{place}/{name}.pem"
        elif name in KEY:
            values[name] = f"user.{place}" if name == "BW_CLIENTID" else f"made-up-{place}"
        else:
            values[name] = f"https://{name[3:].lower().replace('_', '-')}.{place}.example"
    # One service does not say where the others are.
    if "BW_SERVER" not in values and ("BW_IDENTITY" in values) != ("BW_API" in values):
        values["BW_SERVER"] = f"https://server.{place}.example"
    return values


def names() -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from([*KEY, *SERVER_VARIABLES]), max_size=6)


def with_key(found: frozenset[str]) -> frozenset[str]:
    return found | set(KEY)


@contextmanager
def world(folder: Path, environment: Mapping[str, str], file: Mapping[str, str]) -> Iterator[None]:
    """The environment and the `.env` of a project, and nothing else."""
    path = folder / ".env"
    path.write_text("".join(f"{name}='{value}'\n" for name, value in file.items()))
    path.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in (*KEY, *SERVER_VARIABLES):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


def places(server: Server) -> set[str]:
    return {place_of(url) for url in (server.web_vault, server.identity, server.api)}


def place_of(url: str) -> str:
    return (urlsplit(url).hostname or "").split(".")[-2]


def configured_by(place: str, found: frozenset[str]) -> ServerSettings:
    return ServerSettings.read(values_of(place, found - set(KEY)).get)


def names_server(values: Mapping[str, str]) -> bool:
    return bool(values.keys() & {"BW_SERVER", "BW_IDENTITY", "BW_API"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / ".git").mkdir()
    return folder


@settings(deadline=None)
@given(
    environment=names() | names().map(with_key),
    file=names() | names().map(with_key),
    configured=names(),
    line=st.booleans(),
    earlier=st.sampled_from(["", "with the same file", "with another file"]),
    is_file_named=st.booleans(),
)
def test_a_key_goes_to_the_server_of_its_source_or_the_configured_one(
    folder: Path,
    environment: frozenset[str],
    file: frozenset[str],
    configured: frozenset[str],
    line: bool,
    earlier: str,
    is_file_named: bool,
) -> None:
    given = {
        "the environment": values_of("environment", environment),
        f".env in {folder.name}": values_of("file", file),
    }
    setting = configured_by("configured", configured)
    with world(folder, *given.values()):
        sources = Sources(Demo(bw_session), lambda: setting)
        dotenv = str(folder / ".env") if is_file_named else None
        if earlier:
            other = None if dotenv else str(folder / ".env")
            beside = dotenv if earlier == "with the same file" else other
            sources.name_server("https://server.earlier.example", beside, "")
        server = "https://server.line.example" if line else None
        try:
            found = sources.credentials(dotenv, server, can_ask=True)
            typed = None if found else sources.key_to_ask(dotenv, server)
            is_asked = typed is not None and SERVER in typed.fields
            if is_asked:
                chosen = sources.key_to_ask(dotenv, "https://server.chosen.example")
        except CredentialsConflict:
            return
    reached = (found or typed).settings  # type: ignore[union-attr]
    key_values = given[found.source] if found else {}
    went = places(reached.parse())
    if line:
        assert went == {"line"}
    elif earlier == "with the same file":
        assert went == {"earlier"}
    elif names_server(key_values):
        assert went == places_of(found.source if found else "")
    elif typed and names_server(given["the environment"]):
        assert went == {"environment"}
    elif earlier and not setting.names_server:
        assert went == {"earlier"}
    elif setting.names_server:
        assert went == {"configured"}
    else:
        assert went == {"bitwarden"}
        assert is_asked == (typed is not None)
        consulted = given.values() if dotenv is None else [values_of("file", file)]
        assert not any(names_server(values) for values in consulted)
    if is_asked:
        assert went == {"bitwarden"}, "a server that is named is not asked for"
        assert SERVER not in chosen.fields
        assert places(chosen.settings.parse()) == {"chosen"}
    if reached.key_connector:
        # A Key Connector belongs to the server that is named beside it.
        named = {"configured": setting.names_server} | {
            place: names_server(values_of(place, found_names))
            for place, found_names in (("environment", environment), ("file", file))
        }
        place = place_of(reached.key_connector)
        assert went == {place} or not named[place]
    for path in (reached.authority, reached.client_certificate, reached.client_certificate_key):
        # A file that was found holds for its own key only.
        assert not path.startswith("/file/") or (found and found.source.startswith(".env"))


def places_of(source: str) -> set[str]:
    return {"environment"} if source == "the environment" else {"file"}


@pytest.mark.parametrize(
    ("own", "other", "completed"),
    [
        ({}, {"BW_SERVER"}, "server:other"),
        ({"BW_CA_FILE"}, {"BW_SERVER"}, "server:other authority:own"),
        ({"BW_CA_FILE"}, {"BW_CA_FILE"}, "authority:own"),
        ({"BW_CA_FILE"}, {"BW_CLIENT_CERTIFICATE"}, "authority:own client_certificate:other"),
        ({"BW_SERVER"}, {"BW_CA_FILE"}, "server:own authority:other"),
        ({"BW_SERVER"}, {"BW_SERVER", "BW_IDENTITY", "BW_API"}, "server:own"),
        ({"BW_SERVER"}, {"BW_SERVER", "BW_KEY_CONNECTOR"}, "server:own"),
        ({"BW_SERVER"}, {"BW_KEY_CONNECTOR"}, "server:own key_connector:other"),
        ({"BW_KEY_CONNECTOR"}, {"BW_SERVER"}, "server:other key_connector:own"),
        (
            {"BW_CLIENT_CERTIFICATE"},
            {"BW_CLIENT_CERTIFICATE", "BW_CLIENT_CERTIFICATE_KEY"},
            "client_certificate:own",
        ),
        (
            {"BW_CLIENT_CERTIFICATE"},
            {"BW_CLIENT_CERTIFICATE_KEY"},
            "client_certificate:own client_certificate_key:other",
        ),
        (
            {"BW_CLIENT_CERTIFICATE_KEY"},
            {"BW_CLIENT_CERTIFICATE"},
            "client_certificate:other client_certificate_key:own",
        ),
        (
            {"BW_CLIENT_CERTIFICATE_KEY"},
            {"BW_CLIENT_CERTIFICATE", "BW_CLIENT_CERTIFICATE_KEY"},
            "client_certificate:other client_certificate_key:other",
        ),
    ],
)
def test_settings_are_completed_in_groups(own: set[str], other: set[str], completed: str) -> None:
    result = configured_by("own", frozenset(own)).completed(
        configured_by("other", frozenset(other))
    )
    found = {
        member: next(place for place in ("own", "other") if place in getattr(result, member))
        for member in ServerSettings._fields
        if getattr(result, member)
    }
    assert found == dict(pair.split(":") for pair in completed.split())


# The same in a notebook, against a real server.


@pytest.fixture
def only_key(server: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoServer:
    """A server whose key and authority the environment names, but not its address."""
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate_authority)
    monkeypatch.setenv("BW_CA_FILE", str(authority))
    for name, value in variables(server).items():
        if name != "BW_SERVER":
            monkeypatch.setenv(name, value)
    return server


@pytest.mark.parametrize(
    "configure", ["%bw config server {url}", "%config BwMagics.server = {url!r}"]
)
@pytest.mark.parametrize("login", ["%bw_login", "%bw_login --apikey", "%bw_unlock"])
def test_a_configured_server_holds_beside_a_source_that_names_none(
    only_key: DemoServer, notebook: Notebook, configure: str, login: str
) -> None:
    notebook(configure.format(url=only_key.url))
    assert f"✓ logged in at localhost:{urlsplit(only_key.url).port}" in notebook(login).text


def test_configured_files_hold_beside_a_source_that_names_others(
    server: DemoServer, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate_authority)
    for name, value in variables(server).items():
        monkeypatch.setenv(name, value)
    notebook(f"%config BwMagics.certificate_authority = {str(authority)!r}")
    assert "✓ logged in" in notebook("%bw_login").text


def test_the_environments_authority_holds_for_the_server_of_a_file(
    server: DemoServer, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate_authority)
    monkeypatch.setenv("BW_CA_FILE", str(authority))
    file = Path(".env")
    file.write_text("".join(f"{name}='{value}'\n" for name, value in variables(server).items()))
    file.chmod(0o600)
    assert "with the API key from .env in project" in notebook("%bw_login").text
    notebook("%bw_logout")
    assert "with the API key from .env in" in notebook("%bw_login --dotenv .env").text


@pytest.mark.parametrize("second", ["%bw_unlock", "%bw_login", "%bw_login --apikey\n%bw_unlock"])
def test_after_a_failure_the_same_server_is_tried_again(
    only_key: DemoServer, notebook: Notebook, second: str
) -> None:
    only_key.faults[TOKEN] = [Fault(status=503)]
    assert isinstance(notebook.refusal(f"%bw_login --server {only_key.url}"), ServerError)
    assert f"✓ logged in at localhost:{urlsplit(only_key.url).port}" in notebook(second).text


@pytest.mark.parametrize("vault", ["bw_session", "bw_session.profile('work')"])
def test_a_login_in_python_goes_to_the_configured_server(
    only_key: DemoServer, notebook: Notebook, vault: str
) -> None:
    notebook(f"%bw config server {only_key.url}")
    authority = os.environ["BW_CA_FILE"]
    notebook(f"%config BwMagics.certificate_authority = {authority!r}")
    notebook(
        "import os\n"
        f"{vault}.login(client_id=os.environ['BW_CLIENTID'], "
        "client_secret=os.environ['BW_CLIENTSECRET'])"
    )
    where = notebook(f"{vault}.status.server").value
    assert where == f"localhost:{urlsplit(only_key.url).port}"


def test_a_login_in_python_goes_to_the_server_of_the_environment(
    only_key: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BW_SERVER", only_key.url)
    notebook(
        "import os\n"
        "bw_session.login(client_id=os.environ['BW_CLIENTID'], "
        "client_secret=os.environ['BW_CLIENTSECRET'])"
    )
    where = notebook("bw_session.status.server").value
    assert where == f"localhost:{urlsplit(only_key.url).port}"


def test_after_a_logout_the_server_of_the_line_is_still_meant(
    only_key: DemoServer, notebook: Notebook
) -> None:
    notebook(f"%bw_login --server {only_key.url}\n%bw_logout")
    assert "✓ logged in at localhost" in notebook("%bw_login").text


def test_a_server_configured_later_takes_the_place_of_the_lines(
    only_key: DemoServer, notebook: Notebook
) -> None:
    notebook.attempt("%bw_login --server https://localhost:1")
    notebook(f"%bw config server {only_key.url}")
    assert "✓ logged in at localhost" in notebook("%bw_login").text


def test_a_server_named_later_in_the_environment_takes_the_place_of_the_lines(
    only_key: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook.attempt("%bw_login --server https://localhost:1")
    monkeypatch.setenv("BW_SERVER", only_key.url)
    assert "✓ logged in at localhost" in notebook("%bw_login").text


def test_a_typed_key_goes_to_the_server_of_the_line_that_failed(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    values = variables(trusted)
    person.answers = [values[name] for name in KEY]
    trusted.faults[TOKEN] = [Fault(status=503)]
    notebook.refusal(f"%bw_login --server {trusted.url}")
    person.answers = [values[name] for name in (*KEY, "BW_PASSWORD")]
    assert "✓ unlocked" in notebook("%bw_unlock").text


def test_a_named_file_without_a_server_is_not_combined_with_the_environments(
    trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = variables(trusted)
    monkeypatch.setenv("BW_SERVER", values.pop("BW_SERVER"))
    file = Path("key.env")
    file.write_text("".join(f"{name}='{value}'\n" for name, value in values.items()))
    file.chmod(0o600)
    error = notebook.refusal("%bw_login --dotenv key.env")
    assert isinstance(error, CredentialsConflict)
    assert "key.env" in error.fact
    assert "the environment" in error.fact
    assert trusted.requests == []
