"""`Item`: one entry of the vault, decrypted member by member when it is asked for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from bw_magics.answer import Answer
from bw_magics.errors import BitwardenError, FieldNotFound, StateError, Unreadable, harmless
from bw_magics.secret import MASK, Secret, Unpicklable
from bw_magics.vault.blob import BlobRecord
from bw_magics.vault.members import Members
from bw_magics.vault.mentions import Mentions
from bw_magics.vault.parts import AttachmentEntry, CustomField, CustomFields, PastPassword
from bw_magics.vault.sealed import UNREADABLE, Sealed
from bw_magics.vault.totp import Totp
from bw_magics.vault.types import ITEM_TYPES, LOGIN, PASSKEY_MEMBERS, ItemType
from bw_magics.vault.uri import Uris, hosts_of
from bw_magics.vault.usable import Usable

if TYPE_CHECKING:
    from bw_magics.vault.contents import Contents

_CAPITAL = re.compile(r"_([a-z0-9])")


class Item(Members, Usable, Unpicklable):
    """One item. Its name, type and folder are at hand; every other member is decrypted on access.

    Members are attributes, in Bitwarden's spelling or Python's: `item.password`,
    `item.privateKey`, `item.private_key`. Secret ones are `Secret`, the others `str`; a member
    of this type that is empty is None. Custom fields: `item.field("host")`; files:
    `item.attachment("key.json")`.

    Reading raises `Unreadable` for a value that cannot be decrypted, `HiddenByOrganization` and
    `RepromptRequired` where the vault says so, `VaultLocked` after a lock.
    """

    __slots__ = ("_contents", "_record", "_sealed", "name", "problem")

    def __init__(
        self, contents: Contents, record: Answer, name: str | None, problem: str | None
    ) -> None:
        self._contents = contents
        self._record = record
        self.name = UNREADABLE if name is None else name
        self.problem = problem
        self._sealed = Sealed(record, contents.keys, self.name)

    def __repr__(self) -> str:
        return f"<Item {self.name}: {self.type}>"

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        try:
            text = self.describe()
        except StateError:
            text = repr(self)
        printer.text(harmless(text))  # type: ignore[attr-defined]

    # What is in clear.

    @property
    def id(self) -> str:
        """The item's id, a GUID."""
        return self._record.text("id") or ""

    @property
    def item_type(self) -> ItemType | None:
        """The type, or None for one that is not known here."""
        return ITEM_TYPES.get(self._record.integer("type") or 0)

    @property
    def type(self) -> str:
        """The type's name: `login`, `secureNote`, `card`, …; `type 99` for one not known."""
        known = self.item_type
        return known.name if known else f"type {self._record.integer('type')}"

    @property
    def folder_id(self) -> str | None:
        """The folder's id, None outside folders."""
        return self._record.text("folderId")

    @property
    def folder(self) -> str | None:
        """The folder's name, None outside folders."""
        return self._contents.folder_names.get(self.folder_id or "")

    @property
    def organization_id(self) -> str | None:
        """The owning organisation's id, None for a personal item."""
        return self._record.text("organizationId")

    @property
    def organization(self) -> str | None:
        """The owning organisation's name, None for a personal item."""
        return self._contents.organization_names.get(self.organization_id or "")

    @property
    def collection_ids(self) -> tuple[str, ...]:
        """The ids of the collections it is in."""
        return self._record.texts("collectionIds")

    @property
    def collections(self) -> tuple[str, ...]:
        """The names of the collections it is in."""
        names = self._contents.collection_names
        return tuple(names[id] for id in self.collection_ids if id in names)

    @property
    def is_favorite(self) -> bool:
        """Whether it is marked as a favourite."""
        return self._record.truth("favorite")

    @property
    def is_trashed(self) -> bool:
        """Whether it is in the trash."""
        return self._record.text("deletedDate") is not None

    @property
    def is_archived(self) -> bool:
        """Whether it is archived."""
        return self._record.text("archivedDate") is not None

    @property
    def has_reprompt(self) -> bool:
        """Whether it asks for the master password again before it shows a secret."""
        return self._sealed.has_reprompt

    @property
    def is_hidden(self) -> bool:
        """Whether the organisation hides its secrets from this member (`viewPassword` false)."""
        return self._sealed.is_hidden

    @property
    def is_editable(self) -> bool:
        """Whether this member may change it, and this version of bw_magics knows how to."""
        return self._record.get("edit") is not False and not self.is_blob

    @property
    def is_blob(self) -> bool:
        """Whether its contents are one encrypted blob, which is read and never written here."""
        return isinstance(self._record, BlobRecord)

    @property
    def revised(self) -> datetime | None:
        """When it was last changed."""
        return _moment(self._record.text("revisionDate"))

    @property
    def created(self) -> datetime | None:
        """When it was made."""
        return _moment(self._record.text("creationDate"))

    # What has to be decrypted. A type that has no such member gives None.

    @property
    def username(self) -> str | None:
        """The user name of a login or identity."""
        return self.member("username") if self._has("username") else None

    @property
    def password(self) -> Secret | None:
        """The password of a login."""
        return self._secret_member("password")

    @property
    def notes(self) -> Secret | None:
        """The notes; for a secure note, its text."""
        return self._sealed.secret(self._record, "notes", "notes", is_note=True)

    @property
    def totp(self) -> Secret | None:
        """The current one-time code of a login, None where it has no seed."""
        seed = self.totp_seed
        if seed is None:
            return None
        totp, now = Totp.parse(seed), time.time()
        return self._sealed.announce(totp.code(now), "totp", lifetime=totp.seconds_left(now))

    @property
    def totp_seed(self) -> Secret | None:
        """What the TOTP member holds: base32, `otpauth://` or `steam://`."""
        return self._secret_member("totp")

    @property
    def uris(self) -> tuple[str, ...]:
        """A login's URIs. One that carries a user name or password is a `Secret`.

        A URI whose checksum does not fit is left out where official clients leave it out: in items
        with a key of their own (protocol 6.4).
        """
        return tuple(self._uris)

    @property
    def uri(self) -> str | None:
        """The first URI."""
        return next(iter(self._uris), None)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of those URIs that can be read."""
        return self._uris.hosts

    @property
    def fields(self) -> tuple[CustomField, ...]:
        """The custom fields, in their order; one that cannot be read costs none of the others."""
        return tuple(self._fields)

    def field(self, name: str) -> str | bool | None:
        """The value of the custom field of that name; the first one if there are several.

        Only that field is decrypted, beside the names. Raises `FieldNotFound`.
        """
        entry = self._fields.find(name)
        if entry is None:
            raise self._no_such()
        return self._fields.read(entry).value

    @property
    def password_history(self) -> tuple[PastPassword, ...]:
        """Earlier passwords, newest first."""
        self._sealed.use()
        history = []
        for entry in self._record.objects("passwordHistory"):
            password = self._sealed.secret(entry, "password", "password history")
            if password is not None:
                history.append(PastPassword(password, entry.text("lastUsedDate")))
        return tuple(history)

    @property
    def attachments(self) -> tuple[AttachmentEntry, ...]:
        """Names and sizes of the attachments; a name that cannot be read costs none of them."""
        return tuple(self._attachment(entry) for entry in self._record.objects("attachments"))

    @property
    def passkeys(self) -> tuple[dict[str, Secret], ...]:
        """The passkeys of a login: every encrypted member by its name."""
        self._sealed.use()
        found = []
        for entry in self._record.object("login").objects("fido2Credentials"):
            values = {
                name: self._sealed.secret(entry, name, f"passkey {name}")
                for name in PASSKEY_MEMBERS
            }
            found.append({name: value for name, value in values.items() if value is not None})
        return tuple(found)

    def member(self, name: str) -> str | None:
        """A member of this item's type: `Secret` or `str`, None where it is empty.

        Raises `FieldNotFound` where this type has no such member.
        """
        name = _camel(name)
        type = self.item_type
        if type is None or name not in type.members:
            raise self._no_such()
        read = self._sealed.secret if name in type.secret else self._sealed.text
        return read(self._record.object(type.name), name, name)

    if not TYPE_CHECKING:  # type checkers know `Members`, and so what is misspelt

        def __getattr__(self, name: str) -> str | None:
            if name.startswith("_") or not self._has(_camel(name)):
                raise AttributeError(f"{self.type} items have no member of that name")
            return self.member(name)

    def __dir__(self) -> list[str]:
        type = self.item_type
        return [*super().__dir__(), *(type.members if type else ())]

    def get(self, what: str) -> object:
        """What `%bw_get WHAT` gives for this item: an object of the CLI (`password`, `username`,
        `uri`, `totp`, `notes`), a member of its type, or a custom field; `field:NAME` is always
        a custom field. Raises `FieldNotFound` where there is none or it is empty.
        """
        value: object
        if what.startswith(_FIELD):
            value = self.field(what.removeprefix(_FIELD))
        elif self._offers(what):
            value = _OBJECTS[what](self)
        elif self._has(_camel(what)):
            value = self.member(what)
        else:
            value = self.field(what)
        if value is None:
            raise self._no_such()
        return value

    def holds(self, what: str) -> bool:
        """Whether `get(what)` would find something; decrypts no value, only names of fields."""
        name = _camel(what)
        if what.startswith(_FIELD):
            return self._holds_field(what.removeprefix(_FIELD))
        if what == "item":
            return True
        if what == "notes":
            return self._record.text("notes") is not None
        if what == "uri" and self._offers(what):
            return self._uris.count > 0
        if self._has(name):
            return self._holds_member(name)
        return self._holds_field(what)

    @property
    def mentions(self) -> Mentions:
        """What it is found by beside its name, decrypted for it."""
        try:
            username = self.username or ""
        except Unreadable:
            username = ""
        uris = self._uris.without_user_info()
        return Mentions("\n".join([username, *uris]).casefold(), hosts_of(uris))

    def reference(self, field: str = "item", *, attachment: str | None = None) -> str:
        """A text that names this field, or this file, and is safe to save: `bw://ITEM/FIELD`.

        Raises `FieldNotFound` where the item has no such thing.
        """
        from bw_magics.vault.reference import write

        if attachment is None and not self.holds(field):
            raise self._no_such()
        if attachment is not None and attachment not in [file.name for file in self.attachments]:
            raise self._no_such()
        return str(write(self._contents, self, field, attachment))

    def describe(self) -> str:
        """The item as lines of text: which members it has, none of their values."""
        place = self.folder or ", ".join(self.collections) or self.organization
        lines = [f"{self.name} · {self.type}" + (f" · {place}" if place else "")]
        if self.problem:
            lines.append(f"  unreadable: {self.problem}")
        width = max((len(name) for name, _ in self.outline()), default=0)
        lines += [f"  {name:<{width}}  {shown}" for name, shown in self.outline()]
        return "\n".join(lines)

    def outline(self) -> Iterator[tuple[str, str]]:
        """What the item has, as pairs of a name and a mask or a remark; values stay encrypted."""
        type = self.item_type
        if type is not None:
            held = self._record.object(type.name)
            for name in type.members:
                if held.text(name) is not None:
                    yield name, MASK if name in type.secret else "(set)"
            if count := self._uris.count:
                yield "uri", "(set)" if count == 1 else f"({count} set)"
            if passkeys := sum(1 for _ in held.objects("fido2Credentials")):
                yield "passkeys", f"({passkeys})"
        for name, is_secret in self._fields.names():
            yield name, MASK if is_secret else "(field)"
        if self._record.text("notes") is not None:
            yield "notes", MASK
        if count := sum(1 for _ in self._record.objects("attachments")):
            yield "attachments", f"({count})"

    # Inside.

    @property
    def _fields(self) -> CustomFields:
        return CustomFields(self._sealed, self._linked)

    @property
    def _uris(self) -> Uris:
        return Uris(self._sealed)

    def _has(self, member: str) -> bool:
        type = self.item_type
        return type is not None and member in type.members

    def _offers(self, what: str) -> bool:
        """Whether that object of the CLI is one of this item; else it may be a custom field's
        name.
        """
        if what == "uri":
            return self.item_type is LOGIN
        return what in _OBJECTS and (what in ("item", "notes") or self._has(what))

    def _holds_member(self, name: str) -> bool:
        type = self.item_type
        return type is not None and self._record.object(type.name).text(name) is not None

    def _holds_field(self, name: str) -> bool:
        entry = self._fields.find(name)
        if entry is None:
            return False
        target = self._fields.target(entry)
        if target is None:
            return entry.text("value") is not None
        return any(self._has(part) and self._holds_member(part) for part in _parts(target))

    def _secret_member(self, name: str) -> Secret | None:
        value = self.member(name) if self._has(name) else None
        return value if isinstance(value, Secret) else None

    def _linked(self, target: str) -> str | None:
        values = [self.member(part) for part in _parts(target) if self._has(part)]
        if len(values) == 1:
            return values[0]
        return " ".join(value for value in values if value) or None

    def _attachment(self, entry: Answer) -> AttachmentEntry:
        name, problem = UNREADABLE, None
        try:
            name = self._sealed.text(entry, "fileName", "name of an attachment") or ""
        except Unreadable as reason:
            problem = reason.fact
        return AttachmentEntry(entry.text("id") or "", name, entry.integer("size"), problem)

    def _no_such(self) -> BitwardenError:
        # What was asked for comes from the line: it is not repeated.
        if self.problem is not None:
            return Unreadable(
                f"'{self.name}' cannot be read: {self.problem}", "Look at it in the web vault."
            )
        names = [name for name, _ in self.outline()]
        has = f"It has: {', '.join(names)}." if names else "It has no members that are set."
        return FieldNotFound(f"'{self.name}' ({self.type}) has no such member or field.", has)


_FIELD = "field:"

_OBJECTS: dict[str, Callable[[Item], object]] = {
    "item": lambda item: item,
    "username": lambda item: item.username,
    "password": lambda item: item.password,
    "uri": lambda item: item.uri,
    "totp": lambda item: item.totp,
    "notes": lambda item: item.notes,
}


def _parts(target: str) -> tuple[str, ...]:
    """The members that a linked field's target consists of."""
    return ("firstName", "middleName", "lastName") if target == "fullName" else (target,)


def _camel(name: str) -> str:
    return _CAPITAL.sub(lambda found: found[1].upper(), name)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
