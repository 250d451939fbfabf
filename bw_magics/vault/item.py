"""`Item`: one entry of the vault, decrypted member by member when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.answer import Answer
from bw_magics.errors import FieldNotFound, StateError, Unreadable
from bw_magics.secret import Secret, Unpicklable
from bw_magics.shown import harmless, one_line
from bw_magics.steps import LIST_SSH_KEYS, Remedy
from bw_magics.using import using
from bw_magics.vault.blob import BlobRecord
from bw_magics.vault.field_name import ITEM, FieldName
from bw_magics.vault.ids import same_id
from bw_magics.vault.members import Members
from bw_magics.vault.moments import read_moment
from bw_magics.vault.names import as_name, normal
from bw_magics.vault.rotation import Rotatable
from bw_magics.vault.sealed import Sealed
from bw_magics.vault.types import PASSKEY_MEMBERS, ItemType
from bw_magics.vault.usable import Usable
from bw_magics.vault.values import Values

# Files, keys and changes are imported when they are used: a password needs none of them.
if TYPE_CHECKING:
    from datetime import datetime

    from bw_magics.vault.attachment import Attachment, AttachmentEntry, Attachments
    from bw_magics.vault.custom_fields import CustomField
    from bw_magics.vault.home import Home
    from bw_magics.vault.mentions import Mentions
    from bw_magics.vault.past_password import PastPassword
    from bw_magics.vault.ssh_key import SshKey
    from bw_magics.vault.writer import Writer


class Item(Members, Usable, Rotatable, Unpicklable):
    """One item. Its name, type and folder are at hand; every other member is decrypted on access.

    Members are attributes, in Bitwarden's spelling or Python's: `item.password`,
    `item.privateKey`, `item.private_key`. Secret ones are `Secret`, the others `str`; a member
    of this type that is empty is None, where `get` and `%bw_get` raise. Custom fields:
    `item.field("host")`; files: `item.attachment("key.json")`.

    Reading raises `Unreadable` for a value that cannot be decrypted, `HiddenByOrganization` and
    `RepromptRequired` where the vault asks for it, `VaultLocked` after a lock.
    """

    __slots__ = ("_home", "_sealed", "name")

    def __init__(self, home: Home, sealed: Sealed) -> None:
        self._home = home
        self._sealed = sealed
        self.name = sealed.name

    def __repr__(self) -> str:
        return f"<Item {one_line(self.name)}: {self.type}>"

    def _repr_pretty_(self, printer: object, cycle: bool) -> None:
        try:
            text = self.describe()
        except StateError:
            text = repr(self)
        printer.text(harmless(text))  # type: ignore[attr-defined]

    @property
    def _values(self) -> Values:
        return Values(self._sealed)

    @property
    def _writer(self) -> Writer | None:
        return self._home.writer

    @property
    def record(self) -> Mapping[str, Any]:
        """The item's JSON object as the server sent it: its texts are encrypted."""
        return self._record.members

    @property
    def problem(self) -> str | None:
        """Why the item cannot be read; None where it can."""
        return self._sealed.problem

    # Members in clear.

    @property
    def id(self) -> str:
        """The item's id, a GUID."""
        return self._record.text("id") or ""

    @property
    def item_type(self) -> ItemType | None:
        """The type, or None for one that is not known here."""
        return self._values.type

    @property
    def type(self) -> str:
        """The type's name: `login`, `secureNote`, `card`, …; `type 99` for one not known."""
        return self._values.type_name

    @property
    def folder_id(self) -> str | None:
        """The folder's id, None outside folders."""
        return self._record.text("folderId")

    @property
    def folder(self) -> str | None:
        """The folder's name, None outside folders."""
        return self._home.folder_names.get(self.folder_id or "")

    @property
    def organization_id(self) -> str | None:
        """The owning organisation's id, None for a personal item."""
        return self._record.text("organizationId")

    @property
    def organization(self) -> str | None:
        """The owning organisation's name, None for a personal item."""
        return self._home.organization_names.get(self.organization_id or "")

    @property
    def collection_ids(self) -> tuple[str, ...]:
        """The ids of the collections it is in."""
        return self._record.texts("collectionIds")

    @property
    def collections(self) -> tuple[str, ...]:
        """The names of the collections it is in."""
        names = self._home.collection_names
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
        """Whether the server lets this account edit it, and it is not a blob."""
        return self._record.get("edit") is not False and not self.is_blob

    @property
    def is_blob(self) -> bool:
        """Whether its contents are one encrypted blob, which is read and never written here."""
        return isinstance(self._record, BlobRecord)

    @property
    def revised(self) -> datetime | None:
        """The time of the last change, with its zone; None where the server sent none."""
        return read_moment(self._record.text("revisionDate"))

    @property
    def created(self) -> datetime | None:
        """The time of its creation, with its zone; None where the server sent none."""
        return read_moment(self._record.text("creationDate"))

    # Encrypted members. A type that has no such member gives None.

    @property
    def username(self) -> str | None:
        """The user name of a login or identity."""
        return self._values.optional("username")

    @property
    def password(self) -> Secret | None:
        """The password of a login."""
        return self._secret("password")

    @property
    def notes(self) -> Secret | None:
        """The notes; for a secure note, its text."""
        return self._values.notes

    @property
    def totp(self) -> Secret | None:
        """The current one-time code of a login, None where it has no seed."""
        return self._values.totp

    @property
    def totp_seed(self) -> Secret | None:
        """The text of the TOTP member: base32, `otpauth://` or `steam://`."""
        return self._secret("totp")

    @property
    def uris(self) -> tuple[str, ...]:
        """A login's URIs. One that carries a user name or password is a `Secret`.

        A URI with a wrong checksum is left out where official clients leave it out: in items with
        a key of their own, and in accounts with encryption V2 (docs/protocol.md, Checksums of
        URIs).
        """
        with using():
            return tuple(self._values.uris)

    @property
    def uri(self) -> str | None:
        """The first URI."""
        return next(iter(self._values.uris), None)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of those URIs that can be read."""
        return self._values.uris.hosts

    @property
    def fields(self) -> tuple[CustomField, ...]:
        """The custom fields, in their order; one that cannot be read does not affect the others."""
        return tuple(self._values.custom_fields)

    @property
    def custom_field_labels(self) -> tuple[tuple[str, bool], ...]:
        """The label by which `field` finds each custom field, and whether its value is secret."""
        self._sealed.use()
        return tuple(self._values.custom_fields.names())

    def field(self, name: str) -> str | bool | None:
        """Returns the value of the custom field of that name; the first one if there are several.

        Only that field is decrypted, beside the names. Raises `FieldNotFound`.
        """
        fields = self._values.custom_fields
        entry = fields.find(as_name(name))
        if entry is None:
            raise self._values.missing(name)
        return fields.read(entry).value

    @property
    def password_history(self) -> tuple[PastPassword, ...]:
        """Earlier passwords, in the server's order: the newest first."""
        self._sealed.use()
        with using():
            return self._values.past_passwords

    @property
    def attachments(self) -> tuple[AttachmentEntry, ...]:
        """Names and sizes of the attachments; an unreadable name does not affect the others."""
        return self._attachments.entries()

    def attachment(self, name: str) -> Attachment:
        """Returns the attachment of that name or id; downloads nothing yet.

        `.read()` gives its bytes, `.text()`, `.json()` and `.open()` their contents, and
        `.as_file()` a private file for the length of a `with` block. Raises `FieldNotFound`.
        """
        return self._attachments.find(name)

    def find_attachment(self, name: str, *, loose: bool = False) -> Attachment:
        """Returns an attachment; with `loose` also the only one whose name contains the text."""
        return self._attachments.find(name, loose=loose)

    @property
    def ssh_key(self) -> SshKey:
        """The SSH key, as a file or a library's object. Raises `FieldNotFound` without one."""
        if not self.holds("privateKey"):
            raise FieldNotFound(
                f"'{self.name}' holds no SSH key.", Remedy("List them: {}.", LIST_SSH_KEYS)
            )
        from bw_magics.vault.ssh_key import SshKey

        return SshKey(self, self._home.files)

    @property
    def passkeys(self) -> tuple[dict[str, Secret], ...]:
        """The passkeys of a login: every encrypted member by its name."""
        self._sealed.use()
        found = []
        with using(field="passkeys"):
            for entry in self._record.object("login").objects("fido2Credentials"):
                values = {
                    name: self._sealed.secret(entry, name, f"passkey {name}")
                    for name in PASSKEY_MEMBERS
                }
                found.append({name: value for name, value in values.items() if value is not None})
        return tuple(found)

    def member(self, name: str) -> str | None:
        """Returns a member of this item's type: `Secret` or `str`, None where it is empty.

        Raises `FieldNotFound` where this type has no such member.
        """
        return self._values.member(FieldName(as_name(name)).member)

    if not TYPE_CHECKING:  # type checkers know `Members`, and so what is misspelt

        def __getattr__(self, name: str) -> str | None:
            if name.startswith("_") or not self._values.has(FieldName(name).member):
                raise AttributeError(self._values.unknown_attribute(name))
            return self.member(name)

    def __dir__(self) -> list[str]:
        type = self.item_type
        return [*super().__dir__(), *(type.members if type else ())]

    def get(self, what: str | FieldName) -> object:
        """Returns what `%bw_get WHAT` gives: an object of the CLI (`password`, `uri`, `totp`, …), a
        member of its type, or a custom field; `field:NAME` is always a custom field. Raises
        `FieldNotFound` where there is none or it is empty.
        """
        name = FieldName.parse(what)
        if name == ITEM:
            return self
        part = self._values.find(name)
        value = None if part is None else part.read()
        if value is None:
            raise self._values.missing(name, is_empty=part is not None)
        return value

    def holds(self, what: str | FieldName) -> bool:
        """Returns whether `get(what)` finds a value; decrypts names, and short texts."""
        name = FieldName.parse(what)
        part = None if name == ITEM else self._values.find(name)
        return name == ITEM or (part is not None and part.is_set())

    @property
    def mentions(self) -> Mentions:
        """The texts that find it beside its name, decrypted for the search."""
        try:
            username = self.username or ""
        except Unreadable:
            username = ""
        return self._values.mentions(username)

    def reference(self, field: str = "item", *, attachment: str | None = None) -> str:
        """Returns a text that names this field, or this file, and is safe to save:
        `bw://ITEM/FIELD`.

        Raises `FieldNotFound` where the item has no such field or file.
        """
        if attachment is not None:
            return str(self._home.reference(self.id, attachment=self._file_label(attachment)))
        name = FieldName.parse(field)
        if not self.holds(name):
            raise self._values.missing(name)
        return str(self._home.reference(self.id, name))

    def describe(self) -> str:
        """Returns the item as lines of text: which members it has, none of their values."""
        place = self.folder or ", ".join(self.collections) or self.organization
        title = [self.name, self.type, *([place] if place else [])]
        lines = [" · ".join(map(one_line, title))]
        if self.problem:
            lines.append(f"  unreadable: {self.problem}")
        outline = [(one_line(name), shown) for name, shown in self.outline()]
        width = max((len(name) for name, _ in outline), default=0)
        lines += [f"  {name:<{width}}  {shown}" for name, shown in outline]
        return "\n".join(lines)

    def outline(self) -> Iterator[tuple[str, str]]:
        """Pairs of a part's name and a mask or a remark; values are not given."""
        return self._values.outline()

    # Inside.

    @property
    def _record(self) -> Answer:
        return self._sealed.record

    @property
    def _attachments(self) -> Attachments:
        from bw_magics.vault.attachment import Attachments

        files = None if self._writer is None else self._writer.attachments
        return Attachments(self._sealed, self._home.files, self.name, files)

    def _file_label(self, wanted: str) -> str:
        from bw_magics.vault.attachment import file_labels

        files, wanted = self.attachments, as_name(wanted)
        for file, label in zip(files, file_labels(files), strict=True):
            if same_id(wanted, file.id) or normal(wanted) == normal(file.name):
                return label
        raise self._attachments.missing(wanted)

    def _secret(self, name: str) -> Secret | None:
        value = self._values.optional(name)
        return value if isinstance(value, Secret) else None
