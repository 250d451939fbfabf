"""`Item`: one entry of the vault, decrypted member by member when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bw_magics.answer import Answer
from bw_magics.crypto.uri_checksum import uri_fits
from bw_magics.errors import (
    CryptographyError,
    FieldNotFound,
    HiddenByOrganization,
    RepromptRequired,
    Unreadable,
)
from bw_magics.secret import MASK, Secret, Unpicklable
from bw_magics.vault.totp import Totp
from bw_magics.vault.types import ITEM_TYPES, LINKED_MEMBERS, PASSKEY_MEMBERS, ItemType

if TYPE_CHECKING:
    from bw_magics.vault.contents import Contents

TEXT, HIDDEN, BOOLEAN, LINKED = range(4)
_KINDS = {TEXT: "text", HIDDEN: "hidden", BOOLEAN: "boolean", LINKED: "linked"}

_CAPITAL = re.compile(r"_([a-z0-9])")


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field: `text`, `hidden`, `boolean` or `linked`.

    `value` is a `Secret` for a hidden one, a `bool` for a boolean one; for a linked one it is what
    the member it points at holds. None where there is no value, or where `problem` says why it
    cannot be read.
    """

    name: str
    value: str | bool | None
    kind: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PastPassword:
    """An earlier password and when it was last used (ISO 8601, as the server sent it)."""

    password: Secret
    last_used: str | None


@dataclass(frozen=True, slots=True)
class AttachmentEntry:
    """What the vault says of an attachment: its name, its size in bytes, never its contents."""

    id: str
    name: str
    size: int | None


