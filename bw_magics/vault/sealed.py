"""`Sealed`: the encrypted side of an item, and the only way into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from weakref import ref

from bw_magics.answer import Answer
from bw_magics.crypto.enc_string import EncString
from bw_magics.crypto.wrapping import unwrap_attachment_key
from bw_magics.errors import (
    CryptographyError,
    HiddenByOrganization,
    RepromptRequired,
    Unreadable,
)
from bw_magics.secret import Secret, SecretBytes, Unpicklable
from bw_magics.steps import CONFIRM, Remedy
from bw_magics.using import Use
from bw_magics.vault.blob import BlobRecord, is_plain
from bw_magics.vault.held import LostRecord

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherKey
    from bw_magics.vault.key_store import KeyStore

UNREADABLE = "(unreadable)"

_LONGEST_HOST = 253
# An empty text is one block of AES-CBC, in base64; as a message of COSE it is padded.
_LONGEST_BLOCK = 24
_LONGEST_COSE = 400


class Holder(Protocol):
    """The items of a snapshot by their positions, as the server sent them, and their keys."""

    @property
    def keys(self) -> KeyStore:
        """The keys."""

    def record_at(self, position: int) -> Answer:
        """Returns the item's JSON object, parsed when it is asked for."""

    def problem_at(self, position: int) -> str | None:
        """Tells why the item cannot be read, as far as that is known; None where it can."""


