"""Items that surprise clients: equal names, odd names, unreadable values."""

from __future__ import annotations

from bw_magics.demo.items.plain import (
    NOTE,
    Collection,
    Folder,
    Item,
    Organization,
    boolean,
    hidden,
    item,
    login,
    stable_id,
    text,
)
from bw_magics.demo.items.working import DATABASES, WORK

ODD = Folder(stable_id("folder", "Größen & Maße"), "Größen & Maße")

ORGANIZATION = Organization(stable_id("organization", "Demo Analytics"), "Demo Analytics")
DATA = Collection(stable_id("collection", "Data"), ORGANIZATION.id, "Data")
PRODUCTION = Collection(
    stable_id("collection", "Data/Production"), ORGANIZATION.id, "Data/Production"
)
RESTRICTED = Collection(
    stable_id("collection", "Data/Restricted"),
    ORGANIZATION.id,
    "Data/Restricted",
    hide_passwords=True,
    read_only=True,
)

UNKNOWN_TYPE = 99


def awkward_items() -> list[Item]:
    """Makes items that are hard for lookups, lists and decryption."""
    return [
        login("Reporting", "ada", "demo-reporting-ada", folderId=DATABASES.id),
        login("Reporting", "batch", "demo-reporting-batch", folderId=WORK.id, itemKey=True),
        login("reporting archive", "ada", "demo-reporting-archive"),
        login('Ada\'s "quoted" login', "o'brien", "demo \"quoted\" 'password' \\ $HOME `x`"),
        login(
            "Lab / Mass spectrometer / 2",
            "ada",
            "demo-slash-password",
            ("https://lab.demo.example/a%2Fb?x=1#y",),
            folderId=ODD.id,
        ),
        login("Größenmessung ✓ 測定 🔑", "ädä", "pässwörd-測定-🔑-demo", folderId=ODD.id),
        login("  spaces around  ", "ada", "  demo password with spaces  "),
        login("Empty values", "", "", fields=[text("", "nameless field"), hidden("empty", "")]),
        login(
            "Payroll",
            "ada",
            "demo-payroll-password",
            ("https://payroll.demo.example",),
            reprompt=1,
            fields=[hidden("second factor", "demo-second-factor")],
        ),
        login("Old wiki", "ada", "demo-wiki-password", archivedDate="2026-05-01T00:00:00Z"),
        login("Deleted forum", "ada", "demo-forum-password", deletedDate="2026-10-30T12:00:00Z"),
        login(
            "Half readable",
            "ada",
            "demo-half-readable",
            notes="The note can be read, the password cannot.",
            fields=[text("good", "readable"), hidden("bad", "not readable")],
            unreadable={"login.password": "mac", "fields.1.value": "mac"},
        ),
        login(
            "Unreadable name",
            "ada",
            "demo-unreadable-name",
            unreadable={"name": "mac"},
        ),
        login(
            "Unreadable key",
            "ada",
            "demo-unreadable-key",
            itemKey=True,
            unreadable={"key": "mac"},
        ),
    ]


def organization_items() -> list[Item]:
    """Makes the organisation's items, which its key encrypts."""
    return [
        login(
            "Production warehouse",
            "loader",
            "demo-production-password",
            ("postgresql://production.demo.example:5432/analytics",),
            organizationId=ORGANIZATION.id,
            collectionIds=[PRODUCTION.id],
            itemKey=True,
            fields=[text("host", "production.demo.example"), boolean("replica", False)],
        ),
        login(
            "Dashboard",
            "team",
            "demo-dashboard-password",
            ("https://dashboard.demo.example",),
            organizationId=ORGANIZATION.id,
            collectionIds=[DATA.id, PRODUCTION.id],
            totp="otpauth://totp/demo:team?secret=JBSWY3DPEHPK3PXP",
        ),
        login(
            "Billing portal",
            "team",
            "demo-billing-password",
            ("https://billing.demo.example",),
            organizationId=ORGANIZATION.id,
            collectionIds=[RESTRICTED.id],
            viewPassword=False,
            edit=False,
            itemKey=True,
            fields=[hidden("contract", "demo-contract-number")],
        ),
        item(
            NOTE,
            "On-call rota",
            organizationId=ORGANIZATION.id,
            collectionIds=[DATA.id],
            notes="Monday Ada\nTuesday Grace\n",
        ),
    ]


def strange_items() -> list[Item]:
    """Makes items that a later server might send; a vault has them only on request.

    One value of an unknown encryption type makes the official CLI 2026.6.0 end with a stack trace
    at every command that reads items.
    """
    return [
        item(UNKNOWN_TYPE, "From the future", notes="An unknown item type."),
        login(
            "Encrypted in the future",
            "ada",
            "demo-future-encryption",
            notes="Readable.",
            fields=[text("good", "readable"), hidden("new", "demo-future-field")],
            unreadable={"login.password": "9", "fields.1.value": "9"},
        ),
    ]
