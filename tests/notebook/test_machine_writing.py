"""`%bw_create`, `%bw_edit` and `%bw_delete` on secrets and projects of the Secrets Manager."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import (
    Ambiguous,
    MaskRefused,
    NotFound,
    NotLoggedIn,
    NotWritable,
    PromptCancelled,
    SecretTyped,
    TooLong,
    UsageMistake,
    WriteRefused,
)
from bw_magics.notebook.extension import registered
from bw_magics.vault.managed_secret import ManagedSecret
from tests.notebook.conftest import Notebook, Person

VALUE = "made-up-Vx7-machine-41"
OLD = "demo-machine-mail-token-3"


@pytest.fixture
def writing(logged_in: Notebook) -> Notebook:
    """A notebook with variables that hold a secret and other things."""
    names = {"new": VALUE, "number": 7, "masked": "[REDACTED Reporting/MAIL_TOKEN]"}
    logged_in.shell.user_ns.update(names, empty="", long="x" * 25_001)
    return logged_in


def stored(machines: MachineTokens, key: str) -> list[tuple[str, str, str]]:
    """Value, note and project of the secrets of a key, as the server has them."""
    store = machines.store
    projects = {id: store.key.decrypt_text(each["name"]) for id, each in store.projects.items()}
    return [
        (
            store.key.decrypt_text(record["value"]),
            store.key.decrypt_text(record["note"]),
            projects.get(record["projectId"], ""),
        )
        for record in store.secrets.values()
        if store.key.decrypt_text(record["key"]) == key
    ]


def knows(notebook: Notebook, text: str) -> bool:
    """Whether the output guard masks a text."""
    session = registered(notebook.shell)
    return session is not None and session.guard.knows(text)


# Creating.


@pytest.mark.parametrize(
    ("line", "key", "expected"),
    [
        ("secret NEW --project Reporting --value $new", "NEW", (VALUE, "", "Reporting")),
        ("secret NEW --project reporting --value={new}", "NEW", (VALUE, "", "Reporting")),
        ("secret bws://Reporting/NEW --value $new", "NEW", (VALUE, "", "Reporting")),
        (
            "secret 'two words' --project 'Größe/50 %' --value $new --notes $new",
            "two words",
            (VALUE, VALUE, "Größe/50 %"),
        ),
        (
            "secret NEW --project Reporting --valuefile key.pem --notesfile about.txt",
            "NEW",
            ("made-up-in-a-file\n", "made up, rotated monthly", "Reporting"),
        ),
    ],
)
def test_a_new_secret_is_where_the_line_says(
    writing: Notebook, machines: MachineTokens, line: str, key: str, expected: tuple[str, str, str]
) -> None:
    Path("key.pem").write_text("made-up-in-a-file\n")
    Path("about.txt").write_text("made up, rotated monthly")
    came = writing(f"made = %bw_create {line}")

    assert came.lines == [f"✓ created the secret '{key}' · in {expected[2]}"]
    assert stored(machines, key) == [expected]
    made = writing.shell.user_ns["made"]
    assert isinstance(made, ManagedSecret)
    assert writing(f'%bw_get "{made.reference}"').value == expected[0]
    assert knows(writing, expected[0])


def test_a_value_is_generated_by_the_rules_on_the_line(
    writing: Notebook, machines: MachineTokens
) -> None:
    came = writing("made = %bw create secret NEW --project Reporting --generate -ln --length 31")
    ((value, _, _),) = stored(machines, "NEW")

    assert len(value) == 31
    assert value not in came.text
    assert knows(writing, value)


def test_a_person_is_asked_for_the_value(
    writing: Notebook, person: Person, machines: MachineTokens
) -> None:
    writing.shell.run_line_magic("config", "BwMagics.prompt = 'stdin'")
    person.answers = [VALUE, "made-up-Vx7-second"]
    came = writing("made = %bw_create secret NEW --project Reporting")
    writing("made = %bw_edit secret NEW")

    assert person.asked == ["Value", "Value"]
    assert came.lines == ["✓ created the secret 'NEW' · in Reporting"]
    assert stored(machines, "NEW") == [("made-up-Vx7-second", "", "Reporting")]
    person.answers = [""]
    assert isinstance(writing.refusal("%bw_edit secret NEW"), PromptCancelled)


# Changing.


@pytest.mark.parametrize(
    ("line", "said", "expected"),
    [
        ("MAIL_TOKEN --value $new", "value", (VALUE, "", "Reporting")),
        ("mail_token --value $new", "value", (VALUE, "", "Reporting")),
        ("bws://Reporting/MAIL_TOKEN --value $new", "value", (VALUE, "", "Reporting")),
        ("$reference --value $new", "value", (VALUE, "", "Reporting")),
        ("MAIL_TOKEN --project Reporting --notes $new", "note", (OLD, VALUE, "Reporting")),
        ("MAIL_TOKEN --value $new --notes $new", "note, value", (VALUE, VALUE, "Reporting")),
    ],
)
def test_an_edit_changes_what_is_named_and_keeps_the_project(
    writing: Notebook,
    machines: MachineTokens,
    line: str,
    said: str,
    expected: tuple[str, str, str],
) -> None:
    writing.shell.user_ns["reference"] = "bws://Reporting/MAIL_TOKEN"
    came = writing(f"after = %bw_edit secret {line}")

    assert came.lines == [f"✓ saved 'MAIL_TOKEN' · {said} · in Reporting"]
    assert stored(machines, "MAIL_TOKEN") == [expected]
    assert writing("%bw_get bws://Reporting/MAIL_TOKEN").value == expected[0]
    assert VALUE not in came.text


def test_a_key_changes_and_the_value_stays(writing: Notebook, machines: MachineTokens) -> None:
    came = writing("after = %bw_edit secret MAIL_TOKEN --name POST_TOKEN")

    assert came.lines == ["✓ saved 'POST_TOKEN' · key · in Reporting"]
    assert stored(machines, "POST_TOKEN") == [(OLD, "", "Reporting")]
    assert stored(machines, "MAIL_TOKEN") == []


def test_two_of_one_key_are_shown_as_a_table_and_none_is_changed(
    writing: Notebook, machines: MachineTokens
) -> None:
    before = stored(machines, "API_KEY")
    for line in ("%bw_edit secret API_KEY --value $new", "%bw_delete secret API_KEY"):
        came = writing.attempt(line)
        assert isinstance(came.error, Ambiguous)
        assert "Data platform" in came.displayed[0]["text/plain"]
    assert stored(machines, "API_KEY") == before


# Deleting, and projects.


def test_a_secret_goes_into_the_trash(writing: Notebook, machines: MachineTokens) -> None:
    came = writing("%bw_delete secret MAIL_TOKEN --project Reporting")

    assert came.lines == ["✓ moved the secret 'MAIL_TOKEN' to the trash; the web vault restores it"]
    assert stored(machines, "MAIL_TOKEN") == []
    assert isinstance(writing.refusal("%bw_get secret MAIL_TOKEN"), NotFound)


def test_a_project_is_created_renamed_and_deleted_by_its_name(
    writing: Notebook, machines: MachineTokens
) -> None:
    assert writing("%bw_create project Night jobs").lines == ["✓ created the project 'Night jobs'"]
    writing("made = %bw_create secret NEW --project 'Night jobs' --value $new")
    came = writing("%bw_edit project Night jobs --name 'Day jobs'")
    assert came.lines == ["✓ renamed the project to 'Day jobs'"]

    refused = writing.refusal("%bw_delete project 'Day jobs'")
    assert "not deleted for ever without its name" in str(refused)
    assert isinstance(writing.refusal("%bw_delete project 'Day jobs' --name Day"), UsageMistake)
    came = writing("%bw_delete project 'Day jobs' --permanent --name 'Day jobs'")

    assert came.lines == ["✓ deleted the project 'Day jobs' for ever; its secrets stay"]
    assert [value for value, _, _ in stored(machines, "NEW")] == [VALUE]


def test_a_person_types_the_name_of_a_project_that_goes_for_ever(
    writing: Notebook, person: Person
) -> None:
    writing.shell.run_line_magic("config", "BwMagics.prompt = 'stdin'")
    writing("%bw_create project Gone")
    person.answers = ["Gon", "Gone"]
    came = writing("%bw_delete project Gone")

    assert person.asked == ["Type its name to delete it for ever"] * 2
    assert came.lines[-1] == "✓ deleted the project 'Gone' for ever; its secrets stay"


# What is refused.

REFUSED: dict[str, tuple[type[Exception], str]] = {
    "%bw_create secret": (UsageMistake, "the key of the secret"),
    "%bw_create secret NEW --value $new": (UsageMistake, "in which project"),
    "%bw_create secret NEW --project Reporting": (UsageMistake, "--generate or --value $variable"),
    "%bw_create secret NEW --project Nowhere --value $new": (NotFound, "%bw_list projects"),
    "%bw_create secret NEW --project Report --value $new": (NotFound, "Closest: Reporting"),
    "%bw_create secret NEW --project Payroll --value $new": (NotFound, "No project"),
    "%bw_create secret MAIL_TOKEN --project Reporting --value $new": (
        WriteRefused,
        "%bw_edit secret KEY",
    ),
    "%bw_create secret NEW --project Reporting --value $number": (UsageMistake, "not a text"),
    "%bw_create secret NEW --project Reporting --value $empty": (WriteRefused, "is empty"),
    "%bw_create secret NEW --project Reporting --value $masked": (MaskRefused, "mask"),
    "%bw_create secret NEW --project Reporting --value $long": (TooLong, "25001"),
    "%bw_create secret NEW --project Reporting --value $nothing": (UsageMistake, "does not exist"),
    "%bw_create secret NEW --project Reporting --valuefile none": (UsageMistake, "cannot be read"),
    "%bw_create secret NEW --project Reporting --value $new --generate": (UsageMistake, "each"),
    "%bw_create secret NEW --project Reporting --value $new --folder Work": (
        UsageMistake,
        "a secret does not have",
    ),
    "%bw_create secret NEW --project Reporting --length 20": (UsageMistake, "Add --generate"),
    "%bw_create secret bws://Reporting/NEW --project Reporting --value $new": (
        UsageMistake,
        "Leave out --project",
    ),
    "%bw_create secret bw://Reporting/NEW --value $new": (UsageMistake, "bws://PROJECT/KEY"),
    "%bw_create project": (UsageMistake, "%bw_create project NAME"),
    "%bw_create project New --generate": (UsageMistake, "nothing but its name"),
    "%bw_create login DB --project Reporting --generate": (UsageMistake, "are for secrets"),
    "%bw_create login DB --value $new": (UsageMistake, "--password $variable"),
    "%bw_edit secret MAIL_TOKEN": (UsageMistake, "--generate or --value $variable"),
    "%bw_edit secret MAIL_TOKN --value $new": (NotFound, "bws://Reporting/MAIL_TOKEN"),
    "%bw_edit secret S3_SECRET --value $new": (NotWritable, "Can read, write"),
    "%bw_edit secret MAIL_TOKEN --favorite": (UsageMistake, "a secret does not have"),
    "%bw_edit project Reporting": (UsageMistake, "--name NEW"),
    "%bw_edit item X --value $new": (UsageMistake, "are for secrets"),
    "%bw_delete secret MAIL_TOKEN --permanent": (UsageMistake, "a secret does not have"),
    "%bw_delete secret MAIL_TOKEN --name MAIL_TOKEN": (UsageMistake, "no name once more"),
    "%bw_delete secret S3_SECRET": (NotWritable, "did not delete 'S3_SECRET'"),
    "%bw_delete secret NOTHING": (NotFound, "No secret fits"),
    "%bw_delete item X --project Reporting": (UsageMistake, "for secrets"),
}


@pytest.mark.parametrize(("line", "expected"), REFUSED.items(), ids=[*REFUSED])
def test_what_cannot_be_is_one_line_and_changes_nothing(
    writing: Notebook, machines: MachineTokens, line: str, expected: tuple[type[Exception], str]
) -> None:
    before = {id: dict(record) for id, record in machines.store.secrets.items()}
    error = writing.refusal(line)

    assert isinstance(error, expected[0])
    assert expected[1] in str(error)
    assert VALUE not in str(error)
    assert {id: dict(record) for id, record in machines.store.secrets.items()} == before


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("%bw_create secret NEW --project Reporting --value made-up-Vx7-typed-9", "secret NEW"),
        ("%bw_create secret NEW --value='made-up-Vx7-typed-9'", "secret NEW"),
        ("%bw create secret NEW --notes made-up-Vx7-typed-9", "create secret NEW"),
        ("%bw_create secret NEW made-up-Vx7-typed-9", ""),
        ("%bw_create secret NEW=made-up-Vx7-typed-9 --project Reporting", ""),
        ("%bw_edit secret MAIL_TOKEN --value made-up-Vx7-typed-9", "secret MAIL_TOKEN"),
    ],
)
def test_a_value_on_the_line_is_refused_and_removed(
    writing: Notebook, line: str, kept: str
) -> None:
    result: Any = writing.shell.run_cell(line, store_history=True)
    history = "".join(writing.shell.history_manager.input_hist_raw)

    assert isinstance(result.error_in_exec, SecretTyped)
    assert "Vx7-typed" not in str(result.error_in_exec)
    assert "Vx7-typed" not in history
    assert kept in history
    assert knows(writing, "made-up-Vx7-typed-9")


@pytest.mark.parametrize(
    "line",
    [
        "%bw_create secret NEW --project Reporting --generate",
        "%bw_create project New",
        "%bw_edit secret MAIL_TOKEN --generate",
        "%bw_delete secret MAIL_TOKEN",
    ],
)
def test_without_a_login_the_next_step_is_named(notebook: Notebook, line: str) -> None:
    error = notebook.refusal(line)

    assert isinstance(error, NotLoggedIn)
    assert "%bw_login --access-token" in str(error)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%bw_create sec", "secret"),
        ("%bw_create secret NEW --project Rep", "Reporting"),
        ("%bw_create secret NEW --val", "--value"),
        ("%bw_edit secret MAIL", "MAIL_TOKEN"),
        ("%bw_edit secret bws://Reporting/MA", "bws://Reporting/MAIL_TOKEN"),
        ("%bw_edit project Dat", "Data platform"),
        ("%bw_delete secret mail", "MAIL_TOKEN"),
        ("%bw_delete secret API_KEY --project Data", '"Data platform"'),
    ],
)
def test_keys_and_projects_are_completed(
    writing: Notebook, machine_server: DemoServer, line: str, expected: str
) -> None:
    machine_server.requests.clear()

    assert expected in writing.offered(line)
    assert machine_server.requests == []


def test_each_kind_of_object_is_offered_its_own_options(writing: Notebook) -> None:
    assert "--value" not in writing.offered("%bw_create login DB --")
    assert "--password" not in writing.offered("%bw_create secret NEW --")
    assert "--value" in writing.offered("%bw_create secret NEW --")
