"""A vault and a real server over TLS, for every test anew."""

from __future__ import annotations

import contextlib
import io
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.secret import Secret

TOKEN = "/identity/connect/token"
SYNC = "/api/sync"
REVISION = "/api/accounts/revision-date"

WAREHOUSE = "demo-warehouse-password-1"

# Under any load: what does not come about within it never does.
PATIENCE = 120.0


def eventually(condition: Callable[[], object]) -> None:
    """Waits until something is the case that another thread brings about."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """Every temporary file finds the disk full."""

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "SpooledTemporaryFile", lambda **_: Full())
        yield


class Session:
    """A vault, and the server and account that it is used with.

    `announced` are the secrets told to `on_secret`, `waits` what `on_wait` was told.
    """

    def __init__(self, server: DemoServer, account: DemoAccount, **settings: Any) -> None:
        self.server = server
        self.account = account
        self.announced: list[Secret] = []
        self.waits: list[str] = []
        settings = {"sync_interval": 0} | settings
        self.vault = Vault(on_secret=self.announced.append, on_wait=self.waits.append, **settings)

    def login(self, **changes: Any) -> bool:
        given: dict[str, Any] = {
            "client_id": self.account.client_id,
            "client_secret": self.account.client_secret,
            "server": self.server.url,
            "certificate_authority": self.server.certificate_authority,
            "source": "the test",
        }
        return self.vault.login(**given | changes)

    def unlock(self, **changes: Any) -> bool:
        return self.vault.unlock(**{"password": self.account.master_password} | changes)

    def enter(self) -> Session:
        self.login()
        self.unlock()
        return self

    def settle(self) -> None:
        """Waits until nothing runs in the background."""
        eventually(lambda: not self.vault.status.is_syncing)

    def fault(self, path: str, *faults: Fault) -> None:
        self.server.faults[path] = list(faults)

    @contextlib.contextmanager
    def held(self, path: str, **fault: Any) -> Iterator[threading.Event]:
        """Holds back the next answer for a path until the event is set or the block ends."""
        release = threading.Event()
        self.fault(path, Fault(until=release, **fault))
        try:
            yield release
        finally:
            release.set()

    def asked(self, path: str | None = None) -> int:
        """How many requests there were, for a path or at all, since the list was cleared."""
        return sum(1 for _, asked in self.server.requests if path in (asked, None))

    @property
    def state(self) -> str:
        return self.vault.status.state

    @property
    def password(self) -> str | None:
        return self.vault["Warehouse DB"].password

    def rename(self, old: str, new: str) -> None:
        """Another client gives an item another name."""
        plain = next(p for p in self.server.account_items(self.account) if p["name"] == old)
        self.server.add_item(self.account, {**plain, "name": new})


@pytest.fixture(params=["official", "vaultwarden"])
def demo(request: pytest.FixtureRequest) -> Iterator[DemoServer]:
    """A server of both styles."""
    with DemoServer(style=request.param, iterations=5_000) as server:
        yield server


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """One server, for what does not depend on its style."""
    with DemoServer(iterations=5_000) as server:
        yield server


Begin = Callable[..., Session]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Makes sessions, and logs them out."""
    sessions: list[Session] = []

    def make(server: DemoServer, number: int = 0, **settings: Any) -> Session:
        sessions.append(Session(server, server.accounts[number], **settings))
        return sessions[-1]

    yield make
    for session in sessions:
        session.vault.logout()


@pytest.fixture
def session(server: DemoServer, begin: Begin) -> Session:
    """A session that is not logged in."""
    return begin(server)


@pytest.fixture
def unlocked(session: Session) -> Session:
    """An unlocked session with its requests forgotten."""
    session.enter().settle()
    session.server.requests.clear()
    return session


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as pool:
        yield pool


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now
