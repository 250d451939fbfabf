"""Two kernels on one item, and answers about another one: nothing is lost or mixed up."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import AnswerUnusable, BitwardenError, WriteConflict, WriteUnclear
from bw_magics.session.writing import items
from bw_magics.session.writing.turn import Turn
from bw_magics.vault.changes import hidden
from tests.session.conftest import Session


@pytest.fixture(params=["official", "vaultwarden"])
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, iterations=5000) as server:
        yield server


def enter(server: DemoServer) -> Session:
    return Session(server, server.accounts[0]).enter()


@pytest.fixture
def first(server: DemoServer) -> Session:
    session = enter(server)
    session.vault.create(
        "login", name="Mine", username="u", password="made-up-1", fields={"t": hidden("x")}
    )
    return session


@pytest.fixture
def second(server: DemoServer, first: Session) -> Session:
    return enter(server)


def seen(server: DemoServer) -> Any:
    return enter(server).vault["Mine"]


def just_before(session: Session, call: str, act: Callable[[], object]) -> None:
    """Makes something happen between the reading of an item and the next change to it."""
    api = session.vault._current.account().writing
    change = getattr(api, call)

    def changed(*args: Any, **kwargs: Any) -> Any:
        setattr(api, call, change)
        act()
        return change(*args, **kwargs)

    setattr(api, call, changed)


def test_a_write_between_reading_and_writing_is_not_overwritten(
    server: DemoServer, first: Session, second: Session
) -> None:
    """Although servers take two revisions within a second for one."""
    just_before(first, "edit_item", lambda: second.vault["Mine"].edit(notes="from the second"))
    first.vault["Mine"].edit(username="from the first")
    item = seen(server)
    assert (item.username, item.notes) == ("from the first", "from the second")
    assert (item.password, item.field("t")) == ("made-up-1", "x")


def test_of_two_writers_of_one_member_the_second_is_told(
    server: DemoServer, first: Session, second: Session
) -> None:
    just_before(first, "edit_item", lambda: second.vault["Mine"].edit(username="second"))
    with pytest.raises(WriteConflict) as caught:
        first.vault["Mine"].edit(username="first", notes="first")
    assert caught.value.theirs == ("username",)
    assert (seen(server).username, seen(server).notes) == ("second", None)


def test_a_share_does_not_undo_what_somebody_wrote_meanwhile(
    server: DemoServer, first: Session, second: Session
) -> None:
    place = first.vault.places("collection")[0]
    just_before(first, "share_item", lambda: second.vault["Mine"].edit(notes="from the second"))
    try:
        first.vault["Mine"].share(organization=place.organization or "", collections=[place.id])
    except WriteConflict:
        assert seen(server).organization is None
    assert seen(server).notes == "from the second"


def test_many_writes_of_two_kernels_all_arrive(
    server: DemoServer, first: Session, second: Session
) -> None:
    """Each changes a field of its own, as fast as it can."""
    problems: list[BitwardenError] = []

    def write(session: Session, name: str) -> None:
        for number in range(8):
            try:
                session.vault["Mine"].edit(fields={name: f"{number}"})
            except BitwardenError as problem:
                problems.append(problem)

    threads = [
        threading.Thread(target=write, args=pair) for pair in ((first, "one"), (second, "two"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (seen(server).field("one"), seen(server).field("two")) == ("7", "7")


def test_an_item_that_never_rests_is_told(
    first: Session, second: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_RESTS", 2)
    monkeypatch.setattr(items, "_TOLD_APART", 0.01)
    api = second.vault._current.account().writing
    read = api.item
    asked: list[str] = []

    def always_new(item_id: str) -> Any:
        asked.append(item_id)
        return {**read(item_id), "revisionDate": f"2999-01-01T00:00:{len(asked):02}Z"}

    api.item = always_new  # type: ignore[method-assign]
    with pytest.raises(WriteConflict, match="again and again"):
        second.vault["Mine"].edit(username="second")


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was waited for before a change."""
    found: list[str] = []
    monkeypatch.setattr(Turn, "rest", lambda turn, seconds, why: found.append(why))
    return found


def test_an_edit_after_an_upload_from_here_does_not_rest(first: Session, rests: list[str]) -> None:
    first.vault["Mine"].attach(b"made up", name="f").edit(username="v")
    assert rests == []


