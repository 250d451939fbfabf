"""`Snapshot`: one answer of `/sync`, still encrypted (docs/protocol.md, Sync).

The body stays one buffer and every item a view into it, parsed when it is looked at. Measured on
10,000 lifelike items (34 MB, benchmarks/snapshot.py): parsed as dicts the peak is three times as
high and reading it takes four times as long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from bw_magics.answer import Answer
from bw_magics.crypto.account_keys import AccountKeys
from bw_magics.crypto.unlock import MasterPasswordUnlock
from bw_magics.errors import AnswerUnusable, CryptographyError
from bw_magics.steps import SYNC, Remedy
from bw_magics.vault.ids import id_key, same_id
from bw_magics.vault.kept import LOST, KeptRecords

# An official server sends every item twice: 50,000 items are about 170 MB.
MOST_ITEMS = 500_000

# Roles that most policies leave out: owner and admin.
MANAGERS = (0, 1)
# The policy that sets how URIs are compared.
_URI_MATCH = 16


# msgspec takes `Raw` only without a union: an empty one stands for a member that is missing.
_MISSING = msgspec.Raw()


class _Camel(msgspec.Struct, gc=False, omit_defaults=True):
    ciphers: list[msgspec.Raw] | None = None
    profile: msgspec.Raw = _MISSING
    folders: msgspec.Raw = _MISSING
    collections: msgspec.Raw = _MISSING
    policies: msgspec.Raw = _MISSING
    user_decryption: msgspec.Raw = msgspec.field(default=_MISSING, name="userDecryption")


class _Pascal(msgspec.Struct, gc=False, rename="pascal"):
    ciphers: list[msgspec.Raw] | None = None
    profile: msgspec.Raw = _MISSING
    folders: msgspec.Raw = _MISSING
    collections: msgspec.Raw = _MISSING
    policies: msgspec.Raw = _MISSING
    user_decryption: msgspec.Raw = _MISSING


_CAMEL = msgspec.json.Decoder(_Camel)
_PASCAL = msgspec.json.Decoder(_Pascal)


class Folder(msgspec.Struct, frozen=True):
    """A folder; `name` is an EncString under the user key."""

    id: str
    name: str


class Collection(msgspec.Struct, frozen=True):
    """A collection; `name` is an EncString under its organisation's key.

    `is_read_only` tells whether this account may not put items into it.
    """

    id: str
    organization_id: str
    name: str
    is_read_only: bool = False


class Organization(msgspec.Struct, frozen=True):
    """A confirmed organisation; `name` is clear text, `key` an EncString of type 3 or 4.

    Where `provider_id` is set, `key` is wrapped by that provider's key instead. `key_connector`
    is the address of the connector that keeps its members' keys, as the server gives it. `role`
    is this account's: 0 owner, 1 admin, 2 member, 4 custom.
    """

    id: str
    name: str
    key: str | None
    is_enabled: bool
    provider_id: str | None = None
    key_connector: str | None = None
    role: int | None = None


class Policy(msgspec.Struct, frozen=True):
    """A rule of an organisation for its members; `type` is its number on the wire.

    `uri_match` is the match type that it sets for URIs without one.
    """

    organization_id: str
    type: int
    item_types: tuple[int, ...] = ()
    uri_match: int | None = None


class Provider(msgspec.Struct, frozen=True):
    """A provider that manages organisations; `key` is an EncString of type 3 or 4."""

    id: str
    key: str | None


class Snapshot(msgspec.Struct, frozen=True):
    """The vault as the server sent it; nothing in it is decrypted.

    `records` are the items' JSON objects, `revision` the server's revision date in milliseconds
    that was asked before it was downloaded, or None where the server gave none. `body` is the
    whole answer, into which the records are views, and `rest` the answer without the items; where
    the records are kept on this machine, `body` is `rest`.
    """

    records: Sequence[msgspec.Raw]
    folders: tuple[Folder, ...] = ()
    collections: tuple[Collection, ...] = ()
    organizations: tuple[Organization, ...] = ()
    email: str | None = None
    user_id: str | None = None
    security_stamp: str | None = None
    account_keys: AccountKeys = AccountKeys()
    unlock: MasterPasswordUnlock | None = None
    unlock_problem: CryptographyError | None = None
    revision: int | None = None
    body: bytes | bytearray | None = None
    providers: tuple[Provider, ...] = ()
    uses_key_connector: bool = False
    wrapped_user_key: str | None = None
    policies: tuple[Policy, ...] = ()
    rest: bytes = b""

    def __repr__(self) -> str:
        return f"<Snapshot of {len(self.records)} items>"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("items", len(self.records))]

    def without_revision(self) -> Snapshot:
        """Returns the snapshot as one that the next sync downloads again."""
        return replace(self, revision=None)

    def with_record(self, at: int | None, record: bytes) -> Snapshot:
        """Returns the snapshot with that JSON object in place of the one there, or added at the
        end.
        """
        records = list(self.records)
        if at is None:
            records.append(msgspec.Raw(record))
        else:
            records[at] = msgspec.Raw(record)
        return self._with(records)

    def without_record(self, at: int | None) -> Snapshot:
        """Returns the snapshot without the item at that position."""
        return self._with([record for index, record in enumerate(self.records) if index != at])

    def with_folder(self, folder: Folder) -> Snapshot:
        """Returns the snapshot with that folder in place of the one of its id, or added."""
        others = tuple(known for known in self.folders if not same_id(known.id, folder.id))
        return replace(self, folders=(*others, folder))

    def without_folder(self, id: str) -> Snapshot:
        """Returns the snapshot without a folder; its items keep the folder's id until a sync."""
        return replace(
            self, folders=tuple(known for known in self.folders if not same_id(known.id, id))
        )

    @property
    def kept(self) -> KeptRecords | None:
        """The records as they are kept on this machine; None for those of a download."""
        return self.records if isinstance(self.records, KeptRecords) else None

    @property
    def is_damaged(self) -> bool:
        """Whether a record that was asked for is damaged where it is kept."""
        return self.kept is not None and self.kept.is_damaged

    def is_lost(self, position: int) -> bool:
        """Tells whether the record at a position was found to be damaged where it is kept."""
        if self.kept is not None:
            return self.kept.is_lost(position)
        return self.records[position] is LOST

    def _with(self, records: Sequence[msgspec.Raw]) -> Snapshot:
        # Where a record is lost, the next sync downloads all of them.
        return replace(self, records=records, revision=None if self.is_damaged else self.revision)

    @property
    def default_match(self) -> int | None:
        """The match type of URIs without one, where a policy sets it for this account."""
        exempt = {id_key(each.id) for each in self.organizations if each.role in MANAGERS}
        for policy in self.policies:
            if policy.type == _URI_MATCH and id_key(policy.organization_id) not in exempt:
                return policy.uri_match if policy.uri_match in range(6) else None
        return None

    @property
    def private_key(self) -> str | None:
        """The account's RSA private key, an EncString under the user key."""
        return self.account_keys.private_key

    def is_same_download(self, other: Snapshot) -> bool:
        """Tells whether both come from one answer, but for records that were exchanged or added."""
        return self.body is other.body and len(self.records) >= len(other.records)

    def has_same_keys(self, other: Snapshot) -> bool:
        """Returns whether what is not under the user key itself is under the same keys in both."""
        return (self.account_keys, self.organizations, self.providers) == (
            other.account_keys,
            other.organizations,
            other.providers,
        )

    @classmethod
    def parse(cls, body: bytes | bytearray, *, revision: int | None = None) -> Snapshot:
        """Returns the snapshot in the body of a `/sync` answer; both spellings are read.

        Raises `AnswerUnusable` where it is not such an answer. A malformed item is not parsed
        here and does not affect other items.
        """
        try:
            answer: _Camel | _Pascal = _CAMEL.decode(body)
            if answer.ciphers is None and answer.profile is _MISSING:
                answer = _PASCAL.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise AnswerUnusable(
                "The server's answer to the sync is not a vault.",
                Remedy("Check the server's address; if it is right, try again: {}.", SYNC),
            ) from None
        records = answer.ciphers or []
        profile = Answer(_decoded(answer.profile))
        if not profile or len(records) > MOST_ITEMS:
            raise AnswerUnusable(
                "The server's answer to the sync is not a vault that can be used here.",
                "Check the server's address.",
            )
        email = profile.text("email")
        unlock, problem = _unlock(Answer(_decoded(answer.user_decryption)), email)
        return cls(
            records=records,
            folders=tuple(_folders(_decoded(answer.folders))),
            collections=tuple(_collections(_decoded(answer.collections))),
            organizations=tuple(_organizations(profile)),
            email=email,
            user_id=profile.text("id"),
            security_stamp=profile.text("securityStamp"),
            account_keys=AccountKeys.read(profile),
            unlock=unlock,
            unlock_problem=problem,
            revision=revision,
            body=body,
            rest=_rest(answer),
            providers=tuple(
                Provider(id, entry.text("key"))
                for entry in profile.objects("providers")
                if (id := entry.text("id"))
            ),
            uses_key_connector=profile.truth("usesKeyConnector"),
            wrapped_user_key=profile.text("key"),
            policies=tuple(_policies(_decoded(answer.policies))),
        )


