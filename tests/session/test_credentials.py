"""Credentials: one set from one source, files that only their owner may change, no guessing."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bw_magics.errors import (
    CredentialsConflict,
    CredentialsError,
    CredentialsMissing,
    UnsafeFile,
)
from bw_magics.secret import Secret
from bw_magics.session.accounts.credentials import choose, missing
from bw_magics.session.accounts.source import Source, environment
from bw_magics.session.accounts.source_files import discover_dotenv, dotenv_file, password_from_file

ID, SECRET, SERVER, PASSWORD = "BW_CLIENTID", "BW_CLIENTSECRET", "BW_SERVER", "BW_PASSWORD"
KEY = {ID: "user.made-up", SECRET: "made-up secret"}

posix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owner and mode here")


def sources(*given: Mapping[str, str]) -> list[Source]:
    return [Source(f"source {number}", values) for number, values in enumerate(given, 1)]


@pytest.mark.parametrize(
    ("given", "server", "chosen"),
    [
        pytest.param([KEY], None, ("source 1", None), id="one"),
        pytest.param([KEY, KEY], None, ("source 1", None), id="the first wins"),
        pytest.param([{}, KEY], None, ("source 2", None), id="an empty one is passed over"),
        pytest.param([{ID: "x"}, KEY], None, ("source 2", None), id="half a key is none"),
        pytest.param([{**KEY, ID: ""}, KEY], None, ("source 2", None), id="empty is missing"),
        pytest.param([{**KEY, SERVER: "eu"}], None, ("source 1", "eu"), id="with its server"),
        pytest.param(
            [{**KEY, SERVER: "eu"}, {SERVER: "us"}], None, ("source 1", "eu"), id="its own server"
        ),
        pytest.param([KEY, {SERVER: "eu"}], "us", ("source 1", "us"), id="the line's server"),
        pytest.param([{**KEY, SERVER: "eu"}], "us", ("source 1", "us"), id="the line wins"),
        pytest.param([{}, {PASSWORD: "p"}], None, None, id="none"),
    ],
)
def test_the_first_source_with_a_whole_key(
    given: list[dict[str, str]], server: str | None, chosen: tuple[str, str | None] | None
) -> None:
    found = choose(sources(*given), server=server)
    if found is None:
        assert chosen is None
        return
    assert (found.source, found.server) == chosen
    assert (found.client_id, found.client_secret) == tuple(KEY.values())
    assert isinstance(found.client_secret, Secret)


@pytest.mark.parametrize("given", [[KEY, {SERVER: "eu"}], [{SERVER: "eu"}, KEY]])
def test_a_server_from_elsewhere_is_an_error_naming_both(given: list[dict[str, str]]) -> None:
    with pytest.raises(CredentialsConflict) as caught:
        choose(sources(*given))
    assert "source 1" in str(caught.value)
    assert "source 2" in str(caught.value)
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "error", "said", "unsaid"),
    [
        ([{}], CredentialsMissing, f"{ID} and {SECRET} are not set", "made-up"),
        ([{ID: "user.x"}], CredentialsMissing, f"{SECRET} is not set", f"{ID} and"),
        ([{SECRET: "made-up"}], CredentialsMissing, f"{ID} is not set", "made-up"),
        ([{ID: "a"}, {SECRET: "made-up"}], CredentialsConflict, "source 1 and", "made-up"),
    ],
)
def test_what_is_missing_is_named(
    given: list[dict[str, str]], error: type[CredentialsError], said: str, unsaid: str
) -> None:
    problem = missing(sources(*given))
    assert type(problem) is error
    assert said in problem.fact
    assert unsaid not in problem.fact
    if error is CredentialsMissing:
        assert "Settings → Security → Keys" in problem.remedy


def test_a_source_shows_names_and_no_values() -> None:
    source = Source("here", {**KEY, PASSWORD: "made-up", "HOME": "x"})
    assert repr(source) == f"<Source here: {ID}, {SECRET}, {PASSWORD}>"
    assert source.get("HOME") is None
    assert not isinstance(source.get(ID), Secret)
    for name in (SECRET, PASSWORD):
        assert isinstance(source.get(name), Secret)
    with pytest.raises(TypeError):
        source.__reduce_ex__(2)


def test_the_environment_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "pa${HOME}x")
    assert environment().get(PASSWORD) == "pa${HOME}x"


# .env


def write(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("BW_PASSWORD=pa${HOME}x", "pa${HOME}x"),
        ("BW_PASSWORD='pa ss#1'", "pa ss#1"),
        ('export BW_PASSWORD="pa\\"ss"', 'pa"ss'),
        ("BW_PASSWORD=ü測🔑", "ü測🔑"),
        ("\ufeffBW_PASSWORD=x", "x"),
        ("BW_PASSWORD=x\r\nOTHER=y\r\n", "x"),
        ("BW_PASSWORD=", None),
        ("OTHER=x", None),
    ],
)
def test_values_of_a_dotenv_file(tmp_path: Path, line: str, value: str | None) -> None:
    before = dict(os.environ)
    source = dotenv_file(write(tmp_path / "project" / ".env", line))
    assert source.get(PASSWORD) == value
    assert source.get("OTHER") is None
    assert dict(os.environ) == before, "nothing is exported"
    assert source.name == ".env in project"


UUID = "user.6b25a48e-0000-4000-8000-b3a7007c7f15"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (f"export BW_CLIENTID={UUID};", 1, "a ; follows"),
        ("BW_CLIENTSECRET='made-up';", 1, "a ; follows"),
        ("A=1\n\nBW_PASSWORD=made-up;\n", 3, "a ; follows"),
        (f"bw_clientid={UUID}", 1, "write BW_CLIENTID"),
        (f"BW_CLIENT_ID={UUID}", 1, "write BW_CLIENTID"),
        ("X=1\nBw-Client-Secret=made-up", 2, "write BW_CLIENTSECRET"),
        ("$env:BW_PASSWORD='made-up'", 1, "write BW_PASSWORD"),
        ("BW_CLIENTSECRET: made-up", 1, "a colon"),
        ("X=1\nset BW_PASSWORD=made-up", 2, "not NAME=value"),
        ("BW_PASSWORD='made-up", 1, "the quote is not closed"),
        ("BW_PASSWORD='made-up' words", 1, "text follows"),
        ("BW_PASSWORD made-up", 1, "not NAME=value"),
        ("BW_SERVER=https://a\nBW_SERVER=https://made-up", 2, "was set before"),
        ("X='a\nBW_PASSWORD=made-up\nY='", 1, "inside the quotes of X"),
        ("setenv BW_PASSWORD made-up", 1, "not NAME=value"),
        ("declare -x BW_PASSWORD=made-up", 1, "not NAME=value"),
        ("readonly BW_PASSWORD=made-up", 1, "not NAME=value"),
        ("env BW_PASSWORD=made-up", 1, "not NAME=value"),
        ("%env BW_PASSWORD=made-up", 1, "not NAME=value"),
        ("-e BW_PASSWORD=made-up", 1, "not NAME=value"),
        ("ENV BW_PASSWORD made-up", 1, "not NAME=value"),
        ('{"BW_PASSWORD": "made-up"}', 1, "not NAME=value"),
        ("os.environ['BW_PASSWORD'] = 'made-up'", 1, "BW_PASSWORD"),
        ("Environment=BW_PASSWORD=made-up", 1, "not at its beginning"),
        ('Environment="BW_PASSWORD=made-up"', 1, "not at its beginning"),
        ("ＢＷ＿PASSWORD=made-up", 1, "write BW_PASSWORD"),
        ("\u200bBW_PASSWORD=made-up", 1, "write BW_PASSWORD"),
        ("BW_PASSWORD＝made-up", 1, "not NAME=value"),
        (f"BW_CLIENTID={UUID} BW_CLIENTSECRET=made-up", 1, "BW_CLIENTSECRET follows"),
        (f"BW_CLIENTID={UUID}; export BW_CLIENTSECRET=made-up", 1, "BW_CLIENTSECRET follows"),
        (f"BW_CLIENTID={UUID} && BW_PASSWORD=made-up", 1, "BW_PASSWORD follows"),
        ("BW_CLIENTSECRET=${MADE_UP}", 1, "nothing is expanded"),
        ("BW_CLIENTSECRET=$(pass show made-up)", 1, "nothing is expanded"),
        ("BW_CLIENTSECRET=`cat made-up`", 1, "nothing is expanded"),
        ("BW_CLIENTSECRET=<made-up>", 1, "nothing is expanded"),
        ("A=1\nBW_CLIENTSECRET={{ made-up }}", 2, "nothing is expanded"),
        ("BW_CLIENTSECRET=op://vault/made-up", 1, "nothing is expanded"),
        ("BW_CLIENTSECRET=\u201cmade-up\u201d", 1, "not only letters"),
        ("BW_CLIENTSECRET=made-up\u200b", 1, "not only letters"),
        ("BW_CLIENTSECRET=made-up# of Ada", 1, "not only letters"),
        ("BW_CLIENTSECRET=made-up // of Ada", 1, "not only letters"),
        ("BW_CLIENTSECRET=made-up,", 1, "not only letters"),
        ("BW_CLIENTSECRET=client_secret: made-up", 1, "not only letters"),
        (f"BW_CLIENTID={UUID} ada", 1, "not only letters"),
        ("BW_CLIENTID=user.<made-up>", 1, "not only letters"),
    ],
)
def test_no_line_with_a_name_of_ours_is_skipped(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = write(tmp_path / "project" / ".env", text)

    with pytest.raises(CredentialsMissing) as caught:
        dotenv_file(path)

    assert f"Line {line} of .env in project" in caught.value.fact
    assert reason in caught.value.fact
    assert "made-up" not in str(caught.value)
    assert UUID not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "BW_CLIENTID=  # from the web vault",
        "# bw_clientid=x",
        "bw_clientid=x\nBW_CLIENTID=",
        "X: 1\nbroken 'line\n",
        "BW_CLIENTID",
        "X=environment of BW_CLIENTID=x",
        "env_file=x",
        "BW_SERVER=https://a\nBW_SERVER=https://a",
    ],
)
def test_other_lines_are_nobodys_concern(tmp_path: Path, text: str) -> None:
    source = dotenv_file(write(tmp_path / ".env", text))

    assert source.get("BW_CLIENTID") is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("BW_PASSWORD=made-up\n".encode("utf-16"), "is UTF-16 text"),
        (codecs.BOM_UTF16_BE + "BW_PASSWORD=made-up\n".encode("utf-16-be"), "is UTF-16 text"),
        ("A=1\nBW_PASSWORD=made-upü\n".encode("latin-1"), "line 2 has another encoding"),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    path = write(tmp_path / "project" / ".env", data)

    with pytest.raises(CredentialsMissing) as caught:
        dotenv_file(path)
    assert ".env in project" in caught.value.fact
    assert reason in caught.value.fact
    assert "UTF-8" in caught.value.remedy

    with pytest.raises(CredentialsMissing) as caught:
        password_from_file(path)
    assert reason in caught.value.fact


@posix
@pytest.mark.parametrize(
    ("mode", "text", "is_safe"),
    [
        (0o600, "BW_PASSWORD=x", True),
        (0o644, "BW_PASSWORD=x", True),
        (0o660, "BW_PASSWORD=made-up", False),
        (0o606, "BW_SERVER=made-up", False),
        (0o666, "OTHER=x", True),
    ],
)
def test_a_dotenv_that_others_may_write_is_refused(
    tmp_path: Path, mode: int, text: str, is_safe: bool
) -> None:
    path = write(tmp_path / "project" / ".env", text, mode)
    if is_safe:
        assert dotenv_file(path)
        return
    with pytest.raises(UnsafeFile, match=r"\.env in project") as caught:
        dotenv_file(path)
    assert "chmod 600" in caught.value.remedy
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize("contents", [b"\xff\xfe\x00", b"x" * (1024 * 1024 + 1), None])
def test_a_file_that_is_not_dotenv_is_one_error(tmp_path: Path, contents: bytes | None) -> None:
    path = tmp_path / ".env"
    if contents is not None:
        write(path, contents)
    with pytest.raises(CredentialsMissing):
        dotenv_file(path)
    with pytest.raises(CredentialsMissing):
        dotenv_file(tmp_path)


@pytest.mark.parametrize(
    ("files", "start", "found"),
    [
        pytest.param(["work/.env"], "work", "work/.env", id="here"),
        pytest.param(["p/.env", "p/.git/x"], "p/a/b", "p/.env", id="in the project's root"),
        pytest.param(["p/.env", "p/pyproject.toml"], "p/a", "p/.env", id="pyproject"),
        pytest.param(["p/.env", "p/a/.env", "p/.git/x"], "p/a/b", "p/a/.env", id="the nearest"),
        pytest.param([".env", "p/.git/x"], "p/a", None, id="not above the root"),
        pytest.param(["home/.env"], "home/a/b", "home/.env", id="in the home"),
        pytest.param([".env"], "home/a", None, id="not above the home"),
        pytest.param([".env"], "a/b", None, id="outside both only here"),
        pytest.param(["a/.env/x"], "a", None, id="a folder is not a file"),
    ],
)
def test_where_a_dotenv_is_looked_for(
    tmp_path: Path, files: list[str], start: str, found: str | None
) -> None:
    for name in files:
        write(tmp_path / name, "BW_SERVER=x")
    (tmp_path / start).mkdir(parents=True, exist_ok=True)
    expected = None if found is None else (tmp_path / found).resolve()
    assert discover_dotenv(tmp_path / start, tmp_path / "home") == expected


def test_a_home_that_is_a_link_is_still_the_home(tmp_path: Path) -> None:
    (tmp_path / "real" / "a").mkdir(parents=True)
    write(tmp_path / ".env", "BW_SERVER=x")
    (tmp_path / "home").symlink_to(tmp_path / "real")
    assert discover_dotenv(tmp_path / "home" / "a", tmp_path / "home") is None


# The password file.


@pytest.mark.parametrize(
    ("contents", "password"),
    [
        ("made-up", "made-up"),
        ("made-up\nsecond\n", "made-up"),
        ("made-up\r\n", "made-up"),
        ("  spaces  \n", "  spaces  "),
        ("\ufeffmade-up\n", "made-up"),
        ("with\u2028line\x0bseparators\x85\n", "with\u2028line\x0bseparators\x85"),
    ],
)
def test_the_first_line_of_a_password_file(tmp_path: Path, contents: str, password: str) -> None:
    found = password_from_file(write(tmp_path / "password", contents))
    assert found == password
    assert isinstance(found, Secret)


@pytest.mark.parametrize("contents", ["", "\nsecond", b"\xff\xfe", None])
def test_a_file_without_a_password_is_one_error(
    tmp_path: Path, contents: str | bytes | None
) -> None:
    path = tmp_path / "made-up"
    if contents is not None:
        write(path, contents)
    with pytest.raises(CredentialsMissing) as caught:
        password_from_file(path)
    assert "made-up" not in str(caught.value)


@posix
def test_a_password_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeFile, match="Others own the password file"):
        password_from_file(write(tmp_path / "password", "made-up", 0o622))


@posix
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(CredentialsMissing):
        password_from_file(tmp_path / "pipe")