class Sealed(Unpicklable):
    """One item's JSON object, and how its parts are decrypted.

    Every value goes through `text` or `secret`: they report the use of the vault, keep what the
    organisation hides and what asks for the master password again, and say what failed where.
    """

    # A list of a large vault holds many: it has no slot more than it needs.
    __slots__ = ("_holder", "_parsed", "_position", "name")

    def __init__(self, holder: Holder, position: int, name: str) -> None:
        self._holder = holder
        self._position = position
        self._parsed: ref[Answer] | None = None
        self.name = name

    def __repr__(self) -> str:
        return "<Sealed>"

    @property
    def record(self) -> Answer:
        """The JSON object. It is parsed again after many others were: a list of many
        items does not keep them all in memory.
        """
        record = self._parsed() if self._parsed is not None else None
        if record is None:
            record = self._holder.record_at(self._position)
            self._parsed = ref(record)
        return record

    @property
    def problem(self) -> str | None:
        """Why the item cannot be read, as far as that is known; None where it can."""
        return self._holder.problem_at(self._position)

    @property
    def _keys(self) -> KeyStore:
        return self._holder.keys

    @property
    def is_hidden(self) -> bool:
        """Whether the organisation hides the item's secrets from this member."""
        return self.record.get("viewPassword") is False

    @property
    def has_reprompt(self) -> bool:
        """Whether the item asks for the master password again."""
        return self.record.integer("reprompt") == 1

    @property
    def needs_checksums(self) -> bool:
        """Whether a URI has to have a checksum that fits: in items with a key of their own and in
        accounts with encryption V2, not in blobs, which hold none
        (docs/protocol.md, Checksums of URIs).
        """
        if isinstance(self.record, BlobRecord):
            return False
        return self.record.text("key") is not None or self._keys.security_version >= 2

    def use(self) -> None:
        """Reports a use of the vault; raises where it is or becomes locked, or where the item
        cannot be opened as a whole.
        """
        self._keys.used()
        self.require()

    def require(self) -> None:
        """Raises where the item cannot be opened as a whole; does not count as a use."""
        record = self.record
        if isinstance(record, BlobRecord | LostRecord):
            record.require(self.name)

    def allow_secret(self, *, is_note: bool = False) -> None:
        """Raises where the item's secrets are not to be shown, or not yet. The organisation does
        not hide notes.
        """
        if self.is_hidden and not is_note:
            raise HiddenByOrganization(
                f"The organisation hides the secrets of '{self.name}' from you.",
                "Ask its owner for the right to see passwords.",
            )
        id = self.record.text("id") or ""
        if self.has_reprompt and not self._keys.is_confirmed(id):
            raise RepromptRequired(
                f"'{self.name}' asks for the master password again.",
                Remedy("Confirm it first: {}.", CONFIRM),
                item_id=id,
            )

    def text(self, holder: Answer, member: str, what: str) -> str | None:
        """Returns a member that is not secret; None where it is empty. Raises `Unreadable`."""
        self.use()
        return self._decrypt(holder, member, what)

    def secret(
        self, holder: Answer, member: str, what: str, *, is_note: bool = False
    ) -> Secret | None:
        """Returns a secret member, announced; None where it is empty. Raises `Unreadable`."""
        self.use()
        if holder.text(member) is None:
            return None
        self.allow_secret(is_note=is_note)
        value = self._decrypt(holder, member, what)
        return None if value is None else self.announce(value, what)

    def peek(self, holder: Answer, member: str) -> str | None:
        """Returns a member that is not secret, without counting as a use. Raises `Unreadable`."""
        return self._decrypt(holder, member, member)

    def is_set(self, holder: Answer, member: str) -> bool:
        """Returns whether a member has a value; an encrypted empty text counts as missing.

        Announces nothing and does not count as a use. A member that cannot be read counts as set:
        reading it raises the reason.
        """
        text = holder.text(member)
        if text is None or is_plain(holder, member) or not _may_be_empty(text):
            return text is not None
        try:
            return self._decrypt(holder, member, member) is not None
        except Unreadable:
            return True

    def announce(
        self, value: str, what: str, *, lifetime: float | None = None, is_part: bool = False
    ) -> Secret:
        """Makes a `Secret`; `lifetime` is the seconds for which a one-time code is good. A part of
        a secret is not recorded as a use of its own.
        """
        return self._keys.secrets.make(
            value,
            f"{self.name} / {what}",
            lifetime=lifetime,
            stands_elsewhere=lambda: self._stands_elsewhere(value),
            use=None if is_part else self.use_of(what),
        )

    def announce_bytes(self, value: bytes | bytearray, what: str) -> SecretBytes:
        """Makes `SecretBytes`, whose use is recorded where they are decrypted."""
        return self._keys.secrets.make_bytes(value, f"{self.name} / {what}")

    def use_of(self, field: str) -> Use:
        """Returns the use of a field, for the journal."""
        return Use(self.name, field, self.record.text("id") or "", self._keys.secrets.source)

    def file_keys(self, holder: Answer) -> list[EitherKey]:
        """Returns the keys that an attachment's contents may be encrypted with, the likeliest
        first.

        Old attachments have no key of their own; if the item was given one since,
        they may still be under that of its owner. Raises `Unreadable`, and where it is locked.
        """
        organization, item_key = self.record.text("organizationId"), self.record.text("key")
        try:
            key = self._keys.key_for(organization, item_key)
            wrapped = holder.text("key")
            if wrapped is not None:
                return [unwrap_attachment_key(EncString.parse(wrapped), under=key)]
            if item_key is None:
                return [key]
            return [key, self._keys.key_for(organization, None)]
        except (CryptographyError, Unreadable) as problem:
            raise Unreadable(
                f"The key of an attachment of '{self.name}' cannot be read: {problem.fact}",
                "Download it with the web vault and attach it again.",
            ) from None

    def _stands_elsewhere(self, value: str) -> bool:
        """Returns whether the item's name, user name or a host of its URIs is the same text."""
        if value == self.name:
            return True
        from bw_magics.vault.uri import hostname

        login = self.record.object("login")
        try:
            if value == self._decrypt(login, "username", "user name"):
                return True
            return len(value) <= _LONGEST_HOST and any(
                value.lower() == hostname(self._decrypt(entry, "uri", "uri") or "")
                for entry in login.objects("uris")
            )
        except Unreadable:
            return False

    def _decrypt(self, holder: Answer, member: str, what: str) -> str | None:
        text = holder.text(member)
        if text is None or is_plain(holder, member):
            return text
        try:
            key = self._keys.key_for(self.record.text("organizationId"), self.record.text("key"))
            return key.decrypt_text(text) or None
        except (CryptographyError, Unreadable) as problem:
            raise Unreadable(
                f"The {what} of '{self.name}' cannot be read: {problem.fact}",
                "Open the item in the web vault and save it again.",
            ) from None


def _may_be_empty(text: str) -> bool:
    """Returns whether an encrypted text is short enough to be an empty one."""
    _, _, rest = text.partition("|")
    return len(rest.partition("|")[0]) <= _LONGEST_BLOCK if rest else len(text) < _LONGEST_COSE