def _rest(answer: _Camel | _Pascal) -> bytes:
    """Returns the answer without its items, in camelCase."""
    members = {
        name: getattr(answer, name)
        for name in _Camel.__struct_fields__
        if name != "ciphers" and getattr(answer, name) is not _MISSING
    }
    return msgspec.json.encode(_Camel(**members))


def read_record(record: msgspec.Raw) -> Answer:
    """Returns one item's JSON object; empty where it is not an object or not JSON."""
    return Answer(_decoded(record))


def _decoded(raw: msgspec.Raw) -> object:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _list(value: object) -> list[Answer]:
    return [Answer(entry) for entry in value if entry] if isinstance(value, list) else []


def _folders(value: object) -> list[Folder]:
    found = ((entry.text("id"), entry.text("name")) for entry in _list(value))
    return [Folder(id, name) for id, name in found if id and name]


def _collections(value: object) -> list[Collection]:
    found = (
        (
            entry.text("id"),
            entry.text("organizationId"),
            entry.text("name"),
            entry.truth("readOnly"),
        )
        for entry in _list(value)
    )
    return [
        Collection(id, owner, name, is_read_only)
        for id, owner, name, is_read_only in found
        if id and owner and name
    ]


def _policies(value: object) -> Iterator[Policy]:
    for entry in _list(value):
        owner, number = entry.text("organizationId"), entry.integer("type")
        if owner and number is not None and entry.get("enabled") is not False:
            data = entry.get("data")
            types = (
                [each for each in data if isinstance(each, int)] if isinstance(data, list) else []
            )
            yield Policy(owner, number, tuple(types), Answer(data).integer("uriMatchDetection"))


def _organizations(profile: Answer) -> list[Organization]:
    """Yields the account's own organisations, then those that it manages through a provider."""
    found: dict[str, Organization] = {}
    for member in ("organizations", "providerOrganizations"):
        is_managed = member != "organizations"
        for entry in profile.objects(member):
            id = entry.text("id") or (entry.text("organizationId") if is_managed else None)
            if id is None or id_key(id) in found:
                continue
            found[id_key(id)] = Organization(
                id=id,
                name=entry.text("name") or entry.text("organizationName") or id,
                key=entry.text("key"),
                is_enabled=entry.get("enabled") is not False,
                provider_id=entry.text("providerId") if is_managed else None,
                key_connector=entry.text("keyConnectorUrl")
                if entry.truth("keyConnectorEnabled")
                else None,
                role=entry.integer("type"),
            )
    return list(found.values())


def _unlock(
    answer: Answer, email: str | None
) -> tuple[MasterPasswordUnlock | None, CryptographyError | None]:
    try:
        return MasterPasswordUnlock.read(answer.object("masterPasswordUnlock"), email=email), None
    except CryptographyError as problem:
        return None, problem
