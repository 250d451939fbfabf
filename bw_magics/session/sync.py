"""`Sync`: brings a vault up to date, in the background where nobody has to wait for it."""

from __future__ import annotations

import time

from bw_magics.errors import AnswerUnusable, BitwardenError, NotLoggedIn, RequestRefused
from bw_magics.session.account import Account
from bw_magics.session.background import OnWait, Task
from bw_magics.session.current import CurrentState
from bw_magics.vault.contents import Contents
from bw_magics.vault.snapshot import Snapshot

CHANGED_ELSEWHERE = (
    "the master password, its key derivation or the keys of the account were changed elsewhere"
)


class Sync:
    """The syncs of one vault: at most one runs at a time.

    A full download happens only where the server's revision date is newer than that of the
    snapshot; server times are compared with server times (protocol 7.8). A changed security stamp
    locks the vault.
    """

    def __init__(self, current: CurrentState, *, on_wait: OnWait | None = None) -> None:
        self.on_wait = on_wait
        self.problem: BitwardenError | None = None
        self._current = current
        self._task: Task[bool] | None = None

    @property
    def is_running(self) -> bool:
        """Whether one is under way."""
        return self._task is not None and not self._task.is_done

    def start(self, account: Account, *, force: bool = False) -> Task[bool]:
        """Begins one in the background, or gives the one that runs for the same account."""
        task = self._task
        if task is None or task.is_done or force:
            what = f"downloading the vault from {account.server.name}"
            task = Task(lambda: self._run(account, force=force), what)
            self._task = task
        return task

    def first(self, account: Account) -> Snapshot:
        """The account's snapshot; waits for the first sync, or begins one, and raises its error."""
        while True:
            state = self._current.state
            if state.snapshot is not None:
                return state.snapshot
            if state.account is not account:
                raise NotLoggedIn("The vault was logged out meanwhile.", "Next: %bw_login.")
            self.start(account).wait(self.on_wait)

    def run(self, account: Account, *, force: bool = False) -> bool:
        """Syncs and waits for it; whether there was anything new."""
        if self.is_running and not force and self._task is not None:
            self._task.wait(self.on_wait)
            return True
        return self.start(account, force=force).wait(self.on_wait)

    def freshen(self, interval: float) -> None:
        """Asks the server for news in the background where that was longer ago than `interval`
        seconds. Never waits; what fails is kept as `problem` and tried again later.
        """
        state = self._current.state
        if (
            interval > 0
            and state.account is not None
            and state.snapshot is not None
            and not self.is_running
            and time.time() - state.checked_at > interval
        ):
            self._current.checked(state.account)
            self.start(state.account)

    def _run(self, account: Account, *, force: bool) -> bool:
        try:
            news = self._download(account, force=force)
        except BitwardenError as problem:
            self.problem = problem
            raise
        self.problem = None
        return news

    def _download(self, account: Account, *, force: bool) -> bool:
        try:
            revision: int | None = account.api.revision_date()
        except AnswerUnusable:
            # Only the answer to the question is strange: the vault itself may be fine.
            revision = None
        except RequestRefused as refusal:
            if refusal.status not in (404, 405, 501):
                raise
            revision = None
        state = self._current.state
        known = state.snapshot.revision if state.snapshot is not None else None
        if not force and revision is not None and known is not None and revision <= known:
            self._current.checked(account)
            return False
        self._take(account, Snapshot.parse(account.api.sync(), revision=revision))
        return True

    def _take(self, account: Account, snapshot: Snapshot) -> None:
        state = self._current.state
        before = state.snapshot.security_stamp if state.snapshot else account.login.security_stamp
        contents: Contents | None = None
        if before and snapshot.security_stamp and before != snapshot.security_stamp:
            self._current.lock(CHANGED_ELSEWHERE)
        elif state.contents is not None:
            keys = state.contents.keys
            try:
                keys.renew(snapshot.private_key, snapshot.organizations)
                contents = Contents(snapshot, keys, previous=state.contents)
            except BitwardenError:
                # Locked while the names were read: the snapshot stays, encrypted.
                contents = None
        self._current.take(account, state.generation, snapshot, contents)
