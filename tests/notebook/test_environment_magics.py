"""`%bw_env`: what it takes, what it says, and that a mistake in it changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import bw_magics
from bw_magics.demo import DemoServer
from bw_magics.errors import (
    Ambiguous,
    BitwardenError,
    FieldNotFound,
    NotFound,
    NotOffered,
    RepromptRequired,
    SecretTyped,
    UsageMistake,
    VaultLocked,
)
from bw_magics.secret import Secret
from tests.notebook.conftest import Notebook, Person

WAREHOUSE = "demo-warehouse-password-1"
PASSWORD = '"bw://Warehouse DB/password"'
HOST = '"bw://Warehouse DB/host"'


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """Whatever a test leaves in the environment goes with it."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]


# References at %bw_get.


@pytest.mark.parametrize(
    "line",
    [
        "bw://Warehouse DB/password",
        '"bw://Warehouse DB/password"',
        "bw://Work/Databases/Warehouse DB/password # why",
        "$db_ref",
        "{db_ref}",
    ],
)
def test_get_takes_a_reference(unlocked: Notebook, line: str) -> None:
    unlocked("db_ref = 'bw://Warehouse DB/password'")

    value = unlocked(f"%bw_get {line}").value

    assert isinstance(value, Secret)
    assert value == WAREHOUSE


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("bw://Warehose DB/password", NotFound),
        ("bw://house DB/password", NotFound),
        ("bw://Warehouse DB/pasword", FieldNotFound),
        ("bw://Reporting/password", Ambiguous),
        ("bw://nonsense", UsageMistake),
        ("bw://Warehouse DB/password --folder Work", UsageMistake),
        ("bw://Cloud keys/attachment/nothing.json", BitwardenError),
        ("password", UsageMistake),
    ],
)
def test_a_mistaken_reference_is_one_typed_error(
    unlocked: Notebook, line: str, error: type[BitwardenError]
) -> None:
    assert isinstance(unlocked.refusal(f"%bw_get {line}"), error)


def test_a_reference_names_its_twins_in_a_table_and_as_references(unlocked: Notebook) -> None:
    came = unlocked.attempt("%bw_get bw://Reporting/password")

    assert "bw://Work/Databases/Reporting/password" in str(came.error)
    assert any("Work/Databases" in data["text/plain"] for data in came.displayed)


# Until the lock.


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"BWM_A={PASSWORD}", {"BWM_A": WAREHOUSE}),
        (
            f"BWM_A={PASSWORD} BWM_B={HOST}",
            {"BWM_A": WAREHOUSE, "BWM_B": "warehouse.demo.example"},
        ),
        ("BWM_A=bw://Warehouse DB/password", {"BWM_A": WAREHOUSE}),
        (
            "BWM_A=bw://Warehouse DB/password BWM_B=bw://Warehouse DB/port # both",
            {"BWM_A": WAREHOUSE, "BWM_B": "5432"},
        ),
        ("BWM_A=$ref", {"BWM_A": WAREHOUSE}),
        ("BWM_A={ref};", {"BWM_A": WAREHOUSE}),
        ("BWM_A=bw://Warehouse DB/tls", {"BWM_A": "true"}),
        ("BWM_A='bw://Ada%27s %22quoted%22 login/username'", {"BWM_A": "o'brien"}),
        ("PATH_LIKE=bw://Warehouse DB/port -o", {"PATH_LIKE": "5432"}),
    ],
)
def test_references_on_the_line_are_set_and_named(
    unlocked: Notebook, line: str, expected: dict[str, str]
) -> None:
    unlocked("ref = 'bw://Warehouse DB/password'")

    came = unlocked(f"%bw_env {line}")

    assert {name: os.environ[name] for name in expected} == expected
    assert came.lines == [f"✓ set until the lock: {', '.join(expected)}"]
    assert came.value is None
    unlocked("%bw_lock")
    assert not expected.keys() & os.environ.keys()


