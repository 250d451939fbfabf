"""The comparison of outputs with and without the guard sees what the guard changes, no more."""

from __future__ import annotations

from pathlib import Path

from benchmarks.docstrings import cells_of, examples_in
from benchmarks.harmless import Outcome, run_notebook

CLEAN = [
    "import pandas as pd",
    "frame = pd.DataFrame({'city': ['Oslo', 'Rome'], 'password': [123456, 7]})\nframe",
    "print('status', frame.shape, 'user', 'admin')\nframe.describe()",
    "import sys; print('warning: 50 % & more', file=sys.stderr)",
    "{'token': None, 'path': '/home/user', 'id': '3f2c1d9a-0000'}",
    "1 / 0",
]
LEAK = ["print(lifelike(1000)[3])", "{'a': lifelike(1000)[4]}"]


def test_a_leak_is_counted_as_a_hit_and_nothing_else_is_changed(tmp_path: Path) -> None:
    outcome = Outcome()
    run_notebook(CLEAN, outcome, tmp_path)
    assert (outcome.hits, outcome.differences) == (0, [])
    assert outcome.cells == len(CLEAN)
    assert outcome.status["error"] == 1
    assert outcome.messages > 2 * len(CLEAN)
    assert outcome.bytes > 0
    run_notebook(LEAK, outcome, tmp_path)
    assert outcome.hits == 2
    assert outcome.differences == []


MODULE = '''
"""Adds.

>>> add(1,
...     2)
3
"""

def add(left, right):
    """Adds two numbers.

    >>> add(3, 4)
    7
    >>> add("a", 1)  # doctest: +SKIP
    """

class Broken:
    """>>>"""
'''


def test_examples_of_docstrings_are_cells_but_for_skipped_ones() -> None:
    assert cells_of(MODULE) == ["add(1,\n    2)\n", "add(3, 4)\n"]
    assert cells_of("def broken(") == []


def test_each_module_of_a_package_with_examples_is_a_notebook() -> None:
    found = dict(examples_in("pandas"))

    begin, *cells = found["pandas/core/frame.py"]
    assert begin == "import numpy as np\nimport pandas as pd"
    assert len(cells) > 100
    assert not any("/tests/" in name for name in found)
