"""`ApiKeyCare`: views and rotates the personal API key of an account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bw_magics.client.api_key_api import Verification
from bw_magics.client.identity import ApiKey
from bw_magics.errors import (
    AnswerUnusable,
    BitwardenError,
    RequestRefused,
    ServerError,
    ServerUnreachable,
    UsageMistake,
)
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.background import OnWait, Task
from bw_magics.steps import SHOW_API_KEY, Remedy
from bw_magics.using import Use, record

if TYPE_CHECKING:
    from bw_magics.announcing import Secrets
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.unlocking import Unlocking

WHAT_ROTATING_DOES = (
    "Ends: every further login with the present client_secret, here and elsewhere, at once. "
    "Does not end: tokens that were issued already (up to an hour or two), unlocked apps and "
    "browsers, the master password, any key of the vault."
)


@dataclass(frozen=True, slots=True, repr=False)
class Rotated(Unpicklable):
    """The API key after a rotation.

    `is_seen_again` says that the server's answer was lost and the key was viewed afterwards;
    `is_new` then says whether it differs from the key before.
    """

    api_key: ApiKey
    is_seen_again: bool = False
    is_new: bool = True

    def __repr__(self) -> str:
        return "<Rotated>"


class ApiKeyCare(Unpicklable):
    """The API key of the account that is logged in.

    Each call needs the master password again, locked or not. An account without one needs the code
    that `send_code` has sent by e-mail.
    """

    def __init__(
        self,
        account: Callable[[], Account],
        unlocking: Callable[[], Unlocking],
        *,
        secrets: Secrets,
        on_wait: OnWait,
    ) -> None:
        self._account = account
        self._unlocking = unlocking
        self._secrets = secrets
        self._on_wait = on_wait

    def __repr__(self) -> str:
        return "<ApiKeyCare>"

    @property
    def needs_code(self) -> bool:
        """Whether the account has no master password, so that a code by e-mail is needed. Raises
        `NotOffered` where the account has no API key.
        """
        account = self._account()
        account.key_api()
        return not account.login.has_master_password

    def send_code(self) -> None:
        """Makes the server send a code to the account's e-mail address."""
        account = self._account()
        self._run(account.key_api().send_code, account)

    def view(self, *, password: str | None = None, code: str | None = None) -> ApiKey:
        """Returns the API key. Raises `WrongMasterPassword`, `CodeRefused` and `ServerError`."""
        account = self._account()
        verification = self._verification(account, password, code)
        return self._take(account, self._view(account, verification))

    def rotate(self, *, password: str | None = None, code: str | None = None) -> Rotated:
        """Replaces the API key; the session goes on with the new one.

        Where the server's answer is lost, the key may or may not be rotated: it is then viewed,
        with the token that is still valid. A code works once, so with a code this raises
        `ServerError` instead. Errors as `view`.
        """
        account = self._account()
        before = account.api_key
        verification = self._verification(account, password, code)
        api = account.key_api()
        try:
            secret = self._run(lambda: api.rotate(verification), account)
        except (ServerUnreachable, AnswerUnusable, RequestRefused) as lost:
            if isinstance(lost, RequestRefused) and lost.status < 500:
                raise
            present = self._after_a_lost_answer(account, verification)
            return Rotated(present, is_seen_again=True, is_new=present != before)
        return Rotated(self._take(account, secret))

    def _after_a_lost_answer(self, account: Account, verification: Verification) -> ApiKey:
        try:
            if verification.code is None:
                return self._take(account, self._view(account, verification))
        except BitwardenError:
            pass
        raise ServerError(
            f"The answer of {account.server.name} was lost: the API key may have been rotated.",
            Remedy(
                "Look at it: {}, or the web vault under Settings → Security → Keys.", SHOW_API_KEY
            ),
        )

    def _view(self, account: Account, verification: Verification) -> Secret:
        api = account.key_api()
        return self._run(lambda: api.view(verification), account)

    def _take(self, account: Account, secret: Secret) -> ApiKey:
        self._secrets.announce(secret)
        api_key = ApiKey(account.client_id, secret)
        account.go_on_with(api_key)
        record(Use("personal API key", "client_secret", source=self._secrets.source))
        return api_key

    def _verification(
        self, account: Account, password: str | None, code: str | None
    ) -> Verification:
        if (password is None) == (code is None):
            raise UsageMistake("One of the two is needed: the master password, or a code.")
        if password is None:
            given = self._secrets.make("".join((code or "").split()), "code")
            return Verification(code=given)
        self._secrets.make(password, "master password")
        opened = self._unlocking().open(account, password=password)
        if opened.master_key is None:
            raise UsageMistake("This account is not opened with a master password.")
        digest = opened.master_key.password_hash(password=password)
        given = self._secrets.make(digest, "master password hash")
        return Verification(password_hash=given)

    def _run(self, action: Callable[[], Secret | None], account: Account) -> Secret:
        what = f"asking {account.server.name} about the API key"
        return Task(action, what).wait(self._on_wait) or Secret("")
