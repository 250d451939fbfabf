"""`Storage`: how to reach files in the cloud, as an item tells it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from bw_magics.errors import FieldNotFound, NotOffered
from bw_magics.secret import Secret, Unpicklable

# For each part, the custom fields that give it, then the member. Case and blanks do not matter.
_S3 = {
    "key": ("accesskeyid", "awsaccesskeyid", "accesskey", "username"),
    "secret": ("secretaccesskey", "awssecretaccesskey", "secretkey", "password"),
    "token": ("sessiontoken", "awssessiontoken"),
    "endpoint": ("endpoint", "endpointurl"),
    "region": ("region", "awsregion", "regionname"),
}
_PROTOCOLS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
_SECRET_MEMBERS = ("private_key", "private_key_id", "refresh_token", "client_secret")


class KeyFile(Protocol):
    """A file of an item."""

    @property
    def name(self) -> str:
        """Its name."""


class OpenFile(Protocol):
    """The same, to be read."""

    def text(self) -> str:
        """Reads the text in it."""


class StoredLogin(Protocol):
    """What a storage reads of an item."""

    name: str

    @property
    def attachments(self) -> Iterable[KeyFile]:
        """Its files."""

    def attachment(self, name: str) -> OpenFile:
        """Finds one of them."""

    def holds(self, what: str) -> bool:
        """Tells whether that field has a value."""

    def get(self, what: str) -> object:
        """Reads the value of a field."""

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
        kind = _PROTOCOLS.get(protocol)
        if kind is None:
            raise NotOffered("Only the storages s3 and gs are offered.", "Read the fields by name.")
        if kind == "gs":
            return cls(kind, {}, _service_account(item))
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


def _service_account(item: StoredLogin) -> dict[str, Any]:
    file = next((each.name for each in item.attachments if each.name.endswith(".json")), None)
    text = ""
    if file is not None:
        text = item.attachment(file).text()
    elif item.holds("notes"):
        text = str(item.get("notes"))
    try:
        account = json.loads(text)
    except ValueError:
        account = None
    if not isinstance(account, dict):
        raise FieldNotFound(
            f"'{item.name}' has no key file of a service account.",
            "Attach its JSON file, or put it into the notes.",
        )
    return {
        name: Secret(value, f"{item.name} / {name}")
        if name in _SECRET_MEMBERS and isinstance(value, str)
        else value
        for name, value in account.items()
    }
