"""Which server an access token goes to: the one that its source names, or the configured one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bw_magics.errors import CredentialsConflict
from bw_magics.notebook.ask.demo import Demo
from bw_magics.notebook.ask.server_choice import SERVER
from bw_magics.notebook.ask.sources import Sources
from bw_magics.session.default import bw_session
from bw_magics.settings import (
    ACCESS_TOKEN,
    ACCESS_TOKEN_SERVER,
    SERVER_VARIABLES,
    Server,
    ServerSettings,
)

FILES = ("BW_CA_FILE", "BW_CLIENT_CERTIFICATE", "BW_CLIENT_CERTIFICATE_KEY")
NAMES = (ACCESS_TOKEN, ACCESS_TOKEN_SERVER, *SERVER_VARIABLES)
ADDRESSES = {ACCESS_TOKEN_SERVER, "BW_SERVER", "BW_IDENTITY", "BW_API"}


def values_of(place: str, names: frozenset[str]) -> dict[str, str]:
    """Every address that a place gives bears the name of the place."""
    values = {}
    for name in names:
        if name in FILES:
            values[name] = f"/{place}/{name}.pem"
        elif name == ACCESS_TOKEN:
            values[name] = f"made-up-{place}"
        else:
            values[name] = f"https://{name.lower().replace('_', '-')}.{place}.example"
    # One service does not say where the others are.
    if "BW_SERVER" not in values and ("BW_IDENTITY" in values) != ("BW_API" in values):
        values["BW_SERVER"] = f"https://server.{place}.example"
    return values


def names() -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(NAMES), max_size=6)


def with_token(found: frozenset[str]) -> frozenset[str]:
    return found | {ACCESS_TOKEN}


@contextmanager
def world(folder: Path, environment: Mapping[str, str], file: Mapping[str, str]) -> Iterator[None]:
    """The environment and the `.env` of a project, and nothing else."""
    path = folder / ".env"
    path.write_text("".join(f"{name}='{value}'\n" for name, value in file.items()))
    path.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in NAMES:
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


def places(server: Server) -> set[str]:
    return {place_of(url) for url in (server.web_vault, server.identity, server.api)}


def place_of(url: str) -> str:
    return (urlsplit(url).hostname or "").split(".")[-2]


def names_server(values: Mapping[str, str]) -> bool:
    return bool(values.keys() & ADDRESSES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / ".git").mkdir()
    return folder


@settings(deadline=None)
@given(
    environment=names() | names().map(with_token),
    file=names() | names().map(with_token),
    configured=names(),
    line=st.booleans(),
    earlier=st.booleans(),
    is_file_named=st.booleans(),
    is_variable=st.booleans(),
)
def test_a_token_goes_to_the_server_of_its_source_or_the_configured_one(
    folder: Path,
    environment: frozenset[str],
    file: frozenset[str],
    configured: frozenset[str],
    line: bool,
    earlier: bool,
    is_file_named: bool,
    is_variable: bool,
) -> None:
    given = {
        "the environment": values_of("environment", environment),
        f".env in {folder.name}": values_of("file", file),
    }
    setting = ServerSettings.read(values_of("configured", configured).get)
    with world(folder, *given.values()):
        sources = Sources(Demo(bw_session), lambda: setting)
        dotenv = str(folder / ".env") if is_file_named and not is_variable else None
        if earlier:
            sources.name_server("https://server.earlier.example", dotenv, "")
        server = "https://server.line.example" if line else None
        source, is_asked = "", False
        try:
            if is_variable:
                went = places(sources.settings_of_variable(server).parse())
            elif found := sources.access_token(dotenv, server, can_ask=True):
                source, went = found.source, places(found.settings.parse())
                assert str(found.access_token) == given[source][ACCESS_TOKEN]
            else:
                asked = sources.token_to_ask(dotenv, server)
                is_asked, went = SERVER in asked.fields, places(asked.settings.parse())
        except CredentialsConflict:
            return
    own = given.get(source, {})
    if line:
        assert went == {"line"}
    elif earlier:
        assert went == {"earlier"}
    elif names_server(own):
        assert went == {"environment" if source == "the environment" else "file"}
    elif not source and not is_variable and names_server(given["the environment"]):
        assert went == {"environment"}
    elif setting.names_server:
        assert went == {"configured"}
    elif is_variable and names_server(given["the environment"]):
        assert went == {"environment"}
    else:
        assert went == {"bitwarden"}
        assert is_asked == (not source and not is_variable)
        if not is_variable:
            consulted = given.values() if dotenv is None else [values_of("file", file)]
            assert not any(names_server(values) for values in consulted)
