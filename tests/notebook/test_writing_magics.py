"""`%bw_create`, `%bw_edit`, `%bw_delete`, `%bw_restore`, `%bw_archive`, `%bw_move`, in a shell."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

from bw_magics.demo import DemoServer
from bw_magics.errors import (
    FieldNotFound,
    MaskRefused,
    NotFound,
    PromptCancelled,
    SecretTyped,
    UsageMistake,
)
from bw_magics.notebook import extension
from bw_magics.secret import Secret
from bw_magics.session.default import bw_session
from bw_magics.vault.item import Item
from tests.notebook.conftest import Notebook, Person

SECRET = "made-up-Vx7-secret-41"


@pytest.fixture(autouse=True)
def new(writable: Notebook) -> None:
    """A variable of the notebook that holds a secret."""
    writable.shell.user_ns["new"] = SECRET


def knows(notebook: Notebook, text: str) -> bool:
    """Whether the guard masks a text."""
    session = extension.registered(notebook.shell)
    assert session is not None
    return session.guard.knows(text)


def saved(name: str) -> Item:
    """The item as the server has it now."""
    bw_session.sync(force=True)
    return bw_session[name]


@pytest.mark.parametrize(
    ("line", "said", "members"),
    [
        (
            "login Sales DB --username analyst --password $new --folder Work/Databases",
            "✓ created 'Sales DB' · login · in Work/Databases",
            {"username": "analyst", "password": SECRET, "folder": "Work/Databases"},
        ),
        (
            "login Hub --password={new} --uri https://hub.example.org --uri $new --totp $seed",
            "✓ created 'Hub' · login · in no folder",
            {"uris": ("https://hub.example.org", SECRET), "totp_seed": "JBSWY3DPEHPK3PXP"},
        ),
        (
            "note 'A note' --notes $new --favorite",
            "✓ created 'A note' · secureNote · in no folder",
            {"notes": SECRET, "is_favorite": True},
        ),
        (
            "card Lab card --number $new --code $new --cardholderName 'Ada L'",
            "✓ created 'Lab card' · card · in no folder",
            {"number": SECRET, "cardholderName": "Ada L"},
        ),
        (
            "identity Ada --firstName Ada --ssn $new --reprompt",
            "✓ created 'Ada' · identity · in no folder",
            {"firstName": "Ada", "has_reprompt": True},
        ),
        (
            'login Shared --password $new --organization "Demo Analytics" '
            "--collection Data/Production",
            "✓ created 'Shared' · login · in Data/Production",
            {"password": SECRET, "organization": "Demo Analytics"},
        ),
    ],
)
def test_creating_says_what_and_where(
    writable: Notebook, line: str, said: str, members: dict[str, Any]
) -> None:
    writable("seed = 'JBSWY3DPEHPK3PXP'")
    came = writable(f"made = %bw_create {line}")
    assert came.lines == [said]
    made = writable.shell.user_ns["made"]
    item = saved(made.name)
    assert item.id == made.id
    assert {name: getattr(item, name) for name in members} == members
    assert SECRET not in came.text


def test_custom_fields_are_hidden_where_a_variable_holds_them(writable: Notebook) -> None:
    writable("made = %bw_create login DB --generate --field host=db1 --hidden token=$new")
    kinds = {field.name: (field.kind, field.value) for field in saved("DB").fields}
    assert kinds == {"host": ("text", "db1"), "token": ("hidden", SECRET)}


def test_a_password_is_generated_by_the_rules_on_the_line(writable: Notebook) -> None:
    made = writable("made = %bw create login DB --generate -ln --length 31").text
    password = saved("DB").password
    assert password is not None
    assert len(password) == 31
    assert password not in made


def test_a_note_takes_a_file(writable: Notebook) -> None:
    Path("team.env").write_text("DB_HOST=db1\nDB_PASSWORD=made-up-7431-secret\n")
    writable("made = %bw_create note Team .env --notesfile team.env")
    assert saved("Team .env").notes == Path("team.env").read_text()


def test_an_ssh_key_is_whole(writable: Notebook) -> None:
    writable("made = %bw_create sshkey Cluster --generate")
    key = saved("Cluster")
    assert key.ssh_key.asyncssh().get_fingerprint() == key.keyFingerprint
    writable.shell.user_ns["private"] = str(key.privateKey)
    writable("made = %bw_create sshkey Copy --privateKey $private")
    assert saved("Copy").publicKey == key.publicKey


def item_json() -> dict[str, Any]:
    item = bw_session.get("template", "item")
    assert isinstance(item, dict)
    return item | {
        "name": "From JSON",
        "notes": SECRET,
        "fields": [
            {"name": "on", "value": "true", "type": 2},
            {"name": "token", "value": SECRET, "type": 1},
        ],
        "login": {"username": "analyst", "uris": [{"uri": "https://db.example", "match": 3}]},
    }


@pytest.mark.parametrize("form", ["dict", "text", "base64"])
@pytest.mark.parametrize("line", ["item --json $given", "item $given", "login --json $given"])
def test_json_comes_from_a_variable(writable: Notebook, line: str, form: str) -> None:
    text = json.dumps(item_json())
    given = {"dict": item_json(), "text": text, "base64": base64.b64encode(text.encode()).decode()}
    writable.shell.user_ns["given"] = given[form]
    writable(f"made = %bw_create {line}")
    item = saved("From JSON")
    assert (item.username, item.notes, item.uri) == ("analyst", SECRET, "https://db.example")
    assert [(field.name, field.kind) for field in item.fields] == [
        ("on", "boolean"),
        ("token", "hidden"),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": 99}, "type of item"),
        ({"type": 3}, "has login"),
        ({"passkeys": []}, "passkeys"),
        ({"passwordHistory": [{"password": SECRET}]}, "passwordHistory"),
        ({"login": {"password": SECRET, "colour": 1}}, "colour"),
        ({"login": [SECRET]}, "not an object"),
        ({"fields": [SECRET]}, "not an object"),
        ({"notes": "[REDACTED Warehouse DB/notes]"}, "mask"),
    ],
)
def test_json_that_cannot_be_kept_is_refused_whole(
    writable: Notebook, change: dict[str, Any], words: str
) -> None:
    writable.shell.user_ns["given"] = item_json() | change
    refused = writable.refusal("%bw_create item --json $given")
    assert isinstance(refused, (UsageMistake, MaskRefused))
    assert words in str(refused)
    assert SECRET not in str(refused)
    bw_session.sync(force=True)
    with pytest.raises(NotFound):
        bw_session["From JSON"]


@pytest.mark.parametrize("given", ["12", "e30", 7, [1], "{", base64.b64encode(b"[]").decode()])
def test_what_is_not_the_json_of_an_item_is_told(writable: Notebook, given: object) -> None:
    writable.shell.user_ns["given"] = given
    assert "template" in str(writable.refusal("%bw_create item --json $given"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("login Sales DB", "--generate or --password $variable"),
        ("note Sales", "--notes $variable or --notesfile FILE"),
        ("card Sales", "--number $variable; --code $variable"),
        ("sshkey Sales", "--generate or --privateKey $variable or --privateKeyfile FILE"),
        ("login", "Usage: %bw_create OBJECT NAME"),
        ("item", "--json $variable"),
        ("folder", "Usage: %bw_create"),
        ("attachment x", "--file FILE --itemid ITEM"),
        ("lgoin X --generate", "is not a type of item"),
        ("note X --notes $new --username ada", "no member 'username'"),
        ("note X --notes $new --generate", "nothing that could be generated"),
        ("login X --length 20", "Add --generate"),
        ("login X --generate --length many", "given no number"),
        ("login X --password $nowhere", "does not exist or is None"),
        ("login X --password", "--password $variable"),
        ("login X --generate --hidden $new", "--hidden NAME=$variable"),
        ("login X --generate --field host", "--field NAME=TEXT"),
        ("login X --generate --folder Nowhere", "Create it first: %bw_create folder NAME"),
        ("login X --generate --collection Data", "collection"),
        ("note X --notesfile nowhere.env", "cannot be read"),
        ("note X --notesfile {new} --notes $new", "Leave one of them out"),
        ("sshkey X --privateKey $new", "cannot be used"),
        ("login X --password $masked", "mask of a secret"),
    ],
)
def test_a_line_that_lacks_something_says_what_to_write(
    writable: Notebook, own_server: DemoServer, line: str, words: str
) -> None:
    writable.shell.user_ns["masked"] = "[REDACTED Warehouse DB/password]"
    own_server.requests.clear()
    refused = writable.refusal(f"%bw_create {line}")
    assert words in str(refused)
    assert SECRET not in str(refused)
    assert not [request for request in own_server.requests if "POST" in str(request)]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("%bw_create login DB --password made-up-Vx7-typed-9 --username ada", "login DB"),
        ("%bw_create login DB --password=made-up-Vx7-typed-9", "login DB"),
        ("%bw_create login DB --password 'made-up-Vx7-typed-9'", "login DB"),
        ("%bw create login DB --password made-up-Vx7-typed-9 and more", "create login DB"),
        ("%bw_create card C --number made-up-Vx7-typed-9", "card C"),
        ("%bw_create sshkey C --privateKey made-up-Vx7-typed-9", "sshkey C"),
        ("%bw_create login DB --hidden token=made-up-Vx7-typed-9", "login DB"),
        ("%bw_create login DB --field api_token=made-up-Vx7-typed-9", "login DB"),
        ("%bw_create login DB --uri postgresql://u:made-up-Vx7-typed-9@db/x", "login DB"),
        ("%bw_create item --json made-up-Vx7-typed-9", "item"),
        ("%bw_create item made-up-Vx7-typed-9", ""),
        ("%bw_edit password DB --password made-up-Vx7-typed-9", "password DB"),
        ("%bw_edit item DB --notes made-up-Vx7-typed-9", "item DB"),
    ],
)
def test_a_secret_on_the_line_is_refused_and_removed(
    writable: Notebook, line: str, kept: str
) -> None:
    result = writable.shell.run_cell(line, store_history=True)
    assert isinstance(result.error_in_exec, SecretTyped)
    assert "Vx7" not in str(result.error_in_exec)
    history = "".join(writable.shell.history_manager.input_hist_raw)
    assert "Vx7" not in history
    assert kept in history
    assert knows(writable, "made-up-Vx7-typed-9")


def test_a_person_is_asked_for_what_is_missing(writable: Notebook, person: Person) -> None:
    person.answers = [SECRET]
    came = writable("made = %bw_create login Asked --username ada")
    assert person.asked == ["password"]
    assert came.lines == ["✓ created 'Asked' · login · in no folder"]
    assert saved("Asked").password == SECRET
    person.answers = [SECRET, "123"]
    writable("made = %bw_create card Card")
    assert person.asked[1:] == ["number", "code"]
    person.answers = [""]
    assert isinstance(writable.refusal("%bw_create note Nothing"), PromptCancelled)


@pytest.mark.parametrize(
    ("line", "said", "member", "value"),
    [
        ("password Warehouse DB --password $new", "password", "password", SECRET),
        ("username Warehouse DB --username loader", "username", "username", "loader"),
        ("host Warehouse DB --field host=db9", "host", "host", "db9"),
        ("field:host Warehouse DB --field host=db9", "host", "host", "db9"),
        ("notes Warehouse DB --notes $new", "notes", "notes", SECRET),
        ("uri Warehouse DB --uri https://x.example", "uris", "uri", "https://x.example"),
        ("item Warehouse DB --field new=1 --favorite", "favorite, new", "new", "1"),
        ("item Warehouse DB --username ''", "username", "username", None),
    ],
)
def test_editing_changes_what_is_named(
    writable: Notebook, line: str, said: str, member: str, value: object
) -> None:
    before = bw_session["Warehouse DB"]
    came = writable(f"after = %bw_edit {line}")
    assert came.lines == [f"✓ saved 'Warehouse DB' · {said} · in Work/Databases"]
    after = saved("Warehouse DB")
    assert (after.get(member) if value is not None else after.member(member)) == value
    assert (after.password == before.password) == (member != "password")
    assert after.totp_seed == before.totp_seed


def test_the_old_password_stays_in_the_history(writable: Notebook) -> None:
    old = str(bw_session["Warehouse DB"].password)
    writable("after = %bw_edit password Warehouse DB --generate --words 5 --passphrase")
    after = saved("Warehouse DB")
    assert after.password is not None
    assert after.password.count("-") == 4
    assert after.password_history[0].password == old


def test_a_person_types_the_one_member(writable: Notebook, person: Person) -> None:
    person.answers = [SECRET, "loader-7431"]
    writable("after = %bw_edit password Warehouse DB\nafter = %bw_edit username Warehouse DB")
    assert person.asked == ["password", "username"]
    after = saved("Warehouse DB")
    assert (after.password, after.username) == (SECRET, "loader-7431")
    assert knows(writable, SECRET)
    assert not knows(writable, "loader-7431")


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("password Warehouse DB", UsageMistake, "--generate or --password $variable"),
        ("username Warehouse DB", UsageMistake, "--username VALUE"),
        ("host Warehouse DB", UsageMistake, "--field host=TEXT"),
        ("item Warehouse DB", UsageMistake, "does not say what to change"),
        ("nonsense Warehouse DB --generate", FieldNotFound, "username, password"),
        ("number Warehouse DB --generate", FieldNotFound, "no such member"),
        ("folder Work", UsageMistake, "--name NEW"),
        ("password Warehose DB --generate", NotFound, "Warehouse DB"),
        ("password Warehouse --generate", NotFound, "Warehouse DB"),
        ("folder Nowhere --name Somewhere", NotFound, "No folder has the name on the line"),
    ],
)
def test_an_edit_that_cannot_be_says_why(
    writable: Notebook, line: str, kind: type[Exception], words: str
) -> None:
    refused = writable.refusal(f"%bw_edit {line}")
    assert isinstance(refused, kind)
    assert words in str(refused)


def test_folders_are_created_renamed_and_deleted(writable: Notebook) -> None:
    assert writable("%bw_create folder Work/New").lines == ["✓ created the folder 'Work/New'"]
    writable("made = %bw_create login Inside --generate --folder Work/New")
    assert writable("%bw_edit folder Work/New --name Work/Newer").lines == [
        "✓ renamed the folder to 'Work/Newer'"
    ]
    assert saved("Inside").folder == "Work/Newer"
    assert writable("%bw_delete folder Work/Newer").lines == [
        "✓ deleted the folder 'Work/Newer'; its items stay"
    ]
    assert saved("Inside").folder is None


def test_trash_archive_and_back(writable: Notebook) -> None:
    steps = {
        "%bw_delete item Warehouse DB": "✓ moved 'Warehouse DB' to the trash; "
        "%bw_restore item takes it back",
        "%bw_restore item Warehouse DB": "✓ took 'Warehouse DB' out of the trash · in "
        "Work/Databases",
        "%bw archive item Warehouse DB": "✓ moved 'Warehouse DB' to the archive",
        "%bw_archive item Warehouse DB --undo": "✓ took 'Warehouse DB' out of the archive",
    }
    for line, said in steps.items():
        assert writable(line).lines == [said]
    writable("%bw_archive item Warehouse DB")
    writable("%bw_restore item warehouse db")
    assert not saved("Warehouse DB").is_archived
    assert isinstance(writable.refusal("%bw_restore item Warehouse DB"), NotFound)
    for line in ("%bw_restore Warehouse DB", "%bw_archive Warehouse DB", "%bw_delete Warehouse DB"):
        assert "lacks a word such as 'item'" in str(writable.refusal(line))


def test_for_ever_only_with_the_name_repeated(writable: Notebook, person: Person) -> None:
    line = "%bw_delete item Warehouse DB --permanent"
    assert "--permanent --name NAME" in str(writable.refusal(f"{line} --nointeraction"))
    refused = writable.refusal(f"{line} --name Warehouse")
    assert "does not repeat" in str(refused)
    person.answers = ["Warehouse", "Warehouse DB"]
    came = writable(line)
    assert len(person.asked) == 2
    assert came.lines[-1] == "✓ deleted 'Warehouse DB' for ever"
    assert not knows(writable, "Warehouse DB")
    writable("%bw_delete item Nightly load")
    writable('%bw_delete item Nightly load --permanent --name "Nightly load"')
    bw_session.sync(force=True)
    for name in ("Warehouse DB", "Nightly load"):
        assert isinstance(writable.refusal(f"%bw_restore item {name}"), NotFound)


def test_moving_to_a_folder_and_to_an_organisation(writable: Notebook) -> None:
    assert writable("%bw_move Warehouse DB --folder null").lines == [
        "✓ moved 'Warehouse DB' · in no folder"
    ]
    assert saved("Warehouse DB").folder is None
    refused = writable.refusal("%bw_move Warehouse DB")
    assert "--folder NAME, or --organization NAME" in str(refused)
    said = writable('%bw_move Warehouse DB --organization "Demo Analytics" --collection Data')
    moved = saved("Warehouse DB")
    assert moved.organization == "Demo Analytics"
    assert said.lines == [f"✓ moved 'Warehouse DB' · in Demo Analytics: {moved.collections[0]}"]
    writable("%bw_move Warehouse DB --collection Data/Production")
    assert saved("Warehouse DB").collections == ("Data/Production",)


def test_files_are_attached_and_deleted(writable: Notebook) -> None:
    Path("key.json").write_text('{"made": "up"}')
    came = writable("item = %bw_create attachment --file key.json --itemid 'Warehouse DB'")
    assert came.lines == ["✓ attached key.json to 'Warehouse DB'"]
    assert saved("Warehouse DB").attachment("key.json").read() == b'{"made": "up"}'
    assert writable("%bw_delete attachment key.json --itemid 'Warehouse DB'").lines == [
        "✓ deleted key.json of 'Warehouse DB'"
    ]
    assert "key.json" not in [file.name for file in saved("Warehouse DB").attachments]


@pytest.mark.parametrize(
    ("line", "offered", "withheld"),
    [
        ("%bw_create lo", "login", "login DB"),
        ("%bw_create login DB --us", "--username", "--cardholderName"),
        ("%bw_create card C --c", "--cardholderName", "--city"),
        ("%bw create login DB --folder Work/D", "Work/Databases", "Work"),
        ("%bw_create attachment --file x --itemid Wareh", '"Warehouse DB"', "item"),
        ("%bw_edit password Wareh", "Warehouse DB", "password"),
        ("%bw_edit folder Work/D", "Work/Databases", "Warehouse DB"),
        ("%bw_delete item Wareh", "Warehouse DB", "item"),
        ("%bw_move Warehouse DB --fo", "--folder", "--name"),
    ],
)
def test_lines_are_completed(writable: Notebook, line: str, offered: str, withheld: str) -> None:
    with provisionalcompleter():
        found = [each.text for each in writable.shell.Completer.completions(line, len(line))]
    assert offered in found
    assert withheld not in found


def test_templates_are_those_that_can_be_filled_in(writable: Notebook) -> None:
    for name in ("item", "item.field", "item.login", "item.login.uri", "item.card", "folder"):
        assert isinstance(writable(f"t = %bw get template {name}").text, str)
        assert isinstance(writable.shell.user_ns["t"], dict)
    writable("t['name'] = 'changed'")
    assert bw_session.get("template", "folder") == {"name": "Folder name"}


def test_what_was_created_is_masked_from_then_on(writable: Notebook) -> None:
    writable("made = %bw_create login DB --password $new")
    assert isinstance(bw_session["DB"].password, Secret)
    assert knows(writable, SECRET)
