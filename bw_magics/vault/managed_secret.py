"""`ManagedSecret` and `Project`: what the Secrets Manager holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bw_magics.answer import Answer
from bw_magics.errors import CryptographyError, NotLoggedIn, StateError, Unreadable
from bw_magics.secret import Secret, Unpicklable
from bw_magics.using import Use, using
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.moments import read_moment
from bw_magics.vault.usable import Usable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import sqlalchemy

    from bw_magics.announcing import Secrets
    from bw_magics.crypto import OrganizationKey

UNREADABLE = "(unreadable)"


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its id and its name."""

    id: str
    name: str


class Opener(Unpicklable):
    """The organisation's key, and what is announced with it; `forget` ends every use."""

    def __init__(self, key: OrganizationKey, secrets: Secrets) -> None:
        self._key: OrganizationKey | None = key
        self._refusal: Callable[[], StateError] = _logged_out
        self.secrets = secrets

    def __repr__(self) -> str:
        return "<Opener>"

    @property
    def key(self) -> OrganizationKey:
        """The key. Raises why it is no longer here."""
        key = self._key
        if key is None:
            raise self._refusal()
        return key

    def forget(self, refusal: Callable[[], StateError]) -> None:
        """Forgets the key; `refusal` makes the error for later uses."""
        self._refusal, self._key = refusal, None


def unreadable(member: str, key: str, problem: str) -> Unreadable:
    """Returns the error for a member that cannot be decrypted."""
    return Unreadable(
        f"The {member} of '{key}' cannot be read: {problem}",
        "Open it in the Secrets Manager's web vault and save it again.",
    )


def _logged_out() -> StateError:
    return NotLoggedIn("The Secrets Manager is logged out.")


class Keeper(Protocol):
    """What changes secrets on the server."""

    def edit(self, secret: ManagedSecret, changes: dict[str, Any]) -> ManagedSecret:
        """Saves changed members; returns the secret as it is now."""

    def delete(self, secrets: Sequence[ManagedSecret]) -> None:
        """Puts secrets into the trash."""


class ManagedSecret(Unpicklable):
    """A secret of the Secrets Manager, decrypted member by member::

        secret = secrets_manager["WAREHOUSE_PASSWORD"]
        secret.value, secret.note, secret.project, secret.reference

    `key` is its name. Values are `Secret`s: they show themselves masked.
    """

    __slots__ = ("_keeper", "_opener", "key", "project", "record")

    def __init__(
        self, record: Answer, key: str, project: Project | None, opener: Opener, keeper: Keeper
    ) -> None:
        self.record = record
        self.key = key
        self.project = project
        self._opener = opener
        self._keeper = keeper

    def __repr__(self) -> str:
        where = f" in {self.project.name}" if self.project is not None else ""
        return f"<ManagedSecret {self.key}{where}>"

    @property
    def id(self) -> str:
        """The id, which stays when the key or the project changes."""
        return self.record.text("id") or ""

    @property
    def value(self) -> Secret:
        """The value. Raises `Unreadable` where it cannot be decrypted, `NotLoggedIn`."""
        value = self._decrypted("value")
        return self._opener.secrets.make(
            value,
            self.label,
            stands_elsewhere=lambda: value == self.key,
            use=self._use_of("value"),
        )

    @property
    def note(self) -> Secret | None:
        """The note; None where it is empty. Raises as `value`."""
        text = self._decrypted("note")
        if not text:
            return None
        return self._opener.secrets.make(text, f"{self.label} / note", use=self._use_of("note"))

    @property
    def label(self) -> str:
        """What the repr of its values shows beside the mask."""
        return f"{self.project.name} / {self.key}" if self.project is not None else self.key

    @property
    def revised(self) -> datetime | None:
        """When it was changed last."""
        return read_moment(self.record.text("revisionDate"))

    @property
    def created(self) -> datetime | None:
        """When it was created."""
        return read_moment(self.record.text("creationDate"))

    @property
    def reference(self) -> str:
        """A reference to it: by its project and key, where these can be read, else by its id."""
        if self.key == UNREADABLE:
            return str(MachineReference(self.id))
        return str(MachineReference(self.key, self.project.name if self.project else ""))

    @property
    def problem(self) -> str | None:
        """Why its value cannot be read; None where it can. Nothing is decrypted to find out."""
        try:
            self._opener.key.authenticate(self.record.text("value") or "")
        except CryptographyError as error:
            return error.fact
        return None

    def sqlalchemy_url(self, driver: str | None = None) -> sqlalchemy.URL:
        """Returns a `sqlalchemy.URL` from a value that is the URI of a database, spelled as the URI
        of an item may be. Raises as `Item.sqlalchemy_url`.
        """
        with using("SQLAlchemy"):
            return _AsLogin(self.key, str(self.value)).sqlalchemy_url(driver)

    def edit(
        self,
        *,
        key: str | None = None,
        value: str | None = None,
        note: str | None = None,
        project: str | Project | None = None,
    ) -> ManagedSecret:
        """Changes what is given and keeps the rest; returns the secret as it is now.

        Raises `WriteConflict` where somebody else changed the same since it was read,
        `NotWritable`, `TooLong`, `MaskRefused`, `WriteUnclear` and the `ServerError`s.
        """
        wanted = {"key": key, "value": value, "note": note, "project": project}
        given = {name: text for name, text in wanted.items() if text is not None}
        return self._keeper.edit(self, given)

    def delete(self) -> None:
        """Puts it into the trash, from which the Secrets Manager's web vault restores it.

        Raises `NotWritable` where this machine account may not.
        """
        self._keeper.delete([self])

    def _use_of(self, field: str) -> Use:
        return Use(self.label, field, self.id, self._opener.secrets.source)

    def _decrypted(self, member: str) -> str:
        key, text = self._opener.key, self.record.text(member)
        try:
            return key.decrypt_text(text) if text else ""
        except CryptographyError as problem:
            raise unreadable(member, self.key, problem.fact) from None


class _AsLogin(Usable, Unpicklable):
    """A URI as an item that has nothing else, for what reads connections from items."""

    def __init__(self, name: str, uri: str) -> None:
        self.name = name
        self.uris = (uri,)
        self.username = self.password = None

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def holds(self, what: str) -> bool:
        return False

    def field(self, name: str) -> str | bool | None:
        return None

    def outline(self) -> Iterator[tuple[str, str]]:
        return iter(())
