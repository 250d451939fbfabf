"""From the words of a line to arguments: what is taken, what is refused, and never an echo."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import bw_magics.notebook.extension  # noqa: F401 # it registers the magics
from bw_magics.errors import NotOffered, SecretTyped, UsageMistake
from bw_magics.notebook.line.arguments import Arguments, read_arguments
from bw_magics.notebook.registry import REGISTRY

MARKER = "hunter2horse"
MAGICS = ("login", "unlock", "status", "sync", "get", "list", "lock", "logout", "demo")
EVERYWHERE = ("--raw", "--pretty", "--nointeraction", "--quiet", "--response", "--cleanexit")


def read(magic: str, line: str, **namespace: object) -> Arguments:
    return read_arguments(REGISTRY.commands[magic].function, line, namespace)


def refusal(magic: str, line: str, **namespace: object) -> UsageMistake:
    with pytest.raises(UsageMistake) as caught:
        read(magic, line, **namespace)
    assert caught.value.remedy or "value it does not take" in caught.value.fact
    return caught.value


@pytest.mark.parametrize(
    ("line", "object", "query", "folder"),
    [
        pytest.param("password Warehouse DB", "password", ["Warehouse", "DB"], None, id="words"),
        pytest.param("password 'Warehouse DB'", "password", ["Warehouse DB"], None, id="quoted"),
        pytest.param("password Bob's laptop", "password", ["Bob's", "laptop"], None, id="Bob's"),
        pytest.param("password X --folder Work", "password", ["X"], "Work", id="option, space"),
        pytest.param("password X --folder=Work", "password", ["X"], "Work", id="option, ="),
        pytest.param('password X --folder "My Work"', "password", ["X"], "My Work", id="quoted"),
        pytest.param("password X --folder='My Work'", "password", ["X"], "My Work", id="quoted ="),
        pytest.param("password --folder Work X Y", "password", ["X", "Y"], "Work", id="before"),
        pytest.param("--folder Work password X Y", "password", ["X", "Y"], "Work", id="first"),
        pytest.param("password --raw X Y", "password", ["X", "Y"], None, id="flag between"),
        pytest.param("password X --folder=-x", "password", ["X"], "-x", id="dash value, ="),
        pytest.param("password X --folder '-x'", "password", ["X"], "-x", id="dash value, quoted"),
        pytest.param("password X --folder -", "password", ["X"], "-", id="only a dash"),
        pytest.param("password X --folder=--", "password", ["X"], "--", id="two dashes, ="),
        pytest.param("password X --folder=''", "password", ["X"], "", id="empty value"),
        pytest.param("password X --folder a=b", "password", ["X"], "a=b", id="= in a value"),
        pytest.param("password X --folder=a=b", "password", ["X"], "a=b", id="= after ="),
        pytest.param("password -- --raw", "password", ["--raw"], None, id="-- ends options"),
        pytest.param("-- password --folder", "password", ["--folder"], None, id="-- first"),
        pytest.param("password -- --", "password", ["--"], None, id="-- after --"),
        pytest.param("password -- a -- b", "password", ["a", "--", "b"], None, id="-- among words"),
        pytest.param("password '--raw'", "password", ["--raw"], None, id="quoted option"),
        pytest.param("password '--'", "password", ["--"], None, id="quoted --"),
        pytest.param("password $item", "password", ["Warehouse DB"], None, id="variable"),
        pytest.param("password $dashes", "password", ["--raw"], None, id="variable with dashes"),
        pytest.param("password X --folder $item", "password", ["X"], "Warehouse DB", id="$ value"),
        pytest.param(
            "password X --folder={item}", "password", ["X"], "Warehouse DB", id="{} value"
        ),
        pytest.param("password -1", "password", ["-1"], None, id="negative number"),
        pytest.param("password X # note", "password", ["X"], None, id="comment"),
        pytest.param("password X;", "password", ["X"], None, id="semicolon"),
        pytest.param("0 1 2", "0", ["1", "2"], None, id="numbers are words"),
    ],
)
def test_a_line_says(line: str, object: str, query: list[str], folder: str | None) -> None:
    arguments = read("get", line, item="Warehouse DB", dashes="--raw")
    assert (arguments.object, arguments.query, arguments.folder) == (object, query, folder)


@pytest.mark.parametrize("magic", MAGICS)
@pytest.mark.parametrize("option", EVERYWHERE)
def test_what_the_cli_takes_everywhere_is_taken_everywhere(magic: str, option: str) -> None:
    words = {"get": "password X", "list": "items"}.get(magic, "")
    for line in (f"{option} {words}", f"{words} {option}"):
        arguments = read(magic, line)
        assert option in arguments.flags
        assert arguments.is_unattended is (option == "--nointeraction")


@pytest.mark.parametrize(
    ("magic", "line", "words"),
    [
        pytest.param("get", "", "%bw_get?", id="nothing"),
        pytest.param("list", "", "%bw_list?", id="no objects"),
        pytest.param("list", "items logins", "%bw_list?", id="one too many"),
        pytest.param("status", "now", "%bw_status?", id="a word too many"),
        pytest.param("get", "password X --folder", "--folder of %bw_get needs", id="no value"),
        pytest.param("get", "password X --folder --raw", "needs a value", id="option, not value"),
        pytest.param("get", "password X --folder --", "needs a value", id="--, not value"),
        pytest.param("get", "password X --nope", "--collection, --folder", id="unknown option"),
        pytest.param("get", "password X --fold Work", "does not have", id="no abbreviation"),
        pytest.param("status", "--now", "It has: --profile.", id="unknown option, one there"),
        pytest.param("sync", "--force=yes", "value it does not take", id="value for a switch"),
        pytest.param("sync", "--raw=yes", "value it does not take", id="value for --raw"),
        pytest.param("get", "--help", "%bw_get?", id="--help"),
        pytest.param("unlock", "-h", "%bw_unlock?", id="-h"),
        pytest.param("get", "password X --folder My Work", "both sides", id="value without quotes"),
        pytest.param("list", "items --search a b", "%bw_list?", id="search without quotes"),
        pytest.param("get", "password 'X", "not closed", id="open quote"),
        pytest.param("get", "password $absent", "variable", id="no such variable"),
    ],
)
def test_a_mistake_says_what_to_do(magic: str, line: str, words: str) -> None:
    mistake = refusal(magic, line)
    assert words in str(mistake)
    assert not isinstance(mistake, (SecretTyped, NotOffered))


@pytest.mark.parametrize(
    ("magic", "line", "words"),
    [
        ("login", "--method 0", "--apikey"),
        ("login", "--sso", "--apikey"),
        ("login", "--code=123456", "--apikey"),
        ("login", "--check", "%bw_status"),
        ("unlock", "--check", "%bw_status"),
    ],
)
def test_what_only_the_cli_has_says_what_to_use(magic: str, line: str, words: str) -> None:
    mistake = refusal(magic, line)
    assert isinstance(mistake, NotOffered)
    assert words in mistake.remedy


@pytest.mark.parametrize(
    ("magic", "line"),
    [
        pytest.param("unlock", MARKER, id="password"),
        pytest.param("unlock", f"'{MARKER} staple'", id="quoted password"),
        pytest.param("unlock", f"--raw {MARKER}", id="after --raw"),
        pytest.param("unlock", f"{MARKER} --nope", id="before an unknown option"),
        pytest.param("unlock", f"{MARKER} --timeout", id="before a missing value"),
        pytest.param("unlock", f"-- {MARKER}", id="after --"),
        pytest.param("unlock", "$word", id="from a variable"),
        pytest.param("unlock", f"--password {MARKER}", id="--password"),
        pytest.param("unlock", f"--password={MARKER}", id="--password="),
        pytest.param("unlock", f"--PASSWORD={MARKER}", id="--PASSWORD="),
        pytest.param("unlock", f"-{MARKER}", id="password with a dash"),
        pytest.param("unlock", f"--{MARKER}", id="password with two dashes"),
        pytest.param("unlock", f"--timeout 5m {MARKER}", id="after an option"),
        pytest.param("login", f"me@example.org {MARKER}", id="e-mail and password"),
        pytest.param("login", MARKER, id="e-mail"),
        pytest.param("login", f"--apikey {MARKER}", id="after --apikey"),
        pytest.param("login", f"--clientsecret={MARKER}", id="--clientsecret"),
        pytest.param("get", f"password X --session {MARKER}", id="--session at get"),
        pytest.param("list", f"items --session={MARKER}", id="--session at list"),
        pytest.param("status", f"--session {MARKER}", id="--session at status"),
        pytest.param("logout", f"--password {MARKER}", id="--password at logout"),
    ],
)
def test_a_typed_secret_is_refused_and_not_repeated(magic: str, line: str) -> None:
    mistake = refusal(magic, line, word=MARKER)
    assert isinstance(mistake, SecretTyped)
    assert "BW_PASSWORD" in mistake.remedy
    assert "delete it there" in mistake.remedy
    assert_silent(mistake)


@pytest.mark.parametrize(
    ("magic", "line"),
    [
        ("unlock", "--timeout 8 hours"),
        ("unlock", "--timeout = 8h"),
        ("unlock", "--timeout 8 h --nointeraction"),
        ("unlock", "timeout 8h"),
        ("login", "eu"),
        ("login", "server eu"),
        ("login", "https://vault.example.org"),
        ("login", "--apikey US"),
        ("login", "apikey"),
    ],
)
def test_a_line_that_is_only_mistaken_says_the_usage(magic: str, line: str) -> None:
    mistake = refusal(magic, line)
    assert type(mistake) is UsageMistake
    assert mistake.fact.startswith(f"Usage: %bw_{magic} [")
    assert mistake.remedy == f"Help: %bw_{magic}?"


@pytest.mark.parametrize(
    ("magic", "line"),
    [
        ("unlock", f"--timeout 8 hours {MARKER}"),
        ("unlock", f"8 hours --timeout {MARKER} {MARKER}"),
        ("login", f"https://ada:{MARKER}@vault.example.org"),
        ("login", f"https://vault.example.org/?key={MARKER}"),
        ("login", f"eu {MARKER}"),
        ("unlock", "12345678"),
    ],
)
def test_a_word_that_nothing_explains_may_be_a_secret(magic: str, line: str) -> None:
    mistake = refusal(magic, line, word=MARKER)
    assert isinstance(mistake, SecretTyped)
    assert "may contain a secret" in mistake.remedy


PIECES = st.one_of(
    st.sampled_from(
        [
            "--folder",
            "--folder=",
            "--timeout",
            "--server=",
            "--search",
            "--password",
            "--",
            "-f",
            "items",
            "password",
        ]
    ),
    st.sampled_from([*EVERYWHERE, "'", '"', ";", "#", "=", "$nothing", "{nothing}"]),
    st.sampled_from(
        [MARKER, f"-{MARKER}", f"--{MARKER}", f"--{MARKER}=1", f"--folder={MARKER}", f"${MARKER}"]
    ),
    st.sampled_from(
        [f"'{MARKER} x'", f"{MARKER}=x", f'"{MARKER}', f"--timeout={MARKER}", f"{{{MARKER}}}"]
    ),
    st.text(max_size=4),
)


@given(st.sampled_from(MAGICS), st.lists(PIECES, max_size=7))
@example("get", ["password", MARKER, "--folder=--"])
@example("list", [MARKER, MARKER])
def test_no_line_gets_its_words_back_from_a_mistake(magic: str, pieces: list[str]) -> None:
    try:
        read(magic, " ".join(pieces))
    except UsageMistake as mistake:
        assert_silent(mistake)


def assert_silent(mistake: BaseException) -> None:
    """Nothing an error shows, holds or hangs on to repeats the line."""
    link: BaseException | None = mistake
    while link is not None:
        assert not any(MARKER in text for text in (str(link), repr(link), repr(vars(link))))
        link = link.__cause__ or link.__context__
