"""The table of changes that are cut at each of their requests and answers.

After every cut the server is asked by another session what it holds, and the same call is made
again by the session that was cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.server import Style
from bw_magics.errors import BitwardenError
from bw_magics.vault.changes import hidden
from tests.session.conftest import Session

OLD, NEW = "demo-old-7431", "demo-new-7432"
FILE = b"demo file 7433"


@dataclass(frozen=True)
class Change:
    """A change: how it is made, and what another session sees of it."""

    act: Callable[[Session], object]
    state: Callable[[Session], str]


def _created(session: Session) -> str:
    found = [item for item in session.vault.items() if item.name == "New"]
    return {0: "unchanged", 1: "done once"}.get(len(found), f"{len(found)} items")


def _edited(session: Session) -> str:
    item = session.vault["Mine"]
    kept = (item.password, item.field("t")) == (OLD, "x")
    return {"u": "done once", None: "unchanged"}[item.username] if kept else "LOST"


def _uploaded(session: Session) -> str:
    files = session.vault["Mine"].attachments
    if not files:
        return "unchanged"
    whole = [file for file in files if _is_whole(session, file.id)]
    return "done once" if len(whole) == len(files) == 1 else f"{len(files)} entries"


def _is_whole(session: Session, id: str) -> bool:
    try:
        return session.vault["Mine"].attachment(id).read() == FILE
    except BitwardenError:
        return False


def _share(session: Session) -> object:
    first = session.vault.places("collection")[0]
    return session.vault["Mine"].share(
        organization=first.organization or "", collections=[first.id]
    )


def _shared(session: Session) -> str:
    item = session.vault["Mine"]
    if (item.password, item.field("t")) != (OLD, "x"):
        return "LOST"
    return "done once" if item.organization else "unchanged"


def _rotate(session: Session) -> object:
    """What a person does: finishes what did not end, else rotates."""
    item = session.vault["Mine"]
    if item.rotation is not None:
        return item.rotation.finish()
    with item.rotating("password", value=NEW):
        pass
    return None


def _rotated(session: Session) -> str:
    item = session.vault["Mine"]
    past = [each.password for each in item.password_history]
    if item.rotation is not None:
        both = (item.password, item.rotation.new) == (OLD, NEW)
        return "old and new readable" if both else "LOST"
    if item.password == NEW:
        return "done once" if past[:1] == [OLD] else "LOST"
    return "unchanged" if item.password == OLD else "LOST"


CUT_CHANGES = {
    "create": Change(lambda s: s.vault.create("note", name="New", notes="n"), _created),
    "edit": Change(lambda s: s.vault["Mine"].edit(username="u"), _edited),
    "upload": Change(lambda s: s.vault["Mine"].attach(FILE, name="f"), _uploaded),
    "share": Change(_share, _shared),
    "rotate": Change(_rotate, _rotated),
}
# The request never arrives; or it does, and the answer breaks off.
CUTS = {"request": Fault(reset=True), "answer": Fault(length=100_000)}


class Cut:
    """Cuts a server's connection at one request of a change, counted from 0.

    `stays` says whether the server is away from then on. `asked` are the requests that came.
    """

    def __init__(self, server: DemoServer, at: int | None, fault: Fault, *, stays: bool) -> None:
        self._service = server._service
        self._at, self._fault, self._stays = at, fault, stays
        self.asked: list[str] = []

    def __enter__(self) -> Cut:
        self._before = self._service.next_fault

        def next_fault(path: str) -> Fault | None:
            number = len(self.asked)
            method = self._service.requests[-1][0]
            self.asked.append(f"{method} {_shortened(path)}")
            if number == self._at:
                return self._fault
            if self._at is not None and self._stays and number > self._at:
                return Fault(reset=True)
            return self._before(path)

        self._service.next_fault = next_fault  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        self._service.next_fault = self._before  # type: ignore[method-assign]


def _shortened(path: str) -> str:
    return re.sub(r"[0-9a-f-]{32,36}", "ID", path.removeprefix("/api/"))


def cuts(style: Style = "official") -> list[list[str]]:
    """A row for each change, request, cut, and server that comes back or stays away: the error,
    what the server holds, and the same call again where it is not done.
    """
    lines = []
    with DemoServer(style=style, iterations=5_000) as server:
        for name, change in CUT_CHANGES.items():
            with _session(server) as session, Cut(server, None, Fault(), stays=False) as whole:
                change.act(session)
            for at, request in enumerate(whole.asked):
                for kind, fault in CUTS.items():
                    for stays in (False, True):
                        row = _row(server, change, at, fault, stays=stays)
                        away = "stays away" if stays else "comes back"
                        lines.append([name, f"{at + 1}: {request}", kind, away, *row])
    return lines


def _row(server: DemoServer, change: Change, at: int, fault: Fault, *, stays: bool) -> list[str]:
    with _session(server) as session:
        with Cut(server, at, fault, stays=stays):
            said = _said(change, session)
        state = _seen(server, change)
        if state == "done once":
            return [said, state, ""]
        again = _said(change, session)
        if again != DONE:
            # What a conflict or an unclear answer asks for.
            session.vault.sync(force=True)
            if _seen(server, change) != "done once":
                again += f"; after a sync: {_said(change, session)}"
        return [said, f"{state}; then {_seen(server, change)}", again]


DONE = "nothing: it was done"


def _said(change: Change, session: Session) -> str:
    try:
        change.act(session)
    except BitwardenError as error:
        text = str(error).replace(session.server.url.removeprefix("https://"), "SERVER")
        return f"{type(error).__name__}: {text}"
    return DONE


def _seen(server: DemoServer, change: Change) -> str:
    with _session(server, is_new=False) as witness:
        return change.state(witness)


@contextmanager
def _session(server: DemoServer, *, is_new: bool = True) -> Iterator[Session]:
    session = Session(server, server.accounts[0]).enter()
    if is_new:
        for item in [*session.vault.items()]:
            if item.name in ("Mine", "New"):
                item.delete(name=item.name)
        fields: dict[str, Any] = {"t": hidden("x")}
        session.vault.create("login", name="Mine", password=OLD, fields=fields)
    try:
        yield session
    finally:
        session.vault.logout()
