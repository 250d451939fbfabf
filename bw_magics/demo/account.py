"""Demo accounts: who can log in to the demo server, with what, and what is in the vault."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field

from bw_magics.crypto import Argon2id, Kdf, Pbkdf2
from bw_magics.demo.account_keys import Encryption
from bw_magics.demo.awkward_items import (
    DATA,
    ODD,
    ORGANIZATION,
    PRODUCTION,
    RESTRICTED,
    awkward_items,
    organization_items,
    strange_items,
)
from bw_magics.demo.generated_items import generated_folders, generated_items
from bw_magics.demo.membership import MASTER_PASSWORD, UnlockedBy
from bw_magics.demo.personal_items import PERSONAL, personal_items
from bw_magics.demo.plain import Contents, stable_id
from bw_magics.demo.second_vault import second_vault
from bw_magics.demo.working_items import CLOUD, DATABASES, WORK, working_items

_SECRET_LENGTH = 30


@dataclass(eq=False)
class DemoAccount:
    """An account of the demo server; its credentials are made up and change with the server.

    `salt` is what the master key is derived with on the official server, which stores one that
    need not be the e-mail (protocol 4.1); Vaultwarden always takes the e-mail. `encryption` is the
    version of account encryption. `unlocked_by` is what unlocks it: members of some organisations
    have no master password. `is_legacy` wraps the user key as before 2018, without a MAC
    (protocol 4.4).
    """

    name: str
    email: str
    client_secret: str = field(repr=False)
    master_password: str = field(repr=False)
    kdf: Kdf
    contents: Contents = field(repr=False)
    salt: str = ""
    encryption: Encryption = 1
    unlocked_by: UnlockedBy = MASTER_PASSWORD
    is_legacy: bool = False

    def __post_init__(self) -> None:
        self.codes: list[str] = []
        self.user_id = stable_id("user", self.email)
        self.salt = self.salt or self.email

    @property
    def client_id(self) -> str:
        """The id of the account's personal API key."""
        return f"user.{self.user_id}"

    def new_client_secret(self) -> str:
        """Replaces the secret by another of the same length that also reads like a demo's."""
        start = "demoSecretRotated"
        rest = _SECRET_LENGTH - len(start)
        letters = string.ascii_letters + string.digits
        self.client_secret = start + "".join(secrets.choice(letters) for _ in range(rest))
        return self.client_secret


def first_account(*, iterations: int | None, items: int = 0, strange: bool = False) -> DemoAccount:
    """Ada: PBKDF2, the lifelike vault, and `items` generated ones besides."""
    contents = Contents(
        items=[*working_items(), *personal_items(), *awkward_items(), *organization_items()],
        folders=[WORK, DATABASES, CLOUD, PERSONAL, ODD],
        organizations=[ORGANIZATION],
        collections=[DATA, PRODUCTION, RESTRICTED],
    )
    if strange:
        contents.items += strange_items()
    if items:
        contents.folders += generated_folders()
        contents.items += generated_items(items)
    return DemoAccount(
        name="Ada Demo",
        email="ada@demo.example",
        client_secret="demoSecretNotRealAdaAdaAda0001",
        master_password="demo-master-password",
        kdf=Pbkdf2(iterations or 600_000),
        contents=contents,
    )


def second_account(*, iterations: int | None) -> DemoAccount:
    """Grace: Argon2id, a salt that is not the e-mail, a few items with their own keys."""
    return DemoAccount(
        name="Grace Demo",
        email="grace@demo.example",
        client_secret="demoSecretNotRealGraceGrace001",
        master_password="demo-master-password-of-grace",
        kdf=Argon2id(2, 16, 1) if iterations else Argon2id(6, 32, 4),
        contents=second_vault(),
        salt="Salt-Of-Grace@demo.example",
    )
