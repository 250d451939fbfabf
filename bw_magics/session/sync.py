"""`Sync`: brings a vault up to date, in the background where possible."""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    CredentialsError,
    NotLoggedIn,
    RateLimited,
    RequestRefused,
    SecurityStateRefused,
    ServerUnreachable,
    StateError,
)
from bw_magics.session.background import OnWait, Task
from bw_magics.session.current import CurrentState
from bw_magics.steps import LOG_IN, Remedy

# The modules that read a vault are imported while it downloads, in the thread of the sync.
if TYPE_CHECKING:
    from bw_magics.crypto.unlock import MasterPasswordUnlock
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.state import State
    from bw_magics.session.storage.cache import VaultCache
    from bw_magics.session.storage.cache_file import Header
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot

CHANGED_ELSEWHERE = (
    "the master password, its key derivation or the keys of the account were changed elsewhere"
)
SESSIONS_ENDED = (
    "the sessions of the account were ended elsewhere, by you or by an administrator; the master "
    "password is the same"
)
EITHER = (
    "the account was changed elsewhere (its master password or keys), or its sessions were ended"
)


# In seconds: a damaged vault is asked for again no sooner.
_SOON = 10.0
# In seconds after the login: so long at least, and while it is opened so long at most, a vault that
# opens before the server is asked has the processor for itself.
_ASK_AFTER, _ASK_AT_LATEST = 0.5, 2.0
# What a server answers where the account is gone (200 with a negative date) or may not read.
_NO_ACCESS = (200, 401, 403)


