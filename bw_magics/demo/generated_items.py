"""Generated items: as many lifelike logins as a benchmark asks for, the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from bw_magics.demo.plain import Folder, Item, attachment, boolean, hidden, login, stable_id, text

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
    """The folders that generated items are spread over."""
    return [Folder(stable_id("folder", "generated", name), f"Generated/{name}") for name in _PLACES]


def generated_items(count: int) -> Iterator[Item]:
    """`count` logins named `item-00001 …`.

    Of them two thirds have their own key, a quarter custom fields, a third notes, a fifth TOTP,
    a hundredth an attachment of which only the metadata exists.
    """
    random = Random(20260823)  # noqa: S311 - the same vault in every run, no secret
    folders = generated_folders()
    for number in range(1, count + 1):
        service, place = random.choice(_SERVICES), random.choice(_PLACES)
        name = f"item-{number:05d} {service} {place}"
        host = f"{service}-{number}.{place}.demo.example"
        plain = login(
            name,
            f"user{number}@demo.example",
            f"demo-{random.getrandbits(64):016x}",
            [f"https://{host}/login"] + ([f"https://{host}:8443"] if random.random() < 0.2 else []),
            label="generated",
            totp="JBSWY3DPEHPK3PXP" if random.random() < 0.2 else None,
            itemKey=random.random() < 2 / 3,
            folderId=random.choice(folders).id if random.random() < 0.7 else None,
            favorite=random.random() < 0.02,
        )
        if random.random() < 1 / 3:
            plain["notes"] = " ".join(random.choices(_SENTENCES, k=random.randint(1, 8)))
        if random.random() < 0.25:
            plain["fields"] = [
                text("host", host),
                hidden("token", f"demo-{random.getrandbits(128):032x}"),
                boolean("tls", random.random() < 0.8),
            ]
        if random.random() < 0.01:
            file = attachment(name, "export.csv", b"")
            file["contents"] = None
            plain["attachments"] = [file]
        yield plain
