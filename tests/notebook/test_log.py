"""`%bw_log`: who used what, in a shell and in real kernels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bw_magics import bw_session
from bw_magics.errors import JournalProblem, SecretTyped, UsageMistake
from bw_magics.notebook.show.log_table import LogTable
from bw_magics.session.journal.entry import Entry
from bw_magics.session.journal.journal import Journal
from tests.journals import own_journal
from tests.notebook.conftest import Notebook
from tests.notebook.kernel import Kernel, at_home, kernel

SECRET = "demo-warehouse-password-1"


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    """A journal of its own in the place of the process's."""
    from bw_magics.session.journal import journaled

    with own_journal() as journal:
        monkeypatch.setattr(journaled, "OF_PROCESS", journal)
        yield journal


@pytest.fixture
def opened(journal: Journal, opened: Notebook) -> Notebook:
    """The same with a journal of its own."""
    return opened


def rows(notebook: Notebook, line: str = "%bw_log") -> list[tuple[str, str, str]]:
    """The entries, the oldest first."""
    table = notebook(line).value
    assert isinstance(table, LogTable)
    return [(entry.item, entry.field, entry.way) for entry in reversed(table)]


WAYS: dict[str, tuple[str, tuple[str, str, str]]] = {
    "%bw_get": ("x = %bw_get password Warehouse DB", ("Warehouse DB", "password", "%bw_get")),
    "%bw_get of a reference": (
        "x = %bw_get bw://Warehouse DB/password",
        ("Warehouse DB", "password", "%bw_get"),
    ),
    "%bw_get totp": ("x = %bw_get totp Notebook hub", ("Notebook hub", "totp", "%bw_get")),
    "%bw_get secret": (
        "x = %bw_get secret MAIL_TOKEN",
        ("Reporting / MAIL_TOKEN", "value", "%bw_get"),
    ),
    "%bw_env": (
        '%bw_env BWM_A="bw://Warehouse DB/password"',
        ("Warehouse DB", "password", "environment"),
    ),
    "%%bw_env": (
        '%%bw_env BWM_A="bw://Warehouse DB/password"\n1',
        ("Warehouse DB", "password", "environment"),
    ),
    "%bw_connect": ("x = %bw_connect Warehouse DB", ("Warehouse DB", "password", "%bw_connect")),
    "bw_session": (
        "x = bw_session['Warehouse DB'].password",
        ("Warehouse DB", "password", "attribute"),
    ),
}


@pytest.mark.parametrize(("cell", "expected"), WAYS.values(), ids=[*WAYS])
def test_a_magic_that_gives_a_secret_leaves_one_entry(
    opened: Notebook, cell: str, expected: tuple[str, str, str]
) -> None:
    opened(cell)

    assert rows(opened) == [expected]


@pytest.mark.parametrize(
    "cell",
    [
        "%bw_list items",
        "%bw_list items --columns uri,fields",
        "%bw_list items --search demo",
        "%bw_list secrets",
        "%bw_get item Warehouse DB",
        "bw_session['Warehouse DB']",
        "%bw_check A=bw://Warehouse DB/password",
        "%bw_status",
        "%bw_generate",
        "%bw_scan .",
        "%bw_sync --force",
    ],
)
def test_a_magic_that_gives_none_leaves_no_entry(opened: Notebook, cell: str) -> None:
    opened(cell)
    opened.offered("%bw_get password Ware")
    opened.offered("bw_session['Warehouse DB'].")

    assert rows(opened) == []


def test_the_table_says_when_where_and_why_and_is_searched(opened: Notebook) -> None:
    opened("bw_session.because('nightly load')\nx = %bw_get password Warehouse DB")
    opened("y = %bw_get totp Notebook hub")

    came = opened("%bw_log ware")
    assert isinstance(came.value, LogTable)
    text, html = repr(came.value), came.value._repr_html_()
    for shown in (text, html):
        assert "Warehouse DB" in shown
        assert "nightly load" in shown
        assert "Notebook hub" not in shown
        assert SECRET not in shown
        assert bw_session["Warehouse DB"].id not in shown
    assert "1 use" in text


def test_odd_names_do_no_harm() -> None:
    entry = Entry(
        at=datetime.now(UTC),
        item="<script>alert(1)</script>\u202e\x1b[2J\ud800",
        field="a\nb",
        way="attribute",
        reason="<img src=x>",
    )
    table = LogTable([entry], with_sessions=True)

    for shown in (repr(table), table._repr_html_()):
        assert not {"\x1b", "\u202e", "\ud800"} & {*shown}
    assert "<script" not in table._repr_html_()
    assert "<img" not in table._repr_html_()
    assert len(repr(table).splitlines()) == 4


