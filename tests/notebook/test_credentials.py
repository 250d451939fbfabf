"""Where credentials come from: one set from one source, named, and never a mixture."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import (
    AlreadyLoggedIn,
    CredentialsConflict,
    CredentialsMissing,
    UnsafeFile,
)
from bw_magics.notebook.ask.demo import Demo
from bw_magics.secret import Secret
from bw_magics.session.accounts.source_files import discover_dotenv, dotenv_file, password_from_file
from bw_magics.session.default import bw_session
from tests.notebook.conftest import Notebook, Person, variables

KEY = ("BW_CLIENTID", "BW_CLIENTSECRET")
KEY_AND_SERVER = (*KEY, "BW_SERVER")
needs_owners = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give files away"
)


def dotenv(server: DemoServer, *names: str, mode: int = 0o600, where: Path | None = None) -> Path:
    """Writes a `.env` file with these variables of the server."""
    path = (where or Path.cwd()) / ".env"
    values = variables(server)
    path.write_text("".join(f"{name}='{values[name]}'\n" for name in names))
    path.chmod(mode)
    return path


def export(monkeypatch: pytest.MonkeyPatch, server: DemoServer, *names: str) -> None:
    values = variables(server)
    for name in names:
        monkeypatch.setenv(name, values[name])


@pytest.mark.parametrize("depth", ["", "a", "a/b/c"])
def test_a_dotenv_file_is_found_upwards_and_named(
    trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch, depth: str
) -> None:
    dotenv(trusted, *KEY_AND_SERVER, "BW_PASSWORD")
    before = dict(os.environ)
    folder = Path.cwd() / depth
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder)
    came = notebook("%bw_unlock")
    assert came.lines[0].endswith("with the API key from .env in project")
    assert came.lines[1].startswith("✓ unlocked")
    assert {**before, "PWD": ""} == {**os.environ, "PWD": ""}, "nothing is exported"


@pytest.mark.parametrize("mark", [".git", "pyproject.toml"])
def test_the_search_stops_at_the_projects_root(
    trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    dotenv(trusted, *KEY_AND_SERVER)
    inner = Path.cwd() / "inner" / "deep"
    inner.mkdir(parents=True)
    (inner.parent / mark).mkdir()
    monkeypatch.chdir(inner)
    assert isinstance(notebook.refusal("%bw_login"), CredentialsMissing)


@pytest.mark.parametrize(
    ("file", "start", "found"),
    [
        pytest.param("home", "home/x/y", True, id="up to the home directory"),
        pytest.param("", "home/x", False, id="not above the home directory"),
        pytest.param("elsewhere", "elsewhere", True, id="outside both, in the folder itself"),
        pytest.param("elsewhere", "elsewhere/x", False, id="outside both, not above"),
        pytest.param("home", "link/x", True, id="a home behind a link"),
    ],
)
def test_how_far_the_search_goes(tmp_path: Path, file: str, start: str, found: bool) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "home")
    (tmp_path / start).mkdir(parents=True, exist_ok=True)
    (tmp_path / file).mkdir(exist_ok=True)
    (tmp_path / file / ".env").write_text("BW_CLIENTID=x\n")
    home = tmp_path / ("link" if "link" in start else "home")
    assert (discover_dotenv(tmp_path / start, home) is not None) is found


def test_a_named_file_is_the_only_source(
    known: DemoServer, notebook: Notebook, tmp_path: Path
) -> None:
    grace = known.accounts[1]
    file = tmp_path / "grace.env"
    file.write_text(
        f"BW_CLIENTID={grace.client_id}\nBW_CLIENTSECRET={grace.client_secret}\n"
        f"BW_SERVER={known.url}\nBW_PASSWORD={grace.master_password}\n"
    )
    came = notebook(f"%bw_unlock --dotenv {file}")
    assert came.lines[0].endswith(f"the API key from grace.env in {tmp_path.name}")
    assert " · 3 items · " in came.lines[1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("BW_PASSWORD=pa${HOME}x", "pa${HOME}x"),
        ("BW_PASSWORD='pa${HOME}x'", "pa${HOME}x"),
        ('BW_PASSWORD="pa $HOME x"', "pa $HOME x"),
        ("export BW_PASSWORD=plain", "plain"),
        ("BW_PASSWORD='with # hash'", "with # hash"),
        ("\ufeffBW_PASSWORD=plain", "plain"),
        ("BW_PASSWORD=", None),
        ("BW_PASSWORD", None),
        ("OTHER=x\nBW_PASSWORD=plain\nnot a line", "plain"),
    ],
)
def test_a_dotenv_file_is_read_as_it_stands(tmp_path: Path, text: str, value: str | None) -> None:
    path = tmp_path / ".env"
    path.write_text(text, encoding="utf-8")
    source = dotenv_file(path)
    assert source.get("BW_PASSWORD") == value
    assert source.get("OTHER") is None
    assert value is None or isinstance(source.get("BW_PASSWORD"), Secret)
    assert "plain" not in repr(source)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_dotenv_file_that_others_may_write_is_refused(
    trusted: DemoServer, notebook: Notebook, mode: int
) -> None:
    dotenv(trusted, *KEY_AND_SERVER, mode=mode)
    error = notebook.refusal("%bw_login")
    assert isinstance(error, UnsafeFile)
    assert ".env in project" in error.fact
    assert "chmod 600 .env" in error.remedy
    assert trusted.requests == []


def test_a_dotenv_file_without_our_names_is_nobodys_concern(
    known: DemoServer, notebook: Notebook
) -> None:
    path = Path(".env")
    path.write_text("DATABASE=x\n")
    path.chmod(0o666)
    assert notebook("%bw_login").lines[0].endswith("the API key from the environment")


@needs_owners
@pytest.mark.parametrize(("owner", "is_safe"), [(0, True), (12345, False)])
def test_a_file_of_another_user_is_refused(tmp_path: Path, owner: int, is_safe: bool) -> None:
    path = tmp_path / "password"
    path.write_text("BW_PASSWORD=x")
    path.chmod(0o600)
    os.chown(path, owner, owner)
    for read in (dotenv_file, password_from_file):
        if is_safe:
            read(path)
        else:
            with pytest.raises(UnsafeFile):
                read(path)


@pytest.mark.parametrize("kind", ["absent", "folder", "pipe", "binary", "large", "nul", "~nobody0"])
@pytest.mark.parametrize("option", ["--dotenv", "--passwordfile"])
def test_a_file_that_cannot_be_read_is_one_error_that_repeats_nothing(
    known: DemoServer, notebook: Notebook, tmp_path: Path, kind: str, option: str
) -> None:
    path = tmp_path / f"hunter2-{kind}"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    elif kind == "large":
        path.write_bytes(b"x" * (1024 * 1024 + 1))
    notebook.shell.user_ns["path"] = {"nul": "hunter2\0", "~nobody0": "~nobody0/hunter2"}.get(
        kind, str(path)
    )
    error = notebook.refusal(f"%bw_unlock {option} $path")
    assert isinstance(error, CredentialsMissing)
    assert "hunter2" not in str(error)
    assert notebook.state != "unlocked"


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("secret", "secret"),
        ("secret\n", "secret"),
        ("secret\r\nmore\n", "secret"),
        ("\ufeffsecret\n", "secret"),
        ("  two words  \n", "  two words  "),
        ("a\x0bb\u2028c\x85d\n", "a\x0bb\u2028c\x85d"),
    ],
)
def test_the_password_is_the_first_line_of_a_file(tmp_path: Path, text: str, password: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(text.encode())
    assert password_from_file(path) == password
    assert "secret" not in repr(password_from_file(path))


@pytest.mark.parametrize("text", ["", "\n", "\r\nsecret"])
def test_an_empty_first_line_is_not_a_password(tmp_path: Path, text: str) -> None:
    path = tmp_path / "password"
    path.write_text(text, newline="")
    with pytest.raises(CredentialsMissing):
        password_from_file(path)


def test_the_password_may_come_from_a_named_variable_or_file(
    known: DemoServer, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = known.accounts[0].master_password
    monkeypatch.setenv("BW_PASSWORD", "wrong")
    monkeypatch.setenv("MY_PASSWORD", password)
    assert "✓ unlocked" in notebook("%bw_unlock --passwordenv MY_PASSWORD").text
    notebook("%bw_lock")
    file = tmp_path / "password"
    file.write_text(f"{password}\n")
    assert "✓ unlocked" in notebook(f"%bw_unlock --passwordfile '{file}'").text
    notebook("%bw_lock")
    error = notebook.refusal("%bw_unlock --passwordenv NO_SUCH")
    assert isinstance(error, CredentialsMissing)
    assert "NO_SUCH" not in str(error)


@pytest.mark.parametrize(
    ("in_environment", "in_file", "words"),
    [
        pytest.param(
            KEY, ("BW_SERVER",), (".env in project", "the environment"), id="file, server"
        ),
        pytest.param(("BW_SERVER",), KEY, (".env in project", "the environment"), id="file, key"),
        pytest.param(
            KEY[:1], KEY[1:], (".env in project", "the environment"), id="half a key each"
        ),
        pytest.param(
            KEY[1:], KEY[:1], (".env in project", "the environment"), id="the other halves"
        ),
    ],
)
def test_two_sources_are_never_combined(
    trusted: DemoServer,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    in_environment: tuple[str, ...],
    in_file: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    export(monkeypatch, trusted, *in_environment)
    dotenv(trusted, *in_file)
    error = notebook.refusal("%bw_login")
    assert isinstance(error, CredentialsConflict)
    assert all(word in error.fact for word in words)
    assert trusted.requests == []
    assert notebook.state == "unauthenticated"


def test_a_server_on_the_line_settles_which_one_is_meant(
    trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(monkeypatch, trusted, *KEY)
    dotenv(trusted, "BW_SERVER")
    assert notebook(f"%bw_login --server {trusted.url}").lines[0].startswith("✓ logged in")


def test_a_key_that_is_typed_is_not_sent_to_a_server_that_a_found_file_names(
    trusted: DemoServer, notebook: Notebook, person: Person
) -> None:
    dotenv(trusted, "BW_SERVER")
    error = notebook.refusal("%bw_login")
    assert isinstance(error, CredentialsConflict)
    assert ".env in project" in error.fact
    assert person.asked == []


def test_the_environment_comes_before_a_file(known: DemoServer, notebook: Notebook) -> None:
    Path(".env").write_text(
        "BW_CLIENTID=user.x\nBW_CLIENTSECRET=y\nBW_SERVER=https://localhost:9\n"
    )
    assert notebook("%bw_login").lines[0].endswith("the API key from the environment")


@pytest.mark.parametrize("name", ["HOME", "the folder"])
def test_a_missing_home_or_folder_is_not_a_mishap(
    known: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def gone() -> Path:
        raise RuntimeError if name == "HOME" else FileNotFoundError

    with monkeypatch.context() as patch:
        patch.setattr(Path, "home" if name == "HOME" else "cwd", gone)
        assert notebook("%bw_login").lines[0].startswith("✓ logged in")


# The demo is a source of its own.


@pytest.fixture
def quick_demo(own_server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> DemoServer:
    """`%bw_demo` starts this server, whose key derivation is cheap."""
    monkeypatch.setattr("bw_magics.demo.DemoServer", lambda: own_server)
    return own_server


def test_the_demo_is_the_only_source_while_it_is_on(
    known: DemoServer, quick_demo: DemoServer, notebook: Notebook
) -> None:
    before = dict(os.environ)
    came = notebook("%bw_demo")
    assert came.lines[0].startswith("✓ The demo vault is on: nothing in it is real")
    assert quick_demo.accounts[0].master_password not in came.text, "nobody is there to type it"
    assert dict(os.environ) == before
    came = notebook("%bw_login --apikey\n%bw_unlock")
    assert came.lines[0].endswith("with the API key from the demo vault")
    assert notebook("%bw_get password Warehouse DB").value == "demo-warehouse-password-1"
    assert dict(os.environ) == before
    assert known.requests == [], "the real server heard nothing"
    assert notebook("%bw_demo").lines[0].startswith("The demo vault is on already")
    assert notebook.state == "unlocked"


def test_stopping_the_demo_logs_out_and_gives_the_real_sources_back(
    known: DemoServer, quick_demo: DemoServer, notebook: Notebook
) -> None:
    assert notebook("%bw_demo --stop").lines == ["the demo is not on"]
    notebook("%bw_demo\n%bw_unlock")
    assert notebook("%bw_demo --stop").lines == ["✓ demo stopped"]
    assert notebook.state == "unauthenticated"
    assert notebook("%bw_login").lines[0].endswith("the API key from the environment")


def test_the_demo_does_not_mix_with_a_real_vault(
    unlocked: Notebook, quick_demo: DemoServer
) -> None:
    error = unlocked.refusal("%bw_demo")
    assert isinstance(error, AlreadyLoggedIn)
    assert "%bw_logout" in error.remedy
    assert unlocked.state == "unlocked"


@pytest.mark.parametrize("line", ["--server eu", "--dotenv some.env"])
def test_another_source_is_refused_while_the_demo_is_on(
    quick_demo: DemoServer, notebook: Notebook, line: str
) -> None:
    notebook("%bw_demo")
    error = notebook.refusal(f"%bw_login {line}")
    assert isinstance(error, CredentialsConflict)
    assert "--stop" in error.remedy


def test_a_person_is_told_the_demos_password_and_types_it(
    quick_demo: DemoServer, notebook: Notebook, person: Person
) -> None:
    password = quick_demo.accounts[0].master_password
    came = notebook("%bw_demo")
    assert came.lines[-1].endswith(f"to type when you are asked: {password}")
    person.answers = [password]
    assert "✓ unlocked" in notebook("%bw_unlock").text
    assert person.asked == ["Master password"]


def test_without_its_packages_the_demo_says_what_to_install(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "bw_magics.demo", raising=False)
    monkeypatch.setitem(sys.modules, "flask", None)
    assert Demo(bw_session).is_on is False
    error = notebook.refusal("%bw_demo")
    assert "%pip install 'bw_magics[demo]'" in error.remedy


# Colab: only the path through our own code; Colab itself was not tried.


class SecretNotFoundError(Exception):
    """Colab's own error has this name."""


def colab(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], *, hidden: frozenset[str] = frozenset()
) -> list[str]:
    asked: list[str] = []

    def get(name: str) -> str:
        asked.append(name)
        if name in hidden:
            raise RuntimeError("not granted")
        if name not in values:
            raise SecretNotFoundError(name)
        return values[name]

    google, package = ModuleType("google"), ModuleType("google.colab")
    userdata: Any = ModuleType("google.colab.userdata")
    userdata.get = get
    package.userdata = userdata  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google", google)
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab.userdata", userdata)
    return asked


def test_colabs_secrets_come_after_the_files(
    trusted: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = colab(monkeypatch, variables(trusted))
    came = notebook("%bw_unlock")
    assert came.lines[0].endswith("with the API key from Colab's secrets")
    assert came.lines[1].startswith("✓ unlocked")
    assert "BW_SERVER" in asked


def test_colab_is_asked_once_where_it_holds_nothing(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = colab(monkeypatch, {})
    assert isinstance(notebook.refusal("%bw_login"), CredentialsMissing)
    assert set(asked) == {"BW_CLIENTID"}
