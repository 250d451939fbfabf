"""Both tables hold: every row is tried, and is what the table says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import BitwardenError
from tests.client.conftest import everything_an_error_holds
from tests.tables.accounts import KINDS, Kind, read, row, verdict
from tests.tables.cuts import CUT_CHANGES, DONE, cuts
from tests.tables.faults import OWN_KEYS, ROWS, Cause, field, swapped
from tests.tables.stage import WAREHOUSE, come, stage
from tests.tables.writes import AWAY, writes

ROOT = Path(__file__).parents[2]
FAULTS = Path(__file__).with_name("faults.md")


def written() -> dict[str, list[str]]:
    """The table as it is written down; `python -m tests.tables` prints what really happens."""
    rows = [line.strip("| \n").split(" | ") for line in FAULTS.read_text().splitlines()[2:]]
    return {name: rest for name, *rest in rows}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(iterations=5_000) as server:
        yield server


@pytest.mark.parametrize(
    ("number", "name", "act", "cause"),
    [
        pytest.param(number, *row, id=row[0])
        for number, rows in enumerate((ROWS, OWN_KEYS))
        for row in rows
    ],
)
def test_a_fault_is_one_typed_error_and_the_vault_is_as_the_table_says(
    server: DemoServer, number: int, name: str, act: str, cause: Cause
) -> None:
    account = server.accounts[number]
    with stage(server, account) as made:
        came, error = come(made, act, cause)
    assert [act, came.message, came.state, came.memory] == written()[name]
    if error is not None:
        assert error.remedy, "it says what to do"
        held = everything_an_error_holds(error)
        for secret in (account.client_secret, account.master_password, "demo-warehouse"):
            assert secret not in held


def test_the_table_has_every_row_once() -> None:
    names = [name for name, _, _ in (*ROWS, *OWN_KEYS)]
    assert sorted(names) == sorted(written())
    assert len(set(names)) == len(names) >= 40


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name}, {kind.style}")
def test_an_account_is_written_or_says_why_not_and_is_as_the_page_says(kind: Kind) -> None:
    """The table of docs/writing.md is what really happens."""
    told = row(kind)
    assert not told[3].startswith("WRONG"), told[3]
    page = (ROOT / "docs" / "writing.md").read_text()
    assert f"| {' | '.join(told)} |" in page.splitlines()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name}, {kind.style}")
def test_an_account_reads_or_says_why_not(kind: Kind) -> None:
    came = read(kind)
    told = verdict(kind, came)
    assert not told.startswith("WRONG"), told
    if isinstance(came, BitwardenError):
        assert came.remedy


def test_what_the_format_cannot_detect(server: DemoServer) -> None:
    """Two values under one key that change places are both authentic (SECURITY.md)."""
    with stage(server, server.accounts[0]) as made:
        made.enter()
        before = str(made.vault[WAREHOUSE].password)
        other = next(
            item.name
            for item in made.vault.items()
            if item.type == "login"
            and item.name != WAREHOUSE
            and item._record.get("organizationId") is None
            and item._record.get("key") is None
            and item.password
        )
        expected = str(made.vault[other].password)
        swapped(WAREHOUSE, other)(made)
        made.sync()
        assert str(made.vault[WAREHOUSE].password) == expected != before
        assert str(made.vault[other].password) == before


def test_a_field_swapped_with_that_of_an_item_with_its_own_key_is_detected(
    server: DemoServer,
) -> None:
    with stage(server, server.accounts[1]) as made:
        made.enter()
        swapped(WAREHOUSE, "Compiler farm")(made)
        made.sync()
        for name in (WAREHOUSE, "Compiler farm"):
            with pytest.raises(BitwardenError, match="Integrity check failed"):
                _ = made.vault[name].password


def test_a_repaired_item_reads_again(server: DemoServer) -> None:
    with stage(server, server.accounts[0]) as made:
        made.enter()
        field(WAREHOUSE, "login.password", lambda _: "x")(made)
        made.sync()
        with pytest.raises(BitwardenError):
            _ = made.vault[WAREHOUSE].password
        server.faults.clear()
        made.sync()
        assert made.vault[WAREHOUSE].password


@pytest.mark.parametrize("style", ["official", "vaultwarden"])
def test_a_change_that_is_cut_is_done_once_or_not_at_all_and_can_be_made_again(style: Any) -> None:
    for change, cut, said, state, again in writes(style):
        if cut == AWAY:
            assert said.startswith("WriteUnclear: It is not known whether"), (change, cut)
            assert (state, again) == ("unchanged", "nothing: it was done"), (change, cut)
        else:
            assert (said, state) == ("nothing: it was done", "done once"), (change, cut)


@pytest.mark.long
@pytest.mark.parametrize("style", ["official", "vaultwarden"])
def test_a_change_that_is_cut_at_any_request_loses_nothing_and_ends_once(style: Any) -> None:
    """For each request, and whether the server comes back or not."""
    rows = cuts(style)
    assert {change for change, *_ in rows} == set(CUT_CHANGES)
    for change, request, cut, server, said, state, again in rows:
        what = (change, request, cut, server, said, state, again)
        assert "LOST" not in state, what
        assert state.endswith("done once"), what
        is_change = not request.partition(" ")[2].startswith("GET")
        if said == DONE:
            assert state == "done once", what
        elif is_change:
            assert said.startswith("WriteUnclear"), what
        else:
            assert said.startswith(("ServerUnreachable", "AnswerUnusable", "WriteUnclear")), what
        if again and again != DONE:
            assert again.startswith("WriteConflict"), what
            assert again.endswith(f"after a sync: {DONE}"), what