def test_an_upload_does_not_take_a_change_of_somebody_else_for_its_own(
    server: DemoServer, first: Session, second: Session, rests: list[str]
) -> None:
    """Where the upload leaves the item's revision, that is still the one of the other change."""
    second.vault["Mine"].edit(notes="from the second")
    rests.clear()
    first.vault.sync(force=True)
    item = first.vault["Mine"].attach(b"made up", name="f")
    item.edit(username="v")
    assert len(rests) == (1 if server.style == "vaultwarden" else 0)


# Answers about something else.


def changed_answer(change: Callable[[Any], object]) -> Fault:
    def changed(body: bytes) -> bytes:
        answer = json.loads(body)
        return json.dumps(change(answer) or answer).encode()

    return Fault(change=changed)


def other_record(session: Session) -> dict[str, Any]:
    """The answer about another item of the vault."""
    api = session.vault._current.account().writing
    return dict(api.item(session.vault["Warehouse DB"].id))


ACTS: dict[str, Callable[[Session], object]] = {
    "edit": lambda s: s.vault["Mine"].edit(username="v"),
    "share": lambda s: s.vault["Mine"].share(
        organization=s.vault.places("collection")[0].organization or "",
        collections=[s.vault.places("collection")[0].id],
    ),
    "copy": lambda s: s.vault["Mine"].copy(),
    "attach": lambda s: s.vault["Mine"].attach(b"made up", name="f"),
    "move": lambda s: s.vault["Mine"].move("Work"),
    "delete": lambda s: s.vault["Mine"].delete(name="Mine"),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_record_of_another_item_is_not_built_on(
    server: DemoServer, first: Session, act: str
) -> None:
    before = server.stored_items(first.account)
    other = other_record(first)
    path = f"/api/ciphers/{first.vault['Mine'].id}/details"
    first.fault(path, changed_answer(lambda _: other))
    server.requests.clear()
    with pytest.raises(AnswerUnusable, match="another item") as caught:
        ACTS[act](first)
    assert "Nothing was changed" in caught.value.remedy
    assert {method for method, _ in server.requests} == {"GET"}
    assert server.stored_items(first.account) == before
    first.fault(path)
    assert first.vault["Mine"].password == "made-up-1"
    assert first.vault["Warehouse DB"].password == seen_password(server, "Warehouse DB")


def seen_password(server: DemoServer, name: str) -> str | None:
    password: str | None = enter(server).vault[name].password
    return password


CHANGED = {
    "edit": "",
    "share": "/share",
    "move": "/partial",
}


@pytest.mark.parametrize("act", CHANGED)
def test_an_answer_about_another_item_changes_no_other_item_here(
    server: DemoServer, first: Session, act: str
) -> None:
    other = {**other_record(first), "name": None}
    first.fault(
        f"/api/ciphers/{first.vault['Mine'].id}{CHANGED[act]}", changed_answer(lambda _: other)
    )
    with pytest.raises(WriteUnclear):
        ACTS[act](first)
    assert first.vault["Warehouse DB"].password == seen_password(server, "Warehouse DB")
    assert seen(server).password == "made-up-1"


def capitals(answer: Any) -> None:
    for name in ("id", "folderId"):
        if isinstance(answer.get(name), str):
            answer[name] = answer[name].upper()


@pytest.mark.parametrize("act", ["edit", "move", "share"])
def test_ids_in_capitals_are_the_same_ids(server: DemoServer, first: Session, act: str) -> None:
    """Some servers write GUIDs in capitals: one item stays one item."""
    id = first.vault["Mine"].id
    for path in ("/details", CHANGED[act]):
        first.fault(f"/api/ciphers/{id}{path}", *[changed_answer(capitals)] * 2)
    count = len([*first.vault.items()])
    ACTS[act](first)
    first.server.faults.clear()
    assert len([*first.vault.items()]) == count
    assert [item.name for item in first.vault.items()].count("Mine") == 1
    first.vault[id.upper()].edit(notes="found by it")
    assert seen(server).notes == "found by it"
    first.vault["Mine"].delete(name="Mine")
    assert "Mine" not in [item.name for item in first.vault.items()]


@pytest.mark.parametrize("keep", [0, 1, 40, 400])
def test_an_answer_that_breaks_off_is_not_used(
    server: DemoServer, first: Session, keep: int
) -> None:
    """With a length that fits: only the JSON tells that something is missing."""
    id = first.vault["Mine"].id
    first.fault(f"/api/ciphers/{id}", Fault(change=lambda body: body[:keep]))
    first.vault["Mine"].edit(username="v")
    item = seen(server)
    assert (item.username, item.password, item.field("t")) == ("v", "made-up-1", "x")
    assert first.vault["Mine"].username == "v"
