"""A vault that is changed: on both kinds of server, nothing is lost and nothing surprises."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from bw_magics import Secret
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    MaskRefused,
    NotFound,
    NotWritable,
    ServerUnreachable,
    UsageMistake,
    VaultLocked,
    WriteConflict,
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


# The answer is cut off after the server did what was asked, or the connection reset before.
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
