"""Bad input to a change: one typed error that says what to do, nothing lost, read by the real CLI.

Policies and loops with a limit are in `tests/session/test_write_safety.py`, full disks and files
that change meanwhile in `tests/session/test_attaching.py`, connections cut at each request in
`tests/tables/cuts.py`, two kernels in `tests/session/test_two_writers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    BitwardenError,
    MaskRefused,
    NotFound,
    NotOffered,
    NotWritable,
    RateLimited,
    ServerUnreachable,
    TooLong,
    UsageMistake,
    VaultLocked,
    WriteConflict,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.session.writing import turn
from bw_magics.vault.changes import hidden
from bw_magics.vault.selection import Selection
from tests.interop.conftest import Run
from tests.session.conftest import Session

pytestmark = pytest.mark.bw

GUILD, RESTRICTED = "Demo Analytics", "Data/Restricted"


class Bench:
    """A session, the CLI in the same account, and an item that every case tries to spoil."""

    def __init__(self, server: DemoServer, run: Run) -> None:
        self.server, self.run = server, run
        self.session = Session(server, server.accounts[0]).enter()
        self.vault = self.session.vault
        self.stored: Any = server._service.vault(self.session.account)
        self.vault.create(
            "login",
            name="Mine",
            username="u",
            password="made-up-1",
            uris=["https://a.example"],
            fields={"t": hidden("x"), "host": "h"},
            notes="n",
        )
        self.id = self.vault["Mine"].id

    @property
    def item(self) -> Any:
        return self.vault["Mine"]

    def record(self, name: str) -> Any:
        """The server's record of an item."""
        return self.stored.items[self.vault[name].id]

    def seen(self) -> Any:
        """The item as the CLI reads it now."""
        self.run("sync")
        return self.run("get", "item", self.id)


@pytest.fixture(scope="module", params=["official", "vaultwarden"])
def bench(
    request: pytest.FixtureRequest, bw_session_factory: Callable[..., Run]
) -> Iterator[Bench]:
    with DemoServer(style=request.param, iterations=5000, strange=True) as server:
        yield Bench(server, bw_session_factory(server))


def in_the_trash(bench: Bench) -> None:
    bench.vault.create("note", name="Thrown away", notes="n").trash()
    [item] = [i for i in bench.vault.items(Selection(trash=True)) if i.name == "Thrown away"]
    item.edit(notes="x")


def hidden_by_the_organisation(bench: Bench) -> None:
    place = bench.vault.places("collection")[0]
    made = bench.vault.create(
        "login", name="Concealed", password="made-up", organization=GUILD, collections=[place.id]
    )
    bench.stored.items[made.id]["viewPassword"] = False
    bench.vault.sync(force=True)
    bench.vault["Concealed"].edit(username="x")


def unreadable(bench: Bench) -> None:
    bench.vault.create("login", name="Spoiled", password="made-up")
    login = bench.record("Spoiled")["login"]
    login["password"] = f"{login['password'][:-8]}AAAAAAA="
    bench.vault.sync(force=True)
    bench.vault["Spoiled"].edit(password="made-up-2")


def locked(bench: Bench) -> None:
    item = bench.item
    bench.vault.lock()
    try:
        item.edit(username="x")
    finally:
        bench.vault.unlock(password=bench.session.account.master_password)


def conflict(bench: Bench) -> None:
    item = bench.item
    other = Session(bench.server, bench.session.account).enter()
    other.vault["Mine"].edit(username="theirs")
    try:
        item.edit(username="ours", password="made-up-ours")
    finally:
        bench.vault.sync(force=True)
        bench.item.edit(username="u")


def answered(path: str, *faults: Fault, act: Callable[[Bench], object]) -> Callable[[Bench], None]:
    def run(bench: Bench) -> None:
        bench.session.fault(path.format(id=bench.id), *faults)
        try:
            act(bench)
        finally:
            bench.session.fault(path.format(id=bench.id))

    return run


def edited(**members: Any) -> Callable[[Bench], object]:
    return lambda bench: bench.item.edit(**members)


