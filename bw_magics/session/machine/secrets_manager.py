"""`SecretsManager`: Bitwarden Secrets Manager, for runs without a person."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

from bw_magics.announcing import Secrets
from bw_magics.errors import (
    NotLoggedIn,
    ServerError,
    StateError,
    UsageMistake,
)
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.background import OnWait, Task
from bw_magics.session.clock import clock_time
from bw_magics.session.journal.journaled import Journaled
from bw_magics.settings import Server, pasted
from bw_magics.steps import LOG_IN_WITH_TOKEN, Remedy
from bw_magics.using import using
from bw_magics.vault.by_name import ByName
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.managed_secret import ManagedSecret, Project, unreadable
from bw_magics.vault.names import as_name
from bw_magics.vault.secret_source import resolve_all

if TYPE_CHECKING:
    from contextlib import _GeneratorContextManager
    from pathlib import Path

    from bw_magics.announcing import OnSecret
    from bw_magics.client.access_token import AccessToken
    from bw_magics.client.certificates import Authority, ClientCertificate
    from bw_magics.session.accounts.machine_account import MachineAccount
    from bw_magics.session.machine.download import Download
    from bw_magics.session.machine.keeping import Keeping
    from bw_magics.vault.managed_secrets import ManagedSecrets
    from bw_magics.vault.references import AnyReference

SYNC_INTERVAL = 300.0


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """What `%bw_status` shows of the Secrets Manager. Times are in seconds since 1970.

    `problem` is what is wrong although the secrets that were read can be used.
    """

    is_logged_in: bool
    reason: str | None = None
    server: str | None = None
    source: str | None = None
    secrets: int | None = None
    projects: int | None = None
    synced_at: float | None = None
    problem: str | None = None


class SecretsManager(Journaled, Unpicklable, ByName[ManagedSecret]):
    """The secrets that one machine account may read, from logging in to a value::

        secrets_manager = SecretsManager.login(access_token=…)
        secrets_manager.resolve("bws://Reporting/WAREHOUSE_PASSWORD")
        secrets_manager["WAREHOUSE_PASSWORD"].value

    Values are `Secret`s, each passed to `on_secret` before it is returned. The secrets are read
    from the server at login, and again when they are older than `sync_interval` seconds (0 is
    never). It is a `SecretSource`, may be used from several threads, and asks and prints nothing. A
    forked child starts logged out. Use it as a context manager, or `logout`.
    """

    def __init__(
        self,
        account: MachineAccount | None,
        *,
        on_wait: OnWait | None = None,
        sync_interval: float = SYNC_INTERVAL,
        reason: str = "",
    ) -> None:
        from bw_magics.session.machine.keeping import Keeping

        self.on_wait = on_wait
        self.sync_interval = sync_interval
        self._account = account
        self._keeping: Keeping = Keeping(lambda: self.account, self._waiting)
        self._download: Download = self._keeping.download
        self._reason = reason
        self._at_logout: list[Callable[[], None]] = []
        self._first: Task[bool] | None = None
        if account is not None:
            self._first = Task(self._download.run, f"reading {account.server.name}")
        _every_one.add(self)

    @classmethod
    def logged_out(cls, reason: str) -> Self:
        """Returns one that nobody is logged in to, for that reason: a login that failed."""
        return cls(None, reason=reason)

    @classmethod
    def login(
        cls,
        *,
        access_token: str | None = None,
        server: str | Server | None = None,
        source: str = "the arguments",
        certificate_authority: Authority | bytes | str | Path | None = None,
        client_certificate: ClientCertificate | Path | str | None = None,
        on_secret: OnSecret | None = None,
        on_wait: OnWait | None = None,
        sync_interval: float = SYNC_INTERVAL,
    ) -> Self:
        """Logs in with an access token of a machine account.

        Without `access_token` it is that of `BWS_ACCESS_TOKEN`, for the server that the same
        environment names (`BWS_SERVER_URL`, `BW_SERVER`). `server` is `us`, `eu` or an address;
        without it a token that is passed goes to the server of the kernel's settings or of the
        environment, else to `us`. `source` is a name for `status`; the rest is as for `Vault`.

        Raises `CredentialsMissing`, `AccessTokenInvalid`, `AccessTokenRefused`,
        `NoSecretsManager` (Vaultwarden), `RateLimited` and the other `ServerError`s.
        """
        from bw_magics.client.access_token import AccessToken
        from bw_magics.client.certificates import pem_of
        from bw_magics.session.accounts.machine_account import MachineAccount
        from bw_magics.session.accounts.way_there import WayThere, usual_for_token
        from bw_magics.session.machine.environment_token import environment_token

        if access_token is None:
            found = environment_token()
            access_token, source = found.access_token, found.source
        secrets = Secrets(on_secret, "Secrets Manager")
        secrets.announce(Secret(pasted(access_token), "access token"))
        token = AccessToken.parse(access_token)
        secrets.announce(token.client_secret)
        usual = usual_for_token(server, source, token.id)
        way = WayThere.of(server, certificate_authority, client_certificate, usual, token.id)
        task = Task(
            lambda: MachineAccount(
                way.server,
                token,
                source=source,
                certificate_authority=pem_of(way.authority),
                client_certificate=way.certificate,
                secrets=secrets,
            ),
            f"logging in to {way.server.name}",
        )
        try:
            account = task.wait(on_wait)
        except BaseException:
            task.discard(lambda account: account.close())
            raise
        return cls(account, on_wait=on_wait, sync_interval=sync_interval)

    def __repr__(self) -> str:
        if self._account is None:
            return "<SecretsManager: logged out>"
        return f"<SecretsManager at {self._account.server.name}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.logout()

    # Reading.

    def resolve(self, reference: str | AnyReference) -> Secret:
        """Returns the value that a reference (`bws://PROJECT/KEY`) names.

        Raises `UsageMistake` for a text that is not such a reference, `NotFound`, `Ambiguous`,
        `Unreadable`, `NotLoggedIn` and the `ServerError`s.
        """
        with using("reference"):
            return self.find(reference).value

    def resolve_all(self, references: Iterable[str | AnyReference]) -> dict[str, object]:
        """Returns the value of each reference by its text, or the `BitwardenError` in its place."""
        with using("reference"):
            return resolve_all(self.resolve, references)

    def find(self, reference: str | AnyReference) -> ManagedSecret:
        """Returns the secret that a reference names, and decrypts no value."""
        if not isinstance(reference, MachineReference):
            reference = MachineReference.parse(str(reference))
        return self._read().find(reference)

    def check(self, reference: str | AnyReference) -> None:
        """Finds the secret that a reference names, and decrypts no value. Raises as `resolve`."""
        secret = self.find(reference)
        if secret.problem is not None:
            raise unreadable("value", secret.key, secret.problem)

    def __getitem__(self, key: str) -> ManagedSecret:
        """Returns the secret of exactly that key or id, in whichever project it is."""
        return self._read().find(MachineReference(as_name(key)))

    def __iter__(self) -> Iterator[ManagedSecret]:
        return iter(self.secrets())

    def get(self, key: str, *, project: str | None = None) -> Secret:
        """Returns the value of a secret by its key or id, and its project where that is needed."""
        with using("get"):
            return self._read().find(MachineReference(key, project)).value

    def secrets(self, project: str | None = None) -> list[ManagedSecret]:
        """Lists the secrets, or those of one project; an empty name asks for those without one."""
        read = self._read()
        return list(read) if project is None else read.of_project(project)

    def projects(self) -> list[Project]:
        """Asks the server for the projects that this machine account may read, by name."""
        return Task(self._keeping.projects, "listing the projects").wait(self.on_wait)

    def project(self, name: str) -> Project:
        """Asks the server for the project of that name or id. Raises `NotFound`, `Ambiguous`."""
        from bw_magics.vault.managed_secrets import find_project

        return find_project(self.projects(), name)

    def names(self) -> Iterator[str]:
        """Yields the keys and project names that are known; asks no server, and never raises."""
        known = self._download.secrets if self._account is not None else None
        if known is not None:
            yield from known.names()

    def known(self) -> list[ManagedSecret]:
        """Lists the secrets that were read so far; asks no server, and never raises."""
        known = self._download.secrets if self._account is not None else None
        return list(known or ())

    def sync(self, *, force: bool = False) -> bool:
        """Reads the secrets again where any changed, or with `force` anyway; tells whether one
        did.
        """
        account = self.account
        task = Task(lambda: self._download.run(force=force), f"reading {account.server.name}")
        return task.wait(self.on_wait)

    # Changing.

    def create(
        self, key: str, value: str, *, project: str | Project, note: str = ""
    ) -> ManagedSecret:
        """Creates a secret in a project, which is named by its name or id.

        Raises `WriteRefused` where the project has that key already, `NotWritable` where this
        machine account may only read, `TooLong`, `MaskRefused`, `WriteUnclear`.
        """
        return self._keeping.create(key, value, project, note)

    def delete(self, *secrets: ManagedSecret) -> None:
        """Puts secrets into the trash, in one request. Raises `NotWritable` with the keys of those
        that the server kept.
        """
        self._keeping.delete(secrets)

    def create_project(self, name: str) -> Project:
        """Creates a project, which this machine account may then write."""
        return self._keeping.create_project(name)

    def rename_project(self, project: str | Project, name: str) -> Project:
        """Renames a project, named by its name or id."""
        return self._keeping.rename_project(project, name)

    def delete_project(self, project: Project, *, name: str) -> None:
        """Deletes a project for ever; `name` repeats its name. Its secrets stay, in no project."""
        if name != project.name:
            raise UsageMistake(
                "The name that was repeated is not the project's.", "Repeat it: name='…'."
            )
        self._keeping.delete_project(project)

    # Its life.

    def env(self, **variables: str) -> _GeneratorContextManager[None]:
        """Sets environment variables for a `with` block or, as a decorator, for a call, each from a
        reference or a `Secret`: `with secrets_manager.env(PGPASSWORD="bws://Reporting/DB"):`.
        """
        from bw_magics.session.current import CurrentState
        from bw_magics.session.environment.assignments import inline
        from bw_magics.session.environment.environment import Environment

        return Environment(CurrentState(), lambda: self).scope(inline(variables))

    @property
    def account(self) -> MachineAccount:
        """The account that is logged in. Raises `NotLoggedIn`."""
        account = self._account
        if account is None:
            raise self._refusal()
        return account

    def is_for(self, server: Server, access_token: AccessToken) -> bool:
        """Tells whether logging in with these again would change nothing."""
        return self._account is not None and self._account.is_for(server, access_token)

    @property
    def status(self) -> MachineStatus:
        """Whether it is logged in, where, and how much it reads; asks no server."""
        account = self._account
        if account is None:
            return MachineStatus(False, reason=self._reason)
        known = self._download.secrets
        problem = account.problem or self._download.problem
        return MachineStatus(
            True,
            server=account.server.name,
            source=account.source,
            secrets=None if known is None else len(known),
            projects=None if known is None else len(known.projects),
            synced_at=self._download.checked_at or None,
            problem=problem.fact if problem is not None else None,
        )

    def make(self, value: str, label: str) -> Secret:
        """Makes a secret that is a part of one, such as a line of dotenv text, and announces it."""
        return self.account.opener.secrets.make(value, label)

    def at_logout(self, action: Callable[[], None]) -> None:
        """Calls `action` once, at the logout."""
        if action not in self._at_logout:
            self._at_logout.append(action)

    def logout(self) -> bool:
        """Forgets the access token, the key and the secrets; False where that was done."""
        return self._end(f"you logged out at {clock_time(time.time())}")

    # Inside.

    def _read(self) -> ManagedSecrets:
        """Returns the secrets, not older than `sync_interval` where the server can be reached."""
        account, first = self.account, self._first
        if first is not None:
            self._first = None
            first.wait(self.on_wait)
        known = self._download.secrets
        interval = self.sync_interval
        if known is None or (interval and self._download.is_older_than(interval)):
            try:
                self.sync()
            except ServerError as problem:
                if known is None:
                    raise
                self._download.postpone(problem)
            known = self._download.known()
        if account is not self._account:
            raise self._refusal()
        return known

    def _waiting(self, what: str) -> None:
        if self.on_wait is not None:
            self.on_wait(what)

    def _end(self, reason: str) -> bool:
        account, self._account = self._account, None
        self._reason = reason
        if account is None:
            return False
        account.close()
        account.opener.forget(self._refusal)
        self._download.forget()
        actions, self._at_logout = self._at_logout, []
        for action in actions:
            action()
        return True

    def _refusal(self) -> StateError:
        return NotLoggedIn(
            f"The Secrets Manager is logged out: {self._reason}.",
            Remedy("Next: {}.", LOG_IN_WITH_TOKEN),
        )

    def _after_fork(self) -> None:
        if self._account is not None:
            self._account.renew_lock_after_fork()
        self._download.renew_lock_after_fork()
        self._keeping.renew_lock_after_fork()
        self._at_logout.clear()
        self._end("this is a forked process, which starts logged out")


_every_one: WeakSet[SecretsManager] = WeakSet()


def _log_out_forked_child() -> None:
    for each in list(_every_one):
        each._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_log_out_forked_child)