def test_setting_again_is_silent_and_overrides(unlocked: Notebook) -> None:
    os.environ["BWM_A"] = "mine"

    first = unlocked(f"%bw_env BWM_A={PASSWORD}")
    again = unlocked(f"%bw_env BWM_A={PASSWORD}")
    other = unlocked(f"%bw env BWM_A={HOST}")

    assert first.lines == again.lines == other.lines
    assert os.environ["BWM_A"] == "warehouse.demo.example"
    unlocked("%bw_lock")
    assert os.environ["BWM_A"] == "mine"
    del os.environ["BWM_A"]


def test_alone_it_lists_names_and_never_values(unlocked: Notebook, tmp_path: Path) -> None:
    assert unlocked("%bw_env").lines == ["nothing is set"]
    (tmp_path / "x.env").write_text("BWM_STAGE=plain-value-of-a-file\n")
    unlocked(f"%bw_env BWM_A={PASSWORD} --dotenv {tmp_path / 'x.env'}")

    came = unlocked(f"%bw_env --cell BWM_B={HOST}\n%bw_env")

    assert came.lines == [
        "BWM_A      bw://Warehouse DB/password · until the lock",
        "BWM_B      bw://Warehouse DB/host · in this cell",
        "BWM_STAGE  x.env · until the lock",
    ]
    unlocked("%bw_lock")
    assert unlocked("%bw_env").lines == ["set again by %bw_unlock: BWM_A, BWM_STAGE"]


def test_a_lock_says_nothing_twice_and_an_unlock_what_came_back(unlocked: Notebook) -> None:
    unlocked(f"%bw_env BWM_A={PASSWORD}")
    unlocked("%bw_lock")

    came = unlocked("%bw_unlock")

    assert came.lines[-1].endswith("· set again: BWM_A")
    assert os.environ["BWM_A"] == WAREHOUSE
    assert "set again" not in unlocked("%bw_unlock").text


def test_an_unlock_says_what_did_not_come_back(unlocked: Notebook, person: Person) -> None:
    unlocked("%config BwMagics.prompt = 'stdin'")
    password = os.environ.pop("BW_PASSWORD")
    unlocked("%bw_lock")
    person.answers = [password, password]
    unlocked("%bw_unlock\n%bw_env BWM_A=bw://Payroll/password")
    assert os.environ["BWM_A"] == "demo-payroll-password"
    unlocked("%bw_lock")
    person.answers = [password]

    came = unlocked("%bw_unlock")

    assert "not set again: BWM_A, because: 'Payroll' asks" in came.text
    assert "BWM_A" not in os.environ


def test_an_item_that_wants_the_master_password_again_asks_for_it(
    unlocked: Notebook, person: Person
) -> None:
    unlocked("%config BwMagics.prompt = 'stdin'")
    password = os.environ.pop("BW_PASSWORD")
    unlocked("%bw_lock")
    person.answers = [password]
    unlocked("%bw_unlock")

    refused = unlocked.refusal("%bw_env BWM_A=bw://Payroll/password --nointeraction")
    assert isinstance(refused, RepromptRequired)
    person.answers = [password]
    unlocked(f"%bw_env BWM_B={HOST} BWM_A=bw://Payroll/password")

    assert person.answers == []
    assert os.environ["BWM_A"] == "demo-payroll-password"
    # Confirmed until the lock.
    unlocked("%bw_env BWM_C='bw://Payroll/second factor'")


