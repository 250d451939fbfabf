"""A vault that is changed: on both kinds of server, nothing is lost and nothing surprises."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from bw_magics import Secret
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    AnswerUnusable,
    MaskRefused,
    NotFound,
    NotWritable,
    ServerUnreachable,
    UsageMistake,
    VaultLocked,
    WriteConflict,
    WriteUnclear,
)
from bw_magics.vault.changes import hidden, linked, matching
from bw_magics.vault.types import ITEM_TYPES
from tests.session.conftest import Session

STYLES = ("official", "vaultwarden")


@pytest.fixture(params=STYLES)
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, iterations=5000) as server:
        yield server


@pytest.fixture
def session(server: DemoServer) -> Session:
    return Session(server, server.accounts[0]).enter()


@pytest.fixture
def witness(server: DemoServer) -> Session:
    """Another session of the same account, which downloads what the server holds."""
    return Session(server, server.accounts[0]).enter()


def seen_by(witness: Session, name: str) -> Any:
    witness.vault.sync(force=True)
    return witness.vault[name]


@pytest.mark.parametrize("number", ITEM_TYPES)
def test_an_item_of_every_type_is_created(
    server: DemoServer, session: Session, witness: Session, number: int
) -> None:
    item_type = ITEM_TYPES[number]
    members = {member: f"made-up {member}" for member in item_type.members}
    if "totp" in members:
        members["totp"] = "JBSWY3DPEHPK3PXP"
    more: dict[str, Any] = {"uris": ["https://new.example"]} if number == 1 else {}
    if number >= 6 and server.style == "vaultwarden":
        with pytest.raises(Exception, match="does not store items of this type"):
            session.vault.create(item_type.name, name="New", **members)
        return
    made = session.vault.create(
        item_type.name,
        name="New",
        notes="a note",
        fields={"host": "db", "token": hidden("made-up-token"), "on": True},
        favorite=True,
        **members,
        **more,
    )
    for item in (made, session.vault["New"], seen_by(witness, "New")):
        assert item.notes == "a note"
        assert item.is_favorite
        assert {f.name: (f.kind, f.value) for f in item.fields} == {
            "host": ("text", "db"),
            "token": ("hidden", "made-up-token"),
            "on": ("boolean", True),
        }
        for member, value in members.items():
            read = item.totp_seed if member == "totp" else item.member(member)
            assert read == value
        if number == 1:
            assert item.uris == ("https://new.example",)


def test_an_edit_changes_what_it_names_and_keeps_the_rest(
    server: DemoServer, session: Session, witness: Session
) -> None:
    before = seen_by(witness, "Warehouse DB")
    outline = dict(before.outline())
    old = before.password
    new = session.vault["Warehouse DB"].edit(password="made-up-new", fields={"token2": hidden("t")})
    assert new.password == "made-up-new"
    after = seen_by(witness, "Warehouse DB")
    assert after.password == "made-up-new"
    assert after.password_history[0].password == old
    assert after.username == before.username
    assert after.uris == before.uris
    assert set(dict(after.outline())) == {*outline, "token2"}
    assert before.password == old, "an object in hand stays as it was"


def test_a_draft_is_saved_at_the_end_of_its_block(session: Session, witness: Session) -> None:
    item = session.vault.create(
        "login", name="Draft", username="a", fields={"old": "x"}, uris=["https://a.example"]
    )
    with item.editing() as draft:
        draft.username = "b"
        del draft.fields["old"]
        draft.fields["pass"] = linked("password")
        draft.uris.append(matching("https://b.example", "exact"))
    seen = seen_by(witness, "Draft")
    assert (seen.username, seen.uris) == ("b", ("https://a.example", "https://b.example"))
    assert [field.name for field in seen.fields] == ["pass"]
    with suppress(ZeroDivisionError), seen.editing() as draft:
        draft.username = "c"
        raise ZeroDivisionError
    assert seen_by(witness, "Draft").username == "b"


def test_two_requests_make_one_edit(server: DemoServer, session: Session) -> None:
    item = session.vault["Warehouse DB"]
    session.settle()
    server.requests.clear()
    item.edit(username="x")
    assert [method for method, _ in server.requests] == ["GET", "PUT"]


def test_the_snapshot_takes_the_answer_without_a_sync(server: DemoServer, session: Session) -> None:
    session.settle()
    server.requests.clear()
    session.vault.create("note", name="Quick", notes="n")
    assert session.vault["Quick"].notes == "n"
    assert session.asked("/api/sync") == 0


def test_secrets_are_announced_before_anything_is_sent(session: Session) -> None:
    session.announced.clear()
    session.vault.create(
        "login", name="New", password="made-up-p", fields={"t": hidden("made-up-t")}
    )
    told = {str(secret) for secret in session.announced}
    assert {"made-up-p", "made-up-t"} <= told


class TestFiling:
    def test_folders_are_created_renamed_with_their_children_and_deleted(
        self, session: Session, witness: Session
    ) -> None:
        vault = session.vault
        for name in ("Team", "Team/A", "Team/A/B", "Teamwork"):
            assert vault.create_folder(name) == name
        item = vault.create("note", name="In A", notes="n", folder="Team/A")
        assert item.folder == "Team/A"
        vault.rename_folder("Team", "Crew")
        witness.vault.sync(force=True)
        names = {place.name for place in witness.vault.places("folder")}
        assert {"Crew", "Crew/A", "Crew/A/B", "Teamwork"} <= names
        assert "Team" not in names
        assert witness.vault["In A"].folder == "Crew/A"
        vault.delete_folder("Crew/A")
        assert seen_by(witness, "In A").folder is None
        with pytest.raises(NotFound, match="Did you mean 'Crew'"):
            item.move("Crewe")

    def test_an_item_is_moved_and_favoured(self, session: Session, witness: Session) -> None:
        session.vault.create_folder("Here")
        item = session.vault.create("note", name="Moved", notes="n", fields={"a": "b"})
        assert item.move("Here").folder == "Here"
        assert session.vault["Moved"].favor().is_favorite
        seen = seen_by(witness, "Moved")
        assert (seen.folder, seen.is_favorite, seen.notes) == ("Here", True, "n")
        assert item.move(None).folder is None
        assert seen_by(witness, "Moved").is_favorite
        assert session.vault["Moved"].edit(folder="Here").folder == "Here"

    def test_the_trash_the_archive_and_the_end(self, session: Session, witness: Session) -> None:
        vault = session.vault
        item = vault.create("note", name="Gone soon", notes="n")
        assert item.archive().is_archived
        assert seen_by(witness, item.id).is_archived
        assert not vault[item.id].unarchive().is_archived
        vault["Gone soon"].trash()
        with pytest.raises(NotFound, match=r"is in the trash.*Restore it"):
            _ = vault["Gone soon"]
        witness.vault.sync(force=True)
        with pytest.raises(NotFound):
            _ = witness.vault["Gone soon"]
        [trashed] = [each for each in trash_of(vault) if each.id == item.id]
        with pytest.raises(NotWritable, match="is in the trash"):
            trashed.edit(notes="x")
        assert trashed.restore().notes == "n"
        assert seen_by(witness, "Gone soon").notes == "n"
        with pytest.raises(UsageMistake, match="does not repeat"):
            vault["Gone soon"].delete(name="gone soon")
        vault["Gone soon"].delete(name="Gone soon")
        witness.vault.sync(force=True)
        assert item.id not in [each.id for each in trash_of(witness.vault)]

    @pytest.mark.parametrize("typed", ["NFC", "NFD"])
    @pytest.mark.parametrize("stored", ["NFC", "NFD"])
    def test_the_name_that_a_deletion_repeats_is_in_either_form(
        self, session: Session, stored: Any, typed: Any
    ) -> None:
        name = f"Schlüssel {stored} {typed}"
        item = session.vault.create("note", name=unicodedata.normalize(stored, name), notes="n")

        item.delete(name=unicodedata.normalize(typed, name))

        with pytest.raises(NotFound):
            _ = session.vault[name]

    def test_a_copy_has_its_own_life(self, session: Session, witness: Session) -> None:
        item = session.vault["Warehouse DB"]
        copy = item.copy(name="Warehouse DB 2")
        assert (copy.password, copy.username) == (item.password, item.username)
        copy.edit(password="made-up-other")
        assert seen_by(witness, "Warehouse DB").password == item.password
        assert witness.vault["Warehouse DB 2"].password == "made-up-other"


def trash_of(vault: Any) -> list[Any]:
    from bw_magics.vault.selection import Selection

    return list(vault.items(Selection(trash=True)))


class TestOrganizations:
    def test_an_item_is_created_in_a_collection_and_moved(
        self, session: Session, witness: Session
    ) -> None:
        vault = session.vault
        collections = vault.places("collection")
        first = collections[0]
        owner = first.organization or ""
        item = vault.create(
            "login", name="Team login", password="made-up", organization=owner,
            collections=[first.name],
        )  # fmt: skip
        assert (item.organization, item.collections) == (owner, (first.name,))
        seen = seen_by(witness, "Team login")
        assert (seen.password, seen.collections) == ("made-up", (first.name,))

    def test_a_personal_item_is_shared_with_all_it_holds(
        self, session: Session, witness: Session
    ) -> None:
        vault = session.vault
        first = vault.places("collection")[0]
        made = vault.create(
            "login", name="To share", password="made-up", fields={"t": hidden("made-up-t")},
            uris=["https://a.example"],
        )  # fmt: skip
        shared = made.share(organization=first.organization or "", collections=[first.id])
        for item in (shared, seen_by(witness, "To share")):
            assert item.organization == first.organization
            assert item.collections == (first.name,)
            assert (item.password, item.field("t")) == ("made-up", "made-up-t")
            assert item.uris == ("https://a.example",)
        with pytest.raises(NotWritable, match="belongs to an organisation already"):
            shared.share(organization=first.organization or "", collections=[first.id])

    def test_an_item_of_an_organisation_needs_a_collection(self, session: Session) -> None:
        owner = session.vault.places("organization")[0].name
        with pytest.raises(UsageMistake, match="has to be in a collection"):
            session.vault.create("note", name="x", organization=owner)
        with pytest.raises(NotFound, match="No collection has the name or id 'Nowhere'"):
            session.vault.create("note", name="x", organization=owner, collections=["Nowhere"])


class TestConflicts:
    def test_a_change_of_another_member_is_kept(self, session: Session, witness: Session) -> None:
        mine = session.vault["Warehouse DB"]
        seen_by(witness, "Warehouse DB").edit(username="theirs")
        mine.edit(password="made-up-mine")
        seen = seen_by(witness, "Warehouse DB")
        assert (seen.username, seen.password) == ("theirs", "made-up-mine")

    def test_a_change_of_the_same_member_is_told_with_both_sides(
        self, session: Session, witness: Session
    ) -> None:
        mine = session.vault["Warehouse DB"]
        seen_by(witness, "Warehouse DB").edit(password="made-up-theirs", notes="theirs")
        with pytest.raises(WriteConflict) as caught:
            mine.edit(password="made-up-mine", username="mine")
        assert caught.value.ours == ("password", "username")
        assert {"password", "notes"} <= set(caught.value.theirs)
        assert "made-up" not in str(caught.value)
        assert seen_by(witness, "Warehouse DB").password == "made-up-theirs"
        session.vault.sync(force=True)
        assert (
            session.vault["Warehouse DB"].edit(password="made-up-mine").password == "made-up-mine"
        )


# The answer is cut off after the server's change, or the connection reset before.
LOST = [
    pytest.param(Fault(cut=0), id="after it was done"),
    pytest.param(Fault(reset=True), id="before it was done"),
]


class TestLostAnswers:
    @pytest.mark.parametrize("fault", LOST)
    def test_a_create_makes_one_item(
        self, server: DemoServer, session: Session, witness: Session, fault: Fault
    ) -> None:
        session.fault("/api/ciphers", fault)
        made = session.vault.create("login", name="Only once", password="made-up")
        assert made.password == "made-up"
        witness.vault.sync(force=True)
        assert len([i for i in witness.vault.items() if i.name == "Only once"]) == 1

    @pytest.mark.parametrize("fault", LOST)
    def test_an_edit_is_looked_up(
        self, server: DemoServer, session: Session, witness: Session, fault: Fault
    ) -> None:
        item = session.vault["Warehouse DB"]
        session.fault(f"/api/ciphers/{item.id}", fault)
        assert item.edit(username="once").username == "once"
        assert seen_by(witness, "Warehouse DB").username == "once"


class TestRefusals:
    def test_nothing_is_sent_while_locked(self, server: DemoServer, session: Session) -> None:
        item = session.vault["Warehouse DB"]
        session.vault.lock()
        server.requests.clear()
        with pytest.raises(VaultLocked):
            item.edit(username="x")
        with pytest.raises(VaultLocked):
            session.vault.create("note", name="x")
        assert server.requests == []

    def test_a_mask_is_never_saved(self, server: DemoServer, session: Session) -> None:
        item = session.vault["Warehouse DB"]
        server.requests.clear()
        for mask in ("[REDACTED]", "••••••••", repr(item.password), f"{item!r} ••••"):
            with pytest.raises(MaskRefused):
                item.edit(password=mask)
        assert server.requests == []
        assert isinstance(item.edit(password=Secret("made-up", "x")).password, Secret)

    def test_an_item_that_may_only_be_read_is_not_sent(
        self, server: DemoServer, session: Session
    ) -> None:
        found = [
            item for item in session.vault.items() if not item.is_editable and not item.is_blob
        ]
        assert found, "the demo vault has one"
        server.requests.clear()
        for item in found:
            with pytest.raises(NotWritable):
                item.edit(notes="x")
        assert server.requests == []

    def test_a_server_that_is_away_changes_nothing(
        self, server: DemoServer, session: Session
    ) -> None:
        item = session.vault["Warehouse DB"]
        server.stop()
        with pytest.raises(ServerUnreachable):
            item.edit(username="x")
        assert session.vault["Warehouse DB"].username != "x"


def changing(session: Session, path: str, change: Any) -> None:
    """The next answer for a path is changed on its way."""
    session.fault(path, Fault(change=lambda body: json.dumps(change(json.loads(body))).encode()))


class TestNothingIsLost:
    """What a tester broke, with each way that was found."""

    @pytest.mark.parametrize(
        "members",
        [
            {"reprompt": True},
            {"favorite": True},
            {"folder": "Made up"},
            {"uris": [matching("https://a.example", "never")]},
        ],
        ids=lambda members: next(iter(members)),
    )
    def test_a_setting_is_not_reported_as_saved_where_the_request_was_lost(
        self, session: Session, witness: Session, members: dict[str, Any]
    ) -> None:
        session.vault.create_folder("Made up")
        item = session.vault.create("login", name="Settings", uris=["https://a.example"])
        session.fault(f"/api/ciphers/{item.id}", Fault(reset=True))
        item.edit(**members)
        seen = seen_by(witness, "Settings")
        kept = seen.record["login"]["uris"][0]["match"], seen.folder
        state = (seen.has_reprompt, seen.is_favorite, *kept)
        assert state in {
            (True, False, None, None),
            (False, True, None, None),
            (False, False, None, "Made up"),
            (False, False, 5, None),
        }

    def test_an_answer_that_kept_another_setting_is_told(self, session: Session) -> None:
        item = session.vault.create("login", name="Settings")
        changing(session, f"/api/ciphers/{item.id}", lambda answer: answer | {"reprompt": 0})
        with pytest.raises(WriteUnclear, match="reprompt"):
            item.edit(reprompt=True)

    @pytest.mark.parametrize(
        "cut",
        [
            lambda record: {n: record[n] for n in ("id", "type", "name", "key", "revisionDate")},
            lambda record: record | {"login": None},
            lambda record: record | {"fields": None},
            lambda record: record | {"type": 2},
            lambda record: record | {"id": "10000000-0000-4000-8000-000000000001"},
        ],
        ids=["partial", "no login", "no fields", "another type", "another id"],
    )
    def test_a_record_that_lost_something_is_not_built_on(
        self, session: Session, witness: Session, cut: Any
    ) -> None:
        item = session.vault.create(
            "login", name="Whole", password="made-up", fields={"t": hidden("made-up-t")}
        )
        changing(session, f"/api/ciphers/{item.id}/details", cut)
        with pytest.raises(AnswerUnusable, match=r"another ('Whole'|item)"):
            item.edit(fields={"new": "1"})
        seen = seen_by(witness, "Whole")
        assert (seen.password, seen.field("t")) == ("made-up", "made-up-t")

    def test_a_conflict_is_seen_after_a_sync_too(self, session: Session, witness: Session) -> None:
        mine = session.vault["Warehouse DB"]
        seen_by(witness, "Warehouse DB").edit(password="made-up-theirs")
        session.vault.sync(force=True)
        with pytest.raises(WriteConflict):
            mine.edit(password="made-up-mine")
        with pytest.raises(WriteConflict), mine.editing() as draft:
            draft.password = "made-up-mine"
        assert seen_by(witness, "Warehouse DB").password == "made-up-theirs"

    def test_an_object_in_hand_can_be_edited_again_from_here(
        self, session: Session, witness: Session
    ) -> None:
        item = session.vault["Warehouse DB"]
        for password in ("made-up-1", "made-up-2", "made-up-3"):
            item.edit(password=password)
        assert seen_by(witness, "Warehouse DB").password == "made-up-3"

    def test_folder_and_favourite_of_somebody_else_stay(
        self, session: Session, witness: Session
    ) -> None:
        for name in ("Here", "Else"):
            session.vault.create_folder(name)
        mine = session.vault.create("note", name="Filed", notes="n", folder="Here")
        theirs = seen_by(witness, "Filed")
        theirs.move("Else")
        assert mine.favor().folder == "Else"
        seen_by(witness, "Filed").favor(False)
        assert not mine.move("Here").is_favorite

    def test_labels_mean_the_same_fields_for_a_whole_draft(
        self, session: Session, witness: Session
    ) -> None:
        record = session.vault.create("login", name="Twins", fields={"x": "1"})
        with record.editing() as draft:
            draft.fields["x#2"] = "2"
        item = session.vault["Twins"]
        for number in ("2", "3"):
            with item.editing() as draft:
                draft.fields["y"] = number
                draft.fields.rename("y", "x")
            item = session.vault["Twins"]
        assert len(item.fields) == 4
        with item.editing() as draft:
            del draft.fields["x"]
            draft.fields["x#03"] = hidden("made-up")
        values = {field.value for field in seen_by(witness, "Twins").fields}
        assert "made-up" in values
        with session.vault["Twins"].editing() as draft:
            draft.fields.clear()
        assert seen_by(witness, "Twins").fields == ()

    def test_a_field_is_the_same_in_both_forms_of_its_name(
        self, session: Session, witness: Session
    ) -> None:
        composed, apart = "Schl\u00fcssel", "Schlu\u0308ssel"
        mine = session.vault.create("login", name="Forms", fields={apart: "1"})
        seen_by(witness, "Forms").edit(fields={composed: "theirs"})
        with pytest.raises(WriteConflict):
            mine.edit(fields={composed: "mine"})

    def test_a_folder_is_renamed_whole_or_not_at_all(self, session: Session) -> None:
        vault = session.vault
        for name in ("RW", "RW/DB", "RP", "Schl\u00fcssel"):
            vault.create_folder(name)
        with pytest.raises(UsageMistake, match="'RP' already"):
            vault.rename_folder("RW", "RP")
        names = {place.name for place in vault.places("folder")}
        assert {"RW", "RW/DB", "RP"} <= names
        with pytest.raises(UsageMistake, match="already"):
            vault.create_folder("Schlu\u0308ssel")

    def test_a_mask_gets_in_nowhere(self, server: DemoServer, session: Session) -> None:
        item = session.vault["Warehouse DB"]
        server.requests.clear()
        mask = "[REDACTED Warehouse [x] DB/uri"
        for write in (
            lambda: item.edit(uris=[matching(mask, "exact")]),
            lambda: session.vault.create_folder(mask),
            lambda: session.vault.rename_folder("Work", mask),
        ):
            with pytest.raises((MaskRefused, NotFound)):
                write()
        with pytest.raises(MaskRefused):
            item.copy(name=mask)
        assert not [method for method, _ in server.requests if method != "GET"]

    @pytest.mark.parametrize("answer", [{"id": None}, {"a": 1}, {"id": "x" * 36}, {"id": "no id!"}])
    def test_an_answer_about_something_else_leaves_no_ghost(
        self, session: Session, answer: dict[str, Any]
    ) -> None:
        item = session.vault["Warehouse DB"]
        before = len(session.vault.items())
        changing(session, f"/api/ciphers/{item.id}", lambda _: answer)
        with pytest.raises(WriteUnclear):
            item.edit(username="x")
        assert len(session.vault.items()) == before
        changing(session, "/api/folders", lambda _: {"x": 1})
        with pytest.raises(WriteUnclear):
            session.vault.create_folder("Ghost")

    def test_an_item_that_was_renamed_elsewhere_is_not_deleted(
        self, session: Session, witness: Session
    ) -> None:
        item = session.vault.create("note", name="Old name", notes="n")
        seen_by(witness, "Old name").edit(name="Production DB")
        with pytest.raises(WriteConflict, match="has another name"):
            item.delete(name="Old name")
        assert seen_by(witness, "Production DB").notes == "n"

    def test_an_item_that_was_trashed_elsewhere_is_not_edited(
        self, session: Session, witness: Session
    ) -> None:
        item = session.vault.create("note", name="Trashed", notes="n")
        seen_by(witness, "Trashed").trash()
        with pytest.raises(NotWritable, match="moved to the trash elsewhere"):
            item.edit(notes="x")

    def test_the_same_value_again_sends_no_change(
        self, server: DemoServer, session: Session
    ) -> None:
        item = session.vault["Warehouse DB"]
        server.requests.clear()
        item.edit(password=item.password)
        item.edit()
        assert {method for method, _ in server.requests} == {"GET"}

    def test_a_hidden_field_too_long_for_the_history_can_be_changed(
        self, session: Session, witness: Session
    ) -> None:
        item = session.vault.create("login", name="Long", fields={"t": hidden("x" * 3_690)})
        item.edit(fields={"t": hidden("made-up")})
        assert seen_by(witness, "Long").field("t") == "made-up"

    @pytest.mark.parametrize("value", [4711, None, ["x"]])
    def test_a_value_of_another_type_is_a_usage_mistake(self, session: Session, value: Any) -> None:
        for write in (hidden, session.vault.create_folder, lambda v: matching(v, "exact")):
            with pytest.raises(UsageMistake):
                write(value)
