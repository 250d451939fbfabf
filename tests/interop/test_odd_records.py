"""Dates and booleans as servers and other clients may leave them, beside what `bw` shows.

Where a date means nothing, ours is None and sorts last. `bw` shows 1970 for null, counts on from
days that no month has, and leaves out the items with any other date.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from bw_magics import Vault
from bw_magics.demo import DemoServer
from bw_magics.demo.accounts import first_account
from bw_magics.demo.items.plain import PlainVault, login
from bw_magics.demo.shapes.official import OfficialShape
from tests.demo_vault import enter
from tests.interop.conftest import Run

pytestmark = pytest.mark.bw

# What the server sends, and whether both read the same moment.
DATES: list[tuple[str | int | None, bool]] = [
    ("2026-01-02T03:04:05", True),
    ("2026-01-02T03:04:05Z", True),
    ("2026-01-02t03:04:05z", True),
    ("2026-01-02T03:04:05+02:00", True),
    ("2026-01-02T03:04:05+0200", True),
    ("2026-01-02T03:04:05-00:00", True),
    ("2026-01-02T03:04:05.1Z", True),
    ("2026-01-02T03:04:05.1234567Z", True),
    ("2026-01-02T03:04:05.123456789Z", True),
    ("2026-01-02", True),
    ("2026-01-02 03:04:05", True),
    ("2026-01-02T03:04Z", True),
    ("2026-01-02T24:00:00Z", True),
    ("1969-12-31T23:59:59Z", True),
    ("0001-01-01T00:00:00", False),
    ("9999-12-31T23:59:59.9999999", False),
    ("2026-02-30T00:00:00Z", False),
    ("garbage", False),
    ("", False),
    (None, False),
    (1700000000000, False),
]
BOOLEANS = {
    "true": True,
    "false": False,
    "True": True,
    "FALSE": False,
    "1": True,
    "0": False,
    " true": True,
    "yes": None,
    "ture": None,
    "null": None,
    "": None,
}


def test_odd_dates_and_booleans_read_as_bw_reads_them(
    bw_session_factory: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = first_account(iterations=5000)
    dated = [login(f"date {at}", "ada", "made-up-1") for at in range(len(DATES))]
    flags = [
        login(f"flag {at}", "ada", "x", fields=[{"name": "f", "value": value, "type": 2}])
        for at, value in enumerate(BOOLEANS)
    ]
    account = replace(account, contents=PlainVault(items=[*dated, *flags]))
    sent = {item["id"]: date for item, (date, _) in zip(dated, DATES, strict=True)}
    as_it_is = OfficialShape.item

    def with_odd_dates(
        shape: OfficialShape, vault: object, record: dict[str, object], *rest: str
    ) -> dict[str, object]:
        shown = as_it_is(shape, vault, record, *rest)  # type: ignore[arg-type]
        if record["id"] in sent:
            shown["creationDate"] = shown["revisionDate"] = sent[str(record["id"])]
        return shown

    monkeypatch.setattr(OfficialShape, "item", with_odd_dates)
    with DemoServer(accounts=[account]) as server:
        run = bw_session_factory(server, account)
        vault = enter(Vault(sync_interval=0), server)
        theirs = {entry["id"]: entry for entry in run("list", "items")}
        ours = {item.id: item for item in vault.items()}
        assert theirs.keys() <= ours.keys()
        assert len(ours) == len(sent) + len(BOOLEANS)
        for item, (date, is_same) in zip(dated, DATES, strict=True):
            read = ours[item["id"]].revised
            if is_same:
                shown = datetime.fromisoformat(theirs[item["id"]]["revisionDate"])
                assert read is not None, date
                assert int(read.timestamp() * 1000) == round(shown.timestamp() * 1000), date
            else:
                assert read is None, date
        for item, (value, meaning) in zip(flags, BOOLEANS.items(), strict=True):
            assert theirs[item["id"]]["fields"][0]["value"] == value
            assert ours[item["id"]].fields[0].value is meaning, value
        vault.logout()
