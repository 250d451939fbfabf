"""The stage of a fault: a real server over TLS, a real vault, and the result."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from unittest.mock import patch

from bw_magics import Vault
from bw_magics.demo import DemoAccount, DemoServer, Fault
from bw_magics.errors import BitwardenError
from bw_magics.secret import Secret

Json = dict[str, Any]

TOKEN = "/identity/connect/token"
SYNC = "/api/sync"
REVISION = "/api/accounts/revision-date"
WAREHOUSE = "Warehouse DB"


@dataclass
class Stage:
    """A vault of one account at one server. `undo` takes back, at the end, what a fault changed."""

    server: DemoServer
    account: DemoAccount
    undo: ExitStack
    vault: Vault = field(default_factory=lambda: Vault(sync_interval=0))
    address: str = ""
    client_secret: str = ""

    def login(self) -> None:
        self.vault.login(
            client_id=self.account.client_id,
            client_secret=Secret(self.client_secret or self.account.client_secret),
            server=self.address or self.server.url,
            certificate_authority=self.server.certificate_authority,
        )

    def unlock(self) -> None:
        self.vault.unlock(password=Secret(self.account.master_password))

    def enter(self) -> None:
        self.login()
        self.unlock()

    def sync(self) -> None:
        self.vault.sync(force=True)

    def read(self) -> None:
        """What a person does next: syncs, and reads an item that the fault is about."""
        self.sync()
        _ = self.vault[WAREHOUSE].password

    def fault(self, path: str, *faults: Fault) -> None:
        self.server.faults[path] = list(faults)

    def change(self, path: str, change: Callable[[Json], object], times: int = 9) -> None:
        """The right answers, as JSON objects that `change` alters."""

        def altered(body: bytes) -> bytes:
            answer = json.loads(body)
            change(answer)
            return json.dumps(answer).encode()

        self.fault(path, *[Fault(change=altered)] * times)

    def item(self, answer: Json, name: str) -> Json:
        """An item in the answer to a sync, by its name in plain."""
        plain = next(p for p in self.server.account_items(self.account) if p["name"] == name)
        found: Json = next(i for i in answer["ciphers"] if i["id"] == plain["id"])
        return found

    def patch(self, module: ModuleType, name: str, value: object) -> None:
        self.undo.enter_context(patch.object(module, name, value))

    def values(self) -> dict[str, str | None]:
        """Every readable password, by id."""
        found: dict[str, str | None] = {}
        for item in self.vault.items():
            try:
                found[item.id] = str(item.password) if item.type == "login" else None
            except BitwardenError:
                found[item.id] = "unreadable"
        return found


@dataclass(frozen=True)
class Came:
    """The result of a fault: the error as it is shown, the state, and the vault in memory:
    `as it was`, `one item less` or `gone`, `none` where there never was one.
    """

    message: str
    state: str
    memory: str


@contextmanager
def stage(server: DemoServer, account: DemoAccount) -> Iterator[Stage]:
    with ExitStack() as undo:
        made = Stage(server, account, undo)
        undo.callback(server.faults.clear)
        undo.callback(made.vault.logout)
        yield made


def come(
    made: Stage, act: str, cause: Callable[[Stage], object]
) -> tuple[Came, BitwardenError | None]:
    """Does what `act` says with the fault in place. `login` and `unlock` begin with nothing."""
    before: dict[str, str | None] = {}
    host = made.server.url.partition("://")[2]
    if act in ("sync", "read"):
        made.enter()
        before = made.values()
    elif act == "unlock after login":
        made.login()
        while made.vault.status.is_syncing:
            time.sleep(0.01)
    cause(made)
    error: BitwardenError | None = None
    try:
        {"unlock": made.enter, "unlock after login": made.unlock}.get(
            act, getattr(made, act.partition(" ")[0])
        )()
    except BitwardenError as problem:
        error = problem
    made.server.faults.clear()
    status = made.vault.status
    state: str = status.state
    message = f"{type(error).__name__}: {error}" if error else "no error"
    message = message.replace(made.address or host, "{server}").replace(host, "{server}")
    memory = _memory(made, before, state)
    if state == "locked" and before:
        state = f"locked: {status.reason}"
    return Came(message, state, memory), error


def _memory(made: Stage, before: dict[str, str | None], state: str) -> str:
    if not before:
        return "none"
    if state != "unlocked":
        return "gone"
    after = made.values()
    if after == before:
        return "as it was"
    changed = [id for id in before if after.get(id) != before[id]]
    if not changed:
        return "as it was"
    if all(after.get(id) in ("unreadable", None) for id in changed):
        return "one item less" if len(changed) == 1 else f"{len(changed)} items less"
    return f"{len(changed)} values changed"
