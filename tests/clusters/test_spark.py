"""Values for the functions of a real Spark cluster of two executors, and nowhere else."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import controls
from tests.clusters.conftest import MOST, Run, files_with

pytestmark = [
    pytest.mark.install,
    pytest.mark.timeout(MOST),
    pytest.mark.skipif(shutil.which("java") is None, reason="needs Java 17 or newer"),
]

MASKED = ["•••••••• warehouse (on this executor)"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def told(run_program: Run, folder: Path) -> dict[str, Any]:
    return run_program("spark_program", folder)


def test_functions_of_every_kind_have_the_value_on_both_executors(
    told: dict[str, Any], marker: str
) -> None:
    assert told["executors"] == told["boxes"] == 2
    for kind in ("lengths", "mapInPandas", "UDF"):
        assert told[kind] == [len(marker)], kind
    assert told["reprs"] == MASKED
    assert told["still there"] == MASKED * 4
    assert told["nested"] == ["•••••••• second (on this executor)"]
    assert "value 99999" in told["many"][0]


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("before", "joined after the block began"),
        ("box died", "its box has died"),
        ("after", "or the block has ended"),
        ("other name", "no value of that name"),
    ],
)
def test_without_a_value_the_error_names_the_reason(
    told: dict[str, Any], what: str, says: str
) -> None:
    kind, text = told[what]
    assert kind == "NotFound"
    assert says in text


def test_no_box_is_left_after_the_block(told: dict[str, Any]) -> None:
    assert told["boxes left"] == 0


@pytest.mark.parametrize("what", ["returned", "closure", "broadcast", "rows"])
def test_a_secret_that_is_handed_to_spark_is_refused_without_it(
    told: dict[str, Any], marker: str, what: str
) -> None:
    assert told[what], "it was sent"
    assert "A secret is not pickled" in told[what][1]
    assert marker not in told[what][1]


def test_options_are_told_apart_by_what_spark_redacts(told: dict[str, Any], marker: str) -> None:
    assert told["hidden names"] == {
        "password": True, "url": True, "sfToken": True, "user": False, "fs.key": False,
    }  # fmt: skip
    kind, text = told["shown option"]
    assert kind == "UsageMistake"
    assert "'fs.key'" in text
    assert marker not in text
    assert told["hidden option"] == []


def test_options_of_an_item_are_not_in_the_log_of_commands_to_java(
    told: dict[str, Any], marker: str
) -> None:
    assert told["py4j"] == {"as they are": [marker, "analyst"], "kept out": ["analyst"]}


def test_neither_events_nor_pages_nor_work_directories_nor_processes_hold_the_value(
    told: dict[str, Any], marker: str, folder: Path
) -> None:
    work = Path(told["work"]) / told["application"]
    assert controls.SPARK in told["pages"]
    assert len(told["pages"]) > 10_000
    assert files_with(folder / "f" / "events", controls.SPARK)
    assert files_with(work, ""), "the executors have work directories"
    assert marker not in told["pages"]
    assert files_with(folder, marker) == []
    assert files_with(work, marker) == []
    assert told["command lines"] == told["environments"] == []
