"""httpx is imported without its command line, which stays usable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REPORT = """
import json, sys
{}
early = "httpx._main" in sys.modules
from httpx import main
import httpx, httpx._main
is_own = main is httpx._main.main
print(json.dumps([early, is_own, main is httpx.main, "AsyncClient" in dir(httpx)]))
"""


def printed(code: str, home: Path) -> str:
    """Runs a text of Python in a fresh interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home)}
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, env=environment, text=True, timeout=240)


@pytest.mark.parametrize(
    ("code", "is_early"),
    [
        ("import bw_magics.client.wire", False),
        ("import httpx, bw_magics.client.wire", True),
        ("import bw_magics.client.wire, httpx._main", True),
    ],
    ids=["ours first", "another program's first", "asked for by name"],
)
def test_the_command_line_of_httpx_waits_and_stays(
    code: str, is_early: bool, tmp_path: Path
) -> None:
    pytest.importorskip("rich")
    pytest.importorskip("click")
    assert json.loads(printed(REPORT.format(code), tmp_path)) == [is_early, True, True, True]


def test_without_its_packages_the_command_line_says_what_to_install(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["click"] = None
import bw_magics.client.wire, httpx
try:
    httpx.main()
except SystemExit:
    pass
try:
    httpx.nothing
except AttributeError as error:
    print(error)
"""
    found = printed(code, tmp_path)
    assert "pip install 'httpx[cli]'" in found
    assert "module 'httpx' has no attribute 'nothing'" in found
