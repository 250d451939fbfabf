"""`Storage`: how to reach files in the cloud, as an item tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from bw_magics.errors import FieldNotFound, NotOffered
from bw_magics.secret import Unpicklable
from bw_magics.vault.key_file import WithKeyFile, service_account
from bw_magics.vault.names import as_name

# For each part, the custom fields that give it, then the member. Case and blanks do not matter.
_S3 = {
    "key": ("accesskeyid", "awsaccesskeyid", "accesskey", "username"),
    "secret": ("secretaccesskey", "awssecretaccesskey", "secretkey", "password"),
    "token": ("sessiontoken", "awssessiontoken"),
    "endpoint": ("endpoint", "endpointurl"),
    "region": ("region", "awsregion", "regionname"),
}
_PROTOCOLS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}


class StoredLogin(WithKeyFile, Protocol):
    """What a storage reads of an item."""

    def outline(self) -> Iterator[tuple[str, str]]:
        """Lists the members and fields, each with a remark."""


@dataclass(frozen=True, slots=True, repr=False)
class Storage(Unpicklable):
    """The parts of a storage by name; `account` is the key file of a service account."""

    protocol: str
    parts: dict[str, str]
    account: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, item: StoredLogin, protocol: str) -> Storage:
        """Reads what the item has for `s3` or `gs`.

        For S3: the custom fields `access key id`, `secret access key`, `session token`, `endpoint`
        and `region`; without the first two, user name and password. For Google: the service
        account's key file, a JSON attachment or the notes. Raises `FieldNotFound` where one is
        missing, `NotOffered` for another protocol.
        """
        kind = _PROTOCOLS.get(as_name(protocol))
        if kind is None:
            raise NotOffered("Only the storages s3 and gs are offered.", "Read the fields by name.")
        if kind == "gs":
            return cls(kind, {}, service_account(item))
        names = {re.sub(r"[\s_-]", "", name).lower(): name for name, _ in item.outline()}
        parts = {}
        for part, spellings in _S3.items():
            found = next((names[each] for each in spellings if each in names), None)
            if found is not None and item.holds(found):
                value = item.get(found)
                parts[part] = value if isinstance(value, str) else str(value)
        for part, wanted in (("key", "access key id"), ("secret", "secret access key")):
            if part not in parts:
                raise FieldNotFound(
                    f"'{item.name}' has no {wanted} for a storage.",
                    f"Add a custom field '{wanted}', or user name and password.",
                )
        return cls(kind, parts)
