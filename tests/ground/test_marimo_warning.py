"""The warning of a process where nothing masks outputs; with the real marimo: tests/packaging."""

from __future__ import annotations

import subprocess
import sys

import pytest

MAKE = "from bw_magics.announcing import Secrets, listen\n"
TWICE = "[Secrets().make('made-up', 'label') for _ in range(2)]"


@pytest.mark.parametrize(
    ("before", "warnings"),
    [
        ("import sys, types; sys.modules['marimo'] = types.ModuleType('marimo')\n", 1),
        ("", 0),
    ],
)
@pytest.mark.parametrize("guard", ["", "listen(lambda announcement: None)\n"])
def test_the_first_secret_under_marimo_warns_once_without_a_guard(
    before: str, guard: str, warnings: int
) -> None:
    command = [sys.executable, "-W", "always", "-c", before + MAKE + guard + TWICE]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    assert told.count("masks no outputs in marimo") == (0 if guard else warnings)
    assert "made-up" not in told
