"""`Vault`: a Bitwarden or Vaultwarden vault, from logging in to the value of a field."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from bw_magics.announcing import OnSecret, Secrets
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.background import OnWait
from bw_magics.session.clock import clock_time
from bw_magics.session.current import CurrentState
from bw_magics.session.idle import IdleLock
from bw_magics.session.journal.journaled import Journaled
from bw_magics.session.preferences import Cache
from bw_magics.session.profiles import Profiles
from bw_magics.session.reading import Reading
from bw_magics.session.store import Store
from bw_magics.session.sync import Sync
from bw_magics.session.writing.writing import Writing
from bw_magics.settings import NO_SETTINGS, Server
from bw_magics.vault.by_name import ByName

if TYPE_CHECKING:
    from contextlib import _GeneratorContextManager
    from pathlib import Path

    from bw_magics.client.certificates import ClientCertificate
    from bw_magics.session.accounts.way_to_unlock import WayToUnlock
    from bw_magics.session.api_key import ApiKeyCare
    from bw_magics.session.entrance import Entrance
    from bw_magics.session.environment.environment import Environment
    from bw_magics.session.machine.secrets_manager import SecretsManager
    from bw_magics.session.status import Status
    from bw_magics.vault.generate import PassphraseRules, PasswordRules
    from bw_magics.vault.item import Item
    from bw_magics.vault.lookup import Found
    from bw_magics.vault.places import Place
    from bw_magics.vault.references import AnyReference
    from bw_magics.vault.rotation import Rotation
    from bw_magics.vault.selection import Filters, Selection
    from bw_magics.vault.tiebreak import Tiebreak

SYNC_INTERVAL = 300.0
LOCK_TIMEOUT = 3600.0
ATTACHMENT_LIMIT = 512 * 1024 * 1024

# The settings that a profile takes over from the vault that it is made beside.
_SHARED = ("on_secret", "on_wait", "sync_interval", "lock_timeout", "attachment_limit", "cache")


class Vault(Journaled, Unpicklable, ByName["Item"]):
    """A vault in one of three states: unauthenticated, locked, unlocked.

    Log in with the personal API key, unlock with the master password, read::

        vault = Vault()
        vault.login(client_id=…, client_secret=…, server="eu")
        vault.unlock(password=…)
        vault["Warehouse DB"].password

    `on_secret` is called with every `Secret` before it is returned; `on_wait` with one sentence
    when something takes more than half a second. A vault prints and asks nothing and writes no
    file but its `cache` and `journal`. It may be used from several threads; a forked child starts
    locked. `vault[name]` gives the `Item` of exactly that name or id; `name in vault` looks for it;
    a loop has all items. `secrets_manager` is where its `bws://` references go. The settings are
    those of `Preferences`. `profile` is part of the device that this vault appears as;
    `profile(name)` gives others to use beside it.
    """

    secrets_manager: SecretsManager | None = None

    def __init__(
        self,
        *,
        on_secret: OnSecret | None = None,
        on_wait: OnWait | None = None,
        sync_interval: float = SYNC_INTERVAL,
        lock_timeout: float = LOCK_TIMEOUT,
        attachment_limit: int = ATTACHMENT_LIMIT,
        profile: str = "",
        cache: Cache = False,
    ) -> None:
        self._secrets = Secrets(on_secret, profile)
        self.on_wait = on_wait
        self.sync_interval, self.lock_timeout = sync_interval, lock_timeout
        self.attachment_limit, self.cache = attachment_limit, cache
        self.profile_name, self.default_server = profile, NO_SETTINGS
        self._profiles: Profiles[Vault] = Profiles(profile, self, lambda name: self._beside(name))
        self._current = CurrentState(profile)
        self._current.on_lock, self._current.on_unlock = self._locked, self._unlocked
        self._sync = Sync(self._current, on_wait=self._waiting)
        self._idle = IdleLock(self._current)
        self._store = Store(self)
        self._contents = self._current.contents
        self._reading = Reading(self._contents, self._waiting, self._machine)
        self._writing = Writing(self._current, self._sync, self._secrets, self._waiting)
        self._environment: Environment | None = None

    def __repr__(self) -> str:
        return f"<{' '.join(('Vault', self.profile_name)).rstrip()}: {self.status.state}>"

    @property
    def on_secret(self) -> OnSecret | None:
        """The function called with every `Secret`; it can be replaced at any time."""
        return self._secrets.on_secret

    @on_secret.setter
    def on_secret(self, on_secret: OnSecret | None) -> None:
        self._secrets.on_secret = on_secret

    def profile(self, name: str) -> Vault:
        """Returns the vault of that name beside this one, with a login and a lock of its own."""
        return self._profiles.get(name)

    @property
    def profiles(self) -> tuple[Vault, ...]:
        """All vaults that are side by side, this one included."""
        return tuple(self._profiles)

    def _beside(self, name: str) -> Vault:
        vault = type(self)(profile=name, **{each: getattr(self, each) for each in _SHARED})
        vault._profiles, vault._idle.held = self._profiles, self._idle.held
        vault.default_server = self.default_server
        return vault

    def login(
        self,
        *,
        client_id: str,
        client_secret: str,
        server: str | Server | None = None,
        source: str = "the arguments",
        device_id: str | None = None,
        certificate_authority: bytes | str | Path | None = None,
        client_certificate: ClientCertificate | Path | str | None = None,
    ) -> bool:
        """Logs in with the personal API key; False where that was done already.

        `server` is `us`, `eu` or an address, by default `default_server`; `source` is a name for
        `status`. `certificate_authority` is PEM or its path, trusted for this server and origins
        behind the path (`"ca.pem https://files.example.org"`); `client_certificate` is for this
        server only. With a new `client_secret` of the same user the vault stays as it is.

        Raises `ClientIdInvalid`, `ApiKeyRefused`, `RateLimited` and the other `ServerError`s, and
        `AlreadyLoggedIn` where another account is.
        """
        return self._entrance.log_in(
            client_id=client_id,
            client_secret=client_secret,
            server=server,
            source=source,
            device_id=device_id,
            certificate_authority=certificate_authority,
            client_certificate=client_certificate,
        )

    def adopt_cli(self, *, session: str) -> bool:
        """Takes over the unlocked session of the official `bw` CLI; False where that was done.
        `session` is its key (`BW_SESSION`). The vault is read only, without attachments. `bw` runs
        only while it is asked. A lock ends the session here, and never runs `bw lock`. Raises
        `NotOffered` where `bw` cannot run, `VaultLocked` where it is locked, `AlreadyLoggedIn`.
        """
        return self._entrance.adopt_cli(session=session)

    def unlock(
        self,
        *,
        password: str | None = None,
        key_connector: str | None = None,
        lock_timeout: float | None = None,
        is_unattended: bool = False,
    ) -> bool:
        """Unlocks with the master password; False where it is unlocked already.

        Without `password` the key comes from the organisation's Key Connector. Its address is in
        the server's settings, or a person agrees to it by `key_connector`. `lock_timeout` in
        seconds overrides the vault's own, also while it is open; 0 is never. `is_unattended` says
        that no person gave the password: no idle lock, and items with re-prompt are confirmed.

        Raises `WrongMasterPassword`, `KdfRefused`, `NoWayToUnlock`, `NotLoggedIn` and, where the
        vault still has to be downloaded, the errors of that.
        """
        return self._entrance.unlock(
            password=password,
            key_connector=key_connector,
            lock_timeout=lock_timeout,
            is_unattended=is_unattended,
        )

    def confirm(self, *, password: str, item_id: str = "") -> None:
        """Gives the master password again, for one item with re-prompt or, without an id, for all,
        until the lock. Raises `WrongMasterPassword`, and `NotOffered` for a CLI session.
        """
        self._entrance.confirm(password=password, item_id=item_id)

    def lock(self) -> bool:
        """Forgets every key, and leaves the Secrets Manager; False where it was not unlocked."""
        self.secrets_manager and self.secrets_manager.logout()
        self._current.forbid()
        return self._current.lock(f"you locked it at {clock_time(time.time())}")

    def logout(self) -> bool:
        """Forgets everything; False where nobody was logged in."""
        self.secrets_manager and self.secrets_manager.logout()
        was_logged_in = self._current.log_out(f"you logged out at {clock_time(time.time())}")
        if self._environment is not None:
            self._environment.forget()
        return was_logged_in

    def sync(self, *, force: bool = False) -> bool:
        """Brings the vault up to date, also while locked; tells whether there was anything new.
        Asks the revision date first and downloads only what is newer, unless `force`.
        """
        return self._sync.run(self._current.account(), force=force)

    @property
    def status(self) -> Status:
        """The state, why, and what to do next; notices an idle vault."""
        from bw_magics.session.status import read_status

        self._idle.check()
        return read_status(self._current.state, self._sync)

    @property
    def is_offline(self) -> bool:
        """Whether the server could not be reached since the login: the vault is the kept one."""
        account = self._current.state.account
        return account is not None and account.is_offline

    def server_software(self, *, patience: float = 1.0) -> str | None:
        """Names the server's software; None while logged out, or not within `patience` seconds."""
        account = self._current.state.account
        return account.software(patience) if account is not None else None

    @property
    def way_to_unlock(self) -> WayToUnlock:
        """The way to unlock: a master password, a Key Connector, or none that works here."""
        from bw_magics.session.accounts.way_to_unlock import way_to_unlock

        return way_to_unlock(self._current.account(), self._current.state.snapshot)

    @property
    def must_change_password(self) -> bool:
        """Whether the server asks for a new master password."""
        account = self._current.state.account
        return account is not None and account.login.force_password_reset

    def get(self, object: str, query: str = "", *, tiebreak: Tiebreak | None = None) -> object:
        """Returns what `bw get OBJECT QUERY` means: the value, a `Secret` where it is one.
        `object` is as at `%bw_get`, `template`, or a reference. Raises as `resolve`.
        """
        return self._reading.get(object, query, tiebreak=tiebreak)

    def find(
        self,
        query: str,
        *,
        what: str = "item",
        tiebreak: Tiebreak | None = None,
        loose: bool = False,
    ) -> Item:
        """Finds an item by id or name; with `loose` also by a part of its name or a URI's host."""
        return self.locate(query, what=what, tiebreak=tiebreak, loose=loose).item

    def locate(
        self,
        query: str,
        *,
        what: str = "item",
        tiebreak: Tiebreak | None = None,
        loose: bool = False,
    ) -> Found:
        """Finds an item as `find`, and tells which step found it."""
        return self._reading.locate(query, what=what, tiebreak=tiebreak, loose=loose)

    def __getitem__(self, name: str) -> Item:
        """Returns the item of exactly that name or id, case ignored; `NotFound` is a `KeyError`."""
        return self.locate(name).item

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items())

    def resolve(self, reference: str | AnyReference) -> object:
        """Returns what a reference (`bw://[PATH/]ITEM/FIELD`, `bws://PROJECT/KEY`) names, a
        `Secret` where it is one. Raises `UsageMistake`, `LookupFailed`, `Unreadable`.
        """
        return self._reading.resolve(reference)

    def resolve_all(self, references: Iterable[str | AnyReference]) -> dict[str, object]:
        """Returns the value of each reference by its text, or the `BitwardenError` in its place."""
        return self._reading.resolve_all(references)

    def check(self, reference: str | AnyReference) -> None:
        """Finds what a reference names, and reads no value; raises as `resolve`."""
        self._reading.check(reference)

    def items(self, selection: Selection | None = None, **filters: Unpack[Filters]) -> list[Item]:
        """Lists items outside trash and archive, or by a `Selection`'s filters: `search="ware"`."""
        return self._reading.items(selection, filters)

    def places(self, kind: str) -> list[Place]:
        """Lists all places of a kind: `folder`, `collection` or `organization`."""
        return self._reading.places(kind)

    def create(
        self,
        type: str,
        *,
        organization: str | None = None,
        collections: Sequence[str] = (),
        **members: Any,
    ) -> Item:
        """Creates an item: `vault.create("login", name="Sales DB", password=…)`."""
        return self._writing.create(type, members, organization, collections)

    def create_folder(self, name: str) -> str:
        """Creates a folder, such as `Work/Databases`, and returns its name."""
        return self._writing.folders.create(name)

    def rename_folder(self, folder: str, name: str) -> str:
        """Renames a folder, by name or id, and the folders inside it; returns the new name."""
        return self._writing.folders.rename(folder, name)

    def delete_folder(self, folder: str) -> None:
        """Deletes a folder, by name or id. Its items stay, outside folders."""
        self._writing.folders.delete(folder)

    def rotations(self) -> list[Rotation[Item]]:
        """Lists the rotations of secrets that began and did not end."""
        return self._reading.rotations()

    def remember(self) -> None:
        """Keeps the API key in the system's keyring. Raises `ExtraMissing` and `NoKeyring`."""
        self._store.remember(self._current.account())

    def forget(self) -> list[str]:
        """Removes the API key and the kept vault; returns what was removed."""
        return self._store.forget(self._current.state.account)

    @property
    def api_key(self) -> ApiKeyCare:
        """The personal API key of the account, to view and to rotate."""
        return self._entrance.api_key

    @property
    def environment(self) -> Environment:
        """The environment variables set from this vault, until a lock and again after it."""
        if self._environment is None:
            from bw_magics.session.environment.environment import Environment

            self._environment = Environment(self._current, self._machine)
        return self._environment

    def env(self, **variables: str | AnyReference) -> _GeneratorContextManager[None]:
        """Sets environment variables for a `with` block or, as a decorator, for a call, each from a
        `Secret` or a reference: `with vault.env(PGPASSWORD="bw://Warehouse DB/password"):`.
        """
        from bw_magics.session.environment.assignments import inline

        return self.environment.scope(inline(variables))

    def generate(self, rules: PasswordRules | PassphraseRules | None = None) -> Secret:
        """Generates a password or passphrase, by the rules of `bw generate`; stores it nowhere."""
        from bw_magics.vault.generate import PasswordRules, generate

        return self._secrets.make(generate(rules or PasswordRules()), "generated")

    def hold(self) -> str | None:
        """Begins a use that may last; returns why the vault locked itself just now, else None."""
        return self._idle.hold()

    def release(self) -> None:
        """Ends what `hold` began."""
        self._idle.release()

    @cached_property
    def _entrance(self) -> Entrance:
        from bw_magics.session.entrance import Entrance

        parts = (self._current, self._sync, self._store, self._idle, self._writing)
        return Entrance(self, *parts, secrets=self._secrets, on_wait=self._waiting)

    def _machine(self) -> SecretsManager | None:
        return self.secrets_manager

    def _waiting(self, what: str) -> None:
        if self.on_wait is not None:
            self.on_wait(what)

    def _locked(self) -> None:
        if self._environment is not None:
            self._environment.lock()

    def _unlocked(self) -> None:
        if self._environment is not None:
            self._environment.unlock()