def test_the_line_of_an_idle_lock_names_what_went(
    unlocked: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    unlocked("%bw_lock\n%bw_unlock --timeout 60s")
    unlocked(f"%bw_env BWM_A={PASSWORD} BWM_B={HOST}")
    deadline = bw_magics.bw_session._current.state.deadline
    assert deadline is not None
    monkeypatch.setattr(deadline, "_clock", lambda: time.time() + 61)

    came = unlocked("1")

    assert came.lines[0].startswith("The vault is locked: it was idle since")
    assert "Gone from the environment: BWM_A, BWM_B. Next: %bw_unlock" in came.lines[0]
    assert "BWM_A" not in os.environ


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("BWM_A=hunter2", SecretTyped),
        ("BWM_PASSWORD=bar", SecretTyped),
        ("BWM_URL=postgresql://ada:hunter2@db.example.org/x", SecretTyped),
        ("BWM_A=bar BWM_B=hunter2", SecretTyped),
        ("BWM_A=bar", UsageMistake),
        ("BWM_STAGE=europe", UsageMistake),
        ("BWM_HOST=db.example.org", UsageMistake),
        ("BWM_DEBUG=1", UsageMistake),
        (f"BWM_B={HOST} BWM_A=hunter2", SecretTyped),
        ("BWM_A=", UsageMistake),
        ("hunter2", UsageMistake),
        ("bw://hunter2/password", UsageMistake),
        (f"BWM_B={HOST} 'A B=hunter2'", UsageMistake),
        ("BWM_A=bw://hunter2", UsageMistake),
        ("BWM_A=bw://hunter2/password", NotFound),
        ("BWM_A='bw://Warehouse DB/hunter2'", FieldNotFound),
        ("BWM_A=bw://Reporting/password", Ambiguous),
        ("BWM_A='bw://Warehouse DB/item'", UsageMistake),
        (f"BWM_A={HOST} BWM_A={PASSWORD}", UsageMistake),
        (f"BWM_B={HOST} BWM_A=bw://hunter2/password", NotFound),
        ("BWM_A=$hunter2", UsageMistake),
        ("--hunter2", UsageMistake),
        ("--cell", UsageMistake),
        ("-o", UsageMistake),
        ("--dotenv", UsageMistake),
        ("--dotenv hunter2.env", UsageMistake),
        ("--dotenv bw://hunter2", UsageMistake),
        ("--dotenv 'bw://hunter2/notes'", NotFound),
        ("--dotenv 'bw://Nightly load/notes'", UsageMistake),
        ("--dotenv 'bw://Warehouse DB/password'", UsageMistake),
        ("--dotenv 'bw://Warehouse DB/item'", UsageMistake),
    ],
)
def test_a_mistake_is_one_typed_error_that_repeats_nothing_and_sets_nothing(
    unlocked: Notebook, line: str, error: type[BitwardenError]
) -> None:
    before = dict(os.environ)

    refused = unlocked.refusal(f"%bw_env {line}")

    assert type(refused) is error
    assert refused.remedy
    assert "hunter2" not in str(refused)
    assert dict(os.environ) == before
    assert bw_magics.bw_session.environment.variables == []


def test_a_locked_vault_sets_nothing(unlocked: Notebook, tmp_path: Path) -> None:
    (tmp_path / "x.env").write_text("BWM_STAGE=x\n")
    unlocked("%bw_lock")

    for line in (f"BWM_A={PASSWORD}", f"--dotenv {tmp_path / 'x.env'}", f"--cell BWM_A={HOST}"):
        assert isinstance(unlocked.refusal(f"%bw_env {line}"), VaultLocked)
    assert not [name for name in os.environ if name.startswith("BWM_")]


# Dotenv text.


def test_a_dotenv_file_keeps_what_exists_and_lists_it(unlocked: Notebook) -> None:
    os.environ["BWM_NAME"] = "mine"
    Path(".env.test").write_text(
        "BWM_NAME=theirs\nBWM_PASSWORD='bw://Warehouse DB/password'\nBWM_STAGE=p q\n"
    )

    came = unlocked("%bw_env --dotenv .env.test")
    assert came.lines == [
        "kept as they were: BWM_NAME (-o sets them)",
        "✓ set until the lock: BWM_PASSWORD, BWM_STAGE",
    ]
    assert (os.environ["BWM_NAME"], os.environ["BWM_PASSWORD"]) == ("mine", WAREHOUSE)

    # Again: what came from here is refreshed, without a word about it.
    Path(".env.test").write_text("BWM_STAGE=new\n")
    assert unlocked("%bw_env --dotenv .env.test").lines == ["✓ set until the lock: BWM_STAGE"]
    assert os.environ["BWM_STAGE"] == "new"

    Path(".env.test").write_text("BWM_NAME=theirs\n")
    assert unlocked("%bw_env --dotenv .env.test -o").lines == ["✓ set until the lock: BWM_NAME"]
    assert os.environ["BWM_NAME"] == "theirs"
    unlocked("%bw_lock")
    assert os.environ.pop("BWM_NAME") == "mine"


