"""`Service`: the state that all routes share."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from bw_magics.demo.account import DemoAccount
from bw_magics.demo.json_object import Json
from bw_magics.demo.service.fault import Fault
from bw_magics.demo.service.limiter import Limiter
from bw_magics.demo.service.machine_tokens import MachineTokens
from bw_magics.demo.service.permissions import Permissions
from bw_magics.demo.service.public_api import PublicApi
from bw_magics.demo.service.tokens import Tokens
from bw_magics.demo.shapes.shape import Shape
from bw_magics.demo.stored.stored_vault import StoredVault


class Refused(Exception):
    """A refusal with this status and JSON body as the answer; `page` is HTML in its place."""

    def __init__(self, status: int, body: Json, page: bytes = b"") -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.page = page


class Service:
    """The accounts and their vaults, the tokens, the kind of server, the faults.

    A vault is encrypted at its first use. `azure` has files put at addresses of their own,
    `storage` is the room for them in bytes. `blocks` are those of files that are not whole yet, by
    attachment and by block. `write_limiter` limits all changes. `requests` and `faults` are those
    of `DemoServer`.
    """

    def __init__(
        self, shape: Shape, tokens: Tokens, accounts: Sequence[DemoAccount], refusal_delay: float
    ) -> None:
        self.shape = shape
        self.tokens = tokens
        self.accounts = tuple(accounts)
        self.refusal_delay = refusal_delay
        self.requests: list[tuple[str, str]] = []
        self.faults: dict[str, list[Fault]] = {}
        self.limiter: Limiter | None = None
        self.write_limiter: Limiter | None = None
        self.azure = False
        self.storage: int | None = None
        self.public_api: PublicApi | None = None
        self.machines: MachineTokens | None = None
        self.permissions = Permissions()
        self.blocks: dict[str, dict[str, bytes]] = {}
        self.stopping = threading.Event()
        self._vaults: dict[str, StoredVault] = {}
        self._lock = threading.RLock()

    def vault(self, account: DemoAccount) -> StoredVault:
        """Returns the account's stored vault."""
        with self._lock:
            if account.user_id not in self._vaults:
                self._vaults[account.user_id] = StoredVault(
                    account,
                    salt=self.shape.salt(account.salt, account.email),
                    item_types=self.shape.stores,
                )
            return self._vaults[account.user_id]

    def next_fault(self, path: str) -> Fault | None:
        """Takes the next fault for a request to that path, None if there is none."""
        with self._lock:
            waiting = self.faults.get(path)
            return waiting.pop(0) if waiting else None

    def refuse(self, status: int, message: str, **errors: str) -> Refused:
        """Makes a refusal in the server's error model; keywords are validation errors by field."""
        listed = {name: [text] for name, text in errors.items()} or None
        return Refused(status, self.shape.error(message, listed))

    def refuse_by(self, rule: tuple[int, str]) -> Refused:
        """Makes the refusal that a rule of the server's names: a status and a text, or a page."""
        status, text = rule
        return self.refuse(status, text) if text else Refused(status, {}, self.shape.page(status))

    def absent(self, what: str) -> Refused:
        """Makes the refusal for an unknown `item`, `folder` or `attachment`."""
        return self.refuse_by(self.shape.rules.absent[what])

    def delay_refusal(self) -> None:
        """Waits before the answer to a refused credential."""
        self.stopping.wait(self.refusal_delay)
