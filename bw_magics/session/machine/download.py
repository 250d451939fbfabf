"""`Download`: reads a machine account's secrets, and asks only for what is newer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bw_magics.errors import (
    AnswerUnusable,
    NoSecretsManager,
    NotFound,
    ServerError,
)
from bw_magics.secret import Unpicklable

if TYPE_CHECKING:
    from bw_magics.client.reply import Reply
    from bw_magics.session.accounts.machine_account import MachineAccount
    from bw_magics.vault.managed_secret import Keeper
    from bw_magics.vault.managed_secrets import ManagedSecrets

# A date in an answer has whole seconds, and a change in that second must not be missed.
_MARGIN = timedelta(seconds=1)
# After a failure the server is not asked again for so many seconds.
_PAUSE = 30.0


class Download(Unpicklable):
    """The secrets as they were read last: `secrets`, None before that.

    One download runs at a time; `account` gives who is logged in, or raises. `checked_at` is when
    the server was asked last, in seconds since 1970; `problem` why it could not be asked since.
    """

    def __init__(self, account: Callable[[], MachineAccount], keeper: Keeper) -> None:
        self.secrets: ManagedSecrets | None = None
        self.checked_at = 0.0
        self.problem: ServerError | None = None
        self._account = account
        self._keeper = keeper
        self._since: str | None = None
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._is_expired = False
        self._is_forgotten = False

    def __repr__(self) -> str:
        return "<Download>"

    def run(self, *, force: bool = False) -> bool:
        """Asks the server; tells whether there was anything new.

        Raises `NoSecretsManager` where the organisation has none any more, and `ServerError`s.
        """
        from bw_magics.answer import Answer
        from bw_magics.vault.managed_secrets import ManagedSecrets

        account = self._account()
        with self._lock:
            since = None if force or self.secrets is None else self._since
            try:
                reply = account.api.sync(account.organization_id, since=since)
            except NotFound:
                raise NoSecretsManager(
                    f"{account.server.name} has no secrets for this machine account.",
                    "Its organisation may no longer have a Secrets Manager: ask an administrator.",
                ) from None
            answer = reply.answer
            has_changes, listing = answer.get("hasChanges"), answer.object("secrets")
            is_whole = has_changes is False or isinstance(listing.get("data"), list)
            if not isinstance(has_changes, bool) or not is_whole or (since is None and not listing):
                raise AnswerUnusable(
                    f"The answer of {account.server.name} is not a list of secrets.",
                    "Check that this is the address of your Bitwarden server.",
                )
            if has_changes:
                records = [Answer(each.members) for each in listing.objects("data")]
                self._take(ManagedSecrets(records, account.opener, self._keeper))
            self.checked_at, self.problem, self._is_expired = time.time(), None, False
            self._since = _date_of(reply) or self._since
            return has_changes

    def known(self) -> ManagedSecrets:
        """Returns the secrets as they were read last, or now where they were not."""
        known = self.secrets
        while known is None:
            self.run()  # raises once it is logged out
            known = self.secrets
        return known

    def expire(self) -> None:
        """Makes the next use ask the server: a change here may have changed more than it says."""
        self._is_expired = True

    def postpone(self, problem: ServerError) -> None:
        """Notes that the server could not be asked: it is not asked again before a pause."""
        self.problem, self._paused_until = problem, time.monotonic() + _PAUSE

    def is_older_than(self, seconds: float) -> bool:
        """Tells whether the server is to be asked, unless it failed just now."""
        is_old = self._is_expired or time.time() - self.checked_at > seconds
        return is_old and time.monotonic() > self._paused_until

    def take_written(self, secrets: ManagedSecrets) -> None:
        """Takes over what a change made of the secrets, until the next download."""
        with self._lock:
            self._take(secrets)
            self.expire()

    def forget(self) -> None:
        """Forgets the secrets for good."""
        self._is_forgotten = True
        self.secrets = None

    def _take(self, secrets: ManagedSecrets) -> None:
        # A download that ends after a logout brings nothing back.
        if not self._is_forgotten:
            self.secrets = secrets

    def renew_lock_after_fork(self) -> None:
        """Makes it usable in a forked child, where a held lock would stay held."""
        self._lock = threading.Lock()


def _date_of(reply: Reply) -> str | None:
    """Returns the server's own time of its answer, as it takes it back; None without one."""
    text = reply.headers.get("date", "")
    try:
        moment = parsedate_to_datetime(text) if len(text) <= 64 else None
    except (TypeError, ValueError):
        return None
    if moment is None:
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (moment - _MARGIN).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
