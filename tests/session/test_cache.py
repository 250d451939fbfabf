"""The vault cache: opt-in, sealed, bound to its account, and never trusted."""

from __future__ import annotations

import json
import os
import stat
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from platformdirs.macos import MacOS

from bw_magics.crypto import UserKey
from bw_magics.crypto.cache import decrypt_cache, encrypt_cache
from bw_magics.demo import DemoServer
from bw_magics.errors import AuthenticationFailed, ServerUnreachable, WrongMasterPassword
from bw_magics.session.storage.cache import MAGIC, VaultCache, default_folder
from bw_magics.settings import Server
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
    assert set(kept.header()) == {"revision", "kdf", "salt", "masterKeyEncryptedUserKey"}
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
    "one bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "in the middle": lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
    "empty": lambda data: b"",
    "another format": lambda data: b"bw_magics vault cache 9\n" + data[len(MAGIC) :],
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
    contents = session.vault._current.state.contents
    assert contents is not None
    assert contents.snapshot.unlock is not None
    cache = VaultCache(kept.folder, Server.parse(kept.server.url), account.client_id)
    assert not cache.store(contents.snapshot, contents.snapshot.unlock, contents.keys.user_key)


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


def sealed(body: bytes | bytearray, key: UserKey) -> BytesIO:
    """A file of a cache without its header."""
    return BytesIO(b"".join(encrypt_cache(body, user_key=key, bound=b"x")))


@pytest.mark.parametrize("size", [0, 1, 16, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_a_body_of_any_size_is_opened_as_it_was_sealed(size: int) -> None:
    key, body = UserKey.generate(), os.urandom(size)
    file = BytesIO(b"header" + sealed(body, key).getvalue())
    file.seek(len(b"header"))
    assert decrypt_cache(file, user_key=key, bound=b"x") == body


@pytest.mark.parametrize("size", [0, 1, 100, 1 << 20])
@pytest.mark.parametrize("place", [0, 11, 12, -17, -16, -1])
def test_whatever_is_changed_is_noticed(size: int, place: int) -> None:
    key = UserKey.generate()
    file = sealed(os.urandom(size), key)
    file.getbuffer()[place] ^= 1
    with pytest.raises(AuthenticationFailed):
        decrypt_cache(file, user_key=key, bound=b"x")


@pytest.mark.parametrize("length", [0, 11, 12, 27, 28, 127])
def test_a_file_that_was_cut_off_is_noticed(length: int) -> None:
    key = UserKey.generate()
    file = sealed(bytes(100), key)
    file.truncate(length)
    with pytest.raises(AuthenticationFailed):
        decrypt_cache(file, user_key=key, bound=b"x")


def test_sealing_and_opening_make_no_second_body_in_memory(tmp_path: Path) -> None:
    key, body, megabyte = UserKey.generate(), bytearray(os.urandom(1 << 20)) * 32, 1 << 20
    path = tmp_path / "sealed"

    with path.open("wb") as file, traced() as peak:
        file.writelines(encrypt_cache(body, user_key=key, bound=b"x"))
        assert peak() < 3 * megabyte
    with path.open("rb") as file, traced() as peak:
        opened = decrypt_cache(file, user_key=key, bound=b"x")
        assert peak() < len(body) + 3 * megabyte
    assert opened == body


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """How many bytes were in use at most since."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these have folders of their own")
@pytest.mark.parametrize(
    ("variable", "folder"), [(None, ".cache/bw_magics"), ("caches", "caches/bw_magics")]
)
def test_the_folder_is_that_of_the_users_caches(
    variable: str | None, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if variable is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / variable))

    assert default_folder() == tmp_path / folder


def test_the_folder_on_macos_is_the_one_before_platformdirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("platformdirs.PlatformDirs", MacOS)

    assert default_folder() == tmp_path / "Library/Caches/bw_magics"