def test_the_setting_names_a_file_that_is_verified(opened: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "uses.jsonl"
    opened(f"%config BwMagics.journal = '{path}'")
    opened("x = %bw_get password Warehouse DB\ny = %bw_get password Warehouse DB")

    assert "✓ 2 lines of 1 session, all as they were written" in opened("%bw_log --verify").text
    assert len(rows(opened, "%bw_log --all")) == 2
    assert SECRET not in path.read_text()
    path.write_text(path.read_text().replace("Warehouse", "Warehousf", 1))
    came = opened.attempt("%bw_log --verify")
    assert isinstance(came.error, JournalProblem)
    assert "changed" in came.displayed[0]["text/plain"]
    opened("%config BwMagics.journal = ''")
    opened("x = %bw_get password Warehouse DB")
    assert len(path.read_text().splitlines()) == 2


def test_a_file_that_cannot_be_written_is_refused_and_the_setting_stays(
    opened: Notebook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = tmp_path / "uses.jsonl"
    opened(f"%config BwMagics.journal = '{good}'")

    opened(f"%config BwMagics.journal = '{tmp_path / 'no' / 'uses.jsonl'}'")

    # `%config` logs errors, which a notebook shows.
    assert "No such file or directory" in caplog.text
    assert opened("%config BwMagics.journal").value == str(good)
    opened("x = %bw_get password Warehouse DB")
    assert len(good.read_text().splitlines()) == 1


def test_a_file_is_not_saved_where_its_use_cannot_be_written(
    opened: Notebook, journal: Journal, tmp_path: Path
) -> None:
    journal.to(tmp_path / "no" / "uses.jsonl", checks=False)
    file = tmp_path / "key.json"
    line = "%bw_get attachment service-account.json --itemid 'Forecasting service account'"

    assert isinstance(opened.refusal(f"{line} --output {file}"), JournalProblem)
    assert not file.exists()


MISTAKES: dict[str, type[Exception]] = {
    "%bw_log --verify": UsageMistake,
    "%bw_log --all": UsageMistake,
    "%bw_log --verify Warehouse DB": UsageMistake,
    "%bw_log --file nowhere.jsonl": JournalProblem,
    f"bw_session['Warehouse DB'].password and bw_session.because('with {SECRET}')": SecretTyped,
}


@pytest.mark.parametrize(("cell", "kind"), MISTAKES.items(), ids=[*MISTAKES])
def test_a_mistake_is_one_sentence(opened: Notebook, cell: str, kind: type[Exception]) -> None:
    assert isinstance(opened.refusal(cell), kind)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Kernel]:
    with kernel(at_home(tmp_path, BW_MAGICS_JOURNAL=str(tmp_path / "uses.jsonl"))) as started:
        yield started


THREADS = """
import asyncio, json, threading
go = threading.Event()
def use():
    go.wait()
    bw_session["Notebook hub"].password
thread = threading.Thread(target=use); thread.start()
async def task():
    await asyncio.sleep(0)
    while not go.is_set():
        await asyncio.sleep(0.01)
    bw_session["Deployment console"].password
waiting = asyncio.ensure_future(task())
x = %bw_get password Warehouse DB
"""
INDEX = "print(next(at for at, cell in enumerate(In) if 'go = threading' in cell))"
SHOW = """
thread.join(); await waiting
print(json.dumps([[e.item, e.cell, e.message] for e in bw_session.journal.entries()]))
"""


def test_in_a_real_kernel_each_use_has_its_cell_also_in_threads_and_tasks(
    running: Kernel, tmp_path: Path
) -> None:
    assert running.run("%bw_demo\n%bw_login").ok
    assert running.run("%bw_unlock").ok
    assert running.run(THREADS).ok
    count = running.run(INDEX).lines[-1]
    assert running.run("bw_session['Model registry'].password; go.set()").ok
    shown = running.run(SHOW)
    assert shown.ok, shown.whole
    found = json.loads(shown.lines[-1])

    cells = {item: (cell, message) for item, cell, message in found}
    began = cells["Warehouse DB"]
    assert began[0] == int(count)
    assert cells["Notebook hub"] == began
    assert cells["Deployment console"] == began
    assert cells["Model registry"][0] == began[0] + 2
    assert cells["Model registry"][1] not in ("", began[1])
    shown = running.run("%bw_log")
    assert "Warehouse DB" in shown.whole
    assert "✓ 4 lines of 1 session" in running.run("%bw_log --verify").text
    assert SECRET not in running.run("%bw_log --all").whole + (tmp_path / "uses.jsonl").read_text()
