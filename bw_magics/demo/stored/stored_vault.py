"""`StoredVault`: everything that the demo server stores for one account, encrypted."""

from __future__ import annotations

import functools
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bw_magics.crypto import MasterKey, OrganizationKey, PrivateKey, SymmetricKey
from bw_magics.crypto.wrapping import EitherKey, EitherUserKey, wrap_key
from bw_magics.demo.account import MASTER_PASSWORD, DemoAccount
from bw_magics.demo.items.plain import Collection, Item, Organization
from bw_magics.demo.stored.account_keys import legacy_wrap, make_keys
from bw_magics.demo.stored.providers import provided
from bw_magics.demo.stored.record import Record, encrypt_item

_FOLDER_DATE = datetime(2026, 3, 1, 9, 0, 0, tzinfo=UTC)


@functools.cache
def _key_pair(email: str) -> PrivateKey:
    """Makes an account's RSA key pair, once in a process because it is slow."""
    return PrivateKey.generate()


class StoredVault:
    """One account's rows: keys, items, folders, files, revision date and security stamp.

    Hold `lock` to change it, and call `touch` afterwards: that clears the cached answers.
    """

    def __init__(
        self, account: DemoAccount, *, salt: str, item_types: Callable[[int], bool]
    ) -> None:
        self.account = account
        self.salt = salt
        self.lock = threading.RLock()
        self.created = datetime(2026, 1, 4, 12, 0, 0, 250_000, tzinfo=UTC)
        self.revision = datetime.now(UTC)
        self.security_stamp = str(uuid.uuid4())
        self.cache: dict[object, bytes] = {}
        key_pair = _key_pair(account.email)
        self.keys = make_keys(account.encryption, key_pair)
        self.wrap_user_key()
        contents = account.contents
        self.plain_items = [plain for plain in contents.items if item_types(plain["type"])]
        self._organization_keys = {o.id: OrganizationKey.generate() for o in contents.organizations}
        self.organizations: list[tuple[Organization, str]] = [
            (o, str(key_pair.wrap(self._organization_keys[o.id].material)))
            for o in contents.organizations
            if not o.provider
        ]
        self.providers, self.provider_organizations = provided(
            contents.organizations, self._organization_keys, key_pair
        )
        self.collections: dict[str, tuple[Collection, str]] = {
            c.id: (c, self._organization_keys[c.organization_id].encrypt_text(c.name))
            for c in contents.collections
        }
        self.folders: dict[str, Record] = {
            f.id: {
                "id": f.id,
                "name": self.user_key.encrypt_text(f.name),
                "revisionDate": _FOLDER_DATE,
            }
            for f in contents.folders
        }
        self.items: dict[str, Record] = {}
        self.files: dict[str, bytes] = {}
        for plain in self.plain_items:
            self.insert(plain)

    @property
    def user_key(self) -> EitherUserKey:
        """The account's user key."""
        return self.keys.user_key

    @property
    def private_key(self) -> str:
        """The account's RSA private key, encrypted with its user key."""
        return self.keys.private_key

    @property
    def public_key(self) -> str:
        """The account's RSA public key in base64."""
        return self.keys.public_key

    def wrap_user_key(self) -> None:
        """Wraps the user key under the account's current master password."""
        account = self.account
        if account.unlocked_by == MASTER_PASSWORD:
            self.master_key = account.kdf.derive(password=account.master_password, salt=self.salt)
        else:
            self.master_key = MasterKey.generate()
        if account.is_legacy and isinstance(self.user_key, SymmetricKey):
            self.wrapped_user_key = legacy_wrap(self.master_key, self.user_key)
        else:
            self.wrapped_user_key = str(wrap_key(self.user_key, under=self.master_key.stretch()))

    def insert(self, plain: Item) -> None:
        """Encrypts a plain item and stores it."""
        record, files = encrypt_item(plain, self.owner_key(plain["organizationId"]))
        self.items[record["id"]] = record
        self.files.update(files)

    def owner_key(self, organization_id: str | None) -> EitherKey:
        """Returns the key that encrypts the items of that organisation, or personal ones."""
        return self._organization_keys[organization_id] if organization_id else self.user_key

    def touch(self, *records: Record) -> None:
        """Moves the revision date of the account and of `records` forward."""
        self.revision = max(datetime.now(UTC), self.revision + timedelta(milliseconds=1))
        for record in records:
            record["revisionDate"] = self.revision
        self.cache.clear()

    def new_security_stamp(self) -> None:
        """Replaces the security stamp, which tells other sessions that they are outdated."""
        self.security_stamp = str(uuid.uuid4())
        self.cache.clear()

    @property
    def revision_milliseconds(self) -> int:
        """The revision date as in the answer of `/accounts/revision-date`."""
        return int(self.revision.timestamp() * 1000)

    def cached(self, name: object, make: Callable[[], bytes]) -> bytes:
        """Calls `make` once for each revision; returns the cached result otherwise."""
        with self.lock:
            if name not in self.cache:
                self.cache[name] = make()
            return self.cache[name]

    def new_item(self, members: dict[str, Any]) -> Record:
        """Stores the record of an item that a client created."""
        now = datetime.now(UTC)
        record: Record = {
            "id": str(uuid.uuid4()),
            "creationDate": now,
            "deletedDate": None,
            "attachments": {},
            "collectionIds": [],
            "edit": True,
            "viewPassword": True,
            **members,
        }
        self.items[record["id"]] = record
        self.touch(record)
        return record

    def remove_item(self, record: Record) -> None:
        """Deletes a record and its files."""
        del self.items[record["id"]]
        for attachment_id in record["attachments"]:
            self.files.pop(attachment_id, None)
        self.touch()

    def new_attachment(
        self, record: Record, attachment_id: str, file_name: str, key: str, size: int
    ) -> Record:
        """Adds an attachment's metadata; the file is uploaded later."""
        attachment = {
            "id": attachment_id,
            "fileName": file_name,
            "key": key,
            "size": size,
        }
        record["attachments"][attachment["id"]] = attachment
        return attachment
