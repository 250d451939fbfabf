"""The masked form in real JupyterLab and Notebook, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Open
from tests.browser.kernels import FEW_KERNELS, NEWEST, parameter
from tests.browser.person import Person
from tests.browser.story import CELLS, tell

Leaks = Callable[..., list[str]]

PLACES = [
    *(parameter(kernel, "lab") for kernel in (*FEW_KERNELS, NEWEST)),
    parameter(NEWEST, "notebook"),
]


@pytest.mark.parametrize(("kernel", "front_end"), PLACES)
def test_a_form_is_answered_cancelled_interrupted_and_leaves_one_line(
    open_notebook: Open, person: Person, leaks: Leaks, kernel: str, front_end: str
) -> None:
    notebook = open_notebook(*CELLS, kernel=kernel, front_end=front_end)

    assert tell(notebook, person) == 5
    assert leaks(notebook, person) == []
