"""`Values`: the parts of one item, found by name and decrypted one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from bw_magics.errors import BitwardenError, FieldNotFound, Unreadable
from bw_magics.secret import MASK, Secret, Unpicklable
from bw_magics.using import using
from bw_magics.vault.field_name import FieldName, no_field
from bw_magics.vault.names import closest
from bw_magics.vault.sealed import Sealed
from bw_magics.vault.types import ITEM_TYPES, LOGIN, ItemType

if TYPE_CHECKING:
    from bw_magics.vault.custom_fields import CustomFields
    from bw_magics.vault.mentions import Mentions
    from bw_magics.vault.past_password import PastPassword
    from bw_magics.vault.uris import Uris

# How an outline shows a custom field without a value.
EMPTY = "(empty)"

# What a view calls otherwise than a custom field of that name.
_NO_FIELDS = ("item", "attachments", "passkeys")


class Part(NamedTuple):
    """One part of an item that a `FieldName` means: whether it is set, and how to read it."""

    is_set: Callable[[], bool]
    read: Callable[[], object]


# Members of every item beside those of its type.
_OF_EVERY_ITEM = (
    *("name", "id", "type", "folder", "collections", "organization", "notes", "uri", "uris"),
    *("hosts", "fields", "field", "attachments", "attachment", "created", "revised", "reference"),
)


class Values(Unpicklable):
    """The members, custom fields, URIs and notes of one item."""

    __slots__ = ("_sealed",)

    def __init__(self, sealed: Sealed) -> None:
        self._sealed = sealed

    def __repr__(self) -> str:
        return "<Values>"

    @property
    def type(self) -> ItemType | None:
        """The item's type, None for an unknown one."""
        return ITEM_TYPES.get(self._sealed.record.integer("type") or 0)

    @property
    def type_name(self) -> str:
        """The type's name, `type 99` for an unknown one."""
        known = self.type
        return known.name if known else f"type {self._sealed.record.integer('type')}"

    @property
    def uris(self) -> Uris:
        """The URIs of a login."""
        from bw_magics.vault.uris import Uris

        return Uris(self._sealed)

    @property
    def custom_fields(self) -> CustomFields:
        """The custom fields."""
        from bw_magics.vault.custom_fields import CustomFields

        return CustomFields(self._sealed, self._linked)

    @property
    def past_passwords(self) -> tuple[PastPassword, ...]:
        """The earlier passwords, the newest first."""
        from bw_magics.vault.past_password import past_passwords

        return past_passwords(self._sealed.record, self._sealed)

    def mentions(self, username: str) -> Mentions:
        """Gives the texts that find the item beside its name."""
        from bw_magics.vault.mentions import Mentions
        from bw_magics.vault.uri_match import as_searched

        uris = self.uris.with_match_types()
        return Mentions.of(username, uris, as_searched(uris))

    @property
    def notes(self) -> Secret | None:
        """The notes."""
        return self._sealed.secret(self._sealed.record, "notes", "notes", is_note=True)

    @property
    def totp(self) -> Secret | None:
        """The current one-time code, None without a seed."""
        from bw_magics.vault.totp import Totp

        with using(field="totp"):
            seed = self.optional("totp")
            if seed is None:
                return None
            totp, now = Totp.parse(seed), time.time()
            return self._sealed.announce(totp.code(now), "totp", lifetime=totp.seconds_left(now))

    def has(self, member: str) -> bool:
        """Returns whether this type has such a member, set or not."""
        return self.type is not None and member in self.type.members

    def member(self, name: str) -> str | None:
        """Returns a member of this type, None where it is empty. Raises `FieldNotFound`."""
        type = self.type
        if type is None or name not in type.members:
            raise self.missing(name)
        holder = self._sealed.record.object(type.name)
        if name == "totp":
            with using(field="totp seed"):
                return self._sealed.secret(holder, name, name)
        read = self._sealed.secret if name in type.secret else self._sealed.text
        return read(holder, name, name)

    def optional(self, name: str) -> str | None:
        """Returns the same; None also where this type has no such member."""
        self._sealed.require()
        return self.member(name) if self.has(name) else None

    def find(self, name: FieldName) -> Part | None:
        """Returns the part of that name: `notes`, `uri`, a member of this type, else a custom
        field.
        """
        if not name.is_custom and (part := self._part(name)) is not None:
            return part
        fields = self.custom_fields
        entry = fields.find(name.text)
        if entry is None:
            return None
        return Part(
            lambda: fields.is_set(entry, self._holds_linked), lambda: fields.read(entry).value
        )

    def _part(self, name: FieldName) -> Part | None:
        """Returns the part of that name that is not a custom field."""
        if name.text == "notes":
            return Part(self._holds_notes, lambda: self.notes)
        if name.text == "uri" and self.type is LOGIN:
            return Part(lambda: self.uris.count > 0, lambda: next(iter(self.uris), None))
        member = name.member
        if not self.has(member):
            return None
        read = (lambda: self.totp) if member == "totp" else (lambda: self.member(member))
        return Part(lambda: self._holds_member(member), read)

    def outline(self) -> Iterator[tuple[str, str]]:
        """Yields the name of each part with a mask or a remark, never a value."""
        type, record = self.type, self._sealed.record
        if type is not None:
            for name in type.members:
                if self._holds_member(name):
                    yield name, MASK if name in type.secret else "(set)"
            if count := self.uris.count:
                yield "uri", "(set)" if count == 1 else f"({count} set)"
            passkeys = sum(1 for _ in record.object(type.name).objects("fido2Credentials"))
            if passkeys:
                yield "passkeys", f"({passkeys})"
        for name, is_secret in self.custom_fields.names():
            # Behind a member of the same name a custom field is found as `field:NAME` only.
            taken = (name,) if self._part(FieldName(name)) is not None else _NO_FIELDS
            found = FieldName.custom(name, taken)
            part = self.find(FieldName(found.text, is_custom=True))
            is_set = part is None or part.is_set()
            shown = MASK if is_secret else "(field)"
            yield str(found), shown if is_set else EMPTY
        if self._holds_notes():
            yield "notes", MASK
        if count := sum(1 for _ in record.objects("attachments")):
            yield "attachments", f"({count})"

    def missing(self, what: str | FieldName, *, is_empty: bool = False) -> BitwardenError:
        """Returns the error for a part that the item does not have, or that `is_empty`."""
        name = self._sealed.name
        if (problem := self._sealed.problem) is not None:
            return Unreadable(f"'{name}' cannot be read: {problem}", "Look at it in the web vault.")
        names = [name for name, shown in self.outline() if shown != EMPTY]
        if is_empty:
            has = f"It has: {', '.join(names)}." if names else "It has no members that are set."
            return FieldNotFound(f"The field of '{name}' ({self.type_name}) is empty.", has)
        error = no_field(name, self.type_name, FieldName.parse(what), names)
        if error.closest:
            return error
        # A name that resembles none of them may be a secret that was put in its place.
        fact = f"'{name}' ({self.type_name}) has no such member or field."
        return FieldNotFound(fact, error.remedy)

    def unknown_attribute(self, name: str) -> str:
        """Returns the text of the error for an attribute that items of this type do not have."""
        meant = FieldName(name).meant
        members = (*(self.type.members if self.type else ()), *_OF_EVERY_ITEM)
        likely = [meant] if meant in members else closest(name, members, most=1)
        advice = f" Did you mean {likely[0]}?" if likely else ""
        return f"{self.type_name} items have no member {name!r}.{advice}"

    def _holds_notes(self) -> bool:
        return self._sealed.is_set(self._sealed.record, "notes")

    def _holds_member(self, name: str) -> bool:
        type = self.type
        return type is not None and self._sealed.is_set(self._sealed.record.object(type.name), name)

    def _holds_linked(self, target: str) -> bool:
        return any(self.has(name) and self._holds_member(name) for name in _linked_to(target))

    def _linked(self, target: str) -> str | None:
        values = [self.member(name) for name in _linked_to(target) if self.has(name)]
        if len(values) == 1:
            return values[0]
        return " ".join(value for value in values if value) or None


def _linked_to(target: str) -> tuple[str, ...]:
    """Returns the members that a linked field's target consists of."""
    return ("firstName", "middleName", "lastName") if target == "fullName" else (target,)