def test_what_the_line_names_goes_over_what_the_file_says(unlocked: Notebook) -> None:
    Path("x.env").write_text("BWM_A=from the file\nBWM_STAGE=from the file\n")

    unlocked(f"%bw_env BWM_A={HOST} --dotenv x.env")

    assert os.environ["BWM_A"] == "warehouse.demo.example"
    assert os.environ["BWM_STAGE"] == "from the file"


def test_a_note_is_a_source(unlocked: Notebook) -> None:
    came = unlocked("%bw_env --dotenv 'bw://Forecasting .env/notes'")

    assert came.lines[-1].startswith("✓ set until the lock: PGHOST, PGPORT, PGPASSWORD")
    assert os.environ["PGPASSWORD"] == "demo warehouse password"
    assert os.environ["SMTP_PASSWORD"] == "pa${HOME}x"
    listed = unlocked("%bw_env").text
    assert "demo warehouse password" not in listed
    assert "PGPASSWORD            bw://Forecasting .env/notes" in listed


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "HTTPS_PROXY", "BW_SERVER_X"])
def test_names_that_change_programs_have_to_be_allowed(
    unlocked: Notebook, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name, raising=False)
    Path("x.env").write_text(f"BWM_A=1\n{name}=/nonexistent\n")

    refused = unlocked.refusal("%bw_env --dotenv x.env")
    assert f"--allow {name}" in refused.remedy
    assert "BWM_A" not in os.environ

    unlocked(f"%bw_env --dotenv x.env --allow {name}")
    assert os.environ[name] == "/nonexistent"
    unlocked("%bw_lock")
    assert name not in os.environ
    # On the line it was named already.
    unlocked(f"%bw_unlock\n%bw_env {name}='bw://Warehouse DB/port'")
    assert os.environ[name] == "5432"


@pytest.mark.parametrize(
    "text",
    ["BWM_A=1\nBWM_A=2\n", "BWM_B=1\nprose that is none\n", "BWM_A=bw://nonsense\n", "BWM_A='1\n"],
)
def test_a_file_with_a_mistake_sets_nothing(unlocked: Notebook, text: str) -> None:
    Path("x.env").write_text(text)

    assert isinstance(unlocked.refusal("%bw_env --dotenv x.env"), UsageMistake)

    assert not [name for name in os.environ if name.startswith("BWM_")]


def test_a_dotenv_file_for_one_cell(unlocked: Notebook) -> None:
    Path("x.env").write_text("BWM_A=1\nBWM_B='bw://Warehouse DB/port'\n")

    came = unlocked("%%bw_env --dotenv x.env\nimport os\nprint(os.environ['BWM_B'])")

    assert came.lines == ["5432"]
    assert not [name for name in os.environ if name.startswith("BWM_")]


# What the shell makes of it.


@pytest.mark.parametrize("head", ["%%bw_env", "%%bw_env A=bw://x/y", "%%bw env A=bw://x/y"])
def test_in_a_terminal_the_cell_goes_on_until_an_empty_line(notebook: Notebook, head: str) -> None:
    manager = notebook.shell.input_transformer_manager

    assert manager.check_complete(head)[0] == "incomplete"
    assert manager.check_complete(f"{head}\nx = 1")[0] == "incomplete"
    assert manager.check_complete(f"{head}\nx = 1\n\n")[0] == "complete"


