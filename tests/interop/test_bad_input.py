"""Bad input to a change: one typed error that says what to do, nothing lost, read by the real CLI.

Each has more cases without the CLI: policies and limits in `tests/session/test_write_safety.py`,
files in `tests/session/test_attaching.py`, connections cut at each request in
`tests/tables/cuts.py`, two kernels in `tests/session/test_two_writers.py`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer, Fault
from bw_magics.demo.account import DemoPolicy
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
from bw_magics.session.writing.file_source import FileSource
from bw_magics.vault.blob import MARK
from bw_magics.vault.changes import hidden
from bw_magics.vault.selection import Selection
from tests.interop.conftest import Run
from tests.session.conftest import Session, full_disk

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
        self.vault.create("note", name="Filed", notes="n").attach(b"made up", name="f")
        # Known while the server is away, too.
        self.url, self.authority = server.url, server.certificate_authority

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


def block(bench: Bench) -> None:
    """An item that a newer client stored as one encrypted block."""

    def changed(body: bytes) -> bytes:
        answer = json.loads(body)
        for cipher in answer["ciphers"]:
            if cipher["id"] == bench.id:
                cipher["data"] = json.dumps({MARK: "1", "wrapped_cek": "", "envelope": ""})
        return json.dumps(answer).encode()

    bench.session.fault("/api/sync", Fault(change=changed))
    try:
        bench.vault.sync(force=True)
        bench.vault.find(bench.id).edit(notes="x")
    finally:
        bench.vault.sync(force=True)


def a_policy(bench: Bench) -> None:
    account = bench.session.account
    role = account.role
    account.policies, account.role = [DemoPolicy(5)], 2
    bench.stored.touch()  # an answer to a sync is kept until something changes
    try:
        session = Session(bench.server, account).enter()
        session.vault.create("login", name="Kept out", password="made-up")
    finally:
        account.policies, account.role = [], role
        bench.stored.touch()


def offline(bench: Bench) -> None:
    account = bench.session.account
    with TemporaryDirectory() as folder:
        kept = Session(bench.server, account, cache=folder).enter()
        kept.settle()
        bench.server.stop()
        try:
            session = Session(bench.server, account, cache=folder)
            session.vault.login(
                client_id=account.client_id,
                client_secret=account.client_secret,
                server=bench.url,
                certificate_authority=bench.authority,
            )
            session.unlock()
            session.vault["Mine"].edit(username="x")
        finally:
            bench.server._port = int(bench.url.rpartition(":")[2])
            bench.server.start()


class Spoiled(BytesIO):
    """A file whose disk fails in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(5, "Input/output error")
        return super().read(10)


def a_full_disk(bench: Bench) -> None:
    with full_disk():
        bench.item.attach(b"x", name="x")


def a_file_that_changes(bench: Bench) -> None:
    with NamedTemporaryFile() as file:
        file.write(b"x" * 5_000_000)
        file.flush()

        def pieces(source: FileSource) -> Iterator[bytes]:
            for number, piece in enumerate(read(source)):
                if number == 1:
                    file.write(b"more")
                    file.flush()
                yield piece

        read = FileSource.pieces
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FileSource, "pieces", pieces)
            bench.item.attach(file.name, name="x")


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
    "half an SSH key": (
        lambda b: b.vault.create("sshkey", name="K", private_key="made-up"),
        UsageMistake, "cannot open a vault",
    ),
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
    "a name that another file has": (
        lambda b: b.vault["Filed"].attach(b"x", name="f"), UsageMistake, "Replace it",
    ),
    "a block": (block, NotWritable, "one encrypted block"),
    "a policy": (a_policy, NotWritable, "A policy of"),
    "offline": (offline, ServerUnreachable, "read offline"),
    "a full disk": (a_full_disk, WriteRefused, "no room"),
    "a disk that fails": (
        lambda b: b.item.attach(Spoiled(b"x" * 100), name="x"), WriteRefused, "cannot be read",
    ),
    "a file that changes": (a_file_that_changes, WriteRefused, "changed while it was read"),
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


def test_where_only_the_answer_is_lost_the_change_is_there_once(bench: Bench) -> None:
    bench.session.fault(f"/api/ciphers/{bench.id}", Fault(length=100_000))
    assert bench.item.edit(notes="written once").notes == "written once"
    seen = bench.seen()
    assert (seen["notes"], seen["login"]["password"]) == ("written once", "made-up-1")
    bench.session.fault("/api/ciphers", Fault(length=100_000))
    made = bench.vault.create("note", name="Created once", notes="n")
    bench.run("sync")
    assert bench.run("get", "item", made.id)["name"] == "Created once"
    other = Session(bench.server, bench.session.account).enter()
    assert [item.name for item in other.vault.items()].count("Created once") == 1


def test_two_kernels_change_one_item_and_bw_reads_both(bench: Bench) -> None:
    other = Session(bench.server, bench.session.account).enter()
    pairs = ((bench.vault, {"username": "first"}), (other.vault, {"notes": "second"}))
    threads = [
        threading.Thread(target=lambda vault=vault, change=change: vault["Mine"].edit(**change))
        for vault, change in pairs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = bench.seen()
    assert (seen["login"]["username"], seen["notes"]) == ("first", "second")
    assert seen["login"]["password"] == "made-up-1"


def test_bw_reads_a_hundred_items_that_a_limited_server_took(
    bw_session_factory: Callable[..., Run],
) -> None:
    with DemoServer(iterations=5000, writes=(60, 6.0)) as server:
        session = Session(server, server.accounts[0]).enter()
        for number in range(100):
            session.vault.create("note", name=f"Limited {number}", notes=f"made-up {number}")
        assert [text for text in session.waits if "asks to wait" in text]
        run = bw_session_factory(server)
        listed = run("list", "items", "--search", "Limited")
    assert {item["name"]: item["notes"] for item in listed} == {
        f"Limited {number}": f"made-up {number}" for number in range(100)
    }


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
