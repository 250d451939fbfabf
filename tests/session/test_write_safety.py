"""Changes that are cut, refused or slowed down: nothing is lost and the next step is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.account import DemoPolicy
from bw_magics.errors import (
    BitwardenError,
    NotWritable,
    RateLimited,
    RepromptRequired,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.session.writing import turn
from bw_magics.vault.changes import hidden
from bw_magics.vault.item import Item
from bw_magics.vault.selection import Selection
from tests.session.conftest import Session

STYLES = ("official", "vaultwarden", "nodewarden")


@pytest.fixture(params=STYLES)
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, iterations=5000) as server:
        yield server


@pytest.fixture
def session(server: DemoServer) -> Session:
    session = Session(server, server.accounts[0]).enter()
    session.vault.create_folder("Here")
    session.vault.create("login", name="Mine", password="made-up", fields={"t": hidden("x")})
    return session


def other(session: Session) -> Session:
    return Session(session.server, session.account).enter()


def trashed(session: Session) -> list[str]:
    return [item.name for item in session.vault.items(Selection(trash=True))]


def share(session: Session) -> None:
    first = session.vault.places("collection")[0]
    session.vault["Mine"].share(organization=first.organization or "", collections=[first.id])


# A change, the path of its request, what another session sees after it.
CHANGES: dict[str, tuple[Callable[[Session], object], str, Callable[[Session], bool]]] = {
    "create": (
        lambda s: s.vault.create("note", name="New", notes="n"),
        "/api/ciphers",
        lambda s: [i.name for i in s.vault.items()].count("New") == 1,
    ),
    "edit": (
        lambda s: s.vault["Mine"].edit(username="u"),
        "/api/ciphers/{id}",
        lambda s: s.vault["Mine"].username == "u" and s.vault["Mine"].password == "made-up",
    ),
    "move": (
        lambda s: s.vault["Mine"].move("Here"),
        "/api/ciphers/{id}/partial",
        lambda s: s.vault["Mine"].folder == "Here",
    ),
    "trash": (
        lambda s: s.vault["Mine"].trash(),
        "/api/ciphers/{id}/delete",
        lambda s: "Mine" in trashed(s),
    ),
    "archive": (
        lambda s: s.vault["Mine"].archive(),
        "/api/ciphers/{id}/archive",
        lambda s: s.vault["Mine"].is_archived,
    ),
    "delete": (
        lambda s: s.vault["Mine"].delete(name="Mine"),
        "/api/ciphers/{id}",
        lambda s: "Mine" not in [i.name for i in s.vault.items()] + trashed(s),
    ),
    "share": (
        share,
        "/api/ciphers/{id}/share",
        lambda s: (
            s.vault["Mine"].organization is not None and s.vault["Mine"].password == "made-up"
        ),
    ),
    "create folder": (
        lambda s: s.vault.create_folder("There"),
        "/api/folders",
        lambda s: [p.name for p in s.vault.places("folder")].count("There") == 1,
    ),
}

CUTS = {
    "before it was done": Fault(reset=True),
    "after it was done": Fault(length=100_000),
    "while the server is out of order": Fault(status=503),
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_lost_answer_is_looked_up_and_the_change_made_once(
    session: Session, change: str, cut: str
) -> None:
    act, path, is_done = CHANGES[change]
    path = path.format(id=session.vault["Mine"].id)
    session.fault(path, CUTS[cut])
    act(session)
    assert is_done(session)
    assert is_done(other(session))


@pytest.mark.parametrize("change", CHANGES)
def test_a_server_that_stays_away_changes_nothing_here(session: Session, change: str) -> None:
    act, path, is_done = CHANGES[change]
    session.fault(path.format(id=session.vault["Mine"].id), *[Fault(reset=True)] * 9)
    with pytest.raises(BitwardenError) as caught:
        act(session)
    assert caught.value.remedy
    assert not is_done(session)
    assert not is_done(other(session))


def test_a_hundred_creates_go_on_where_the_server_limits_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with DemoServer(iterations=5000, writes=(60, 6.0)) as server:
        session = Session(server, server.accounts[0]).enter()
        for number in range(100):
            session.vault.create("note", name=f"Note {number}", notes="n")
        names = [item.name for item in other(session).vault.items()]
        assert sum(name.startswith("Note ") for name in names) == 100
    assert [text for text in session.waits if "asks to wait" in text]


def test_a_wait_that_is_too_long_is_told_and_nothing_sent(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "PATIENCE", 5.0)
    session.fault("/api/ciphers", Fault(status=429, headers={"Retry-After": "600"}))
    with pytest.raises(RateLimited, match="too many requests"):
        session.vault.create("note", name="New", notes="n")
    assert "New" not in [item.name for item in other(session).vault.items()]


def test_an_interrupt_ends_a_wait_and_nothing_is_sent(session: Session) -> None:
    def interrupt(text: str) -> None:
        if "asks to wait" in text:
            raise KeyboardInterrupt

    session.vault.on_wait = interrupt
    session.fault("/api/ciphers", Fault(status=429, headers={"Retry-After": "60"}))
    with pytest.raises(KeyboardInterrupt):
        session.vault.create("note", name="New", notes="n")
    session.vault.on_wait = None
    session.vault.create("note", name="Next", notes="n")
    names = [item.name for item in other(session).vault.items()]
    assert "Next" in names
    assert "New" not in names


REFUSALS = {
    413: (b"", "too large"),
    400: (b'{"message":"The model state is invalid.","validationErrors":{"Notes":["The field Notes '
          b'exceeds the maximum encrypted value length of 10000 characters."]}}', "too long"),
    422: (b"<!DOCTYPE html>", "as it is"),
    404: (b'{"ErrorModel":{"Message":"Cipher not found"}}', "no longer has"),
}  # fmt: skip


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_told_with_its_reason(session: Session, status: int) -> None:
    body, text = REFUSALS[status]
    item = session.vault["Mine"]
    session.fault(f"/api/ciphers/{item.id}", Fault(status=status, body=body))
    with pytest.raises(BitwardenError, match=text) as caught:
        item.edit(notes="new")
    assert caught.value.remedy
    assert other(session).vault["Mine"].notes is None


def test_an_answer_with_other_values_is_told(session: Session) -> None:
    item = session.vault["Mine"]
    wrong = Fault(change=lambda body: body.replace(b'"name":"2.', b'"name":"2.AAAA'))
    session.fault(f"/api/ciphers/{item.id}", wrong)
    with pytest.raises(WriteUnclear, match=r"stored other values than were sent: .*name"):
        item.edit(notes="new")


class TestRights:
    def test_an_item_with_reprompt_is_edited_after_the_master_password(
        self, session: Session
    ) -> None:
        item = session.vault.create("note", name="Asks", notes="n", reprompt=True)
        with pytest.raises(RepromptRequired):
            item.edit(reprompt=False)
        session.vault.confirm(password=session.account.master_password, item_id=item.id)
        assert not item.edit(reprompt=False).has_reprompt

    @pytest.mark.parametrize(
        ("policy", "role", "refused"),
        [
            (DemoPolicy(5), 2, {"login", "card"}),
            (DemoPolicy(5), 0, set()),
            (DemoPolicy(5, is_enabled=False), 2, set()),
            (DemoPolicy(15), 2, {"card"}),
            (DemoPolicy(15, [1]), 2, {"login"}),
            (DemoPolicy(6), 2, set()),
        ],
    )
    def test_policies_are_obeyed_before_anything_is_sent(
        self, server: DemoServer, policy: DemoPolicy, role: int, refused: set[str]
    ) -> None:
        account = server.accounts[0]
        account.policies, account.role = [policy], role
        session = Session(server, account).enter()
        for name in ("login", "card"):
            server.requests.clear()
            if name in refused:
                with pytest.raises(NotWritable, match="policy of"):
                    session.vault.create(name, name="New")
                assert [method for method, _ in server.requests] == []
            else:
                assert session.vault.create(name, name="New").type == name

    def test_an_item_that_may_not_be_deleted_stays(self, session: Session) -> None:
        for item in session.vault.items():
            if not item.is_editable and not item.is_blob:
                for act in (item.trash, lambda item=item: item.delete(name=item.name)):
                    with pytest.raises(NotWritable, match="may not be deleted by you"):
                        act()
                return
        pytest.fail("the demo vault has such an item")


def test_an_unreadable_member_that_would_change_is_refused(session: Session) -> None:
    item = session.vault["Mine"]
    record = session.server._service.vault(session.account).items[item.id]
    for holder, member in ((record["login"], "password"), (record["fields"][0], "value")):
        holder[member] = holder[member][:-8] + "AAAAAAA="
    session.vault.sync(force=True)
    item = session.vault["Mine"]
    with pytest.raises(BitwardenError, match="cannot be read, so it is not overwritten"):
        item.edit(password="made-up-2")
    with pytest.raises(BitwardenError, match="cannot be read, so it is not overwritten"):
        item.edit(fields={"t": "y"})
    before = record["login"]["password"]
    item.edit(notes="can be set")
    assert record["login"]["password"] == before


def test_a_lock_meanwhile_is_told(session: Session) -> None:
    item = session.vault["Mine"]
    with session.held(f"/api/ciphers/{item.id}") as release:

        def lock(text: str) -> None:
            session.vault.lock()
            release.set()

        session.vault.on_wait = lock
        with pytest.raises(BitwardenError, match="was saved, and the vault was locked"):
            item.edit(notes="kept")
    assert other(session).vault["Mine"].notes == "kept"


def test_nodewarden_deletes_only_what_is_in_the_trash() -> None:
    with DemoServer(style="nodewarden", iterations=5000) as server:
        session = Session(server, server.accounts[0]).enter()
        item = session.vault.create("note", name="Gone", notes="n").attach(b"x", name="f")
        server.requests.clear()
        item.delete(name="Gone")
        assert [method for method, _ in server.requests] == ["GET", *["DELETE", "GET"] * 2]
        assert item.id not in server.stored_items(session.account)


def test_accounts_with_encryption_v2_are_written() -> None:
    with DemoServer(iterations=5000, encryption=2) as server:
        session = Session(server, server.accounts[0]).enter()
        if not session.vault._contents().keys.is_verified:
            with pytest.raises(NotWritable, match="could not be checked"):
                session.vault.create("login", name="V2")
            pytest.skip("this cryptography does not verify the account's signature")
        made = session.vault.create("login", name="V2", password="made-up")
        made = made.edit(username="u", fields={"a": hidden("b")}).attach(b"file", name="f")
        session.vault.create_folder("V2/Folder")
        seen = other(session).vault["V2"]
        assert (seen.username, seen.password, seen.field("a")) == ("u", "made-up", "b")
        assert seen.attachment("f").read() == b"file"
        for item in session.vault.items():
            if item.is_blob:
                with suppress(WriteRefused):
                    item.edit(notes="x")
                    pytest.fail("a blob was edited")


def archived(session: Session) -> Item:
    """The archived item that the fixture made."""
    items = session.vault.items(Selection(archived=True))
    return next(item for item in items if item.name == "Mine")


@pytest.mark.parametrize(
    ("lost", "again"),
    [
        ({"folderId": None, "favorite": False}, ["partial"]),
        ({"archivedDate": None}, ["archive"]),
        ({"folderId": None, "favorite": False, "archivedDate": None}, ["partial", "archive"]),
        ({}, []),
    ],
    ids=["folder and favourite", "archive", "all three", "nothing"],
)
def test_what_is_each_members_own_survives_sharing(
    session: Session, lost: dict[str, object], again: list[str]
) -> None:
    """A server may drop it with the change of owner; then it is set again."""
    session.vault["Mine"].move("Here").edit(favorite=True).archive()
    item = archived(session)
    stored = session.server.stored_items(session.account)[item.id]

    def dropped(body: bytes) -> bytes:
        stored.update(lost)
        return json.dumps(json.loads(body) | lost).encode()

    session.fault(f"/api/ciphers/{item.id}/share", Fault(change=dropped))
    before = len(session.server.requests)
    first = session.vault.places("collection")[0]
    shared = item.share(organization=first.organization or "", collections=[first.id])

    seen = archived(other(session))
    for each in (shared, seen):
        assert (each.folder, each.is_favorite, each.is_archived) == ("Here", True, True)
        assert each.collections == (first.name,)
    sent = [path.rpartition("/")[2] for _, path in session.server.requests[before:]]
    assert [name for name in ("partial", "archive") if name in sent] == again