@pytest.mark.parametrize(
    "cell", ["%bw_environment", "%%bw_environment\nx", "%%bw_env?", "x = '''\n%%bw_env A\n'''", ""]
)
def test_nothing_else_is_taken_for_its_header(notebook: Notebook, cell: str) -> None:
    manager = notebook.shell.input_transformer_manager
    assert "--cell" not in manager.transform_cell(cell)


def test_the_cell_magic_itself_says_where_it_belongs(unlocked: Notebook) -> None:
    call = "get_ipython().run_cell_magic('bw_env', 'A=bw://x/y', 'print(1)')"

    assert isinstance(unlocked.refusal(call), UsageMistake)


def test_loading_in_the_same_cell_is_early_enough_for_the_line_magic(
    known: DemoServer, shell: InteractiveShell
) -> None:
    cell = f"%load_ext bw_magics\n%bw_login\n%bw_unlock\n%bw_env --cell BWM_A={PASSWORD}"
    notebook = Notebook(shell)

    notebook(f"{cell}\nimport os\nassert 'BWM_A' in os.environ")

    assert "BWM_A" not in os.environ


def test_unloading_takes_everything_away(unlocked: Notebook) -> None:
    shell = unlocked.shell
    unlocked(f"%bw_env BWM_A={PASSWORD}")

    unlocked(
        f"%%bw_env BWM_B={HOST}\nimport bw_magics, os\nassert 'BWM_B' in os.environ\n"
        "bw_magics.unload_ipython_extension(get_ipython())\nassert 'BWM_B' not in os.environ"
    )

    assert "BWM_A" not in os.environ
    assert shell.input_transformers_cleanup == [
        step for step in shell.input_transformers_cleanup if "bw_magics" not in repr(step)
    ]
    for event in ("pre_run_cell", "post_run_cell"):
        assert not [f for f in shell.events.callbacks[event] if "bw_magics" in repr(f)]
    assert shell.find_line_magic("bw_env") is None
    assert shell.find_cell_magic("bw_env") is None


# The generator.


@pytest.mark.parametrize(
    ("line", "length"),
    [("", 14), ("-ulns --length 25", 25), ("--length 3", 5), ("-n -s --minNumber=9", 14)],
)
def test_a_generated_password_is_a_secret_of_that_length(
    notebook: Notebook, line: str, length: int
) -> None:
    came = notebook(f"%bw_generate {line}")

    assert isinstance(came.value, Secret)
    assert len(came.value) == length
    assert str(came.value) not in came.text
    assert repr(came.value) in came.text


@pytest.mark.parametrize(
    ("line", "separator", "words"),
    [
        ("-p", "-", 6),
        ("--passphrase --words 4 --separator _", "_", 4),
        ("-p --words 2 --separator space", " ", 3),
        ("-pc --separator=. --includeNumber", ".", 6),
        ("-p --separator ab", "a", None),
        ("-p --separator empty", "", None),
    ],
)
def test_a_generated_passphrase_has_its_words(
    notebook: Notebook, line: str, separator: str, words: int | None
) -> None:
    value = notebook(f"%bw generate {line}").value

    if words is not None:
        assert len([word for word in value.split(separator) if word]) >= words
    # A few words of the list have a hyphen: yo-yo, t-shirt.
    assert value.replace(separator, "").replace("-", "").isalnum()
    assert value[0].isupper() == ("c" in line.split()[0].removeprefix("--pass"))


@pytest.mark.parametrize(
    "line",
    [
        "--length hunter2",
        "--words -hunter2",
        "-x",
        "-unx",
        "hunter2",
        "--length 1000000",
        "--length",
        "-p --words 99999",
    ],
)
def test_a_mistake_at_the_generator_is_typed(notebook: Notebook, line: str) -> None:
    refused = notebook.refusal(f"%bw_generate {line}")

    assert isinstance(refused, UsageMistake)
    assert not isinstance(refused, NotOffered)
    assert "hunter2" not in str(refused)