class Sync:
    """The syncs of one vault: at most one runs at a time.

    Downloads only where the server's revision date is newer than the snapshot's, or a later login
    contradicts the snapshot. Server times are compared with server times. A changed security stamp
    locks the vault.

    `cache` is the file that keeps the vault, if any; `cached` is its header, until it is opened or
    useless. Nothing is downloaded while that is as new as the server's. A vault that was opened
    before the server was asked locks itself where the server refuses the login, or sends another
    wrapped key: `refusal` is the reason. The server is asked shortly after the login then, or as
    soon as a caller waits for it.
    """

    def __init__(self, current: CurrentState, *, on_wait: OnWait | None = None) -> None:
        self.on_wait = on_wait
        self.problem: BitwardenError | None = None
        self.cache: VaultCache | None = None
        self.cached: Header | None = None
        self.refusal: str | None = None
        self._current = current
        self._forget()
        current.on_fork = self._forget

    def _forget(self) -> None:
        """Starts without a sync; those of the parent do not run in a forked child."""
        self._starting = threading.Lock()
        self._turn = threading.Lock()
        self._task: Task[bool] | None = None
        self._account: Account | None = None
        self._untold: Task[bool] | None = None
        self._asked_at = 0.0
        self._unconfirmed: MasterPasswordUnlock | None = None
        self._awaited = threading.Event()

    def use(self, cache: VaultCache | None, cached: Header | None) -> None:
        """Keeps the vault in that file from now on, and offers its header where there is no vault
        yet.
        """
        self.cache = cache
        self.cached = cached if self._current.state.snapshot is None else None
        self.refusal = None
        account = self._current.state.account
        is_unasked = cached is not None and account is not None and account.is_unasked
        self._unconfirmed = cached.unlock if is_unasked and cached is not None else None
        self._awaited = threading.Event()

    @property
    def cache_problem(self) -> str | None:
        """Why the vault cannot be kept on this machine; None where it can."""
        return self.cache.problem if self.cache is not None else None

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the kept vault is offered or open, and the server has not answered yet."""
        return self._unconfirmed is not None

    @property
    def is_running(self) -> bool:
        """Whether a sync is running."""
        return self._task is not None and not self._task.is_done

    def start(self, account: Account, *, force: bool = False) -> Task[bool]:
        """Starts a sync in the background, or returns the running one of the same account."""
        with self._starting:
            task = self._task
            if self._account is not account:
                # A sync of another account is dropped when it ends; no caller waits for it.
                task = self.problem = None
                self._turn = threading.Lock()
            if task is None or task.is_done or force:
                what = f"downloading the vault from {account.server.name}"
                turn = self._turn
                task = Task(lambda: self._run(account, turn, force=force), what)
                self._task, self._account, self._untold = task, account, task
            return task

    def first(self) -> Snapshot:
        """Returns the snapshot of the account; waits for the first sync, or starts one.

        Raises an error of the first sync once, also later; the next call tries again.
        """
        while True:
            state = self._current.state
            if state.snapshot is not None:
                return state.snapshot
            account = state.account
            if account is None:
                raise NotLoggedIn(
                    "The vault was logged out meanwhile.", Remedy("Next: {}.", LOG_IN)
                )
            with self._starting:
                untold = self._untold if self._account is account else None
                self._untold = self.cached = None
            self._awaited.set()
            try:
                (untold or self.start(account)).wait(self.on_wait)
            except BitwardenError:
                if self._current.state.account is account:
                    raise
            finally:
                self._untold = None

    def take_cached(self, account: Account, user_key: EitherUserKey) -> None:
        """Opens the vault that is kept on this machine, where there is none yet and the server has
        no newer one or cannot be reached.
        """
        cache, task = self.cache, self._task
        if cache is None or self.cached is None or self._current.state.snapshot is not None:
            return
        is_current = False
        is_asked = self._unconfirmed is None or (task is not None and task.is_done)
        if task is not None and self._account is account and is_asked:
            with suppress(ServerUnreachable, RateLimited):
                self._untold = None
                task.wait(self.on_wait)
                is_current = True
        if self._current.state.snapshot is not None:
            return
        what = "opening the vault that is kept on this machine"
        opened = Task(lambda: cache.open(user_key), what).wait(self.on_wait)
        if opened is not None and self._current.state.account is account:
            snapshot, header = opened
            self._take(account, snapshot, kept_at=header.saved_at)
            if is_current:
                self._current.checked(account)
        self.cached = None

    def keep(self, account: Account, contents: Contents) -> None:
        """Keeps the vault on this machine, where that was asked for."""
        cache, unlock = self.cache, self._current.state.newest_unlock
        if cache is None or unlock is None or self._current.state.account is not account:
            return
        what = "keeping the vault on this machine"
        Task(lambda: cache.store(contents, unlock), what).wait(self.on_wait)

    def run(self, account: Account, *, force: bool = False) -> bool:
        """Syncs and waits for it; tells whether there was anything new.

        Waits for a running sync first and then asks again: what that one saw may be older than this
        call.
        """
        news = False
        self._awaited.set()
        if self.is_running and self._account is account and not force:
            news = self.start(account).wait(self.on_wait)
        return self.start(account, force=force).wait(self.on_wait) or news

    def freshen(self, interval: float) -> None:
        """Starts a sync in the background where the last one is older than `interval` seconds.

        Never waits. A failure is kept as `problem` and retried later.
        """
        state = self._current.state
        if interval <= 0 or state.account is None or state.snapshot is None or self.is_running:
            return
        now = time.time()
        age = abs(now - max(state.checked_at, self._asked_at))
        if state.snapshot.is_damaged:
            age = interval if abs(now - self._asked_at) < _SOON else math.inf
        if age > interval:
            self._asked_at = now
            self.start(state.account)

    def _run(self, account: Account, turn: threading.Lock, *, force: bool) -> bool:
        if self.is_unconfirmed:
            self._let_it_open()
        with turn:
            problem: BitwardenError | None = None
            try:
                return self._download(account, force=force)
            except BitwardenError as error:
                problem = error
                self._judge(account, error)
                raise
            finally:
                if self._current.state.account is account:
                    self.problem = problem

    def refuses(self, account: Account, opened: MasterPasswordUnlock | None) -> str | None:
        """Returns why the server's first answer does not allow what was opened; None where it does.

        A vault that was opened with the server's own wrapped key is not one that changed elsewhere.
        """
        if self.refusal == CHANGED_ELSEWHERE and not _differs(account.login.unlock, opened):
            self.refusal = None
        return self.refusal

    def _let_it_open(self) -> None:
        """Waits until the vault that is kept on this machine is open, unless a caller waits for the
        server's answer.
        """
        latest = time.monotonic() + _ASK_AT_LATEST
        while not self._awaited.wait(_ASK_AFTER):
            if self.cached is None or time.monotonic() >= latest:
                break

    def _download(self, account: Account, *, force: bool) -> bool:
        try:
            revision: int | None = account.api.revision_date()
        except AnswerUnusable:
            # Only this answer is unusable: the vault itself may be readable.
            revision = None
        except RequestRefused as refusal:
            if refusal.status not in (404, 405, 501):
                raise
            revision = None
        self._judge(account, None)
        known = self._known_revision(account)
        if not force and revision is not None and known is not None and revision <= known:
            self._current.checked(account)
            return False
        while not self._take_download(account, revision):
            revision = None  # the next sync asks again how new it is
        return True

    def _judge(self, account: Account, error: BitwardenError | None) -> None:
        """Locks a vault that was opened before the server was asked, where the server's first
        answer does not allow it. Without an answer it stays open, and the next one counts.
        """
        opened = self._unconfirmed
        if opened is None or self._current.state.account is not account:
            return
        reason: str | None = None
        if isinstance(error, CredentialsError) or (
            isinstance(error, RequestRefused) and error.status in _NO_ACCESS
        ):
            reason = f"{account.server.name} refused the login: {error.fact}".rstrip(".")
        elif error is not None:
            return
        elif _differs(account.login.unlock, opened):
            reason = CHANGED_ELSEWHERE
        self._unconfirmed = None
        if reason is not None:
            self.refusal = reason
            self._current.lock(reason)

    def _take_download(self, account: Account, revision: int | None) -> bool:
        """Downloads the vault and takes it; False where a change was saved from here meanwhile,
        which the download may lack.
        """
        writes = self._current.state.writes
        body = account.api.sync()
        from bw_magics.vault.snapshot import Snapshot

        try:
            snapshot = Snapshot.parse(body, revision=revision)
        except AnswerUnusable as unusable:
            raise AnswerUnusable(
                unusable.fact.replace(
                    "The server's answer", f"The answer of {account.server.name}"
                ),
                unusable.remedy,
            ) from None
        return self._take(account, snapshot, writes=writes)

    def _known_revision(self, account: Account) -> int | None:
        """Returns the revision of the vault at hand; None where a later login contradicts it.

        Some servers keep the revision date when the master password changes or sessions are ended.
        """
        state, login = self._current.state, account.login
        if state.snapshot is None:
            cached = self.cached
            if cached is None or _differs(login.unlock, cached.unlock):
                return None
            return cached.revision
        if state.login_is_newer:
            stamps = (login.security_stamp, state.snapshot.security_stamp)
            if all(stamps) and stamps[0] != stamps[1]:
                return None
            if _differs(login.unlock, state.snapshot.unlock):
                return None
            wrapped = (login.wrapped_user_key, state.snapshot.wrapped_user_key)
            if login.uses_key_connector and all(wrapped) and wrapped[0] != wrapped[1]:
                return None
        return None if state.snapshot.is_damaged else state.snapshot.revision

    def _take(
        self,
        account: Account,
        snapshot: Snapshot,
        *,
        writes: int | None = None,
        kept_at: float | None = None,
    ) -> bool:
        from bw_magics.session.security import REFUSED, newest_keys, open_account, was_upgraded
        from bw_magics.vault.contents import Contents

        while True:
            state = self._current.state
            if writes is not None and state.writes != writes:
                return False
            before = state.security_stamp or state.newest_stamp
            if before and snapshot.security_stamp and before != snapshot.security_stamp:
                self._current.lock(_why_it_changed(state, snapshot))
                state = self._current.state
            contents: Contents | None = None
            if state.contents is not None:
                keys = state.contents.keys
                try:
                    if was_upgraded(keys.user_key, snapshot.account_keys):
                        self._current.lock(CHANGED_ELSEWHERE)
                        continue
                    opened = open_account(
                        keys.user_key,
                        newest_keys(snapshot, account.login),
                        known_version=state.security_version,
                    )
                    keys.renew(opened, snapshot.organizations, snapshot.providers)
                    contents = Contents(snapshot, keys, previous=state.contents)
                except StateError:
                    continue  # locked while the names were read
                except SecurityStateRefused:
                    self._current.lock(REFUSED)
                    # Kept without its revision, so that the next sync asks for another.
                    state = self._current.state
                    self._current.take(account, state, snapshot.without_revision(), None)
                    raise
            if self._current.take(account, state, snapshot, contents, kept_at=kept_at):
                if contents is not None:
                    self.keep(account, contents)
                return True


def _differs(given: MasterPasswordUnlock | None, known: MasterPasswordUnlock | None) -> bool:
    """Tells whether two wrapped keys are both known and not the same."""
    return (
        given is not None and known is not None and given.wrapped_user_key != known.wrapped_user_key
    )


def _why_it_changed(state: State, snapshot: Snapshot) -> str:
    """Explains a new security stamp by what else is new."""
    before = state.snapshot.unlock if state.snapshot is not None else None
    if before is None or snapshot.unlock is None:
        return EITHER
    return SESSIONS_ENDED if before == snapshot.unlock else CHANGED_ELSEWHERE
