"""The default accounts of a demo server: Ada's and Grace's."""

from __future__ import annotations

from bw_magics.crypto import Argon2id, Pbkdf2
from bw_magics.demo.account import DemoAccount
from bw_magics.demo.items.awkward import (
    DATA,
    ODD,
    ORGANIZATION,
    PRODUCTION,
    RESTRICTED,
    awkward_items,
    organization_items,
    strange_items,
)
from bw_magics.demo.items.generated import generated_folders, generated_items
from bw_magics.demo.items.personal import PERSONAL, personal_items
from bw_magics.demo.items.plain import PlainVault
from bw_magics.demo.items.second_vault import second_vault
from bw_magics.demo.items.working import CLOUD, DATABASES, WORK, working_items


def first_account(*, iterations: int | None, items: int = 0, strange: bool = False) -> DemoAccount:
    """Makes Ada's account: PBKDF2, the lifelike vault, and `items` generated items besides."""
    contents = PlainVault(
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
    """Makes Grace's account: Argon2id, a salt that is not the e-mail, a few items."""
    return DemoAccount(
        name="Grace Demo",
        email="grace@demo.example",
        client_secret="demoSecretNotRealGraceGrace001",
        master_password="demo-master-password-of-grace",
        kdf=Argon2id(2, 16, 1) if iterations else Argon2id(6, 32, 4),
        contents=second_vault(),
        salt="Salt-Of-Grace@demo.example",
    )
