"""Lines that are nearly right: the value, or an error that says what was likely meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import bw_magics
from bw_magics.demo import DemoServer
from bw_magics.demo.items.plain import login
from bw_magics.errors import (
    BitwardenError,
    FieldNotFound,
    NotFound,
    NotOffered,
    SecretTyped,
    UsageMistake,
)
from tests.notebook.conftest import ITERATIONS, Notebook, trust, variables

QUESTION = "Who am I?"
NBSP, TAB = "Data\u00a0hall", "Tab\tulator"
NEXT_LINE, SEPARATOR = "Next\u0085line", "Line\u2028separator"
ODD: tuple[str, ...] = (QUESTION, "Two  blanks", NBSP, TAB, "Build;", " leading", 'Say "yes"')
# The words of a line that are these names mean something else.
ODD += ("Build # 7", "Who? # me", "--flagged", "Team --folder", "Team -x y", "a -- b", "{braced}")
ODD += ('say "hi"', "rock 'n' roll", "the 'best", "x $name y", "a='b", "x {name} y", "a; b;;")
BOTH = 'it\'s "so"'


@pytest.fixture(scope="module")
def odd_server() -> Iterator[DemoServer]:
    """A server whose vault has names that a line cannot hold as they are."""
    with DemoServer(iterations=ITERATIONS) as server:
        for name in (*ODD, BOTH, NEXT_LINE, SEPARATOR):
            made = login(name, "ada", f"odd-password-of-{len(name)}")
            server.add_item(server.accounts[0], made)
        yield server


@pytest.fixture
def odd(
    odd_server: DemoServer,
    notebook: Notebook,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Notebook:
    """A notebook that is unlocked on that server."""
    trust(odd_server, tmp_path, monkeypatch)
    for name, value in variables(odd_server).items():
        monkeypatch.setenv(name, value)
    notebook("%bw_login\n%bw_unlock")
    return notebook


@pytest.mark.parametrize(
    "line",
    [
        "%bw_get password Who am I?",
        "%bw get password Who am I?",
        "bw_get password Who am I?",
        "    %bw_get password Who am I?   ",
        "x = %bw_get password Who am I?\nx",
        "if True:\n    x = %bw_get password Who am I?\nx",
        "x = %bw_get password \\\n  Who am I?\nx",
        "x = y = %bw_get password who am i?\nx",
        "%time x = %bw_get password Who am I?\nx",
        "%bw_get bw://Who am I?/password",
        "x = %bw_get password Who am I?\ny = 1\nx",
        "x = %bw get password Who am I?\nx",
        "x: str = %bw_get password Who am I?\nx",
        "d = {}\nd['a'] = %bw_get password Who am I?\nd['a']",
        "def f():\n    z = %bw_get password Who am I?\n    return z\nf()",
        "%%time\nx = %bw_get password Who am I?\nx",
        "%%capture out\nx = %bw_get password Who am I?\n_ = x",
        "x = %bw_get password Who am I?  # of the cluster\nx",
        "%%bw_env A=bw://Who am I?/password\nimport os\nx = os.environ['A']\nx",
    ],
)
def test_a_name_may_end_in_a_question_mark(odd: Notebook, line: str) -> None:
    odd.shell.user_ns["x"] = "the old value"
    came = odd.attempt(line)
    assert came.error is None, came
    value = came.value if came.value is not None else odd.shell.user_ns["x"]
    assert str(value) == f"odd-password-of-{len(QUESTION)}"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("x = %bw_get password Who is it?", NotFound),
        ("x = %bw_get bw://Who is it?", BitwardenError),
        ("x = %bw_get Who am I?", UsageMistake),
        ("x = %bw_connect Who is it?", NotFound),
        ("x = %bw_env NAME=Who?", UsageMistake),
        ("x = %bw_list Who?", UsageMistake),
    ],
)
def test_a_question_mark_never_leaves_an_old_value(
    odd: Notebook, line: str, kind: type[Exception]
) -> None:
    odd.shell.user_ns["x"] = "the old value"
    assert isinstance(odd.refusal(line), kind)


def test_a_cell_that_is_read_before_the_extension_is_loaded_fails(
    ipython: Any, notebook: Notebook
) -> None:
    bw_magics.unload_ipython_extension(ipython)
    ipython.extension_manager.loaded.discard("bw_magics")
    cell = "x = 'old'\n%load_ext bw_magics\nx = %bw_get password Who am I?"
    result = ipython.run_cell(cell, store_history=True)
    assert isinstance(result.error_in_exec, UsageMistake)
    assert "question mark" in str(result.error_in_exec)


@pytest.mark.parametrize(
    "line", ["%bw_get?", "%bw_get??", "?%bw_get", "%bw get?", "bw_session.lock?", "len?"]
)
def test_a_request_for_help_is_still_one(
    notebook: Notebook, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        type(notebook.shell), "_inspect", lambda self, way, name, *a, **k: asked.append(name)
    )
    notebook(line)
    assert asked == ["%bw_get" if "get" in line else line.rstrip("?")]


def test_text_in_a_string_is_left_alone(notebook: Notebook) -> None:
    came = notebook('text = """\n%bw_get password Who am I?\n"""\ntext')
    assert came.value == "\n%bw_get password Who am I?\n"


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        # What was not found, and what was likely meant.
        ("%bw_get password Warehouze", NotFound, ["'Warehouze'", "Warehouse DB"]),
        ("%bw_get pasword Warehouse DB", FieldNotFound, ["'pasword'", "mean 'password'?"]),
        ("%bw_get url Warehouse DB", FieldNotFound, ["'url'", "mean 'uri'?"]),
        ("%bw_get user Warehouse DB", FieldNotFound, ["'user'", "mean 'username'?"]),
        ("%bw_get pass Warehouse DB", FieldNotFound, ["'pass'", "mean 'password'?"]),
        ("%bw_get note Warehouse DB", FieldNotFound, ["'note'", "mean 'notes'?"]),
        ("%bw_get User Warehouse DB", FieldNotFound, ["mean 'username'?"]),
        ("%bw_get email Warehouse DB", FieldNotFound, ["'email'", "mean 'username'?"]),
        ("%bw_get totp On-call rota", FieldNotFound, ["'On-call rota'", "no field 'totp'"]),
        ("%bw_get code Warehouse DB", FieldNotFound, ["no field 'code'"]),
        ("%bw_get private_key Warehouse DB", FieldNotFound, ["no field 'private_key'"]),
        ("%bw_get folder Wrk", NotFound, ["No folder is named 'Wrk'", "Closest: Work"]),
        ("%bw_get folder hunter2horse", NotFound, ["No folder has the name on the line"]),
        ("%bw_edit Warehouse DB --username x", UsageMistake, ["%bw_edit item Warehouse DB"]),
        ("%bw_get Warehouse DB", UsageMistake, ["'Warehouse DB'", "%bw_get password Warehouse DB"]),
        ("%bw_get warehouse db", UsageMistake, ["%bw_get password Warehouse DB"]),
        ("%bw_get 'Warehouse DB'", UsageMistake, ["%bw_get password Warehouse DB"]),
        ("%bw_get password Warehouse DB --folder Nowhere", NotFound, ["'Warehouse DB'", "folder"]),
        # Words that may be a typed password are not repeated.
        ("%bw_get password hunter2horse", NotFound, ["No item has the name on the line"]),
        ("%bw_get hunter2horse Warehouse DB", FieldNotFound, ["does not have"]),
        # The item before the object, and a word for something similar.
        ("%bw_get Warehouse DB password", UsageMistake, ["%bw_get password Warehouse DB"]),
        ("%bw_get 'Warehouse DB' password", UsageMistake, ["%bw_get password Warehouse DB"]),
        ("%bw_get Warehouse DB/password", UsageMistake, ["%bw_get password Warehouse DB"]),
        ("%bw_get Warehouse DB.pass", UsageMistake, ["%bw_get password Warehouse DB"]),
        ("%bw_get bw:/Warehouse DB/notes", UsageMistake, ["%bw_get notes Warehouse DB"]),
        ("%bw_get bw/Warehouse DB/user", UsageMistake, ["%bw_get username Warehouse DB"]),
        ("%bw_get Warehouse DB hunter2horse", NotFound, []),
        ("%bw_get folders Work", UsageMistake, ["'folders'", "%bw_get folder"]),
        ("%bw_get org Demo Analytics", UsageMistake, ["'org'", "%bw_get organization"]),
        ("%bw_get organisation Demo Analytics", UsageMistake, ["%bw_get organization"]),
        ("%bw_get Collections Data", UsageMistake, ["'Collections'", "%bw_get collection"]),
        ("%bw_get file bucket-policy.json", UsageMistake, ["'file'", "%bw_get attachment"]),
        ("%bw_get items", UsageMistake, ["%bw_list items"]),
        ("%bw_get folder", UsageMistake, ["%bw_list folders"]),
        ("%bw_get ORG", UsageMistake, ["%bw_list organizations"]),
        ("%bw_delete Warehouse DB", UsageMistake, ["%bw_delete item Warehouse DB"]),
        ("%bw_archive Warehouse DB", UsageMistake, ["%bw_archive item Warehouse DB"]),
        ("%bw_restore Warehouse DB", UsageMistake, ["%bw_restore item Warehouse DB"]),
        ("%bw_rotate Warehouse DB", UsageMistake, ["%bw_rotate password Warehouse DB"]),
        ("%bw_rotate Warehouze DB", NotFound, []),
        ("%bw_delete hunter2horse battery", UsageMistake, ["The first word is item or folder"]),
        # A reference in place of a name, a sign behind the object.
        (
            "%bw_get password bw://Warehouse DB/password",
            UsageMistake,
            ["a reference", "%bw_get password Warehouse DB"],
        ),
        (
            "%bw_get username bw://Work/Warehouse DB",
            UsageMistake,
            ["%bw_get username Warehouse DB"],
        ),
        ("%bw_get password bw://hunter2horse/password", UsageMistake, ["%bw_get password NAME"]),
        ("%bw_connect bw://Warehouse DB", UsageMistake, ["Write %bw_connect Warehouse DB"]),
        ("%bw_connect bw://Work/Warehouse%20DB/uri", UsageMistake, ["%bw_connect Warehouse DB"]),
        ("%bw_connect Warehouse DB/password", UsageMistake, ["Write %bw_connect Warehouse DB"]),
        ("%bw_get bw://Warehouse DB", UsageMistake, ["no field", "bw://ITEM/password"]),
        ("%bw_get bw://Warehouse DB/", UsageMistake, ["no field"]),
        ("%bw_get password=Warehouse DB", UsageMistake, ["%bw_get password Warehouse DB"]),
        ("%bw_get user: Warehouse DB", UsageMistake, ["%bw_get username Warehouse DB"]),
        ("%bw_get password=hunter2horse", UsageMistake, ["Usage"]),
        ("%bw_env --dotenv bw://Warehouse DB/notes", UsageMistake, ["in quotes"]),
        # Lists, options and commands.
        ("%bw_list logins", UsageMistake, ["mean %bw_list items?"]),
        ("%bw_list notes", UsageMistake, ["mean %bw_list items?"]),
        ("%bw_list ssh-keys", UsageMistake, ["mean %bw_list items?"]),
        ("%bw_list cards", UsageMistake, ["mean %bw_list items?"]),
        ("%bw_list orgs", UsageMistake, ["mean %bw_list organizations?"]),
        ("%bw_list organisations", UsageMistake, ["mean %bw_list organizations?"]),
        ("%bw_list trash", UsageMistake, ["mean %bw_list items --trash?"]),
        ("%bw_list items Warehouse", UsageMistake, ["%bw_list items --search TEXT"]),
        ("%bw_list Folders Work", UsageMistake, ["%bw_list Folders --search TEXT"]),
        ("%bw_list items --serach x", UsageMistake, ["mean --search?"]),
        ("%bw_list items --folder Work", UsageMistake, ["mean --folderid?"]),
        ("%bw_get password X --fodler Work", UsageMistake, ["mean --folder?"]),
        ("%bw_generate --lenght 20", UsageMistake, ["mean --length?"]),
        ("%bw_get password X --hunter2horse", UsageMistake, ["It has: --collection"]),
        ("%bw gte password Warehouse DB", NotOffered, ["mean %bw get?"]),
        ("%bw unlok", NotOffered, ["mean %bw unlock?"]),
        ("%bw hunter2horse", NotOffered, ["There are: login"]),
        ("%bw --version", NotOffered, ["bw_magics.__version__"]),
        ("%bw version", NotOffered, ["bw_magics.__version__"]),
        ("%bw_login help", UsageMistake, ["Usage: %bw_login", "Help: %bw_login?"]),
        ("%bw_unlock HELP", UsageMistake, ["Usage: %bw_unlock", "Help: %bw_unlock?"]),
        ("%bw_apikey help", UsageMistake, ["Usage: %bw_apikey", "Help: %bw_apikey?"]),
        # Usage.
        ("%bw_get", UsageMistake, ["Usage: %bw_get OBJECT NAME.", "Help: %bw_get?"]),
        ("%bw_get --help", UsageMistake, ["Usage: %bw_get OBJECT NAME.", "Help: %bw_get?"]),
        ("%bw_get -h", UsageMistake, ["Usage: %bw_get OBJECT NAME."]),
        ("%bw_get password", UsageMistake, ["Usage: %bw_get OBJECT NAME."]),
        ("%bw_list", UsageMistake, ["Usage: %bw_list OBJECTS", "items, folders, collections"]),
        ("%bw_connect", UsageMistake, ["Usage: %bw_connect ITEM."]),
        ("%bw_lock --help", UsageMistake, ["Usage: %bw_lock [--purge]", "Help: %bw_lock?"]),
        # Names that a line cannot hold without quotes.
        ("%bw_get password Two  blanks", NotFound, ["in quotes", '"Two  blanks"']),
        ("%bw_get password Data hall", NotFound, ["in quotes", f'"{NBSP}"']),
        ("%bw_get password Tab ulator", NotFound, ["in quotes"]),
        ("%bw_get password Next line", NotFound, ["into a variable"]),
        ("%bw_get password Line separator", NotFound, ["into a variable"]),
        ("%bw_get password Build;", NotFound, ["in quotes", '"Build;"']),
        ("%bw_get password  leading", NotFound, ["in quotes", '" leading"']),
        ("%bw_connect Two  blanks", NotFound, ["in quotes", '"Two  blanks"']),
        ("%bw_connect Build;", NotFound, ["in quotes"]),
        ("%bw_get password Build # 7", NotFound, ["in quotes", '"Build # 7"']),
        ("%bw_get password Who? # me", NotFound, ["in quotes", '"Who? # me"']),
        ("%bw_get password --flagged", NotFound, ["in quotes", '"--flagged"']),
        ("%bw_get password -h", UsageMistake, ["Usage: %bw_get OBJECT NAME."]),
        ("%bw_get password Team --folder", NotFound, ["in quotes", '"Team --folder"']),
        ("%bw_get password Team --folder x", NotFound, ["'Team'"]),
        ("%bw_get password team -x Y", NotFound, ["in quotes", '"Team -x y"']),
        ("%bw_get password a -- b", NotFound, ["in quotes", '"a -- b"']),
        ('%bw_get password say "hi"', NotFound, ["in quotes", "'say \"hi\"'"]),
        ("%bw_get password rock 'n' roll", NotFound, ["in quotes", "\"rock 'n' roll\""]),
        ("%bw_get password the 'best", NotFound, ["in quotes", '"the \'best"']),
        ('%bw_get password it\'s "so"', NotFound, ["in quotes", "'it's \"so\"'"]),
        ("%bw_get password {braced}", NotFound, ["in quotes", '"{braced}"']),
        ("%bw_get password x $name y", NotFound, ["in quotes", '"x $name y"']),
        ("%bw_get username Build # 7", NotFound, ["in quotes", '"Build # 7"']),
        ("%bw_connect Build # 7", NotFound, ["in quotes", '"Build # 7"']),
        ("%bw_connect --flagged", NotFound, ["in quotes", '"--flagged"']),
        ("%bw_connect {braced}", NotFound, ["in quotes", '"{braced}"']),
    ],
)
def test_a_line_that_is_nearly_right(
    odd: Notebook, line: str, kind: type[Exception], words: list[str]
) -> None:
    error = odd.refusal(line)
    assert type(error) is kind
    for each in words:
        assert each in str(error)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    "line", ["%bw GET password Warehouse DB", "%bw Get password Warehouse DB", "%bw HELP"]
)
def test_commands_in_capitals_are_the_same(odd: Notebook, line: str) -> None:
    came = odd(line)
    assert str(came.value) == "demo-warehouse-password-1" or "Commands: login" in came.text


def test_a_secret_behind_a_command_in_capitals_is_removed(odd: Notebook) -> None:
    error = odd.refusal("%bw UNLOCK hunter2horse-battery")

    assert isinstance(error, SecretTyped)
    assert "hunter2" not in str(odd.shell.user_ns["In"]) + str(error)


@pytest.mark.parametrize("objects", ["item", "Items", "folder", "ORGANIZATION"])
def test_a_list_is_named_in_the_singular_too(odd: Notebook, objects: str) -> None:
    assert len(odd(f"%bw_list {objects}").value)


@pytest.mark.parametrize("name", [*ODD, BOTH])
@pytest.mark.parametrize(
    "line",
    ["%bw_get {}", "%bw_get '{}'", '%bw_get "{}"', "%%bw_env A={}\n{}", "%%bw_env A='{}'\n{}"],
)
def test_a_reference_on_a_line_means_its_item(odd: Notebook, name: str, line: str) -> None:
    reference = bw_magics.bw_session[name].reference("password")
    odd("name = 'another item'")

    value = odd(line.format(reference, "import os; os.environ['A']")).value

    assert str(value) == f"odd-password-of-{len(name)}"


@pytest.mark.parametrize("name", ODD)
def test_in_quotes_every_name_is_found(odd: Notebook, name: str) -> None:
    mark = "'" if '"' in name else '"'
    value = odd(f"%bw_get password {mark}{name}{mark}").value
    assert str(value) == f"odd-password-of-{len(name)}"
