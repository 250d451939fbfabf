"""`Vault`: a Bitwarden or Vaultwarden vault, from logging in to the value of a field."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bw_magics.errors import AlreadyLoggedIn, VaultLocked
from bw_magics.secret import Secret
from bw_magics.session.background import OnWait, Task
from bw_magics.session.clock import Clock, clock_time
from bw_magics.session.current import CurrentState, Unlocked
from bw_magics.session.deadline import Deadline
from bw_magics.session.listeners import announce
from bw_magics.session.profiles import Profiles
from bw_magics.session.telling import Telling
from bw_magics.settings import Device, Server

if TYPE_CHECKING:
    from contextlib import _GeneratorContextManager
    from pathlib import Path

    from bw_magics.client.certificates import ClientCertificate
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.api_key import ApiKeyCare
    from bw_magics.session.environment.environment import Environment
    from bw_magics.session.sync import Sync
    from bw_magics.session.unlocking import Opened, Unlocking
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.generate import PassphraseRules, PasswordRules
    from bw_magics.vault.key_store import OnSecret
    from bw_magics.vault.reference import Reference
    from bw_magics.vault.snapshot import Snapshot

SYNC_INTERVAL = 300.0
LOCK_TIMEOUT = 3600.0
ATTACHMENT_LIMIT = 512 * 1024 * 1024


class Vault(Telling):
    """A vault in one of three states: unauthenticated, locked, unlocked.

    Log in with the personal API key, unlock with the master password, read::

        vault = Vault()
        vault.login(client_id=…, client_secret=…, server="eu")
        vault.unlock(password=…)
        vault["Warehouse DB"].password

    All parameters that are secret are keyword-only. `on_secret` is called with every `Secret`
    before it is returned; `on_wait` with one sentence when something takes more than half a
    second. A vault prints nothing, asks nothing and writes no file. It may be used from several
    threads; a forked child starts locked. It is no mapping: `vault[name]` gives the `Item` of
    exactly that name or id.

    `sync_interval` is how old the vault may be, in seconds, before a read asks the server for
    news in the background; 0 switches that off. `lock_timeout` is after how many idle seconds it
    locks itself; 0 is never. `attachment_limit` is the largest attachment that is downloaded, in
    bytes, encrypted; 0 is no limit. `profile` is part of the device that this vault appears as;
    `profile(name)` gives others to use beside it.

    `cache` keeps the downloaded vault, encrypted, in a file for each account, in that folder or,
    with True, in the user's cache folder. The next session then only asks the server whether
    there is anything new, and can read without a server. Whoever gets the file can try master
    passwords on it, and it can be read with the password although the account was revoked.
    """

    def __init__(
        self,
        *,
        on_secret: OnSecret | None = None,
        on_wait: OnWait | None = None,
        sync_interval: float = SYNC_INTERVAL,
        lock_timeout: float = LOCK_TIMEOUT,
        attachment_limit: int = ATTACHMENT_LIMIT,
        profile: str = "",
        cache: bool | Path = False,
    ) -> None:
        self.on_secret = on_secret
        self.on_wait = on_wait
        self.sync_interval = sync_interval
        self.lock_timeout = lock_timeout
        self.attachment_limit = attachment_limit
        self.cache = cache
        self.profile_name = profile
        self._profiles: Profiles[Vault] = Profiles(profile, self, lambda name: self._beside(name))
        self._current = CurrentState(profile)
        self._sync_: Sync | None = None
        self._clock: Clock = time.time
        self._held = 0
        self._environment: Environment | None = None

    def __repr__(self) -> str:
        return f"<{' '.join(('Vault', self.profile_name)).rstrip()}: {self.status.state}>"

    # Several at once.

    def profile(self, name: str) -> Vault:
        """The vault of that name beside this one, with a login, a lock and a device of its own::

            work = bw_session.profile("work")

        It is made when it is first asked for, with the settings of this one, and is the same ever
        after; an empty name is the vault without one.
        """
        return self._profiles.get(name)

    @property
    def profiles(self) -> tuple[Vault, ...]:
        """All vaults that are side by side, this one included."""
        return tuple(self._profiles)

    def _beside(self, name: str) -> Vault:
        vault = type(self)(
            on_secret=self.on_secret,
            on_wait=self.on_wait,
            sync_interval=self.sync_interval,
            lock_timeout=self.lock_timeout,
            attachment_limit=self.attachment_limit,
            profile=name,
            cache=self.cache,
        )
        vault._profiles, vault._held = self._profiles, self._held
        return vault

    # The way in and out.

    def login(
        self,
        *,
        client_id: str,
        client_secret: str,
        server: str | Server = "us",
        source: str = "the arguments",
        device_id: str | None = None,
        certificate_authority: bytes | str | Path | None = None,
        client_certificate: ClientCertificate | Path | str | None = None,
    ) -> bool:
        """Logs in with the personal API key; False where that was done already.

        `server` is `us`, `eu` or an address. `source` says where the API key came from, for
        `status`. `certificate_authority` is PEM or the path of such a file; it is trusted beside
        the system's for this server only. `client_certificate` may be the path of one with its key;
        only this server sees it. The first sync starts in the background. With a new
        `client_secret` of the same user the vault stays as it is.

        Raises `ClientIdInvalid`, `ApiKeyRefused`, `RateLimited` and the other `ServerError`s, and
        `AlreadyLoggedIn` where another account is.
        """
        from bw_magics.client.certificates import ClientCertificate, authority_pem
        from bw_magics.client.identity import ApiKey
        from bw_magics.session.accounts.api_key_account import ApiKeyAccount

        api_key = ApiKey.parse(client_id=client_id, client_secret=client_secret)
        self._tell(api_key.client_secret)
        if not isinstance(server, Server):
            server = Server.parse(server)
        present = self._current.state.account
        if present is not None:
            if present.is_for(server, api_key) and present.problem is None:
                return False
            if (present.server, present.client_id) != (server, api_key.client_id):
                raise AlreadyLoggedIn(
                    f"Another account is logged in at {present.server.name}.",
                    "Log it out first: %bw_logout.",
                )
        device = Device.derive(
            server, api_key.client_id, profile=self.profile_name, identifier=device_id
        )
        authority = authority_pem(certificate_authority)
        certificate = ClientCertificate.of(client_certificate)
        task = Task(
            lambda: ApiKeyAccount(
                server,
                device,
                api_key,
                source=source,
                certificate_authority=authority,
                client_certificate=certificate,
                on_secret=self._tell,
                offline=self._kept_login(server, api_key.client_id),
            ),
            f"logging in to {server.name}",
        )
        try:
            account = task.wait(self.on_wait)
        except BaseException:
            task.discard(ApiKeyAccount.close)
            raise
        self._current.log_in(account)
        self._use_cache(account)
        self._sync.start(account)
        if present is not None:
            present.close()
        return True

    def adopt_cli(self, *, session: str) -> bool:
        """Takes over the unlocked session of the official `bw` CLI, whose key is `session`
        (`BW_SESSION`); False where that was done already. Read only, without attachments.

        `bw` is asked through a socket that nobody else can reach, and runs only while it is asked.
        A lock ends it, and never runs `bw lock`. Raises `NotOffered` on Windows and where `bw` is
        not installed, `VaultLocked` where it is not unlocked, `AlreadyLoggedIn`.
        """
        from bw_magics.session.accounts.cli_account import CliAccount

        present = self._current.state.account
        if present is not None:
            if isinstance(present, CliAccount):
                return False
            raise AlreadyLoggedIn(
                f"Another account is logged in at {present.server.name}.",
                "Log it out first: %bw_logout.",
            )
        self._tell(Secret(session, "BW_SESSION"))
        task = Task(lambda: CliAccount(session=session), "asking the bw CLI")
        account = task.wait(self.on_wait)
        self._enter(account, account.user_key)
        return True

    def _enter(self, account: Account, user_key: EitherUserKey) -> None:
        """Logs an account in and unlocks it with a key that is at hand; nobody is asked for a
        master password then, so every item counts as confirmed.
        """
        self._current.log_in(account)
        try:
            generation = self._current.state.generation
            contents = self._read(self._sync.first(), account, user_key)
            contents.keys.confirm("")
            deadline = Deadline(self.lock_timeout, self._clock, held=self._held)
            self._current.unlock(generation, contents, deadline, is_unattended=False)
        except BaseException:
            self.logout()
            raise

    def unlock(
        self,
        *,
        password: str | None = None,
        key_connector: str | None = None,
        lock_timeout: float | None = None,
        is_unattended: bool = False,
    ) -> bool:
        """Unlocks with the master password; False where it is unlocked already.

        Members of an organisation with a Key Connector have none: without `password` the key is
        fetched from there. The connector has to be named by the server's settings, or by
        `key_connector`, by which a person agrees to the address in `KeyConnectorUnconfirmed`.

        The key is derived while the first sync is still downloading. `lock_timeout` in seconds
        overrides the vault's own; 0 is never. `is_unattended` says that the password did not come
        from a person: then there is no idle lock, and items with re-prompt count as confirmed.

        Raises `WrongMasterPassword`, `KdfRefused`, `NoWayToUnlock`, `NotLoggedIn` and, where the
        vault still has to be downloaded, the errors of that.
        """
        if password is not None:
            self._tell(Secret(password, "master password"))
        self._lock_if_idle()
        state = self._current.state
        if state.contents is not None:
            return False
        account = self._account()
        unlocking = self._unlocking

        def open_key() -> Opened:
            if password is None:
                return unlocking.open_without_password(account, connector=key_connector)
            return unlocking.open(account, password=password)

        opened = open_key()
        if lock_timeout is None:
            lock_timeout = 0.0 if is_unattended else self.lock_timeout
        while True:
            self._sync.take_cached(account, opened.user_key)
            snapshot = self._sync.first()
            if unlocking.is_outdated(account, opened):
                opened = open_key()
                continue
            contents = self._read(snapshot, account, opened.user_key)
            if is_unattended or password is None:
                contents.keys.confirm("")  # nobody could give a master password again
            deadline = Deadline(lock_timeout, self._clock, held=self._held)
            outcome = self._current.unlock(
                state.generation, contents, deadline, is_unattended=is_unattended
            )
            if outcome is Unlocked.NOW:
                self._sync.keep(account, contents)
                if self._environment is not None:
                    self._environment.unlock()
                return True
            contents.forget(self._current.state.refusal)
            if outcome is Unlocked.ALREADY:
                return False
            if outcome is Unlocked.TOO_LATE:
                raise VaultLocked(
                    "The vault was locked while it was being unlocked.", "Unlock again."
                )

    def _read(self, snapshot: Snapshot, account: Account, user_key: EitherUserKey) -> Contents:
        # Not imported before: the derivation begins first, and the sync imports these meanwhile.
        from bw_magics.session.security import newest_keys, open_account
        from bw_magics.session.storage.attachments import AttachmentFiles
        from bw_magics.vault.contents import Contents
        from bw_magics.vault.key_store import KeyStore

        def read() -> Contents:
            keys = KeyStore(user_key, on_secret=self._tell, on_use=self._used)
            opened = open_account(
                user_key,
                newest_keys(snapshot, account.login),
                known_version=self._current.state.security_version,
            )
            keys.renew(opened, snapshot.organizations, snapshot.providers)
            files = AttachmentFiles(self._account, lambda: self.attachment_limit, self._waiting)
            return Contents(snapshot, keys, files=files)

        return Task(read, "reading the names in the vault").wait(self.on_wait)

    def confirm(self, *, password: str, item_id: str = "") -> None:
        """Gives the master password again, for one item with re-prompt or, without an id, for all.

        Holds until the lock. Raises `WrongMasterPassword`.
        """
        self._tell(Secret(password, "master password"))
        contents = self._contents()
        contents.keys.used()
        opened = self._unlocking.open(self._account(), password=password)
        if opened.user_key != contents.keys.user_key:
            raise VaultLocked(
                "The keys of the account were changed elsewhere.", "Lock and unlock again."
            )
        contents.keys.confirm(item_id)

    def lock(self) -> bool:
        """Forgets every key; False where it was not unlocked. The encrypted vault, the token and
        the API key stay, so that syncing goes on.
        """
        self._current.forbid()
        return self._current.lock(f"you locked it at {clock_time(time.time())}")

    def logout(self) -> bool:
        """Forgets everything; False where nobody was logged in."""
        was_logged_in = self._current.log_out(f"you logged out at {clock_time(time.time())}")
        if self._environment is not None:
            self._environment.forget()
        return was_logged_in

    def sync(self, *, force: bool = False) -> bool:
        """Brings the vault up to date; whether there was anything new. Works while locked.

        Asks the server's revision date first and downloads only what is newer, unless `force`.
        """
        return self._sync.run(self._account(), force=force)

    # The account's own keys.

    @property
    def api_key(self) -> ApiKeyCare:
        """The personal API key of the account, to view and to rotate."""
        from bw_magics.session.api_key import ApiKeyCare

        return ApiKeyCare(
            self._account, lambda: self._unlocking, on_secret=self._tell, on_wait=self._waiting
        )

    # Environment variables.

    @property
    def environment(self) -> Environment:
        """The environment variables that were set from this vault; a lock takes them away, and
        unlocking sets them again.
        """
        if self._environment is None:
            from bw_magics.session.environment.environment import Environment

            self._environment = Environment(self._current)
            self._current.on_lock = self._environment.lock
        return self._environment

    def env(self, **variables: str | Reference) -> _GeneratorContextManager[None]:
        """Environment variables for the length of a `with` block (or, as a decorator, of a call),
        each from a reference or a `Secret` in hand::

            with vault.env(PGPASSWORD="bw://Warehouse DB/password"):
                subprocess.run(["psql", …])
        """
        from bw_magics.session.environment.environment import inline

        return self.environment.scope(inline(variables))

    def generate(self, rules: PasswordRules | PassphraseRules | None = None) -> Secret:
        """A new password or passphrase, by the rules of `bw generate`; it is stored nowhere."""
        from bw_magics.vault.generate import PasswordRules, generate

        value = Secret(generate(rules or PasswordRules()), "generated")
        self._tell(value)
        return value

    # For whoever runs cells: an idle time does not begin in the middle of one.

    def hold(self) -> str | None:
        """Begins a use that may last; says why the vault is locked if it locked itself idle just
        now, else None.
        """
        was_unlocked = self._current.state.contents is not None
        self._lock_if_idle()
        state = self._current.state
        self._held += 1
        if state.deadline is not None:
            state.deadline.hold()
        return state.reason if was_unlocked and state.contents is None else None

    def release(self) -> None:
        """Ends what `hold` began."""
        self._held = max(0, self._held - 1)
        deadline = self._current.state.deadline
        if deadline is not None:
            deadline.release()

    # Inside.

    @property
    def _unlocking(self) -> Unlocking:
        from bw_magics.session.unlocking import Unlocking

        return Unlocking(self._current, self._sync, self._waiting)

    @property
    def _sync(self) -> Sync:
        if self._sync_ is None:
            from bw_magics.session.sync import Sync

            self._sync_ = Sync(self._current, on_wait=self._waiting)
        return self._sync_

    def _waiting(self, what: str) -> None:
        if self.on_wait is not None:
            self.on_wait(what)

    def _tell(self, secret: str) -> None:
        if isinstance(secret, Secret):
            announce(secret, self.on_secret)

    def _account(self) -> Account:
        state = self._current.state
        if state.account is None:
            raise state.refusal()
        return state.account

    def _contents(self) -> Contents:
        contents = self._current.state.contents
        if contents is None:
            raise self._current.state.refusal()
        return contents

    def _used(self) -> None:
        deadline = self._current.state.deadline
        if deadline is None:
            return
        if deadline.is_past:
            self._lock_if_idle()
            return
        deadline.touch()
        self._sync.freshen(self.sync_interval)

    def _lock_if_idle(self) -> None:
        deadline = self._current.state.deadline
        if deadline is not None and deadline.is_past:
            self._current.lock(f"it was idle since {clock_time(deadline.last_use)}", only=deadline)
