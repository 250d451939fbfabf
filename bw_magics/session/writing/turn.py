"""`Turn`: one change of a vault at a time, and its answer taken over into the snapshot."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import (
    NotFound,
    NotWritable,
    ServerUnreachable,
    StateError,
    VaultLocked,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.secret import Unpicklable
from bw_magics.session.accounts.patience import patiently
from bw_magics.session.background import SLICE, OnWait, Task
from bw_magics.steps import UNLOCK, Remedy
from bw_magics.vault.contents import Contents
from bw_magics.vault.history import Author
from bw_magics.vault.ids import is_id, same_id
from bw_magics.vault.item import Item
from bw_magics.vault.record import changed, member_of

if TYPE_CHECKING:
    from bw_magics.client.reply import Reply
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.current import CurrentState
    from bw_magics.vault.snapshot import Snapshot

# In seconds: how long a request may wait for a busy server.
PATIENCE = 120.0

Result = TypeVar("Result")
Record = Mapping[str, Any]


class Turn(Unpicklable):
    """The common course of every change of a vault.

    One change runs at a time; a reader in another thread sees the vault before or after it, and
    nothing between. `sync` downloads the vault, for a look after an answer that was lost.
    """

    def __init__(
        self,
        current: CurrentState,
        sync: Callable[[], object],
        announce: Callable[[str, str], object],
        on_wait: OnWait | None = None,
    ) -> None:
        self.sync = sync
        self.announce = announce
        self._current = current
        self._on_wait = on_wait
        self._lock = threading.Lock()
        self._waiting = ""
        self._stopped = threading.Event()

    def __repr__(self) -> str:
        return "<Turn>"

    def run(
        self,
        action: Callable[[], Result],
        what: str,
        *,
        progress: Callable[[], str] | None = None,
    ) -> Result:
        """Runs a change off the main thread, after those that began before it.

        Where the server is busy it waits, at most `PATIENCE` seconds for a request, and shows it.
        An interrupt ends a change that was not sent yet.
        """
        stopped = threading.Event()

        def in_turn() -> Result:
            with self._lock:
                self._stopped = stopped
                self._refuse_stopped()
                try:
                    return action()
                finally:
                    self._waiting = ""

        def shown() -> str:
            return self._waiting or (what if progress is None else progress())

        self.contents().keys.used()
        on_wait = None if self._on_wait is None else _once_each(self._on_wait)
        try:
            return Task(in_turn, what).wait(on_wait, progress=shown)
        except BaseException:
            stopped.set()
            raise

    def open(self) -> tuple[Contents, Account]:
        """Returns the open vault and its account; raises where it cannot be written."""
        contents, account = self.contents(), self._current.state.account
        if account is None:
            raise self._current.state.refusal()
        if account.is_offline:
            raise ServerUnreachable(
                "The vault is read offline, so nothing can be saved.",
                "Sync once the server can be reached, and try again.",
            )
        if not contents.keys.is_verified:
            raise NotWritable(
                "The account's signed security state could not be checked here, so nothing is "
                "written.",
                "Install a newer version of cryptography.",
            )
        account.writing.patiently = self._patiently
        return contents, account

    def _patiently(self, request: Callable[[], Reply]) -> Reply:
        return patiently(request, limit=PATIENCE, on_wait=self._wait_for_server)

    def _wait_for_server(self, text: str) -> None:
        self._waiting = text
        self._refuse_stopped()

    def _refuse_stopped(self) -> None:
        if self._stopped.is_set():
            raise WriteRefused("The change was interrupted before it was sent.", "Try it again.")

    def contents(self) -> Contents:
        """Returns the open vault; raises the reason where it is not unlocked."""
        contents = self._current.state.contents
        if contents is None:
            raise self._current.state.refusal()
        return contents

    def author(self, contents: Contents) -> Author:
        """Returns the account that writes, and the time."""
        return Author(contents.snapshot.user_id, datetime.now(UTC))

    def rest(self, seconds: float, why: str) -> None:
        """Waits before a change is sent, and shows why."""
        end = time.monotonic() + seconds
        self._waiting = why
        while (left := end - time.monotonic()) > 0:
            self._refuse_stopped()
            time.sleep(min(left, SLICE))
        self._waiting = ""

    def take_over(
        self, contents: Contents, answer: Record, sent: Record, *, item_id: str = ""
    ) -> Item:
        """Takes an answer into the snapshot and gives its item.

        `item_id` is that of an item that was changed, empty for a new one. Raises `WriteUnclear`
        where the server answers another item, or other values than were sent.
        """
        answered = require_about(answer, item_id)
        other = changed(sent, answer)
        item_id = answered
        self.replace_record(contents, answer)
        if other:
            raise WriteUnclear(
                f"The server stored other values than were sent: {', '.join(other)}.",
                "Look at the item in the web vault before you change it again.",
            )
        return self.contents().item(item_id)

    def replace_record(self, contents: Contents, answer: Record) -> None:
        """Puts a record into the snapshot; members that the answer lacks stay as they are here."""
        item_id = str(member_of(answer, "id"))
        try:
            known = contents.record(item_id)
        except NotFound:
            known = {}
        merged = {**known, **answer}
        if known:
            merged["id"] = member_of(known, "id")  # in the spelling that is known here
        if answer.get("collectionIds") is None and known.get("collectionIds") is not None:
            merged["collectionIds"] = known["collectionIds"]
        self.take(contents, contents.with_record(item_id, json.dumps(merged).encode()))

    def take(self, contents: Contents, snapshot: Snapshot) -> None:
        """Puts a snapshot that holds a saved change in the place of that of `contents`."""
        try:
            newest = Contents(snapshot, contents.keys, previous=contents)
        except StateError:
            raise _locked_meanwhile() from None
        if not self._current.take_written(contents, snapshot, newest):
            if self._current.state.contents is None:
                raise _locked_meanwhile()
            self.sync()


def require_about(answer: Record, item_id: str) -> str:
    """Returns the id of the item that an answer is about.

    Raises `WriteUnclear` where it is another one than `item_id`; that is empty for a new item.
    """
    answered = member_of(answer, "id")
    if not is_id(answered) or (item_id and not same_id(answered, item_id)):
        raise WriteUnclear(
            "The server's answer is not about the item that was sent.",
            "It may have been written: sync and look before you write again.",
        )
    return str(answered)


def _locked_meanwhile() -> VaultLocked:
    return VaultLocked(
        "The change was saved, and the vault was locked meanwhile.", Remedy("Next: {}.", UNLOCK)
    )


def _once_each(on_wait: OnWait) -> OnWait:
    """Passes a text on only where it differs from the one before."""
    told = [""]

    def tell(text: str) -> None:
        if text != told[0]:
            told[0] = text
            on_wait(text)

    return tell
