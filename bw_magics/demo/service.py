"""The service behind the addresses: accounts and their vaults, tokens, style, faults."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from flask import g, request

from bw_magics.demo.account import DemoAccount
from bw_magics.demo.fault import Fault
from bw_magics.demo.limiter import Limiter
from bw_magics.demo.public_routes import PublicApi
from bw_magics.demo.shape import Json, Shape, Version
from bw_magics.demo.stored_vault import StoredVault
from bw_magics.demo.tokens import Tokens


class Refused(Exception):
    """The request is answered with this status and JSON body."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class Service:
    """What all routes share.

    Vaults are encrypted when they are first needed. `requests` and `faults` are those of
    `DemoServer`.
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
        self.public_api: PublicApi | None = None
        self.stopping = threading.Event()
        self._vaults: dict[str, StoredVault] = {}
        self._lock = threading.RLock()

    def vault(self, account: DemoAccount) -> StoredVault:
        """The account's stored vault."""
        with self._lock:
            if account.user_id not in self._vaults:
                self._vaults[account.user_id] = StoredVault(
                    account,
                    salt=self.shape.salt(account.salt, account.email),
                    item_types=self.shape.stores,
                )
            return self._vaults[account.user_id]

    def next_fault(self, path: str) -> Fault | None:
        """The fault to apply to the request that has just come for that path."""
        with self._lock:
            waiting = self.faults.get(path)
            return waiting.pop(0) if waiting else None

    def refuse(self, status: int, message: str, **errors: str) -> Refused:
        """A refusal with the style's error model; keywords are validation errors by field."""
        listed = {name: [text] for name, text in errors.items()} or None
        return Refused(status, self.shape.error(message, listed))

    def delay_refusal(self) -> None:
        """The pause before a refused credential is answered (protocol 2.5)."""
        self.stopping.wait(self.refusal_delay)


def current_vault() -> StoredVault:
    """The vault of the account whose token came with the request."""
    vault: StoredVault = g.vault
    return vault


def client_version() -> Version | None:
    """The release that the client says it is, or None where the header is missing or odd."""
    parts = request.headers.get("Bitwarden-Client-Version", "").split(".")
    if not 2 <= len(parts) <= 4 or not all(part.isdecimal() for part in parts):
        return None
    return tuple(int(part) for part in parts)


def body() -> Json:
    """The request's JSON object; names come camelCase or PascalCase (protocol 6.6)."""
    members = request.get_json(silent=True, force=True)
    if not isinstance(members, dict):
        return {}
    return {name[:1].lower() + name[1:]: member for name, member in members.items()}
