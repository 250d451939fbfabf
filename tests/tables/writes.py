"""The table of changes that are cut: what the server holds afterwards, and the error."""

from __future__ import annotations

from typing import Any

from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.server import Style
from bw_magics.errors import BitwardenError
from tests.session.conftest import Session
from tests.session.test_write_safety import CHANGES, CUTS

AWAY = "and the server stays away"


def writes(style: Style = "official") -> list[list[str]]:
    """A row each: the change, where it is cut, the error, the state, the same call again."""
    lines = []
    with DemoServer(style=style, iterations=5_000) as server:
        for change in CHANGES:
            for cut, fault in {**CUTS, AWAY: Fault(reset=True)}.items():
                lines.append([change, cut, *_row(server, change, fault, is_away=cut == AWAY)])
    return lines


def _row(server: DemoServer, change: str, fault: Fault, *, is_away: bool) -> list[str]:
    act, path, is_done = CHANGES[change]
    session = _prepared(server)
    path = path.format(id=session.vault["Mine"].id)
    session.fault(path, *[fault] * (9 if is_away else 1))
    said = _said(act, session)
    session.fault(path)
    witness = Session(server, server.accounts[0]).enter()
    state = "done once" if is_done(witness) else "unchanged"
    again = "" if state == "done once" else _said(act, session)
    _cleared(session)
    return [said, state, again]


def _said(act: Any, session: Session) -> str:
    try:
        act(session)
    except BitwardenError as error:
        text = str(error).replace(session.server.url.removeprefix("https://"), "SERVER")
        return f"{type(error).__name__}: {text}"
    return "nothing: it was done"


def _prepared(server: DemoServer) -> Session:
    session = Session(server, server.accounts[0]).enter()
    if "Here" not in [place.name for place in session.vault.places("folder")]:
        session.vault.create_folder("Here")
    session.vault.create("login", name="Mine", password="made-up", fields={"t": "x"})
    return session


def _cleared(session: Session) -> None:
    """Another row finds the vault as this one did."""
    from bw_magics.vault.selection import Selection

    vault = session.vault
    for selection in (None, Selection(archived=True), Selection(trash=True)):
        for item in vault.items(selection):
            if item.name in ("Mine", "New"):
                item.delete(name=item.name)
    for place in vault.places("folder"):
        if place.name == "There":
            vault.delete_folder("There")
