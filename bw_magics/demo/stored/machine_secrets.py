"""`StoredSecrets`: the demo organisation's Secrets Manager, encrypted as a server stores it."""

from __future__ import annotations

import base64
import hashlib
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bw_magics.crypto import EncString, OrganizationKey
from bw_magics.crypto.shareable_key import payload_key
from bw_magics.demo.items.awkward import ORGANIZATION
from bw_magics.demo.items.machine_secrets import (
    ODD,
    PLATFORM,
    PROJECTS,
    REPORTING,
    PlainSecret,
    machine_secrets,
)
from bw_magics.demo.items.plain import stable_id

Record = dict[str, Any]

_LONG_AGO = datetime(2026, 3, 1, 9, tzinfo=UTC)


@dataclass(eq=False)
class MachineAccount:
    """A machine account with one access token. `writes` tells for each project that it may read
    whether it may change it too; `reads` are single secrets. A token ends at `expires`.
    """

    name: str
    writes: dict[str, bool] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)
    is_revoked: bool = False
    expires: datetime | None = None

    @property
    def id(self) -> str:
        """The id of its access token."""
        return stable_id("access token", self.name)

    @property
    def client_secret(self) -> str:
        """What the server compares; made up, and looks it."""
        return f"demoSecretNotRealMachine{hashlib.sha256(self.name.encode()).hexdigest()[:6]}"

    @property
    def seed(self) -> bytes:
        """The 16 bytes that the key of its payload is derived from."""
        return hashlib.sha256(f"demo seed of {self.name}".encode()).digest()[:16]

    @property
    def access_token(self) -> str:
        """The token as a person copies it."""
        seed = base64.b64encode(self.seed).decode()
        return f"0.{self.id}.{self.client_secret}:{seed}"


class StoredSecrets:
    """Projects and secrets under the organisation's key, and the machine accounts that see them.

    The first account writes to Reporting and the odd project and reads the data platform, the
    second only reads, the third has no project.
    """

    def __init__(self, secrets: Iterable[PlainSecret] | None = None) -> None:
        self.organization_id = ORGANIZATION.id
        self.lock = threading.RLock()
        self._plain = machine_secrets() if secrets is None else list(secrets)
        self.restore()

    def restore(self) -> None:
        """Makes everything as it was at the start, under a new key."""
        self.key = OrganizationKey.generate()
        self.changed = _LONG_AGO
        self.projects: dict[str, Record] = {}
        self.secrets: dict[str, Record] = {}
        for name in PROJECTS:
            self._store_project(name, stable_id("project", name))
        for plain in self._plain:
            self.add(plain)
        for record in (*self.projects.values(), *self.secrets.values()):
            record["creationDate"] = record["revisionDate"] = _LONG_AGO
        self.changed = _LONG_AGO
        ids = {record["plain"]: id for id, record in self.projects.items()}
        lonely = {id for id, record in self.secrets.items() if record["projectId"] is None}
        self.accounts = [
            MachineAccount(
                "reporting",
                {ids[REPORTING]: True, ids[ODD]: True, ids[PLATFORM]: False},
                reads=lonely,
            ),
            MachineAccount("dashboard", {ids[REPORTING]: False}),
            MachineAccount("idle"),
        ]

    def payload(self, account: MachineAccount) -> str:
        """Encrypts the organisation's key for an account's access token."""
        plain = {"encryptionKey": base64.b64encode(self.key.material).decode()}
        return payload_key(account.seed).encrypt_text(msgspec.json.encode(plain).decode())

    def add(self, plain: PlainSecret) -> str:
        """Stores a secret, or replaces the one with its id, as another client would."""
        project = plain.project
        project_id = stable_id("project", project) if project is not None else None
        value = self.key.encrypt_text(plain.value)
        if plain.defect:
            whole = EncString.parse(value)
            value = str(EncString(whole.type, whole.data, whole.iv, bytes(32)))
        with self.lock:
            self.put(
                plain.id,
                {
                    "key": self.key.encrypt_text(plain.key),
                    "value": value,
                    "note": self.key.encrypt_text(plain.note),
                },
                project_id,
            )
        return plain.id

    def put(self, id: str, members: Record, project_id: str | None) -> Record:
        """Stores the encrypted members of a secret, and moves its date."""
        now = self.touch()
        created = self.secrets.get(id, {}).get("creationDate", now)
        self.secrets[id] = {
            **members,
            "id": id,
            "projectId": project_id,
            "creationDate": created,
            "revisionDate": now,
        }
        return self.secrets[id]

    def add_project(self, name: str, account: MachineAccount) -> Record:
        """Stores a project whose encrypted name is given; its maker may write to it."""
        record = self._store_project(None, str(uuid.uuid4()), name)
        account.writes[record["id"]] = True
        return record

    def touch(self) -> datetime:
        """Notes a change, later than every earlier one."""
        self.changed = max(datetime.now(UTC), self.changed + timedelta(microseconds=1))
        return self.changed

    def delete_project(self, id: str) -> None:
        """Deletes a project; its secrets stay, without one."""
        del self.projects[id]
        for record in self.secrets.values():
            if record["projectId"] == id:
                record["projectId"] = None
        self.touch()

    def account(self, id: str) -> MachineAccount | None:
        """Returns the account whose access token has that id."""
        return next((each for each in self.accounts if each.id == id), None)

    def readable(self, account: MachineAccount) -> list[Record]:
        """Lists the secrets that an account may read."""
        return [
            record
            for record in self.secrets.values()
            if record["projectId"] in account.writes or record["id"] in account.reads
        ]

    def may_write(self, account: MachineAccount, project_id: str | None) -> bool:
        """Tells whether an account may change the secrets of a project."""
        return project_id is not None and account.writes.get(project_id, False)

    def _store_project(self, plain: str | None, id: str, name: str = "") -> Record:
        now = self.touch()
        self.projects[id] = {
            "id": id,
            "name": name or self.key.encrypt_text(plain or ""),
            "plain": plain,
            "creationDate": now,
            "revisionDate": now,
        }
        return self.projects[id]
