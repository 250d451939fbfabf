"""A create whose answer is lost, and a vault that does not list the item: never two by surprise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bw_magics.client import transport
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import WriteUnclear
from bw_magics.session.writing import creation
from tests.session.conftest import Session, eventually

PATH = "/api/ciphers"
GATEWAY = Fault(status=504)


@pytest.fixture(params=["official", "vaultwarden"])
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, iterations=5000) as server:
        yield server


@pytest.fixture
def session(server: DemoServer) -> Session:
    return Session(server, server.accounts[0]).enter()


def create(session: Session, **other: Any) -> Any:
    wanted = {"name": "New", "password": "made-up-7431"} | other
    return session.vault.create("login", **wanted)


def stored(session: Session, name: str = "New") -> int:
    """How many items of a name the server has."""
    witness = Session(session.server, session.account).enter()
    return [item.name for item in witness.vault.items()].count(name)


def test_a_server_that_may_still_be_at_it_gets_no_second_request(session: Session) -> None:
    session.fault(PATH, GATEWAY)
    with pytest.raises(WriteUnclear, match="does not list the new item so far") as caught:
        create(session)
    assert "run the same create again" in caught.value.remedy
    assert session.asked(PATH) == 1
    assert stored(session) == 0
    # Run again, the cell looks first and creates it.
    assert create(session).password == "made-up-7431"
    assert stored(session) == 1


def test_what_arrives_late_is_found_by_the_same_create(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For real: the answer takes longer than we wait, and the server goes on."""
    monkeypatch.setattr(transport, "LOGIN_READ", 0.5)
    go_on = threading.Event()
    session.fault(PATH, Fault(until=go_on))
    with pytest.raises(WriteUnclear, match="did not answer in time"):
        create(session)
    monkeypatch.undo()
    go_on.set()
    eventually(lambda: stored(session))
    asked = session.asked(PATH)
    made = create(session)
    assert made.password == "made-up-7431"
    assert session.asked(PATH) == asked, "it was found, and not sent"
    assert stored(session) == 1


def late(session: Session, name: str) -> None:
    """A create that is stored after all, and whose answer never came."""
    session.fault(PATH, Fault(length=100_000))
    session.fault("/api/sync", *[Fault(reset=True)] * 9)
    with pytest.raises(WriteUnclear):
        create(session, name=name)
    session.fault("/api/sync")
    assert stored(session, name) == 1


def test_creates_without_an_answer_are_remembered_up_to_a_number_and_a_time(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is forgotten is an item like any other: the same create makes another."""
    monkeypatch.setattr(creation, "MOST_MISSING", 2)
    for name in ("first", "second", "third"):
        late(session, name)
    create(session, name="first")
    create(session, name="second")
    assert (stored(session, "first"), stored(session, "second")) == (2, 1)
    monkeypatch.setattr(creation, "REMEMBERED", 0.0)
    create(session, name="third")
    assert stored(session, "third") == 2


def test_another_item_of_that_name_is_not_taken_for_it(session: Session) -> None:
    session.fault(PATH, Fault(length=100_000), GATEWAY)
    session.fault("/api/sync", *[Fault(reset=True)] * 9)
    with pytest.raises(WriteUnclear, match="Looking at the server failed too"):
        create(session)
    session.fault("/api/sync")
    session.fault(PATH)
    assert stored(session) == 1
    with pytest.raises(WriteUnclear, match="whose answer was lost, did arrive"):
        create(session, password="made-up-another-7432")
    assert stored(session) == 1
    assert session.vault["New"].password == "made-up-7431"
    # It was told: from now on it is another item that somebody wants.
    create(session, password="made-up-another-7432")
    assert stored(session) == 2


def test_a_request_that_was_sent_twice_and_arrived_twice_is_told(session: Session) -> None:
    """The first one looks lost, and is stored after the look."""
    service: Any = session.server._service
    vault = service.vault(session.account)

    def arrive_late() -> None:
        [first] = [each for each in vault.items.values() if each["name"] == name]
        twin = {**first, "id": "ffffffff-0000-4000-8000-000000000001"}
        vault.items[twin["id"]] = twin

    before = service.next_fault
    seen: list[str] = []
    name = ""

    def next_fault(path: str) -> Any:
        nonlocal name
        seen.append(path)
        if path == PATH and seen.count(PATH) == 1:
            return Fault(status=503)
        if path == "/api/sync" and seen.count(PATH) == 2 and name == "":
            name = list(vault.items.values())[-1]["name"]
            arrive_late()
        return before(path)

    service.next_fault = next_fault
    with pytest.raises(WriteUnclear, match="twice: a request that seemed lost arrived too") as told:
        create(session)
    assert "put one of them into the trash" in told.value.remedy
    assert stored(session) == 2


@pytest.mark.parametrize("path", ["edit", "share", "folder", "create"])
def test_where_the_look_fails_too_nobody_is_told_to_try_again(session: Session, path: str) -> None:
    vault = session.vault
    create(session, name="Mine")
    id = vault["Mine"].id
    first = vault.places("collection")[0]
    acts: dict[str, tuple[Any, str]] = {
        "edit": (lambda: vault["Mine"].edit(username="u"), f"/api/ciphers/{id}"),
        "share": (
            lambda: vault["Mine"].share(
                organization=str(first.organization), collections=[first.id]
            ),
            f"/api/ciphers/{id}/share",
        ),
        "folder": (lambda: vault.create_folder("There"), "/api/folders"),
        "create": (lambda: create(session), PATH),
    }
    act, changed = acts[path]
    service: Any = session.server._service
    before = service.next_fault
    cut: list[str] = []

    def next_fault(asked: str) -> Any:
        if asked == changed or cut:
            cut.append(asked)
            return Fault(length=100_000) if len(cut) == 1 else Fault(reset=True)
        return before(asked)

    service.next_fault = next_fault
    with pytest.raises(WriteUnclear, match="Looking at the server failed too") as caught:
        act()
    service.next_fault = before
    assert "before you write again" in caught.value.remedy
    if path == "create":
        create(session)
        assert stored(session) == 1


def test_a_ghost_of_a_failed_upload_goes_with_the_next_one(session: Session) -> None:
    item = create(session)
    service: Any = session.server._service
    before = service.next_fault
    cut: list[str] = []

    def next_fault(asked: str) -> Any:
        if asked.endswith("/attachment/v2") or cut:
            cut.append(asked)
            return Fault(length=100_000) if len(cut) == 1 else Fault(reset=True)
        return before(asked)

    service.next_fault = next_fault
    with pytest.raises(WriteUnclear, match="an entry without contents may stay"):
        item.attach(b"made up", name="f")
    service.next_fault = before
    listed = service.vault(session.account).items[item.id]["attachments"]
    assert len(listed) == 1
    session.vault.sync(force=True)
    assert session.vault["New"].attach(b"made up", name="f").attachment("f").read() == b"made up"
    assert len(service.vault(session.account).items[item.id]["attachments"]) == 1
