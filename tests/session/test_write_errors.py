"""The errors of changes: none holds a value that was to be saved, or one that the item has.

The values that a person gives are a `Secret` each, as those of the generator and of the vault are;
a plain text is in the cell that names it, and the guard masks it there (tests/leaks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    MaskRefused,
    NotFound,
    NotWritable,
    RateLimited,
    ServerUnreachable,
    TooLong,
    Unreadable,
    UsageMistake,
    VaultLocked,
    WriteConflict,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.secret import Secret, SecretBytes
from bw_magics.session.writing import turn
from bw_magics.vault.changes import hidden
from tests.client.conftest import everything_an_error_holds
from tests.session.conftest import Session, full_disk

OLD = "made-up-old-7431"
OLD_FIELD = "made-up-field-7432"
OLD_NOTE = "made-up-note-7433"
GIVEN = "made-up-given-7434"
NEW = {
    "password": Secret(f"{GIVEN}-password"),
    "notes": Secret(f"{GIVEN}-notes"),
    "uris": [Secret(f"https://u:{GIVEN}-uri@a.example")],
    "fields": {"t": hidden(Secret(f"{GIVEN}-field")), "new": Secret(f"{GIVEN}-new")},
}
FILE = SecretBytes(f"{GIVEN}-file".encode())
AWAY = [Fault(reset=True)] * 9


@pytest.fixture(params=["official", "vaultwarden"])
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    with DemoServer(style=request.param, iterations=5000) as server:
        yield server


@pytest.fixture
def session(server: DemoServer, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(turn, "PATIENCE", 1.0)
    session = Session(server, server.accounts[0]).enter()
    session.vault.create(
        "login", name="Mine", username="u", password=OLD, notes=OLD_NOTE,
        fields={"t": hidden(OLD_FIELD)},
    )  # fmt: skip
    return session


def edit(session: Session, **more: Any) -> None:
    session.vault["Mine"].edit(**NEW, **more)


def faulty(path: str, *faults: Fault, act: Callable[[Session], object] = edit) -> Any:
    def run(session: Session) -> None:
        item = session.vault["Mine"]
        session.fault(path.format(id=item.id), *faults)
        try:
            act(session)
        finally:
            session.fault(path.format(id=item.id))

    return run


def create(session: Session, **more: Any) -> None:
    session.vault.create("login", **{"name": "New", **NEW, **more})


def share(session: Session) -> None:
    place = session.vault.places("collection")[0]
    session.vault["Mine"].share(organization=place.organization or "", collections=[place.id])


def lock(session: Session) -> None:
    item = session.vault["Mine"]
    session.vault.lock()
    item.edit(**NEW)


def conflict(session: Session) -> None:
    item = session.vault["Mine"]
    other = Session(session.server, session.account).enter()
    other.vault["Mine"].edit(password=f"{OLD}-theirs", fields={"t": hidden(f"{OLD_FIELD}-theirs")})
    item.edit(**NEW)


def unreadable(session: Session) -> None:
    record = session.server._service.vault(session.account).items[session.vault["Mine"].id]
    record["login"]["password"] = record["login"]["password"][:-8] + "AAAAAAA="
    session.vault.sync(force=True)
    edit(session)


def other_values(session: Session) -> None:
    wrong = Fault(change=lambda body: body.replace(b'"notes":"2.', b'"notes":"2.AAAA'))
    faulty("/api/ciphers/{id}", wrong, wrong)(session)


def rotate(session: Session) -> None:
    path = f"/api/ciphers/{session.vault['Mine'].id}"
    with session.vault["Mine"].rotating(value=Secret(f"{GIVEN}-rotated")):
        session.fault(path, *AWAY)


def attach(session: Session, **more: Any) -> None:
    session.vault["Mine"].attach(FILE, **{"name": "f", **more})


def attach_to_a_full_disk(session: Session) -> None:
    with full_disk():
        attach(session)


def attach_twice(session: Session) -> None:
    attach(session)
    attach(session)


BUSY = Fault(status=429, headers={"Retry-After": "600"})
ERRORS: dict[str, tuple[Callable[[Session], object], type[BitwardenError]]] = {
    "unknown member": (lambda s: edit(s, number=Secret(GIVEN)), UsageMistake),
    "no name": (lambda s: edit(s, name=""), UsageMistake),
    "a mask beside it": (lambda s: edit(s, username="••••••••"), MaskRefused),
    "too long": (lambda s: edit(s, username=Secret(GIVEN * 500)), TooLong),
    "a new item that is too long": (lambda s: create(s, totp=Secret(GIVEN * 500)), TooLong),
    "no such folder": (lambda s: edit(s, folder="Nowhere"), NotFound),
    "no such collection": (
        lambda s: create(s, organization="Demo Analytics", collections=["Nowhere"]), NotFound,
    ),
    "read-only": (lambda s: s.vault["Billing portal"].edit(**NEW), NotWritable),
    "an unreadable member": (unreadable, Unreadable),
    "locked": (lock, VaultLocked),
    "conflict": (conflict, WriteConflict),
    "refused by the server": (faulty("/api/ciphers/{id}", Fault(status=413)), WriteRefused),
    "too many requests": (faulty("/api/ciphers/{id}", BUSY), RateLimited),
    "away before": (faulty("/api/ciphers/{id}/details", *AWAY), ServerUnreachable),
    "cut before": (faulty("/api/ciphers/{id}/details", Fault(length=9**6)), AnswerUnusable),
    "away during": (faulty("/api/ciphers/{id}", *AWAY), WriteUnclear),
    "other values stored": (other_values, WriteUnclear),
    "404 after a create": (faulty("/api/ciphers", Fault(status=404), act=create), WriteUnclear),
    "a create without an answer": (faulty("/api/ciphers", *AWAY, act=create), WriteUnclear),
    "a share without an answer": (
        faulty("/api/ciphers/{id}/share", *AWAY, act=share), WriteUnclear,
    ),
    "a rotation that is cut": (rotate, WriteUnclear),
    "an upload without an answer": (
        faulty("/api/ciphers/{id}/attachment/v2", *AWAY, act=attach), WriteUnclear,
    ),
    "a disk that is full": (attach_to_a_full_disk, WriteRefused),
    "a file of that name": (attach_twice, UsageMistake),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_a_change_holds_no_value(session: Session, name: str) -> None:
    act, kind = ERRORS[name]
    with pytest.raises(kind) as caught:
        act(session)
    assert caught.value.remedy
    held = everything_an_error_holds(caught.value) + repr(getattr(caught.value, "__notes__", ""))
    found = [secret for secret in (OLD, OLD_FIELD, OLD_NOTE, GIVEN) if secret in held]
    assert found == [], [line[:300] for line in held.splitlines() if found[0] in line]
