"""`Entrance`: the ways into a vault: log in, take over a CLI session, unlock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.client.identity import ApiKey
from bw_magics.errors import AlreadyLoggedIn, BitwardenError, VaultLocked
from bw_magics.secret import Unpicklable
from bw_magics.session.accounts.api_key_account import ApiKeyAccount
from bw_magics.session.accounts.way_there import WayThere, usual_for_key
from bw_magics.session.background import OnWait, Task
from bw_magics.session.current import Unlocked
from bw_magics.session.preferences import FIRST
from bw_magics.settings import Device
from bw_magics.steps import LOG_OUT, Remedy

if TYPE_CHECKING:
    from pathlib import Path

    from bw_magics.announcing import Secrets
    from bw_magics.client.certificates import Authority, ClientCertificate
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.api_key import ApiKeyCare
    from bw_magics.session.current import CurrentState
    from bw_magics.session.idle import IdleLock
    from bw_magics.session.preferences import Preferences
    from bw_magics.session.store import Store
    from bw_magics.session.sync import Sync
    from bw_magics.session.unlocking import Unlocking
    from bw_magics.session.writing.writing import Writing
    from bw_magics.settings import Server
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot


class Entrance(Unpicklable):
    """The way of the current state from logged out to unlocked. Errors are those of `Vault`."""

    def __init__(
        self,
        preferences: Preferences,
        current: CurrentState,
        sync: Sync,
        store: Store,
        idle: IdleLock,
        writing: Writing,
        *,
        secrets: Secrets,
        on_wait: OnWait,
    ) -> None:
        self._preferences = preferences
        self._current = current
        self._sync = sync
        self._store = store
        self._idle = idle
        self._writing = writing
        self._secrets = secrets
        self._on_wait = on_wait

    @property
    def keys(self) -> Unlocking:
        """The way to the user key."""
        # Not imported for a login: it brings in the key derivation.
        from bw_magics.session.unlocking import Unlocking

        return Unlocking(self._current, self._sync, self._on_wait)

    @property
    def api_key(self) -> ApiKeyCare:
        """The account's API key, to view and to rotate."""
        from bw_magics.session.api_key import ApiKeyCare

        return ApiKeyCare(
            self._current.account,
            lambda: self.keys,
            secrets=self._secrets,
            on_wait=self._on_wait,
        )

    def log_in(
        self,
        *,
        client_id: str,
        client_secret: str,
        server: str | Server | None,
        source: str,
        device_id: str | None,
        certificate_authority: Authority | bytes | str | Path | None,
        client_certificate: ClientCertificate | Path | str | None,
    ) -> bool:
        """Logs in with the personal API key and begins the first sync; False where that was done
        already.
        """
        api_key = ApiKey.parse(client_id=client_id, client_secret=client_secret)
        self._secrets.announce(api_key.client_secret)
        client_id = api_key.client_id
        usual = usual_for_key(server, source, client_id, self._preferences.default_server)
        way = WayThere.of(server, certificate_authority, client_certificate, usual, client_id)
        server = way.server
        present = self._current.state.account
        if present is not None:
            if present.is_for(server, api_key) and present.problem is None:
                return False
            if (present.server, present.client_id) != (server, api_key.client_id):
                raise _another_than(present)
        profile = self._preferences.profile_name
        device = Device.derive(server, api_key.client_id, profile=profile, identifier=device_id)
        task = Task(
            lambda: ApiKeyAccount(
                way.server,
                device,
                api_key,
                source=source,
                certificate_authority=way.authority,
                client_certificate=way.certificate,
                secrets=self._secrets,
                offline=self._store.login(way.server, api_key.client_id),
                is_unasked=self._preferences.cache == FIRST,
            ),
            f"logging in to {server.name}",
        )
        try:
            account = task.wait(self._on_wait)
        except BaseException as error:
            task.discard(ApiKeyAccount.close)
            if isinstance(error, BitwardenError):
                self._current.note_failure(
                    f"the last login failed, at {server.name} with the API key from {source}"
                )
            raise
        self._current.log_in(account)
        self._sync.use(*self._store.open(account))
        self._sync.start(account)
        if present is not None:
            present.close()
        return True

    def adopt_cli(self, *, session: str) -> bool:
        """Takes over the CLI's unlocked session; False where that was done already."""
        from bw_magics.session.accounts.cli_account import CliAccount

        present = self._current.state.account
        if present is not None:
            if isinstance(present, CliAccount):
                return False
            raise _another_than(present)
        self._secrets.make(session, "BW_SESSION")
        task = Task(lambda: CliAccount(session=session), "asking the bw CLI")
        account = task.wait(self._on_wait)
        self.enter(account, account.user_key)
        return True

    def enter(self, account: Account, user_key: EitherUserKey) -> None:
        """Logs an account in and unlocks it with a key at hand, or does neither.

        Nobody gives a master password then, so every item counts as confirmed.
        """
        self._current.log_in(account)
        try:
            generation = self._current.state.generation
            contents = self._read(self._sync.first(), account, user_key)
            contents.keys.confirm("")
            deadline = self._idle.deadline(self._preferences.lock_timeout)
            self._current.unlock(generation, contents, deadline, is_unattended=False)
        except BaseException:
            self._current.log_out("the vault could not be read")
            raise

    def unlock(
        self,
        *,
        password: str | None,
        key_connector: str | None,
        lock_timeout: float | None,
        is_unattended: bool,
    ) -> bool:
        """Unlocks with the master password, or without one by the Key Connector; False where it
        was unlocked already.
        """
        if password is not None:
            self._secrets.make(password, "master password")
        self._idle.check()
        state = self._current.state
        if state.contents is not None:
            if lock_timeout is not None:
                self._idle.change(lock_timeout)
            return False
        account = self._current.account()
        if lock_timeout is None:
            lock_timeout = 0.0 if is_unattended else self._preferences.lock_timeout
        opened = self.keys.open_either(account, password=password, connector=key_connector)
        while True:
            self._sync.take_cached(account, opened.user_key)
            snapshot = self._sync.first()
            if self.keys.is_outdated(account, opened):
                opened = self.keys.open_either(account, password=password, connector=key_connector)
                continue
            contents = self._read(snapshot, account, opened.user_key)
            if is_unattended or password is None:
                contents.keys.confirm("")  # nobody could give a master password again
            deadline = self._idle.deadline(lock_timeout)
            outcome = self._current.unlock(
                state.generation, contents, deadline, is_unattended=is_unattended
            )
            if outcome is Unlocked.NOW:
                self._sync.keep(account, contents)
                reason = self._sync.refuses(account, opened.unlock)
                if reason is not None and self._current.lock(reason):
                    raise self._current.state.refusal()
                return True
            contents.forget(self._current.state.refusal)
            if outcome is Unlocked.ALREADY:
                return False
            if outcome is Unlocked.TOO_LATE:
                raise VaultLocked(
                    "The vault was locked while it was being unlocked.", "Unlock again."
                )

    def confirm(self, *, password: str, item_id: str) -> None:
        """Confirms one item with re-prompt or, without an id, all; checks the master password."""
        self._secrets.make(password, "master password")
        contents = self._current.contents()
        contents.keys.used()
        opened = self.keys.open(self._current.account(), password=password)
        if opened.user_key != contents.keys.user_key:
            raise VaultLocked(
                "The keys of the account were changed elsewhere.", "Lock and unlock again."
            )
        contents.keys.confirm(item_id)

    def _read(self, snapshot: Snapshot, account: Account, user_key: EitherUserKey) -> Contents:
        # Imported here: the derivation begins first, and the sync imports these meanwhile.
        from bw_magics.session.security import newest_keys, open_account
        from bw_magics.session.storage.attachments import AttachmentFiles
        from bw_magics.vault.contents import Contents
        from bw_magics.vault.key_store import KeyStore

        def read() -> Contents:
            keys = KeyStore(user_key, secrets=self._secrets, on_use=self._used)
            opened = open_account(
                user_key,
                newest_keys(snapshot, account.login),
                known_version=self._current.state.security_version,
            )
            keys.renew(opened, snapshot.organizations, snapshot.providers)
            limit = lambda: self._preferences.attachment_limit  # noqa: E731
            files = AttachmentFiles(self._current.account, limit, self._on_wait)
            return Contents(snapshot, keys, files=files, writer=lambda: self._writing.items)

        return Task(read, "reading the names in the vault").wait(self._on_wait)

    def _used(self) -> None:
        if self._idle.touch():
            self._sync.freshen(self._preferences.sync_interval)


def _another_than(account: Account) -> AlreadyLoggedIn:
    return AlreadyLoggedIn(
        f"Another account is logged in at {account.server.name}.",
        Remedy("Log it out first: {}.", LOG_OUT),
    )
