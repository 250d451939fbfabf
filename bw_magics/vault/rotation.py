"""`Rotation`: a new secret that is stored beside the old one until it is in use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from bw_magics.errors import FieldNotFound, Unreadable
from bw_magics.secret import Secret, Unpicklable
from bw_magics.shown import one_line
from bw_magics.using import unrecorded, using
from bw_magics.vault.types import HIDDEN, ROTATING
from bw_magics.vault.writable import Writable

if TYPE_CHECKING:
    import sqlalchemy

    from bw_magics.vault.sealed import Sealed
    from bw_magics.write_errors import RotationOpen

PASSWORD = "password"  # noqa: S105 - the name of the member
_FIELD = "field:"

AnyItem = TypeVar("AnyItem", bound="Rotatable")


class Rotation(Unpicklable, Generic[AnyItem]):
    """A rotation that began and did not end: the item holds the old and the new value.

    `member` names what is rotated: `password`, or `field:NAME` for a hidden field.
    """

    def __init__(self, item: AnyItem, member: str) -> None:
        self.item = item
        self.member = member

    def __repr__(self) -> str:
        return f"<Rotation of '{one_line(self.item.name)}', {one_line(self.member)}: not ended>"

    @property
    def new(self) -> Secret:
        """The new value."""
        value = self.item.field(f"{ROTATING}{self.member}")
        if not isinstance(value, Secret):
            raise FieldNotFound(
                f"'{self.item.name}' has no new value of its {self.member}.", "Look at the item."
            )
        return value

    @property
    def old(self) -> object:
        """The value that was in use before."""
        return self.item.get(self.member)

    def finish(self) -> AnyItem:
        """Puts the new value in the place of the old, which goes to the history."""
        with unrecorded():
            new = self.new
        return self._end(new)

    def undo(self) -> AnyItem:
        """Keeps the old value; the new one goes to the history."""
        return self._end(None)

    def _end(self, value: Secret | None) -> AnyItem:
        from bw_magics.vault.draft import Draft

        draft = Draft.of(self.item)
        if value is not None and self.member == PASSWORD:
            draft.password = value
        elif value is not None:
            from bw_magics.vault.changes import hidden

            draft.fields[self.member.removeprefix(_FIELD)] = hidden(value)
        del draft.fields[f"{ROTATING}{self.member}"]
        item: AnyItem = self.item._writing().edit(self.item, draft)
        return item


class Rotatable(Writable):
    """The rotation of an item's secrets, in steps of which each leaves the old and the new value
    readable.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        _sealed: Sealed

        @property
        def is_blob(self) -> bool:
            """Whether its contents are one encrypted block."""

        def field(self, name: str) -> str | bool | None:
            """Returns the value of a custom field."""

        def get(self, what: str) -> object:
            """Returns the value of a member or field."""

        def sqlalchemy_url(self, driver: str | None = None) -> sqlalchemy.URL:
            """Returns the URL of the database that the item is for."""

    @property
    def rotation(self) -> Rotation[Self] | None:
        """The rotation that began and did not end, None where there is none.

        `.new` is the new value; `.finish()` takes it over, `.undo()` keeps the old one.
        """
        if self.is_blob:
            return None
        for entry in self._sealed.record.objects("fields"):
            if entry.integer("type") == HIDDEN:
                try:
                    name = self._sealed.peek(entry, "name") or ""
                except Unreadable:
                    continue
                if name.startswith(ROTATING):
                    return Rotation(self, name.removeprefix(ROTATING))
        return None

    @contextmanager
    def rotating(self, member: str = PASSWORD, *, value: str | None = None) -> Iterator[Secret]:
        """Rotates a secret around a `with` block, which brings the new value into use::

            with item.rotating("password") as new:
                connection.execute(…)

        `member` is `password` or the name of a hidden field, `value` the new value; without it one
        is generated. It is stored in a hidden field before the block begins. After the block it
        takes the place of the old value, which goes to the history. Where the block fails, or the
        kernel ends, both are stored: `item.rotation` finishes or undoes it. Raises `RotationOpen`
        where one did not end, and what `edit` raises.
        """
        rotation = self._begun(member, value)
        with _told(self.name):
            with using("rotation"):
                new = rotation.new
            yield new
            rotation.finish()

    def rotate_database(self, driver: str | None = None) -> Self:
        """Rotates the password of a PostgreSQL, MySQL or MariaDB role and gives the new item.

        The item says where the database is, as for `sqlalchemy_url`. The new password is stored
        before the database changes, and taken over after a login with it. Called again after a
        failure it goes on with the same new password. Raises `DatabaseRefused`, `RotationOpen`.
        """
        from bw_magics.adapters.roles import change_password, opens

        with using("rotation"):
            url = self.sqlalchemy_url(driver)
        rotation = self.rotation
        if rotation is None:
            if not opens(url):
                from bw_magics.write_errors import DatabaseRefused

                raise DatabaseRefused(
                    f"The database at {url.host} does not accept the password of '{self.name}'.",
                    "Nothing was changed: save the right password in the item first.",
                )
            rotation = self._begun(PASSWORD, None)
        elif rotation.member != PASSWORD:
            raise _open(rotation)
        with _told(self.name):
            with using("rotation"):
                new = str.__str__(rotation.new)
            if not opens(url.set(password=new)):
                change_password(url, new)
            return rotation.finish()

    def _begun(self, member: str, value: str | None) -> Rotation[Self]:
        """Stores the new value beside the old one."""
        from bw_magics.vault.changes import hidden
        from bw_magics.vault.generate import PasswordRules, generate

        if (rotation := self.rotation) is not None:
            raise _open(rotation)
        name = member.removeprefix(_FIELD)
        if member != PASSWORD or self.item_type is None or PASSWORD not in self.item_type.members:
            with unrecorded():
                hidden_fields = {field.name for field in self.fields if field.kind == "hidden"}
            if name not in hidden_fields:
                raise FieldNotFound(
                    f"'{self.name}' has no hidden field '{name}' to rotate.",
                    "Rotate its password, or a hidden field by its name.",
                )
            member = f"{_FIELD}{name}"
        new = value if value is not None else generate(PasswordRules())
        item = self.edit(fields={f"{ROTATING}{member}": hidden(new)})
        return Rotation(item, member)


def _open(rotation: Rotation[Any]) -> RotationOpen:
    from bw_magics.write_errors import RotationOpen

    return RotationOpen(
        f"A rotation of '{rotation.item.name}' ({rotation.member}) did not end: the old and the "
        "new value are both stored.",
        "Try which one works: item.rotation.finish() takes the new one over, "
        "item.rotation.undo() keeps the old one.",
    )


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Adds to any error in its block that both values are stored."""
    try:
        yield
    except BaseException as error:
        error.add_note(
            f"The rotation of '{name}' did not end: the old and the new value are both stored. "
            "item.rotation.finish() takes the new one over, item.rotation.undo() keeps the old one."
        )
        raise
