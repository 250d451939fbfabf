"""The report of `make bench` computes, judges and publishes what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import days, growth
from benchmarks.figure import Figure, Told, at_least, at_most, digits
from benchmarks.guarded import told
from benchmarks.markdown import table
from benchmarks.options import Options
from benchmarks.plots import draw, straight_line
from benchmarks.publish import (
    BEGIN,
    DAYS_BEGIN,
    DAYS_END,
    END,
    GUARD_BEGIN,
    GUARD_END,
    publish,
    section,
)
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

LINEAR = {10: 0.3, 1_000: 0.31, 10_000: 0.4, 50_000: 0.8}
QUADRATIC = {10: 0.3, 1_000: 0.31, 10_000: 0.4, 50_000: 3.0}


def test_a_goal_is_met_at_its_limit_and_missed_beyond() -> None:
    assert [at_least(25).is_met(value) for value in (24.9, 25, 30)] == [False, True, True]
    assert [at_most(1.25).is_met(value) for value in (1.2, 1.25, 1.26)] == [True, True, False]
    assert Figure("ratio", 24.9, "×", 10).is_met is None


def test_a_row_says_what_was_measured_the_goal_and_whether_it_was_met() -> None:
    assert Figure("cold", 24.31, "×", 1_000, at_least(25)).row == [
        "cold", "1,000", "24.3 ×", "≥ 25 ×", "**no**",
    ]  # fmt: skip
    assert Figure("requests", 1, "", goal=at_most(1)).row == ["requests", "", "1", "≤ 1", "yes"]
    assert Figure("shown", 3.0, "s", 50_000).row == ["shown", "50,000", "3 s", "", ""]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (5, "5"), (0.0412, "0.041"), (0.351, "0.35"), (4.25, "4.25"), (46.38, "46.4"),
     (123.4, "123"), (18_300.2, "18,300"), (-0.5, "-0.50")],
)  # fmt: skip
def test_values_show_the_digits_that_count(value: float, text: str) -> None:
    assert digits(value) == text


def test_every_turn_begins_with_another_contestant() -> None:
    order: list[str] = []

    def one(name: str) -> int:
        order.append(name)
        return len(order)

    taken = in_turns({name: lambda name=name: one(name) for name in "abc"}, 3)  # type: ignore[misc]

    assert "".join(order) == "abcbcacab"
    assert taken == {"a": [1, 6, 8], "b": [2, 4, 9], "c": [3, 5, 7]}


def test_ratios_are_of_the_same_turn() -> None:
    assert ratios([8.0, 30.0], [0.5, 1.0]) == [16.0, 30.0]
    assert spread([1.0, 3.0, 2.25]) == "2.25 (1 to 3)"
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_the_verdict_counts_and_names_what_was_missed(tmp_path: Path) -> None:
    report = Report()
    report.add(
        Figure("cold", 30, "×", 10, at_least(25)),
        Figure("cold", 18, "×", 10_000, at_least(20)),
        Figure("cold", 15, "×", 50_000),
        Told("guard", "+7 %", "≤ +5 %", False),
    )
    report.write(tmp_path)

    assert report.verdict.splitlines() == [
        "1 of 3 goals met.",
        "- missed: cold, 10,000 items: 18 ×, goal ≥ 20 ×",
        "- missed: guard: +7 %, goal ≤ +5 %",
    ]
    assert report.main_table in (tmp_path / "report.md").read_text(encoding="utf-8")
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [each["is_met"] for each in written["figures"]] == [True, False, None, False]
    assert written["figures"][1]["value"] == 18


def test_a_row_of_the_guard_is_judged_where_it_was_measured() -> None:
    row = ["1,000 lines, processor", "7.80 s", "8.31 s", "+6 %", "≤ +5 %", "no"]

    figure = told(row)

    assert figure.row == ["Output guard: 1,000 lines, processor", "", "+6 %", "≤ +5 %", "**no**"]
    assert told([*row[:-1], "yes"]).is_met is True


@pytest.mark.parametrize(("points", "is_met"), [(LINEAR, True), (QUADRATIC, False)])
def test_growth_is_what_an_item_costs_above_against_below(
    points: dict[int, float], is_met: bool
) -> None:
    report = Report(series={"cold bw_magics, s": points, "cold bw_magics, CPU s": points})

    growth.measure(report, Options())

    (figure,) = report.figures  # none for the clock
    assert figure.is_met is is_met
    assert isinstance(figure, Figure)
    assert figure.value == pytest.approx(1 if is_met else 6.5, rel=0.01)


def test_growth_needs_three_sizes() -> None:
    report = Report(series={"cold bw_magics, CPU s": {10: 0.3, 1_000: 0.31}})

    growth.measure(report, Options())

    assert not report.figures


def test_the_line_of_the_plot_fits_best() -> None:
    slope, start = straight_line([0, 10, 20], [1.0, 3.0, 5.0])

    assert (slope, start) == pytest.approx((0.2, 1.0))
    assert straight_line([10], [2.0]) == (0.0, 2.0)


def test_plots_are_drawn_for_both_grounds_and_are_the_same_again(tmp_path: Path) -> None:
    series = {
        "cold bw login + unlock + get, s": {10: 8.4, 1_000: 9.8},
        "cold bw_magics, s": LINEAR,
        "warm bw_magics, s": {10: 4e-5, 1_000: 5e-5},
    }
    once, again = tmp_path / "once", tmp_path / "again"
    once.mkdir()
    again.mkdir()

    drawn = draw(series, once)
    draw(series, again)

    names = {path.name for path in drawn}
    assert {"speed.svg", "speed-dark.svg", "growth.png", "growth-dark.svg"} <= names
    assert len(names) == 8
    for path in drawn:
        assert path.read_bytes() == (again / path.name).read_bytes()
    assert (once / "speed.svg").read_bytes() != (once / "speed-dark.svg").read_bytes()


def test_nothing_is_drawn_of_nothing(tmp_path: Path) -> None:
    assert draw({}, tmp_path) == []


def test_the_page_gets_a_table_by_size_and_the_plots(tmp_path: Path) -> None:
    report = Report()
    report.add(
        Figure("cold", 30, "×", 10, at_least(25)),
        Figure("cold", 18, "×", 10_000, at_least(20)),
        Figure("loading", 20, "ms", goal=at_most(50)),
        Told("Output guard: lines", "+7 %", "≤ +5 %", False),
    )
    results = tmp_path / "results"
    report.write(results)
    (results / "speed.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "performance.md"
    guard = f"{GUARD_BEGIN}\nof before, too\n{GUARD_END}"
    page.write_text(
        f"before\n\n{BEGIN}\nof before\n{END}\n{DAYS_BEGIN}{DAYS_END}\n\n{guard}\n\nafter\n",
        encoding="utf-8",
    )

    publish(results, tmp_path)
    publish(results, tmp_path)

    written = page.read_text(encoding="utf-8")
    assert written.startswith(f"before\n\n{BEGIN}\n\n| items in the vault")
    assert written.endswith(f"{GUARD_END}\n\nafter\n")
    assert "of before" not in written
    row = ["cold", "30 ×", "**18 ×**, missed", "≥ 25 × at 10; ≥ 20 × at 10,000"]
    assert table(["items in the vault", "10", "10,000", "goal"], [row]) in written
    assert f"2 of 3 goals met.\n\n*{report.conditions[:40]}" in written
    missed = ["lines", "**+7 %**, missed", "≤ +5 %"]
    costs = table(["the output guard, on against off", "costs", "goal"], [missed])
    assert f"{GUARD_BEGIN}\n\n{costs}\n\n0 of 1 goals met." in written
    assert (tmp_path / "docs" / "speed.svg").read_text(encoding="utf-8") == "<svg/>"


def test_the_guard_measured_by_itself_leaves_the_other_figures_alone(tmp_path: Path) -> None:
    report = Report()
    report.add(Told("Output guard: lines", "+2 %", "≤ +5 %", True))
    report.write(tmp_path)
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "performance.md"
    page.write_text(f"{BEGIN} others {END} {GUARD_BEGIN}{GUARD_END}", encoding="utf-8")

    publish(tmp_path, tmp_path)

    written = page.read_text(encoding="utf-8")
    assert written.startswith(f"{BEGIN} others {END}")
    assert "1 of 1 goals met." in written


def test_ratios_stand_side_by_side_by_day_and_a_day_is_replaced(tmp_path: Path) -> None:
    for day, ratio in (("1 May 2026", 30), ("2 May 2026", 40), ("2 May 2026", 50)):
        figures = [
            {"what": "cold", "items": 10_000, "value": ratio, "unit": "×"},
            {"what": "cold", "items": 10, "value": ratio + 1, "unit": "×"},
            {"what": "loading", "items": None, "value": 20, "unit": "ms"},
        ]
        days.keep(tmp_path, {"conditions": f"{day}; Linux. Every ratio …", "figures": figures})
    one_day = {"what": "once", "items": None, "value": 1, "unit": "×"}
    days.keep(tmp_path, {"conditions": "3 May 2026; Linux.", "figures": [one_day]})

    written = days.section(days.kept(tmp_path))

    headings = ["ratio", "items", "1 May 2026", "2 May 2026", "3 May 2026"]
    rows = [["cold", "10", "31 ×", "51 ×", ""], ["cold", "10,000", "30 ×", "50 ×", ""]]
    assert written.startswith(table(headings, rows))
    assert written.endswith("- 1 May 2026; Linux.\n- 2 May 2026; Linux.\n- 3 May 2026; Linux.")


def test_a_page_without_its_marks_is_left_alone(tmp_path: Path) -> None:
    Report().write(tmp_path)
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "performance.md"
    page.write_text("nothing here", encoding="utf-8")

    with pytest.raises(ValueError, match="no place"):
        publish(tmp_path, tmp_path)
    assert page.read_text(encoding="utf-8") == "nothing here"


def test_an_empty_run_is_published_as_one() -> None:
    assert "0 of 0 goals met." in section(Report().as_json())
