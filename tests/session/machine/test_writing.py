"""Creating, changing and deleting secrets and projects."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bw_magics import SecretsManager
from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.items.machine_secrets import ODD, REPORTING, PlainSecret
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.errors import (
    BitwardenError,
    MaskRefused,
    NotFound,
    NotWritable,
    TooLong,
    Unreadable,
    UsageMistake,
    WriteConflict,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.session.machine.keeping import LONGEST
from tests.session.machine.conftest import Login, asked


def stored(machines: MachineTokens, id: str) -> dict[str, Any]:
    """A secret as the server has it, decrypted."""
    record = machines.store.secrets[id]
    plain = {name: machines.store.key.decrypt_text(record[name]) for name in ("key", "value")}
    return {**plain, "note": machines.store.key.decrypt_text(record["note"])}


def test_a_new_secret_is_where_it_was_put(machines: MachineTokens, login: Login) -> None:
    manager = login()
    secret = manager.create(
        "  NEW_TOKEN ", "  value with blanks  ", project="reporting", note=" x "
    )

    assert stored(machines, secret.id) == {
        "key": "NEW_TOKEN",
        "value": "  value with blanks  ",
        "note": "x",
    }
    assert secret.reference == "bws://Reporting/NEW_TOKEN"
    assert manager.resolve("bws://Reporting/NEW_TOKEN") == "  value with blanks  "


def test_an_edit_changes_what_was_named_and_keeps_the_rest_byte_for_byte(
    machines: MachineTokens, login: Login
) -> None:
    manager = login()
    secret = manager["WAREHOUSE_PASSWORD"]
    before = dict(machines.store.secrets[secret.id])
    changed = secret.edit(value="demo-machine-rotated")
    after = machines.store.secrets[secret.id]

    assert changed.value == "demo-machine-rotated"
    assert manager.get("WAREHOUSE_PASSWORD") == "demo-machine-rotated"
    assert secret.value == "demo-machine-warehouse-1", "the old object stays as it was"
    kept = ("key", "note", "projectId", "creationDate")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_an_edit_says_whether_the_value_changed(server: DemoServer, login: Login) -> None:
    sent: list[dict[str, Any]] = []
    manager = login()
    send = manager.account.api._transport.send

    def recording(method: str, url: str, members: Any, *, bearer: str) -> Any:
        if method == "PUT":
            sent.append(dict(members))
        return send(method, url, members, bearer=bearer)

    manager.account.api._transport.send = recording  # type: ignore[method-assign]
    manager["MAIL_TOKEN"].edit(note="new note")
    manager["MAIL_TOKEN"].edit(value="new value")

    assert [body["valueChanged"] for body in sent] == [False, True]
    assert all(len(body["projectIds"]) == 1 for body in sent)


def test_an_edit_that_changes_nothing_sends_nothing(server: DemoServer, login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    secret.edit(value="demo-machine-mail-token-3")

    assert [method for method, path in server.requests if "/secrets/" in path] == ["GET", "GET"]


def test_a_secret_moves_to_another_project(login: Login) -> None:
    manager = login()
    moved = manager["MAIL_TOKEN"].edit(project=ODD)

    assert moved.reference == f"bws://{ODD}/MAIL_TOKEN"
    assert manager.resolve(moved.reference) == "demo-machine-mail-token-3"


def test_a_deleted_secret_is_gone(machines: MachineTokens, login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    secret.delete()

    assert secret.id not in machines.store.secrets
    with pytest.raises(NotFound):
        manager.get("MAIL_TOKEN")


def test_each_error_of_a_deletion_is_looked_at(machines: MachineTokens, login: Login) -> None:
    manager = login()
    mine, theirs = manager["MAIL_TOKEN"], manager["S3_SECRET"]
    with pytest.raises(NotWritable, match="did not delete 'S3_SECRET'"):
        manager.delete(mine, theirs)

    assert mine.id not in machines.store.secrets
    assert theirs.id in machines.store.secrets
    assert manager.get("S3_SECRET") == "demo-machine-s3-secret-6"
    with pytest.raises(NotFound):
        manager.get("MAIL_TOKEN")


def test_a_deletion_that_the_server_does_not_confirm_is_told(
    server: DemoServer, login: Login
) -> None:
    manager = login()
    server.faults["/api/secrets/delete"] = [Fault(status=200, body=b'{"data":[]}')]
    with pytest.raises(NotWritable):
        manager["MAIL_TOKEN"].delete()
    assert manager.get("MAIL_TOKEN") == "demo-machine-mail-token-3"


Act = Callable[[SecretsManager], object]

REFUSED: dict[str, tuple[Act, type[BitwardenError], str]] = {
    "no project": (
        lambda manager: manager.create("K", "v", project=""),
        UsageMistake,
        "needs a project",
    ),
    "an unknown project": (
        lambda manager: manager.create("K", "v", project="Reports"),
        NotFound,
        "Closest: Reporting",
    ),
    "a project that may only be read": (
        lambda manager: manager.create("K", "v", project="Data platform"),
        NotWritable,
        "may not change the project 'Data platform'",
    ),
    "a key that the project has": (
        lambda manager: manager.create("MAIL_TOKEN", "v", project=REPORTING),
        WriteRefused,
        "has a secret 'MAIL_TOKEN' already",
    ),
    "an empty key": (
        lambda manager: manager.create("  ", "v", project=REPORTING),
        WriteRefused,
        "The key is empty",
    ),
    "an empty value": (
        lambda manager: manager.create("K", "", project=REPORTING),
        WriteRefused,
        "The value is empty",
    ),
    "a value of another type": (
        lambda manager: manager.create("K", 7, project=REPORTING),  # type: ignore[arg-type]
        UsageMistake,
        "not a text",
    ),
    "a mask": (
        lambda manager: manager.create("K", "[REDACTED X]", project=REPORTING),
        MaskRefused,
        "mask",
    ),
    "the repr of a secret": (
        lambda manager: manager["MAIL_TOKEN"].edit(value=repr(manager["MAIL_TOKEN"].value)),
        MaskRefused,
        "mask",
    ),
    "a key that is too long": (
        lambda manager: manager.create("k" * 501, "v", project=REPORTING),
        TooLong,
        "the longest is 500",
    ),
    "a value that is too long": (
        lambda manager: manager.create("K", "v" * 25_001, project=REPORTING),
        TooLong,
        "25000",
    ),
    "a note that is too long once encrypted": (
        lambda manager: manager.create("K", "v", project=REPORTING, note="✓" * 7_000),
        TooLong,
        "once encrypted",
    ),
    "a secret that may only be read": (
        lambda manager: manager["S3_SECRET"].edit(value="v"),
        NotWritable,
        "may not change the secret 'S3_SECRET'",
    ),
    "a secret in no project": (
        lambda manager: manager["LONELY"].edit(value="v"),
        NotWritable,
        "may not change the secret 'LONELY'",
    ),
    "a value that cannot be read": (
        lambda manager: manager["DAMAGED"].edit(value="v"),
        Unreadable,
        "so it is not replaced",
    ),
    "a project's name that is not repeated": (
        lambda manager: manager.delete_project(manager.projects()[0], name="x"),
        UsageMistake,
        "not the project's",
    ),
}


@pytest.mark.parametrize(("act", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_nothing(
    machines: MachineTokens,
    login: Login,
    act: Act,
    kind: type[BitwardenError],
    words: str,
) -> None:
    manager = login()
    manager.secrets()
    before = json.dumps(machines.store.secrets, default=str)
    with pytest.raises(kind, match=words):
        act(manager)

    assert json.dumps(machines.store.secrets, default=str) == before


def test_the_longest_texts_are_taken(machines: MachineTokens, login: Login) -> None:
    manager = login()
    key, value, note = ("x" * LONGEST[name] for name in ("key", "value", "note"))
    secret = manager.create(key, value, project=REPORTING, note=note)

    assert stored(machines, secret.id) == {"key": key, "value": value, "note": note}


def test_a_secret_that_was_deleted_elsewhere_is_told(machines: MachineTokens, login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    del machines.store.secrets[secret.id]
    for act in (lambda: secret.edit(value="v"), secret.delete):
        with pytest.raises(NotFound, match="no longer has"):
            act()


def test_a_conflict_is_told_and_nothing_is_overwritten(
    machines: MachineTokens, login: Login
) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    machines.store.add(PlainSecret("MAIL_TOKEN", "demo-machine-elsewhere", note="elsewhere"))
    with pytest.raises(WriteConflict, match="The value of 'MAIL_TOKEN' was changed") as caught:
        secret.edit(value="mine")

    assert (caught.value.ours, caught.value.theirs) == (("value",), ("value", "note"))
    assert stored(machines, secret.id)["value"] == "demo-machine-elsewhere"


def test_other_members_that_changed_elsewhere_are_kept(
    machines: MachineTokens, login: Login
) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    machines.store.add(PlainSecret("MAIL_TOKEN", "demo-machine-mail-token-3", note="elsewhere"))
    secret.edit(value="mine")

    assert stored(machines, secret.id) == {
        "key": "MAIL_TOKEN",
        "value": "mine",
        "note": "elsewhere",
    }


# Lost answers.


def test_a_created_secret_whose_answer_was_lost_is_found(
    server: DemoServer, machines: MachineTokens, login: Login
) -> None:
    manager = login()
    manager.secrets()
    path = f"/api/organizations/{machines.store.organization_id}/secrets"
    server.faults[path] = [Fault(cut=10)]
    secret = manager.create("NEW_TOKEN", "v", project=REPORTING)

    assert secret.reference == "bws://Reporting/NEW_TOKEN"
    keys = [
        machines.store.key.decrypt_text(each["key"]) for each in machines.store.secrets.values()
    ]
    assert keys.count("NEW_TOKEN") == 1


def test_a_secret_that_was_not_created_is_told_and_not_sent_again(
    server: DemoServer, machines: MachineTokens, login: Login
) -> None:
    manager = login()
    manager.secrets()
    path = f"/api/organizations/{machines.store.organization_id}/secrets"
    server.faults[path] = [Fault(status=502, body=b"")]
    with pytest.raises(WriteUnclear):
        manager.create("NEW_TOKEN", "v", project=REPORTING)

    assert sum(1 for method, asked in server.requests if (method, asked) == ("POST", path)) == 1


def test_an_edit_whose_answer_was_lost_is_looked_up(server: DemoServer, login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    server.faults[f"/api/secrets/{secret.id}"] = [Fault(delay=0), Fault(cut=10)]

    assert secret.edit(value="mine").value == "mine"


def test_an_edit_that_did_not_arrive_is_told(server: DemoServer, login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]
    server.faults[f"/api/secrets/{secret.id}"] = [Fault(delay=0), Fault(status=500, body=b"")]
    with pytest.raises(WriteUnclear):
        secret.edit(value="mine")


def test_an_answer_with_other_values_is_told(server: DemoServer, login: Login) -> None:
    manager = login()
    secret = manager["MAIL_TOKEN"]

    def other(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "projects": []}).encode()

    server.faults[f"/api/secrets/{secret.id}"] = [Fault(delay=0), Fault(change=other)]
    with pytest.raises(WriteUnclear, match="another project than was sent"):
        secret.edit(value="mine")


def test_a_busy_server_is_waited_for_and_each_change_is_made_once(login: Login) -> None:
    with DemoServer(iterations=5_000, writes=(2, 2)) as busy:
        assert busy.machines is not None
        waits: list[str] = []
        manager = login(
            access_token=busy.machines.store.accounts[0].access_token,
            server=busy.url,
            certificate_authority=busy.certificate_authority,
            on_wait=waits.append,
        )
        for number in range(4):
            manager.create(f"NEW_{number}", "v", project=REPORTING)
        keys = [each.key for each in manager.secrets(REPORTING)]

    assert [key for key in keys if key.startswith("NEW_")] == [f"NEW_{n}" for n in range(4)]
    assert any("the server asks to wait" in text for text in waits)


# Projects.


def test_a_project_is_created_renamed_and_deleted(machines: MachineTokens, login: Login) -> None:
    manager = login()
    project = manager.create_project("  Experiments ")
    secret = manager.create("K", "v", project=project)
    assert secret.reference == "bws://Experiments/K"
    renamed = manager.rename_project("Experiments", "Trials")
    manager.sync(force=True)
    assert manager.resolve("bws://Trials/K") == "v"
    manager.delete_project(renamed, name="Trials")

    assert project.id not in machines.store.projects
    assert machines.store.secrets[secret.id]["projectId"] is None


def test_a_project_that_may_only_be_read_stays(login: Login) -> None:
    manager = login()
    platform = next(each for each in manager.projects() if each.name == "Data platform")
    for act in (
        lambda: manager.rename_project(platform, "x"),
        lambda: manager.delete_project(platform, name="Data platform"),
    ):
        with pytest.raises(NotWritable, match="'Data platform'"):
            act()


# Nothing is lost.

texts = st.text(min_size=1, max_size=30).filter(lambda text: bool(text.strip()))


@pytest.fixture(scope="module")
def lasting() -> Any:
    with DemoServer(iterations=5_000) as server:
        assert server.machines is not None
        with SecretsManager.login(
            access_token=server.machines.store.accounts[0].access_token,
            server=server.url,
            certificate_authority=server.certificate_authority,
            sync_interval=0,
        ) as manager:
            yield server.machines, manager


@settings(max_examples=25)
@given(st.lists(st.dictionaries(st.sampled_from(["key", "value", "note"]), texts), max_size=4))
def test_any_sequence_of_edits_loses_nothing(lasting: Any, edits: list[dict[str, str]]) -> None:
    machines, manager = lasting
    secret = manager["MAIL_TOKEN"] if "MAIL_TOKEN" in [*manager.names()] else None
    secret = secret or next(each for each in manager.secrets(REPORTING))
    for changes in edits:
        if any(text.startswith(("[REDACTED", "•••")) for text in changes.values()):
            continue
        before = dict(machines.store.secrets[secret.id])
        plain = stored(machines, secret.id)
        secret = secret.edit(**changes)
        after = machines.store.secrets[secret.id]
        trimmed = {k: v if k == "value" else v.strip() for k, v in changes.items()}
        assert stored(machines, secret.id) == plain | trimmed
        kept = {"key", "value", "note"} - changes.keys()
        assert all(after[name] == before[name] for name in kept)
        assert after["projectId"] == before["projectId"]


def test_the_requests_of_a_change_are_few(server: DemoServer, login: Login) -> None:
    manager = login()
    manager.secrets()
    server.requests.clear()
    manager["MAIL_TOKEN"].edit(value="mine")

    assert asked(server, "/secrets/") == 2
