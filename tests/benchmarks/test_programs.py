"""Every measuring program runs, with the smallest vault; how long it takes is nobody's matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import (
    cold,
    completion,
    crowd,
    crowded,
    earlier,
    ending,
    first_use,
    imports,
    journal,
    kept,
    large,
    learning,
    listing,
    load_ext,
    memory,
    news,
    rbw,
    searching,
    snapshot,
    warm,
)
from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.figure import Figure, Told
from benchmarks.official_cli import OfficialCli
from benchmarks.options import Options
from benchmarks.process import bare_environment, run_program
from benchmarks.report import Report

ITEMS = 12
ONCE = Options(sizes=(ITEMS,), repeat=1)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with demo_process(ITEMS) as running:
        yield running


@pytest.fixture
def without_bw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OfficialCli, "find", lambda path=None: None)


def values(report: Report) -> dict[str, float]:
    return {each.what: each.value for each in report.figures if isinstance(each, Figure)}


@pytest.mark.parametrize("program", ["program.py", "floor.py", "vaultwarden_program.py"])
def test_a_program_prints_the_password_that_it_was_asked_for(
    demo: DemoProcess, program: str, tmp_path: Path
) -> None:
    if program == "vaultwarden_program.py":
        pytest.importorskip("vaultwarden", reason="python-vaultwarden is in the group bench")
    environment = {**bare_environment(tmp_path), **demo.environment, "BW_EMAIL": demo.email}

    for name, password in (demo.logins[0], demo.logins[-1]):
        assert run_program(program, environment, name).output == password


def test_a_program_that_fails_says_why(demo: DemoProcess, tmp_path: Path) -> None:
    environment = {**bare_environment(tmp_path), **demo.environment}

    with pytest.raises(RuntimeError, match="NotFound"):
        run_program("program.py", environment, "no such item")


def test_the_server_tells_its_traffic_once_and_changes_an_item(
    demo: DemoProcess, tmp_path: Path
) -> None:
    environment = {**bare_environment(tmp_path), **demo.environment}
    demo.traffic()
    changed = demo.change()
    password = run_program("program.py", environment, changed).output
    traffic = demo.traffic()

    assert password.startswith("demo-changed-")
    assert [path for _, path in traffic.requests] == [
        "/identity/connect/token",
        "/api/accounts/revision-date",
        "/api/sync",
    ]
    assert traffic.downloads == 1
    assert traffic.bytes > ITEMS * 2_000
    assert demo.traffic() == type(traffic)((), 0)


def test_a_cold_start_with_a_kept_vault_downloads_none(without_bw: None) -> None:
    report = Report()

    cold.measure(report, ONCE)

    assert values(report)["With the vault cache: downloads of the vault"] == 0
    assert values(report)["Cold first secret: bw_magics / the floor"] > 0
    assert set(report.series) >= {"cold bw_magics, s", "cold the floor, s"}


def test_the_floor_of_a_kept_vault_reads_the_same_password(
    demo: DemoProcess, tmp_path: Path
) -> None:
    environment = {**bare_environment(tmp_path), **demo.environment}
    run_program("program.py", environment, demo.logins[0][0], str(tmp_path / "kept"))
    (file,) = (tmp_path / "kept").glob("*.vault")

    for name, password in (demo.personal[0], demo.personal[-1]):
        assert run_program("kept_floor.py", environment, name, str(file)).output == password


def test_kept_vaults_of_two_sizes_are_measured_in_turns(demo: DemoProcess) -> None:
    report = Report()

    kept.measure(report, Options(sizes=(ITEMS,), repeat=1))

    kept.measure_first(report, ONCE)

    found = values(report)
    for unit in ("CPU", "wall"):
        assert found[f"With the vault cache: the first secret / at 10 items, {unit}"] > 0
        assert found[f"`vault_cache = 'first'` / the floor of a kept vault, {unit}"] > 0


def test_an_earlier_commit_is_measured_where_git_has_it(demo: DemoProcess) -> None:
    report = Report()

    earlier.measure(report, Options(sizes=(ITEMS,), repeat=1, against="HEAD"))
    earlier.measure(report, Options(sizes=(ITEMS,), repeat=1, against="no-such-commit"))

    *ratios, told = report.figures
    assert all(isinstance(each, Figure) and each.value > 0 for each in ratios)
    assert "git has no commit" in told.row[2]
    assert "0.75" in told.row[3]


def test_a_row_for_rbw_says_why_it_is_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    report = Report()

    rbw.measure(report, ONCE)

    assert "cargo" in report.figures[0].row[2]


@pytest.mark.parametrize(
    ("measure", "figures"),
    [
        (warm.measure, {'`bw_session["name"].password`, guard on'}),
        (journal.measure, {"Journal: an entry in memory"}),
        (load_ext.measure, {"Heavy modules that it imports"}),
        (
            news.measure,
            {"Sync with nothing new: requests", "Resync after one change: names decrypted"},
        ),
        (searching.measure, set()),
        (memory.measure, set()),
        (completion.measure, {"A TAB, the slowest of all lines"}),
        (snapshot.measure, set()),
        (ending.measure, {"End of a script's process: bw_magics / the floor, CPU"}),
        (imports.measure, {"`%load_ext bw_magics` / `import pandas`, CPU"}),
        (listing.measure, {"`bw_session.items()`, wall", "`%bw_list items`, shown, CPU"}),
        (first_use.measure, {"First TAB, CPU", "First `%bw_status`, wall"}),
        (large.measure, {"Peak memory of a kernel: sync, unlock, search, TAB, table, panel"}),
    ],
)
def test_a_measurement_adds_its_figures_and_its_table(
    measure: Callable[[Report, Options], None],
    figures: set[str],
    without_bw: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = Report()
    monkeypatch.setattr(large, "ITEMS", ITEMS)
    monkeypatch.setattr(ending, "ITEMS", ITEMS)
    monkeypatch.setattr(first_use, "ITEMS", ITEMS)

    measure(report, ONCE)

    assert set(values(report)) >= figures
    assert report.details


def test_decryptions_are_counted_where_all_of_them_pass() -> None:
    report = Report()

    news.measure(report, Options(sizes=(200,), repeat=1))  # raises where it sees too few

    assert values(report)["Sync with nothing new: requests"] == 1


def test_what_many_kernels_touch_while_they_read_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowd, "KERNELS", 2)
    monkeypatch.setattr(crowd, "SIZE", ITEMS)
    monkeypatch.setattr(crowd, "_SECONDS", 0.1)
    read = "    bw_session[_picked[at % len(_picked)]].password\n"
    assert read in crowd._WATCH
    report = Report()

    crowd.measure(report, ONCE)
    opening = read + "        open(sys.executable).close()\n"
    monkeypatch.setattr(crowd, "_WATCH", crowd._WATCH.replace(read, opening))
    crowd.measure(report, ONCE)

    touched = [each for each in report.figures if "files" in each.what]
    assert [each.is_met for each in touched] == [True, False]


@pytest.mark.bw
def test_the_official_cli_and_its_server_are_measured_where_there_is_one() -> None:
    if OfficialCli.find() is None:
        pytest.skip("the official CLI is not installed")
    report = Report()

    cold.measure(report, ONCE)
    warm.measure(report, ONCE)

    found = values(report)
    assert found["Cold first secret: `bw` / bw_magics"] > 1
    assert found['`bw serve` GET / `bw_session["name"].password`'] > 1


def test_one_value_of_each_kind_is_learnt_and_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    shorter = {what: value[:16_000] for what, value in learning.VALUES.items()}
    monkeypatch.setattr(learning, "VALUES", shorter)
    monkeypatch.setattr(learning, "OUTPUT", tuple(dict.fromkeys(learning.OUTPUT)))
    monkeypatch.setattr(crowded, "VALUES", {"row": crowded.VALUES["row"]})
    monkeypatch.setattr(crowded, "_SIZE", 1 << 12)
    report = Report()
    learning.measure(report, Options(sizes=(), repeat=0))

    assert [figure.unit for figure in report.figures if isinstance(figure, Figure)] == [
        "ms",
        "MB",
        "×",
    ]
    (_, alone), (_, crowd) = report.details
    assert all(f"| {what} " in table for what in learning.VALUES for table in (alone, crowd))
    assert "| row " in crowd
    assert "whole output" in crowd
    assert [told.what for told in report.figures if isinstance(told, Told)] == [
        "Values for which the search costs at most 2 × of one more password",
        "Values for which the whole output costs at most 2 × of one more password",
    ]
