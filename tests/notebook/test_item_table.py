"""Tables of items: sorted by the kernel, as pandas, and of many items only the rows on show."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

import bw_magics
from bw_magics.crypto.keys import SymmetricKey
from bw_magics.demo import DemoServer
from bw_magics.errors import ExtraMissing
from bw_magics.notebook.show.table import COLUMN_NAMES, MOST_ROWS, ItemTable
from tests.notebook.conftest import ITERATIONS, Notebook, secrets_of, variables
from tests.notebook.conftest import trust as trust_server
from tests.vault.conftest import Writer

MANY = 10_000


@pytest.mark.parametrize(
    ("column", "key"),
    [
        ("name", lambda item: item.name.casefold()),
        ("type", lambda item: item.type.casefold()),
        ("folder", lambda item: (not item.folder, (item.folder or "").casefold())),
        ("changed", lambda item: -item.revised.timestamp()),
        ("created", lambda item: -item.created.timestamp()),
        ("organization", lambda item: (not item.organization, item.organization)),
    ],
)
def test_the_kernel_sorts(unlocked: Notebook, column: str, key: Any) -> None:
    table = unlocked(f"%bw_list items --sort {column}").value
    assert [*map(key, table)] == sorted(map(key, table))


@pytest.mark.parametrize("line", ["items --sort user", "items --sort x", "folders --sort name"])
def test_what_cannot_be_sorted_by_is_said(unlocked: Notebook, line: str) -> None:
    assert "sorted" in unlocked.refusal(f"%bw_list {line}").fact


def test_items_that_cannot_be_read_are_marked_with_the_reason(unlocked: Notebook) -> None:
    table = unlocked("%bw_list items").value
    lines = repr(table).splitlines()
    assert lines[0].split() == ["name", "type", "folder", "changed", "problem"]
    for item in table:
        if item.problem:
            assert any(item.problem[:30] in line for line in lines)
            assert item.problem.split(":")[0] in table._repr_html_().replace("&#x27;", "'")
    readable = unlocked("%bw_list items --search warehouse").value
    assert "problem" not in repr(readable)


def test_a_table_becomes_a_frame_without_any_secret(unlocked: Notebook, server: DemoServer) -> None:
    columns = ",".join(COLUMN_NAMES)
    frame = unlocked(f"items = %bw_list items --columns {columns}\nitems.to_pandas()").value
    assert list(frame.columns) == list(COLUMN_NAMES)
    assert len(frame) == len(bw_magics.bw_session.items())
    assert str(frame["changed"].dtype).startswith("datetime64")
    row = frame[frame["name"] == "Warehouse DB"].iloc[0]
    assert (row["type"], row["folder"]) == ("login", "Work/Databases")
    assert frame["problem"].notna().sum() == sum(
        1 for item in bw_magics.bw_session.items() if item.problem
    )
    text = frame.to_csv()
    assert [secret for secret in secrets_of(server) if secret in text] == []


def test_without_pandas_the_line_to_type_is_said(
    unlocked: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    came = unlocked.attempt("items = %bw_list items\nitems.to_pandas()")
    assert isinstance(came.error, ExtraMissing)
    assert came.error.remedy == "%pip install pandas"


@pytest.fixture(scope="module")
def large() -> Iterator[DemoServer]:
    with DemoServer(iterations=ITERATIONS, items=MANY) as server:
        yield server


def test_of_ten_thousand_items_only_those_that_are_shown_are_decrypted(
    notebook: Notebook, large: DemoServer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust_server(large, tmp_path, monkeypatch)
    for variable, value in variables(large).items():
        monkeypatch.setenv(variable, value)
    notebook("%bw_unlock")
    decrypted: list[int] = []
    decrypt = SymmetricKey.decrypt_text

    def counted(self: SymmetricKey, text: Any) -> str:
        decrypted.append(1)
        return decrypt(self, text)

    monkeypatch.setattr(SymmetricKey, "decrypt_text", counted)
    notebook("items = %bw_list items --sort changed")
    table = notebook.shell.user_ns["items"]
    assert len(table) > MANY
    html = table._repr_html_()
    assert html.count("<tr>") == MOST_ROWS + 1
    assert f"{len(table)} items, the first {MOST_ROWS} shown" in html
    assert "--search" in html
    assert decrypted == []
    notebook("items = %bw_list items --columns user")
    notebook.shell.user_ns["items"]._repr_html_()
    assert 0 < len(decrypted) <= MOST_ROWS


@pytest.mark.parametrize("column", ["changed", "created"])
def test_items_without_a_date_come_last(column: str) -> None:
    writer = Writer()
    dates = [None, "0001-01-01T00:00:00", "1969-01-01T00:00:00Z", "2026-01-02", "not a date"]
    for number, date in enumerate([*dates, "2026-01-02T03:04:05+02:00"]):
        writer.login(f"{number}", revisionDate=date, creationDate=date)

    table = ItemTable(writer.open().items(), sort=column)

    assert [item.name for item in table] == ["5", "3", "2", "0", "1", "4"]
