"""Values for the tasks of a real Ray cluster of two nodes, and nowhere else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clusters import controls
from tests.clusters.conftest import MOST, Run, files_with, free_ports

pytestmark = [pytest.mark.install, pytest.mark.timeout(MOST)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder with a short path: the address of a socket has at most 107 bytes, and Ray's sockets
    are deep below it.
    """
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


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
    run_program: Run, marker: str
) -> None:
    """Why the gallery no longer has it: `runtime_env={"env_vars": …}`."""
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        told = run_program("ray_program", folder, ports=free_ports(2), is_recipe=True)
        leaking = files_with(folder, marker)

    assert told["recipe"] == len(marker)
    assert leaking
    assert told["environments"]
    assert marker in told["dashboard"]
