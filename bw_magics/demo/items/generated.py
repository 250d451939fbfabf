"""Generated items: a vault of any size, the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from bw_magics.demo.items.awkward import DATA, ORGANIZATION
from bw_magics.demo.items.plain import (
    CARD,
    NOTE,
    Folder,
    Item,
    attachment,
    boolean,
    hidden,
    item,
    login,
    stable_id,
    text,
)

_SERVICES = ("database", "cluster", "bucket", "dashboard", "queue", "registry", "portal", "mail")
_PLACES = ("eu", "us", "ap", "lab", "office", "field")

_SENTENCES = (
    "Ask before you restart it.",
    "Rotates every quarter, the owner is the data team.",
    "Replica lag is normal after the nightly load.",
    "Read only; see the wiki for write access.",
    "Keep the ticket number.",
)


def generated_folders() -> list[Folder]:
    """Makes the folders of generated items."""
    return [Folder(stable_id("folder", "generated", name), f"Generated/{name}") for name in _PLACES]


def generated_items(count: int) -> Iterator[Item]:
    """Makes `count` items named `item-00001 …`: nine of ten are logins, the others notes and cards.

    Two thirds have their own key, a quarter custom fields, a third notes, and a sixth belong to the
    organisation. A fifth of the logins have TOTP, a fifth earlier passwords. Every fiftieth item
    has an attachment, as metadata only.
    """
    random = Random(20260823)  # noqa: S311 - the same vault in every run, not a secret
    folders = generated_folders()
    for number in range(1, count + 1):
        service, place = random.choice(_SERVICES), random.choice(_PLACES)
        name = f"item-{number:05d} {service} {place}"
        host = f"{service}-{number}.{place}.demo.example"
        plain = _generated(random, number, name, host)
        plain["itemKey"] = random.random() < 2 / 3
        if random.random() < 0.7:
            plain["folderId"] = random.choice(folders).id
        plain["favorite"] = random.random() < 0.02
        if random.random() < 1 / 6:
            plain["organizationId"] = ORGANIZATION.id
            plain["collectionIds"] = [DATA.id]
        if plain["type"] == NOTE or random.random() < 1 / 3:
            plain["notes"] = " ".join(random.choices(_SENTENCES, k=random.randint(1, 8)))
        if random.random() < 0.25:
            plain["fields"] = [
                text("host", host),
                hidden("token", f"demo-{random.getrandbits(128):032x}"),
                boolean("tls", random.random() < 0.8),
            ]
        if random.random() < 0.02:
            file = attachment(name, "export.csv", b"")
            file["contents"] = None
            plain["attachments"] = [file]
        yield plain


def _generated(random: Random, number: int, name: str, host: str) -> Item:
    kind = random.random()
    # The first item is a login: tests need one in every vault.
    if kind < 0.9 or number == 1:
        return login(
            name,
            f"user{number}@demo.example",
            f"demo-{random.getrandbits(64):016x}",
            [f"https://{host}/login"] + ([f"https://{host}:8443"] if random.random() < 0.2 else []),
            label="generated",
            totp="JBSWY3DPEHPK3PXP" if random.random() < 0.2 else None,
            passwordHistory=[
                {
                    "password": f"demo-{random.getrandbits(64):016x}",
                    "lastUsedDate": f"2025-0{month}-11T07:45:00.123Z",
                }
                for month in range(1, random.randint(2, 6) if random.random() < 0.2 else 1)
            ],
        )
    if kind < 0.97:
        return item(NOTE, name, "generated")
    return item(
        CARD,
        name,
        "generated",
        card={
            "cardholderName": "Ada Demo",
            "brand": "Visa",
            "number": f"4{random.getrandbits(50) % 10**15:015d}",
            "expMonth": str(random.randint(1, 12)),
            "expYear": str(random.randint(2026, 2032)),
            "code": f"{random.randint(0, 999):03d}",
        },
    )