class Item(Unpicklable):
    """One item. Its name, type and folder are at hand; every other member is decrypted on access.

    Members are attributes, in Bitwarden's spelling or Python's: `item.password`,
    `item.privateKey`, `item.private_key`. Secret ones are `Secret`, the others `str`; a member
    of this type that is empty is None. Custom fields: `item.field("host")`.

    Reading raises `Unreadable` for a value that cannot be decrypted, `HiddenByOrganization` and
    `RepromptRequired` where the vault says so, `VaultLocked` after a lock.
    """

    __slots__ = ("_contents", "_record", "name", "problem")

    def __init__(
        self, contents: Contents, record: Answer, name: str | None, problem: str | None
    ) -> None:
        self._contents = contents
        self._record = record
        self.name = name or "(unreadable)"
        self.problem = problem

    def __repr__(self) -> str:
        return f"<Item {self.name}: {self.type}>"

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        printer.text(self.describe())  # type: ignore[attr-defined]

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
        return self._record.integer("reprompt") == 1

    @property
    def is_hidden(self) -> bool:
        """Whether the organisation hides its secrets from this member (`viewPassword` false)."""
        return self._record.get("viewPassword") is False

    @property
    def is_editable(self) -> bool:
        """Whether this member may change it."""
        return self._record.get("edit") is not False

    @property
    def revised(self) -> datetime | None:
        """When it was last changed."""
        return _moment(self._record.text("revisionDate"))

    @property
    def created(self) -> datetime | None:
        """When it was made."""
        return _moment(self._record.text("creationDate"))

    # What has to be decrypted.

    @property
    def username(self) -> str | None:
        """The user name of a login or identity."""
        return self.member("username") if self._has("username") else None

    @property
    def password(self) -> Secret | None:
        """The password of a login."""
        value = self.member("password")
        return value if isinstance(value, Secret) else None

    @property
    def notes(self) -> Secret | None:
        """The notes; for a secure note, its text."""
        return self._secret(self._record, "notes", "notes", is_always_shown=True)

    @property
    def totp(self) -> Secret | None:
        """The current one-time code of a login, None where it has no seed."""
        seed = self.totp_seed
        if seed is None:
            return None
        return self._contents.keys.secret(Totp.parse(seed).code(), f"{self.name} / totp")

    @property
    def totp_seed(self) -> Secret | None:
        """What the TOTP member holds: base32, `otpauth://` or `steam://`."""
        value = self.member("totp")
        return value if isinstance(value, Secret) else None

    @property
    def uris(self) -> tuple[str, ...]:
        """A login's URIs. One that carries a user name or password is a `Secret`.

        A URI whose checksum does not fit is left out where official clients leave it out: in items
        with a key of their own (protocol 6.4).
        """
        self._allow(secret=False)
        found = []
        for entry in self._record.object("login").objects("uris"):
            uri = self._decrypt(entry, "uri", "uri")
            if uri is None or not self._checksum_fits(entry, uri):
                continue
            found.append(self._as_uri(uri))
        return tuple(found)

    @property
    def uri(self) -> str | None:
        """The first URI."""
        uris = self.uris
        return uris[0] if uris else None

    @property
    def fields(self) -> tuple[CustomField, ...]:
        """The custom fields, in their order; one that cannot be read costs none of the others."""
        return tuple(self._field_or_problem(entry) for entry in self._record.objects("fields"))

    def field(self, name: str) -> str | bool | None:
        """The value of the custom field of that name; the first one if there are several.

        Only that field is decrypted, beside the names. Raises `FieldNotFound`.
        """
        entry = self._field_entry(name)
        if entry is None:
            raise self._no_such()
        return self._field(entry).value

    @property
    def password_history(self) -> tuple[PastPassword, ...]:
        """Earlier passwords, newest first."""
        history = []
        for entry in self._record.objects("passwordHistory"):
            password = self._secret(entry, "password", "password history")
            if password is not None:
                history.append(PastPassword(password, entry.text("lastUsedDate")))
        return tuple(history)

    @property
    def attachments(self) -> tuple[AttachmentEntry, ...]:
        """Names and sizes of the attachments."""
        self._allow(secret=False)
        return tuple(
            AttachmentEntry(
                entry.text("id") or "",
                self._decrypt(entry, "fileName", "attachment") or "",
                entry.integer("size"),
            )
            for entry in self._record.objects("attachments")
        )

    @property
    def passkeys(self) -> tuple[dict[str, Secret], ...]:
        """The passkeys of a login: every encrypted member by its name."""
        found = []
        for entry in self._record.object("login").objects("fido2Credentials"):
            values = {
                name: self._secret(entry, name, f"passkey {name}") for name in PASSKEY_MEMBERS
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
        if name in type.secret:
            return self._secret(self._record.object(type.name), name, name)
        self._allow(secret=False)
        return self._decrypt(self._record.object(type.name), name, name)

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
        if what.startswith("field:"):
            return self.field(what[len("field:") :])
        read = _OBJECTS.get(what)
        if read is not None and (what not in _OF_A_TYPE or self._has(what)):
            value = read(self)
        elif self._has(_camel(what)):
            value = self.member(what)
        else:
            return self.field(what)
        if value is None:
            raise self._no_such()
        return value

    def holds(self, what: str) -> bool:
        """Whether `get(what)` would find something; decrypts no value, only names of fields."""
        if what.startswith("field:"):
            return self._field_entry(what[len("field:") :]) is not None
        if what == "item":
            return True
        if what == "notes":
            return self._record.text("notes") is not None
        if what == "uri":
            uris = self._record.object("login").objects("uris")
            return any(entry.text("uri") for entry in uris)
        name = _camel(what)
        type = self.item_type
        if type is not None and self._has(name):
            return self._record.object(type.name).text(name) is not None
        return self._field_entry(what) is not None

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
            count = sum(1 for entry in held.objects("uris") if entry.text("uri"))
            if count:
                yield "uri", "(set)" if count == 1 else f"({count} set)"
            if passkeys := sum(1 for _ in held.objects("fido2Credentials")):
                yield "passkeys", f"({passkeys})"
        for entry in self._record.objects("fields"):
            try:
                name = self._decrypt(entry, "name", "field") or ""
            except Unreadable:
                name = "(unreadable field)"
            yield name, MASK if entry.integer("type") == HIDDEN else "(field)"
        if self._record.text("notes") is not None:
            yield "notes", MASK
        if count := sum(1 for _ in self._record.objects("attachments")):
            yield "attachments", f"({count})"

    # The ways into the encrypted parts; every one of them goes through `_allow` and `_decrypt`.

    def _has(self, member: str) -> bool:
        type = self.item_type
        return type is not None and member in type.members

    def _allow(self, *, secret: bool, is_always_shown: bool = False) -> None:
        self._contents.keys.used()
        if not secret:
            return
        if self.is_hidden and not is_always_shown:
            raise HiddenByOrganization(
                f"The organisation hides the secrets of '{self.name}' from you.",
                "Ask its owner for the right to see passwords.",
            )
        if self.has_reprompt and not self._contents.is_confirmed(self.id):
            raise RepromptRequired(
                f"'{self.name}' asks for the master password again.",
                "Confirm it first: bw_session.confirm(password=…).",
                item_id=self.id,
            )

    def _decrypt(self, holder: Answer, member: str, what: str) -> str | None:
        text = holder.text(member)
        if text is None:
            return None
        try:
            key = self._contents.keys.key_for(self.organization_id, self._record.text("key"))
            return key.decrypt_text(text)
        except (CryptographyError, Unreadable) as problem:
            raise Unreadable(
                f"The {what} of '{self.name}' cannot be read: {problem.fact}",
                "Open the item in the web vault and save it again.",
            ) from None

    def _secret(
        self, holder: Answer, member: str, what: str, *, is_always_shown: bool = False
    ) -> Secret | None:
        if holder.text(member) is None:
            return None
        self._allow(secret=True, is_always_shown=is_always_shown)
        value = self._decrypt(holder, member, what)
        return None if value is None else self._contents.keys.secret(value, f"{self.name} / {what}")

    def _field(self, entry: Answer) -> CustomField:
        self._allow(secret=False)
        kind = entry.integer("type")
        name = self._decrypt(entry, "name", "name of a field") or ""
        if kind == LINKED:
            target = LINKED_MEMBERS.get(entry.integer("linkedId") or 0)
            return CustomField(name, self._linked(target) if target else None, "linked")
        if kind == HIDDEN:
            return CustomField(name, self._secret(entry, "value", name), "hidden")
        value = self._decrypt(entry, "value", name)
        if kind == BOOLEAN:
            return CustomField(name, value == "true", "boolean")
        return CustomField(name, value, "text")

    def _field_or_problem(self, entry: Answer) -> CustomField:
        try:
            return self._field(entry)
        except Unreadable as problem:
            try:
                name = self._decrypt(entry, "name", "name of a field") or ""
            except Unreadable:
                name = ""
            kind = _KINDS.get(entry.integer("type") or TEXT, "text")
            return CustomField(name, None, kind, problem.fact)

    def _field_entry(self, name: str) -> Answer | None:
        self._allow(secret=False)
        for entry in self._record.objects("fields"):
            try:
                if self._decrypt(entry, "name", "name of a field") == name:
                    return entry
            except Unreadable:
                continue
        return None

    def _linked(self, target: str) -> str | None:
        if target == "fullName":
            names = (self.member(part) for part in ("firstName", "middleName", "lastName"))
            return " ".join(name for name in names if name) or None
        return self.member(target) if self._has(target) else None

    def _as_uri(self, uri: str) -> str:
        try:
            parts = urlsplit(uri)
            user_info = parts.netloc.rpartition("@")[0]
        except ValueError:
            user_info = uri.partition("//")[2].rpartition("@")[0]
        if not user_info:
            return uri
        self._allow(secret=True)
        self._contents.keys.secret(user_info, f"{self.name} / user info of uri")
        if password := user_info.partition(":")[2]:
            self._contents.keys.secret(password, f"{self.name} / password in uri")
        return self._contents.keys.secret(uri, f"{self.name} / uri")

    def _checksum_fits(self, entry: Answer, uri: str) -> bool:
        if self._record.text("key") is None:
            return True
        try:
            checksum = self._decrypt(entry, "uriChecksum", "uri checksum")
        except Unreadable:
            return False
        return checksum is not None and uri_fits(uri, checksum)

    def _no_such(self) -> FieldNotFound:
        names = [name for name, _ in self.outline()]
        has = f"It has: {', '.join(names)}." if names else "It has no members that are set."
        # What was asked for comes from the line: it is not repeated.
        return FieldNotFound(f"'{self.name}' ({self.type}) has no such member or field.", has)


_OBJECTS: dict[str, Callable[[Item], object]] = {
    "item": lambda item: item,
    "username": lambda item: item.username,
    "password": lambda item: item.password,
    "uri": lambda item: item.uri,
    "totp": lambda item: item.totp,
    "notes": lambda item: item.notes,
}
# Of these a type may have none, and then a custom field of that name is what is meant.
_OF_A_TYPE = frozenset({"username", "password", "totp"})


def _camel(name: str) -> str:
    return _CAPITAL.sub(lambda found: found[1].upper(), name)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
