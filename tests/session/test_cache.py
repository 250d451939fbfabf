"""The vault cache: opt-in, sealed, bound to its account, and never trusted."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformdirs import user_cache_path
from platformdirs.macos import MacOS

from bw_magics.crypto import UserKey
from bw_magics.crypto.cache import OVERHEAD, CacheKey
from bw_magics.demo import DemoServer
from bw_magics.errors import (
    AuthenticationFailed,
    ServerUnreachable,
    Unreadable,
    VaultLocked,
    WrongMasterPassword,
)
from bw_magics.session.storage.cache import VaultCache, default_folder
from bw_magics.session.storage.cache_file import MAGIC, CacheFile, Table
from bw_magics.session.storage.kept_vault import KeptVault
from bw_magics.settings import Server
from bw_magics.vault.item import Item
from bw_magics.vault.selection import Selection
from tests.session.conftest import REVISION, SYNC, WAREHOUSE, Begin, Session


class Kept:
    """Sessions that keep their vault in one folder, and the files there."""

    def __init__(self, server: DemoServer, begin: Begin, folder: Path) -> None:
        self.server, self.folder, self._begin = server, folder, begin
        self.address = server.url

    def session(self, number: int = 0) -> Session:
        """As after a restart of the kernel."""
        session = self._begin(self.server, number, cache=self.folder)
        self.server.requests.clear()
        return session

    def enter(self, number: int = 0) -> Session:
        session = self.session(number).enter()
        session.settle()
        return session

    def log_in(self, session: Session) -> None:
        """Where the server is not there to be asked for its address."""
        session.vault.login(
            client_id=session.account.client_id,
            client_secret=session.account.client_secret,
            server=self.address,
            certificate_authority=self.server.certificate_authority,
        )

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.vault"))

    @property
    def file(self) -> Path:
        (file,) = self.files
        return file

    @property
    def is_set_aside(self) -> bool:
        return any(self.folder.glob("*.set-aside"))

    def header(self) -> dict[str, Any]:
        data = self.file.read_bytes().removeprefix(MAGIC)
        length = int.from_bytes(data[:4], "big")
        header: dict[str, Any] = json.loads(data[4 : 4 + length])
        return header

    def rewrite(self, **changes: Any) -> None:
        data = self.file.read_bytes().removeprefix(MAGIC)
        length = int.from_bytes(data[:4], "big")
        raw = json.dumps(self.header() | changes).encode()
        self.write(MAGIC + len(raw).to_bytes(4, "big") + raw + data[4 + length :])

    def write(self, data: bytes) -> None:
        self.file.write_bytes(data)

    def block(self, name: str) -> int:
        """Where a block of the file begins: `rest`, `catalogue`, or the first page of items."""
        file = CacheFile.open(self.file)
        table, _, at = file.table()
        return at + {"rest": 0, "catalogue": table.rest, "page": table.rest + table.catalogue}[name]

    def damage(self, name: str) -> None:
        """Changes one bit in the middle of a block."""
        data = bytearray(self.file.read_bytes())
        data[self.block(name) + 40] ^= 1
        self.write(bytes(data))


@pytest.fixture
def kept(server: DemoServer, begin: Begin, tmp_path: Path) -> Kept:
    kept = Kept(server, begin, tmp_path / "cache")
    kept.enter().vault.logout()
    return kept


def test_nothing_is_written_unless_it_is_asked_for(unlocked: Session, tmp_path: Path) -> None:
    assert unlocked.vault.cache is False
    assert unlocked.vault._sync.cache is None


def test_the_file_is_for_this_user_only_and_clear_only_where_it_must_be(kept: Kept) -> None:
    status = kept.file.stat()
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700
    assert [path.name for path in kept.folder.iterdir()] == [kept.file.name], "no draft is left"
    assert set(kept.header()) == {
        "revision",
        "kdf",
        "salt",
        "masterKeyEncryptedUserKey",
        "keySalt",
    }
    account = kept.server.accounts[0]
    data = kept.file.read_bytes()
    for text in ("ciphers", account.client_secret, account.user_id, account.master_password):
        assert text.encode() not in data
    assert account.user_id not in kept.file.name


def test_the_next_session_only_asks_for_the_revision_date(kept: Kept) -> None:
    session = kept.session()
    session.enter()
    assert (session.asked(REVISION), session.asked(SYNC)) == (1, 0)
    assert session.password == WAREHOUSE
    assert session.vault.status.problem is None
    assert session.vault.sync() is False
    assert session.asked(SYNC) == 0


def test_what_is_new_is_downloaded_and_kept(kept: Kept) -> None:
    before = kept.header()["revision"]
    probe = kept.session()
    probe.rename("Notebook hub", "Lab hub")
    session = kept.enter()
    assert session.asked(SYNC) == 1
    assert session.vault["Lab hub"].name == "Lab hub"
    assert kept.header()["revision"] > before
    session.rename("Notebook hub", "Deep hub")
    session.vault.sync()
    session.settle()
    assert kept.enter().asked(SYNC) == 0, "also what came while it was unlocked is kept"


def test_without_a_server_the_vault_reports_that_it_is_read_only(kept: Kept) -> None:
    kept.server.stop()
    stranger = kept.session(1)
    with pytest.raises(ServerUnreachable):
        kept.log_in(stranger)
    session = kept.session()
    kept.log_in(session)
    assert session.vault.is_offline
    with pytest.raises(WrongMasterPassword):
        session.unlock(password="made-up")
    session.unlock()
    assert session.password == WAREHOUSE
    status = session.vault.status
    assert status.problem is not None
    assert status.problem.startswith("The server cannot be reached")
    assert "read only" in status.problem
    assert status.synced_at == pytest.approx(kept.file.stat().st_mtime, abs=1)
    with pytest.raises(ServerUnreachable):
        session.vault.sync()
    item = session.vault["Warehouse DB"]
    for change in (lambda: item.edit(username="x"), item.trash, item.archive,
                   lambda: session.vault.create("note", name="N")):  # fmt: skip
        with pytest.raises(
            ServerUnreachable, match="read offline, so nothing can be saved"
        ) as told:
            change()
        assert "Sync once the server can be reached" in told.value.remedy
    assert session.password == WAREHOUSE


def test_it_is_online_again_when_the_server_is(kept: Kept) -> None:
    kept.server.stop()
    session = kept.session()
    kept.log_in(session)
    session.unlock()
    kept.server._port = int(kept.address.rpartition(":")[2])
    with kept.server:
        session.rename("Notebook hub", "Lab hub")
        assert session.vault.sync() is True
        assert not session.vault.is_offline
        assert session.vault.status.problem is None
        assert session.vault["Lab hub"].name == "Lab hub"
        session.vault.logout()


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[:-1],
    "longer": lambda data: data + b"x",
    "a page is gone": lambda data: data[: -(len(data) // 3)],
    "empty": lambda data: b"",
    "another format": lambda data: b"bw_magics vault cache 9\n" + data[len(MAGIC) :],
    "the format before pages": lambda data: b"bw_magics vault cache 1\n" + data[len(MAGIC) :],
    "only magic": lambda data: MAGIC,
    "endless header": lambda data: MAGIC + b"\xff\xff\xff\xff" + data,
    "no JSON": lambda data: MAGIC + (3).to_bytes(4, "big") + b"no!" + data,
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_damaged_file_is_set_aside_and_replaced(kept: Kept, what: str) -> None:
    kept.write(CHANGES[what](kept.file.read_bytes()))
    session = kept.enter()
    assert session.asked(SYNC) == 1
    assert session.password == WAREHOUSE
    assert kept.is_set_aside
    assert kept.enter().asked(SYNC) == 0, "it was replaced"


@pytest.mark.parametrize(
    "changes",
    [
        {"revision": 10},
        {"revision": 2**52},
        {"salt": "someone@else.example"},
        {"kdf": {"kdfType": 0, "iterations": 600_001}},
        {"more": 1},
    ],
)
def test_the_clear_header_is_bound_to_what_is_sealed(kept: Kept, changes: dict[str, Any]) -> None:
    kept.rewrite(**changes)
    session = kept.enter()
    assert session.password == WAREHOUSE
    assert session.asked(SYNC) == 1
    assert kept.enter().asked(SYNC) == 0


@pytest.mark.parametrize(
    "kdf",
    [
        {"kdfType": 0, "iterations": 1},
        {"kdfType": 0, "iterations": 2**31},
        {"kdfType": 1, "iterations": 3, "memory": 10**6, "parallelism": 4},
        {"kdfType": 7, "iterations": 3},
    ],
)
def test_floor_and_ceiling_hold_for_the_header_too(kept: Kept, kdf: dict[str, int]) -> None:
    kept.rewrite(kdf=kdf)
    account = kept.server.accounts[0]
    cache = VaultCache(kept.folder, Server.parse(kept.server.url), account.client_id)
    assert cache.header() is None
    assert kept.is_set_aside


def test_a_file_of_another_account_is_foreign(kept: Kept) -> None:
    kept.enter(1).vault.logout()
    ada, grace = (
        VaultCache(kept.folder, Server.parse(kept.server.url), account.client_id)
        for account in kept.server.accounts
    )
    assert len(kept.files) == 2
    grace.path.replace(ada.path)
    session = kept.enter()
    assert session.password == WAREHOUSE
    assert session.asked(SYNC) == 1


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="Windows has no modes")
def test_a_file_that_others_may_touch_or_a_link_is_not_read(kept: Kept, tmp_path: Path) -> None:
    kept.file.chmod(0o640)
    assert kept.enter().asked(SYNC) == 1
    file = kept.file
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert kept.enter().asked(SYNC) == 1
    assert not kept.file.is_symlink()


def test_an_older_file_never_takes_the_place_of_a_newer_one(kept: Kept) -> None:
    account = kept.server.accounts[0]
    session = kept.enter()
    session.vault.sync(force=True)
    contents = session.vault._current.contents()
    assert contents.snapshot.kept is None
    assert contents.snapshot.unlock is not None
    cache = VaultCache(kept.folder, Server.parse(kept.server.url), account.client_id)
    assert not cache.store(contents, contents.snapshot.unlock)


def test_parallel_sessions_share_the_file(kept: Kept) -> None:
    sessions = [kept.session() for _ in range(8)]
    sessions[0].rename("Notebook hub", "Lab hub")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Session.enter, sessions))
    assert all(session.vault["Lab hub"].name == "Lab hub" for session in sessions)
    assert [path.name for path in kept.folder.iterdir()] == [kept.file.name]
    assert kept.enter().asked(SYNC) == 0


def test_a_changed_password_is_asked_for_at_once(kept: Kept) -> None:
    account = kept.server.accounts[0]
    old = account.master_password
    kept.server.change_master_password(account, "another-password-of-the-demo")
    session = kept.session()
    session.login()
    with pytest.raises(WrongMasterPassword):
        session.unlock(password=old)
    session.unlock()
    assert session.password == WAREHOUSE


def test_a_cache_that_cannot_be_written_costs_nothing(
    server: DemoServer, begin: Begin, tmp_path: Path
) -> None:
    (tmp_path / "a file").write_text("")
    session = begin(server, cache=tmp_path / "a file" / "cache").enter()
    assert session.password == WAREHOUSE
    problem = session.vault.status.problem
    assert problem is not None
    assert problem.startswith("The vault cache cannot be written")


def test_a_damaged_table_is_noticed_although_it_is_clear(kept: Kept) -> None:
    data = bytearray(kept.file.read_bytes())
    at = kept.block("rest")
    # The first page becomes one record larger, and every length stays what it is.
    data[at - 8 * pages(kept) + 7] ^= 1
    kept.write(bytes(data))
    session = kept.enter()
    assert session.asked(SYNC) == 1
    assert session.password == WAREHOUSE
    assert kept.is_set_aside


def pages(kept: Kept) -> int:
    table, _, _ = CacheFile.open(kept.file).table()
    return len(table.pages)


def test_a_damaged_rest_of_the_answer_costs_the_file(kept: Kept) -> None:
    kept.damage("rest")
    session = kept.enter()
    assert session.asked(SYNC) == 1
    assert session.password == WAREHOUSE
    assert kept.is_set_aside


def test_a_damaged_catalogue_costs_nothing_but_time(kept: Kept) -> None:
    kept.damage("catalogue")
    session = kept.enter()
    assert session.asked(SYNC) == 0, "the pages are whole"
    assert session.password == WAREHOUSE
    contents = session.vault._current.contents()
    assert contents.decrypted_names == len(contents.snapshot.records)
    assert kept.is_set_aside
    again = kept.enter().vault._current.contents()
    assert again.decrypted_names == 0, "it was written anew"


def test_a_catalogue_of_another_version_is_made_anew(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bw_magics.vault.kept.VERSION", "0.0.1")
    session = kept.enter()
    assert session.asked(SYNC) == 0
    assert session.vault._current.contents().decrypted_names > 0
    assert session.password == WAREHOUSE
    assert not kept.is_set_aside


def test_a_kept_vault_gives_every_item_as_the_server_did(kept: Kept) -> None:
    downloaded = kept.session()
    downloaded.vault.cache = False
    downloaded.enter()
    opened = kept.enter()
    assert opened.vault._current.contents().decrypted_names == 0
    for chosen in (
        Selection(),
        Selection(trash=True),
        Selection(archived=True),
        Selection(search="data"),
    ):
        ours, theirs = (each.vault.items(chosen) for each in (opened, downloaded))
        assert [described(item) for item in ours] == [described(item) for item in theirs]
        assert [dict(item.record) for item in ours] == [dict(item.record) for item in theirs]
    kept_one, other = (each.vault._current.contents() for each in (opened, downloaded))
    assert kept_one.names == other.names
    assert kept_one.unreadable == other.unreadable > 0
    assert kept_one.index.find("", 1000) == other.index.find("", 1000)
    for kind in ("folder", "collection", "organization"):
        places = opened.vault.places(kind)
        assert places == downloaded.vault.places(kind)
        for place in places:
            assert kept_one.names_in(place.id) == other.names_in(place.id)


def described(item: Item) -> tuple[object, ...]:
    return (item.id, item.name, item.type, item.problem, item.folder, item.collections)


def test_a_damaged_page_costs_its_own_items_and_is_told(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.file.unlink()
    monkeypatch.setattr("bw_magics.session.storage.kept_vault.PAGE", 4_000)
    kept.enter().vault.logout()
    assert pages(kept) > 10
    kept.damage("page")
    session = kept.enter()
    session.vault.sync_interval = 0
    assert session.asked(SYNC) == 0
    assert not kept.is_set_aside, "the page was not asked for yet"
    read, lost = 0, []
    for item in session.vault.items():
        try:
            if item.item_type is None and item.problem is None:
                continue  # of a type that is not known here
            item.get("password") if item.holds("password") else dict(item.record)
            assert item.notes is None or item.notes
        except Unreadable as problem:
            if "damaged" in problem.fact:
                lost.append(item)
        else:
            read += 1
    assert lost
    assert read > 5 * len(lost)
    for item in lost:
        assert item.name
        assert item.type
        assert "damaged" in (item.problem or "")
        for ask in ("password", "username", "notes", "totp", "fields", "passkeys", "attachments"):
            with pytest.raises(Unreadable, match="damaged"):
                getattr(item, ask)
        with pytest.raises(Unreadable, match="damaged"):
            session.vault.get("password", item.id)
        assert not item.is_editable
    assert kept.is_set_aside
    status = session.vault.status.problem
    assert status is not None
    assert "damaged" in status
    assert session.vault.sync() is True, "although nothing is new"
    session.settle()
    assert session.vault.status.problem is None
    assert [session.vault[item.id].problem for item in lost] == [None] * len(lost)
    assert kept.enter().asked(SYNC) == 0, "it was written anew"


def test_a_damaged_page_is_asked_for_anew_at_the_next_use(kept: Kept) -> None:
    kept.damage("page")
    session = kept.enter()
    session.vault.sync_interval = 300
    for item in session.vault.items():
        with suppress(Unreadable):
            _ = item.notes
    session.settle()
    assert session.asked(SYNC) == 1
    assert session.password == WAREHOUSE


def test_one_secret_opens_one_page(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.file.unlink()
    monkeypatch.setattr("bw_magics.session.storage.kept_vault.PAGE", 4_000)
    kept.enter().vault.logout()
    opened: list[int] = []
    open_block = CacheKey.open

    def counted(key: CacheKey, number: int, sealed: bytes) -> bytes:
        opened.append(number)
        return open_block(key, number, sealed)

    monkeypatch.setattr(CacheKey, "open", counted)
    session = kept.enter()
    assert len(opened) == 2, "the rest of the answer and the catalogue"
    assert session.password == WAREHOUSE
    assert len(opened) == 3
    assert session.password == WAREHOUSE
    assert len(opened) == 3


def test_a_lock_ends_the_reading_and_an_unlock_brings_it_back(kept: Kept) -> None:
    session = kept.enter()
    item = session.vault["Warehouse DB"]
    session.vault.lock()
    snapshot = session.vault._current.state.snapshot
    assert isinstance(snapshot.records if snapshot else None, KeptVault)
    with pytest.raises(VaultLocked):
        _ = item.password
    session.unlock()
    assert session.password == WAREHOUSE
    assert session.asked(SYNC) == 0


def test_a_file_that_is_replaced_or_removed_stays_readable(kept: Kept) -> None:
    session, other = kept.enter(), kept.enter()
    kept.file.unlink()
    assert session.password == WAREHOUSE
    other.rename("Notebook hub", "Lab hub")
    other.vault.sync()
    other.settle()
    assert kept.file.exists()
    for item in session.vault.items():
        with suppress(Unreadable):
            _ = item.notes
    assert not session.vault._current.contents().snapshot.is_damaged


def test_a_change_from_here_is_seen_in_a_kept_vault(kept: Kept) -> None:
    session = kept.enter()
    item = session.vault["Warehouse DB"]
    with item.editing() as draft:
        draft.username = "another"
    assert session.vault["Warehouse DB"].username == "another"
    assert session.password == WAREHOUSE
    assert len(session.vault.items()) == len(kept.enter().vault.items())


def key_of(user_key: UserKey, **changes: bytes) -> CacheKey:
    given = {"kind": b"records", "salt": b"s" * 32, "bound": b"x"} | changes
    return CacheKey(user_key, **given)


@pytest.mark.parametrize("size", [0, 1, 16, 65_535, 65_536, 1 << 20])
def test_a_block_of_any_size_is_opened_as_it_was_sealed(size: int) -> None:
    user_key, data = UserKey.generate(), os.urandom(size)
    sealed = key_of(user_key).seal(3, data)
    assert len(sealed) == size + OVERHEAD
    assert key_of(user_key).open(3, sealed) == data


@pytest.mark.parametrize("place", [0, 11, 12, -17, -16, -1])
@pytest.mark.parametrize("size", [0, 100])
def test_every_modification_is_noticed(size: int, place: int) -> None:
    key = key_of(UserKey.generate())
    sealed = bytearray(key.seal(1, os.urandom(size)))
    sealed[place] ^= 1
    with pytest.raises(AuthenticationFailed):
        key.open(1, bytes(sealed))


@pytest.mark.parametrize("length", [0, 11, 12, 27, 28, 127])
def test_a_block_that_was_cut_off_is_noticed(length: int) -> None:
    key = key_of(UserKey.generate())
    with pytest.raises(AuthenticationFailed):
        key.open(1, key.seal(1, bytes(100))[:length])


@pytest.mark.parametrize(
    "changes", [{"kind": b"catalogue"}, {"salt": b"t" * 32}, {"bound": b"y"}], ids=str
)
def test_a_key_is_bound_to_kind_salt_and_what_is_clear(changes: dict[str, bytes]) -> None:
    user_key = UserKey.generate()
    sealed = key_of(user_key).seal(1, b"block")
    with pytest.raises(AuthenticationFailed):
        key_of(user_key, **changes).open(1, sealed)
    with pytest.raises(AuthenticationFailed):
        key_of(UserKey.generate()).open(1, sealed)


def test_a_block_does_not_open_in_the_place_of_another() -> None:
    key = key_of(UserKey.generate())
    with pytest.raises(AuthenticationFailed):
        key.open(2, key.seal(1, b"block"))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    try:
        table = Table.decoded(data)
    except ValueError:
        return
    assert table.encoded == data


# Values of HOME and of the variable; a blank one is not set.
@pytest.mark.skipif(sys.platform != "linux", reason="the others have folders of their own")
@pytest.mark.parametrize("home", ["{}", "{}/", "{}//a", "relative", "", None])
@pytest.mark.parametrize("caches", [None, "", "{}/caches", "caches", "~/caches"])
@pytest.mark.parametrize("data", [None, "/data"])
def test_the_folder_is_that_of_the_users_caches(
    home: str | None,
    caches: str | None,
    data: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variables = {"HOME": home, "XDG_CACHE_HOME": caches, "ANDROID_DATA": data}
    for name, value in variables.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value.format(tmp_path))

    assert default_folder() == user_cache_path("bw_magics", appauthor=False, opinion=False)


def test_the_folder_on_macos_is_the_one_before_platformdirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platformdirs.PlatformDirs", MacOS)

    assert default_folder() == tmp_path / "Library/Caches/bw_magics"
