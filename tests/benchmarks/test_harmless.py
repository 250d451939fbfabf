"""The comparison of outputs with and without the guard sees what the guard changes, no more."""

from __future__ import annotations

from pathlib import Path

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