EDIT = edited(username="x")
CASES: dict[str, tuple[Callable[[Bench], object], type[BitwardenError], str]] = {
    "name missing": (edited(name=""), UsageMistake, "needs a name"),
    "name missing, new": (lambda b: b.vault.create("login"), UsageMistake, "needs a name"),
    "unknown member": (edited(number="1"), UsageMistake, "no member 'number'"),
    "a mask": (edited(password="••••••••"), MaskRefused, "mask"),
    "a mask of the guard": (edited(notes="a [REDACTED Mine/t]"), MaskRefused, "mask"),
    "a text over the limit": (edited(notes="x" * 8_000), TooLong, "notes"),
    "no such folder": (lambda b: b.item.move("Nowhere"), NotFound, "Nowhere"),
    "no such collection": (
        lambda b: b.item.share(organization=GUILD, collections=["Nowhere"]), NotFound, "Nowhere",
    ),
    "a collection to read": (
        lambda b: b.item.share(organization=GUILD, collections=[RESTRICTED]),
        NotWritable, RESTRICTED,
    ),
    "no such organisation": (
        lambda b: b.item.share(organization="Nowhere", collections=["Data"]), NotFound, "Nowhere",
    ),
    "an item to read": (
        lambda b: b.vault["Billing portal"].edit(username="x"), NotWritable, "may read",
    ),
    "hidden secrets": (hidden_by_the_organisation, NotWritable, "hides the secrets"),
    "in the trash": (in_the_trash, NotWritable, "Restore it first"),
    "unknown type": (
        lambda b: b.vault["From the future"].edit(notes="x"), BitwardenError, "does not know",
    ),
    "an unreadable member": (unreadable, BitwardenError, "so it is not overwritten"),
    "locked": (locked, VaultLocked, "lock"),
    "conflict": (conflict, WriteConflict, "username"),
    "404 after a create": (
        answered("/api/ciphers", Fault(status=404), act=lambda b: b.vault.create("note", name="N")),
        WriteUnclear, "may have created",
    ),
    "413": (
        answered("/api/ciphers/{id}", Fault(status=413), act=EDIT), WriteRefused, "too large",
    ),
    "429 for too long": (
        answered("/api/ciphers/{id}", Fault(status=429, headers={"Retry-After": "600"}), act=EDIT),
        RateLimited, "too many requests",
    ),
    "connection lost before": (
        answered("/api/ciphers/{id}/details", *[Fault(reset=True)] * 9, act=EDIT),
        ServerUnreachable, "closed the connection",
    ),
    "connection lost during": (
        answered("/api/ciphers/{id}", *[Fault(reset=True)] * 9, act=EDIT),
        WriteUnclear, "look before you write again",
    ),
    "a name that is not repeated": (
        lambda b: b.item.delete(name="Min"), UsageMistake, "exact name",
    ),
}  # fmt: skip


def test_bad_input_is_one_error_with_a_remedy_and_nothing_is_lost(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "PATIENCE", 2.0)
    before, record = bench.seen(), dict(bench.record("Mine"))
    clear = {"revisionDate", "passwordHistory"}
    for name, (act, kind, words) in CASES.items():
        with pytest.raises(kind) as caught:
            act(bench)
        assert type(caught.value) is not BitwardenError, name
        assert words in str(caught.value), (name, str(caught.value))
        assert caught.value.remedy, name
        assert "made-up" not in str(caught.value), name
        now = bench.record("Mine")
        if name != "conflict":  # which changed the user name, and changed it back
            assert {m: now[m] for m in now if m not in clear} == {
                m: record[m] for m in record if m not in clear
            }, name
        record = dict(now)
        assert bench.item.password == "made-up-1", name
    after = bench.seen()
    for seen in (before, after):
        for member in clear:
            seen.pop(member, None)
    assert after == before


def test_a_session_of_the_cli_writes_nothing(bw_official_vault: Any, session: str) -> None:
    vault = Vault(sync_interval=0)
    vault.adopt_cli(session=session)
    _, run = bw_official_vault
    before = run("list", "items")
    item = next(item for item in vault.items() if item.type == "login")
    for act in (lambda: item.edit(username="x"), lambda: vault.create("note", name="N"),
                lambda: item.trash(), lambda: item.attach(b"x", name="x")):  # fmt: skip
        with pytest.raises(NotOffered) as caught:
            act()
        assert caught.value.remedy
    vault.logout()
    assert run("list", "items") == before
