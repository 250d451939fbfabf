"""The projects and secrets of the demo organisation's Secrets Manager, in plain."""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.demo.items.plain import stable_id

REPORTING, PLATFORM, ODD, CLOSED = "Reporting", "Data platform", "Größe/50 %", "Payroll"
PROJECTS = (REPORTING, PLATFORM, ODD, CLOSED)


@dataclass(frozen=True)
class PlainSecret:
    """A secret before encryption. Without a `project` only an administrator sees it, or who was
    given just that secret. `defect` makes its value unreadable.
    """

    key: str
    value: str
    project: str | None = REPORTING
    note: str = ""
    number: int = 0
    defect: bool = False

    @property
    def id(self) -> str:
        """The same id in every run."""
        return stable_id("secret", self.project or "", self.key, str(self.number))


def machine_secrets() -> list[PlainSecret]:
    """Makes secrets as runs without a person need them, and some with awkward names."""
    return [
        PlainSecret("WAREHOUSE_PASSWORD", "demo-machine-warehouse-1", note="rotated every month"),
        PlainSecret("WAREHOUSE_URL", "postgresql://etl:demo-machine-url-2@db.demo.example/dwh"),
        PlainSecret("MAIL_TOKEN", "demo-machine-mail-token-3"),
        PlainSecret("API_KEY", "demo-machine-api-key-reporting-4"),
        PlainSecret("API_KEY", "demo-machine-api-key-platform-5", PLATFORM),
        PlainSecret("S3_SECRET", "demo-machine-s3-secret-6", PLATFORM),
        PlainSecret("TWICE", "demo-machine-twice-7", ODD),
        PlainSecret("TWICE", "demo-machine-twice-8", ODD, number=1),
        PlainSecret("a/b 100 %2F", "demo-machine-slash-9", ODD),
        PlainSecret("Schlüssel ✓", "demo-machine-ümlaut-10", ODD),
        PlainSecret("DAMAGED", "demo-machine-damaged-11", ODD, defect=True),
        PlainSecret("LONELY", "demo-machine-lonely-12", None),
        PlainSecret("SALARIES", "demo-machine-salaries-13", CLOSED),
    ]
