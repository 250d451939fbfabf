"""Values for the tasks of a real Ray cluster of two nodes, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.clusters import controls
from tests.clusters.conftest import Run, files_with, free_ports

pytestmark = pytest.mark.install


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ray")  # short: Ray's sockets are below it


@pytest.fixture(scope="module")
def told(run_program: Run, folder: Path) -> dict[str, Any]:
    return run_program("ray_program", folder, ports=free_ports(2), is_recipe=False)


def test_tasks_on_both_nodes_and_actors_have_the_value(told: dict[str, Any], marker: str) -> None:
    assert told["nodes"] == told["used on"] == 2
    assert told["lengths"] == [len(marker)]
    assert told["in an actor"] == len(marker)
    assert told["reprs"] == ["•••••••• warehouse (on this node)"]
    assert len(told["nested"]) == 2
    assert told["still there"] == told["reprs"][0]
    assert "value 99999" in told["many"]


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("before", "joined after the block began"),
        ("other name", "no value of that name"),
        ("after the inner", "no value of that name"),
        ("late node", "joined after the block began"),
        ("box died", "box of this node has died"),
        ("after", "joined after the block began"),
    ],
)
def test_without_a_value_the_error_names_the_reason(
    told: dict[str, Any], what: str, says: str
) -> None:
    kind, text = told[what]
    assert kind == "NotFound"
    assert says in text


def test_no_box_is_left_after_the_block(told: dict[str, Any]) -> None:
    assert told["boxes left"] == []


@pytest.mark.parametrize(
    "what", ["returned", "argument", "put", "put in a dictionary", "closure", "actor's argument"]
)
def test_a_secret_that_is_handed_to_ray_is_refused_without_it(
    told: dict[str, Any], marker: str, what: str
) -> None:
    kind, text = told[what]
    assert kind == "NotPickled"
    assert "A secret is not pickled" in text
    assert marker not in text


def test_neither_files_nor_store_nor_dashboard_nor_processes_hold_the_value(
    told: dict[str, Any], marker: str, folder: Path
) -> None:
    assert controls.RAY in told["store"] + told["dashboard"]
    assert files_with(folder, controls.RAY), "the control is in Ray's logs"
    for place in ("store", "dashboard"):
        assert len(told[place]) > 1000
        assert marker not in told[place]
    assert told["environments"] == told["command lines"] == []
    assert files_with(folder, marker) == []


def test_the_recipe_of_environment_variables_leaks_everywhere(
    run_program: Run, tmp_path_factory: pytest.TempPathFactory, marker: str
) -> None:
    """Why the gallery no longer has it: `runtime_env={"env_vars": …}`."""
    folder = tmp_path_factory.mktemp("recipe")

    told = run_program("ray_program", folder, ports=free_ports(2), is_recipe=True)

    assert told["recipe"] == len(marker)
    assert files_with(folder, marker)
    assert told["environments"]
    assert marker in told["dashboard"]
