"""Files are attached, replaced and deleted; one that fails leaves nothing behind."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics import Secret
from bw_magics.client import upload
from bw_magics.crypto.file import encrypt_file, encrypt_pieces
from bw_magics.demo import DemoServer, Fault
from bw_magics.errors import (
    BitwardenError,
    MaskRefused,
    NotWritable,
    RequestRefused,
    ServerUnreachable,
    UsageMistake,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.session.writing import attachments
from tests.session.conftest import Session, eventually, full_disk

ITEM = "Warehouse DB"

WAYS = [("official", False), ("official", True), ("vaultwarden", False)]


@pytest.fixture(params=WAYS, ids=["official", "azure", "vaultwarden"])
def server(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    style, azure = request.param
    with DemoServer(style=style, azure=azure, iterations=5000) as server:
        yield server


@pytest.fixture
def session(server: DemoServer) -> Session:
    return Session(server, server.accounts[0]).enter()


def witness(session: Session) -> Any:
    """The item as another session of the account downloads it."""
    other = Session(session.server, session.account).enter()
    return other.vault[ITEM]


def listed(session: Session) -> dict[str, Any]:
    """The attachments that the server holds of the item, by id."""
    records = session.server.stored_items(session.account)
    held: dict[str, Any] = records[session.vault[ITEM].id]["attachments"]
    return held


def files(session: Session) -> dict[str, bytes]:
    stored: dict[str, bytes] = session.server._service.vault(session.account).files
    return stored


@pytest.mark.parametrize("size", [0, 1, 15, 16, 3_000_000])
def test_a_file_comes_back_as_it_went(session: Session, size: int) -> None:
    contents = os.urandom(size)
    item = session.vault[ITEM].attach(contents, name="made up.bin")
    for seen in (item, session.vault[ITEM], witness(session)):
        assert seen.attachment("made up.bin").read() == contents
    [stored] = [each for each in listed(session).values() if each["key"]][-1:]
    assert stored["size"] == len(files(session)[stored["id"]])
    assert contents[:16] not in files(session)[stored["id"]] or size < 16


def test_every_kind_of_source_is_taken(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "from path.json"
    path.write_bytes(b"made-up-1")
    item = session.vault[ITEM]
    sources: list[tuple[Any, str | None]] = [
        (path, None),
        (str(path), "text path.json"),
        (bytearray(b"made-up-1"), "bytearray"),
        (memoryview(b"made-up-1"), "view"),
        (io.BytesIO(b"made-up-1"), "open file"),
        (Secret("made-up-1", "x"), "secret"),
    ]
    for source, name in sources:
        item = item.attach(source, name=name)
    seen = witness(session)
    for name in ("from path.json", "text path.json", "bytearray", "view", "open file", "secret"):
        assert seen.attachment(name).read() == b"made-up-1"


def test_contents_are_announced_before_they_are_sent(session: Session) -> None:
    session.announced.clear()
    session.vault[ITEM].attach(b"made-up-contents", name="a")
    assert "made-up-contents" in {str(secret) for secret in session.announced}


def test_a_file_is_replaced_and_deleted(session: Session) -> None:
    before = set(listed(session))
    item = session.vault[ITEM].attach(b"old", name="key.json")
    new = item.attachment("key.json").replace(b"new")
    assert new.read() == b"new"
    assert len(set(listed(session)) - before) == 1
    assert witness(session).attachment("key.json").read() == b"new"
    new.delete()
    assert set(listed(session)) == before
    assert "key.json" not in [file.name for file in session.vault[ITEM].attachments]


def test_an_edit_keeps_the_attachments(session: Session) -> None:
    item = session.vault[ITEM].attach(b"kept", name="kept.txt")
    item.edit(password="made-up-after", notes="after")
    assert witness(session).attachment("kept.txt").read() == b"kept"


BAD: list[tuple[Any, str | None, type[BitwardenError], str]] = [
    ("no-such-file", None, WriteRefused, "No such file"),
    (".", "folder", WriteRefused, "directory"),
    (b"x", None, UsageMistake, "needs a name"),
    (b"x", "", UsageMistake, "needs a name"),
    (Secret("made-up-secret", "x"), None, UsageMistake, "needs a name"),
    (Secret("made-up-secret", "x"), "•••••••• x", MaskRefused, "mask"),
    (12, "x", UsageMistake, "int cannot be attached"),
    (lambda: io.StringIO("made-up-secret"), "x", UsageMistake, "open as text"),
    (b"x", "n" * 700, WriteRefused, "too long"),
]


@pytest.mark.parametrize(("source", "name", "error", "text"), BAD)
def test_what_cannot_be_attached_is_refused_before_it_is_announced(
    session: Session, source: Any, name: str | None, error: type[BitwardenError], text: str
) -> None:
    before = listed(session)
    with pytest.raises(error, match=text) as caught:
        session.vault[ITEM].attach(source() if callable(source) else source, name=name)
    assert "made-up-secret" not in str(caught.value)
    assert listed(session) == before


def test_a_name_is_not_given_twice(session: Session) -> None:
    item = session.vault[ITEM].attach(b"1", name="Key.json")
    with pytest.raises(UsageMistake, match=r"Replace it: attachment\('key.json'\)"):
        item.attach(b"2", name="key.json")


def test_a_file_that_changes_while_it_is_read_is_not_attached(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * 5_000_000)
    before = listed(session)

    def meddled(key: Any, pieces: Iterator[bytes], file: Any) -> int:
        def slowly() -> Iterator[bytes]:
            for number, piece in enumerate(pieces):
                if number == 2:
                    with path.open("ab") as other:
                        other.write(b"more")
                yield piece

        return encrypt_pieces(key, slowly(), file)

    monkeypatch.setattr(attachments, "encrypt_pieces", meddled)
    with pytest.raises(WriteRefused, match="changed while it was read"):
        session.vault[ITEM].attach(path)
    assert listed(session) == before


def test_a_full_disk_is_told_and_nothing_is_announced(session: Session) -> None:
    session.server.requests.clear()
    with full_disk(), pytest.raises(WriteRefused, match=r"no room .* No space left"):
        session.vault[ITEM].attach(b"x", name="x")
    assert not [path for method, path in session.server.requests if method == "POST"]


class TestFailures:
    """The server's side of an upload goes wrong."""

    def test_a_lost_answer_to_the_announcement_leaves_one_file(self, session: Session) -> None:
        before = set(listed(session))
        session.fault(f"/api/ciphers/{session.vault[ITEM].id}/attachment/v2", Fault(cut=0))
        session.vault[ITEM].attach(b"once", name="once.txt")
        assert len(set(listed(session)) - before) == 1
        assert witness(session).attachment("once.txt").read() == b"once"

    @pytest.mark.parametrize("fault", [Fault(reset=True), Fault(status=503), Fault(status=413)])
    def test_a_failed_upload_leaves_no_entry(
        self, server: DemoServer, session: Session, fault: Fault
    ) -> None:
        before = listed(session)
        faulty = FaultyUploads(server, fault, times=2)
        with faulty, pytest.raises(BitwardenError) as caught:
            session.vault[ITEM].attach(b"contents", name="ghost.txt")
        assert caught.value.remedy
        assert listed(session) == before
        assert not witness(session).attachments or "ghost.txt" not in [
            file.name for file in witness(session).attachments
        ]

    @pytest.mark.parametrize("fault", [Fault(length=10), Fault(reset=True), Fault(status=503)])
    def test_a_lost_answer_to_the_upload_leaves_one_file(
        self, server: DemoServer, session: Session, fault: Fault
    ) -> None:
        before = set(listed(session))
        with FaultyUploads(server, fault, times=1):
            session.vault[ITEM].attach(b"once", name="once.txt")
        assert len(set(listed(session)) - before) == 1
        assert witness(session).attachment("once.txt").read() == b"once"

    def test_an_entry_that_cannot_be_removed_is_told(
        self, server: DemoServer, session: Session
    ) -> None:
        faulty = FaultyUploads(server, Fault(status=503), times=1, then_stop=True)
        with faulty, pytest.raises(WriteUnclear, match="an entry without contents may stay"):
            session.vault[ITEM].attach(b"contents", name="ghost.txt")

    def test_a_lost_answer_to_the_delete_is_looked_up(
        self, server: DemoServer, session: Session
    ) -> None:
        item = session.vault[ITEM].attach(b"x", name="gone.txt")
        file = item.attachment("gone.txt")
        session.fault(f"/api/ciphers/{item.id}/attachment/{file.id}", Fault(cut=0))
        file.delete()
        assert file.id not in listed(session)

    def test_an_interrupt_ends_the_upload(
        self, server: DemoServer, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = set(listed(session))
        release = threading.Event()

        def interrupted(text: str) -> None:
            if "of" in text:
                raise KeyboardInterrupt

        session.vault.on_wait = interrupted
        with FaultyUploads(server, Fault(until=release, status=503), times=1):
            with pytest.raises(KeyboardInterrupt):
                session.vault[ITEM].attach(os.urandom(8_000_000), name="big.bin")
            # Not before: else the upload could be sent again before the interrupt reaches it.
            release.set()
            session.vault.on_wait = None
            session.vault.create("note", name="After", notes="waits for its turn")
        assert set(listed(session)) == before


class FaultyUploads:
    """Gives the next uploads a fault, whatever id they get."""

    def __init__(
        self,
        server: DemoServer,
        fault: Fault,
        *,
        times: int,
        then_stop: bool = False,
        after: int = 0,
    ) -> None:
        self._service = server._service
        self._server = server
        self._fault, self._times, self._then_stop = fault, times, then_stop
        self._after = after

    def __enter__(self) -> None:
        self._before = self._service.next_fault

        def next_fault(path: str) -> Fault | None:
            is_upload = "/blobs/" in path or (
                "/attachment/" in path and not path.endswith("/v2") and self._is_post(path)
            )
            if is_upload and self._after:
                self._after -= 1
            elif is_upload and self._times:
                self._times -= 1
                if self._then_stop:
                    self._service.next_fault = lambda path: Fault(reset=True)  # type: ignore[method-assign]
                return self._fault
            return self._before(path)

        self._service.next_fault = next_fault  # type: ignore[method-assign]

    def _is_post(self, path: str) -> bool:
        return self._service.requests[-1] == ("POST", path)

    def __exit__(self, *_: object) -> None:
        self._service.next_fault = self._before  # type: ignore[method-assign]


@pytest.mark.parametrize("style", ["official", "vaultwarden"])
def test_a_full_storage_is_told_with_its_reason(style: Any) -> None:
    with DemoServer(style=style, iterations=5000, storage=10) as server:
        session = Session(server, server.accounts[0]).enter()
        before = listed(session)
        with pytest.raises(WriteRefused, match="its storage is full") as caught:
            session.vault[ITEM].attach(b"x" * 1000, name="x")
        assert "Delete attachments" in caught.value.remedy
        assert listed(session) == before


def test_old_attachments_are_upgraded_before_their_item_is_shared(
    server: DemoServer, session: Session
) -> None:
    vault = server._service.vault(session.account)
    made = session.vault.create("note", name="Old", notes="n").attach(b"old file", name="old.txt")
    [attachment] = vault.items[made.id]["attachments"].values()
    # As clients before 2018 stored it: under the key of the item's owner.
    record = vault.items[made.id]
    from bw_magics.crypto import EncString
    from bw_magics.crypto.wrapping import unwrap_item_key

    key: Any = vault.owner_key(None)
    if record["key"]:
        key = unwrap_item_key(EncString.parse(record["key"]), under=key)
    attachment["key"] = None
    vault.files[attachment["id"]] = encrypt_file(key, b"old file")
    attachment["size"] = len(vault.files[attachment["id"]])
    session.vault.sync(force=True)

    item = session.vault["Old"]
    first = session.vault.places("collection")[0]
    old = item.attachment("old.txt")
    assert not old.has_own_key
    with pytest.raises(NotWritable, match="without a key of its own") as caught:
        item.share(organization=first.organization or "", collections=[first.id])
    assert "upgrade()" in caught.value.remedy
    new = old.upgrade()
    assert new.has_own_key
    assert new.read() == b"old file"
    assert new.upgrade() is new
    shared = session.vault["Old"].share(
        organization=first.organization or "", collections=[first.id]
    )
    assert shared.attachment("old.txt").read() == b"old file"
    assert len(vault.items[made.id]["attachments"]) == 1


def test_an_item_that_may_only_be_read_takes_no_file(session: Session) -> None:
    [item, *_] = [each for each in session.vault.items() if not each.is_editable]
    with pytest.raises(NotWritable):
        item.attach(b"x", name="x")


def test_a_server_that_is_away_is_told(server: DemoServer, session: Session) -> None:
    item = session.vault[ITEM]
    server.stop()
    with pytest.raises(ServerUnreachable):
        item.attach(b"x", name="x")


def set_when(condition: Callable[[], bool]) -> threading.Event:
    """Gives an event that a thread sets once the condition holds, or never will."""
    event = threading.Event()

    def wait() -> None:
        try:
            eventually(condition)
        finally:
            event.set()

    threading.Thread(target=wait).start()
    return event


@pytest.mark.parametrize(("size", "words"), [(3_000_000, "of 2.9 MiB"), (35, "of 97 bytes")])
def test_progress_is_shown(server: DemoServer, session: Session, size: int, words: str) -> None:
    def shown() -> bool:
        return any("big.bin" in text and words in text for text in session.waits)

    with FaultyUploads(server, Fault(until=set_when(shown)), times=1):
        session.vault[ITEM].attach(os.urandom(size), name="big.bin")
    assert shown(), session.waits
    eventually(lambda: not session.vault.status.is_syncing)


class TestBlocks:
    """A large file goes to Azure's storage in blocks; here the limit is lowered."""

    @pytest.fixture
    def server(self) -> Iterator[DemoServer]:
        with DemoServer(azure=True, iterations=5000) as server:
            yield server

    @pytest.fixture(autouse=True)
    def lowered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(upload, "AT_ONCE", 1_000_000)
        monkeypatch.setattr(upload, "BLOCK", 400_000)

    def puts(self, server: DemoServer) -> int:
        return sum(method == "PUT" and "/blobs/" in path for method, path in server.requests)

    @pytest.mark.parametrize(("size", "requests"), [(999_000, 1), (1_200_000, 5), (1_999_000, 6)])
    def test_a_file_over_the_limit_comes_back_as_it_went(
        self, server: DemoServer, session: Session, size: int, requests: int
    ) -> None:
        contents = os.urandom(size)
        server.requests.clear()
        item = session.vault[ITEM].attach(contents, name="big.bin")
        assert self.puts(server) == requests
        assert item.attachment("big.bin").read() == contents

    @pytest.mark.parametrize(
        ("fault", "more"), [(Fault(reset=True), 1), (Fault(status=403), 1), (Fault(status=500), 1)]
    )
    def test_a_block_that_failed_is_sent_again_at_a_new_address(
        self, server: DemoServer, session: Session, fault: Fault, more: int
    ) -> None:
        contents = os.urandom(1_200_000)
        server.requests.clear()
        with FaultyUploads(server, fault, times=1):
            item = session.vault[ITEM].attach(contents, name="big.bin")
        assert self.puts(server) == 5 + more
        assert sum(path.endswith("/renew") for _, path in server.requests) == 1
        assert item.attachment("big.bin").read() == contents
        assert len(listed(session)) == len(item.attachments)

    def test_an_address_is_renewed_before_it_is_over(
        self, server: DemoServer, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(upload, "_ADDRESS_LASTS", -1.0)
        server.requests.clear()
        session.vault[ITEM].attach(os.urandom(1_200_000), name="big.bin")
        assert sum(path.endswith("/renew") for _, path in server.requests) == 5

    def test_blocks_that_never_arrive_leave_no_entry(
        self, server: DemoServer, session: Session
    ) -> None:
        before = set(listed(session))
        with FaultyUploads(server, Fault(status=403), times=99), pytest.raises(RequestRefused):
            session.vault[ITEM].attach(os.urandom(1_200_000), name="big.bin")
        assert set(listed(session)) == before

    def test_progress_goes_on_over_all_blocks(self, server: DemoServer, session: Session) -> None:
        def shown() -> bool:
            return any("1.5 of 1.8" in text or "1.1 of 1.8" in text for text in session.waits)

        held = set_when(shown)
        # The fourth block waits: by then three have gone.
        with FaultyUploads(server, Fault(until=held), times=1, after=3):
            session.vault[ITEM].attach(os.urandom(1_900_000), name="big.bin")
        assert shown(), session.waits


@pytest.mark.long
def test_a_file_above_256_mib_is_never_whole_in_memory(tmp_path: Path) -> None:
    """For real: 300 MiB in blocks, read from a file, by a process that measures itself."""
    program = tmp_path / "attach.py"
    program.write_text(_ATTACH)
    with DemoServer(azure=True, iterations=5000) as server:
        account = server.accounts[0]
        authority = tmp_path / "authority.pem"
        authority.write_bytes(server.certificate_authority)
        told = subprocess.run(
            [sys.executable, str(program), str(tmp_path)],
            input=json.dumps([account.client_id, account.client_secret, account.master_password,
                              server.url, str(authority)]),
            capture_output=True, text=True, timeout=800, check=True,
        ).stdout  # fmt: skip
        puts = [path for method, path in server.requests if method == "PUT" and "/blobs/" in path]
        [stored] = [
            entry
            for entry in server._service.vault(account).files.values()
            if len(entry) > 300 * 1024 * 1024
        ]
    assert len(puts) == 1 + 5 + 1  # the small one; five blocks, and their list
    size, grown = json.loads(told)
    assert size == len(stored) - 49 - (16 - size % 16)
    assert grown < 128 * 1024 * 1024, grown


_ATTACH = """
import json, os, resource, sys
from pathlib import Path
from bw_magics import Vault

client_id, client_secret, password, server, authority = json.load(sys.stdin)
os.environ["TMPDIR"] = sys.argv[1]
path = Path(sys.argv[1]) / "big.bin"
with path.open("wb") as file:
    for _ in range(300):
        file.write(os.urandom(1024 * 1024))
vault = Vault()
vault.login(client_id=client_id, client_secret=client_secret, server=server,
            certificate_authority=Path(authority))
vault.unlock(password=password)
vault["Warehouse DB"].attach(b"small", name="small")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
vault["Warehouse DB"].attach(path)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(json.dumps([path.stat().st_size, grown]))
vault.logout()
"""
