"""`DemoAccount`: an account of the demo server, its credentials and its contents."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Any, Literal

from bw_magics.crypto import Kdf
from bw_magics.demo.items.plain import PlainVault, stable_id

# The version of account encryption.
Encryption = Literal[1, 2]

# Members of an organisation with a Key Connector have no master password: the connector keeps a
# key in its place. Members with trusted devices have none either; only those devices unlock.
UnlockedBy = Literal["master-password", "key-connector", "trusted-device"]
MASTER_PASSWORD: UnlockedBy = "master-password"
KEY_CONNECTOR: UnlockedBy = "key-connector"
TRUSTED_DEVICE: UnlockedBy = "trusted-device"

_SECRET_LENGTH = 30


@dataclass(frozen=True, slots=True)
class DemoPolicy:
    """A policy of an account's first organisation; `type` is its number on the wire."""

    type: int
    data: dict[str, Any] | list[int] | None = None
    is_enabled: bool = True


@dataclass(eq=False)
class DemoAccount:
    """An account of the demo server, with made-up credentials.

    `salt` goes into the key derivation. The official server stores it, and it need not be the
    e-mail; Vaultwarden always takes the e-mail. `is_legacy` wraps the user key as before 2018,
    without a MAC. `codes` are the one-time codes that replace the master password. `role` is that
    in its organisations: 0 owner, 1 admin, 2 member; `policies` are those of the first of them.
    """

    name: str
    email: str
    client_secret: str = field(repr=False)
    master_password: str = field(repr=False)
    kdf: Kdf
    contents: PlainVault = field(repr=False)
    salt: str = ""
    encryption: Encryption = 1
    unlocked_by: UnlockedBy = MASTER_PASSWORD
    is_legacy: bool = False
    role: int = 2
    policies: list[DemoPolicy] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.codes: list[str] = []
        self.user_id = stable_id("user", self.email)
        self.salt = self.salt or self.email

    @property
    def client_id(self) -> str:
        """The id of the account's personal API key."""
        return f"user.{self.user_id}"

    def new_client_secret(self) -> str:
        """Replaces the client secret by another one, recognisable as a demo's."""
        start = "demoSecretRotated"
        rest = _SECRET_LENGTH - len(start)
        letters = string.ascii_letters + string.digits
        self.client_secret = start + "".join(secrets.choice(letters) for _ in range(rest))
        return self.client_secret
