"""What the pages for runs without a person show: shell lines, CI files, and every variable."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HOW_TO = DOCS / "how-to"
VARIABLE = re.compile(r"BWS?_[A-Z_]+")

# Set for the bw CLI that is started, and not read.
GIVEN_TO_BW = {"BW_NOINTERACTION"}


def _blocks(page: str, language: str) -> list[str]:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


@functools.cache
def _variables_of_the_code() -> set[str]:
    return {
        node.value
        for path in (ROOT / "bw_magics").rglob("*.py")
        if "demo" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and VARIABLE.fullmatch(node.value)
    }


def test_every_variable_that_the_code_reads_is_in_the_settings() -> None:
    read = _variables_of_the_code() - GIVEN_TO_BW
    page = (DOCS / "settings.md").read_text(encoding="utf-8")

    assert {"BW_CLIENTID", "BW_MAGICS_REDACT", "BWS_ACCESS_TOKEN", "BW_SCAN_KEY"} <= read
    assert read == set(VARIABLE.findall(page))


@pytest.mark.parametrize("page", sorted(path.name for path in HOW_TO.glob("*.md")))
def test_a_page_names_only_variables_that_are_read(page: str) -> None:
    named = set(VARIABLE.findall((HOW_TO / page).read_text(encoding="utf-8")))

    assert named <= _variables_of_the_code()


def test_files_for_ci_are_read_by_yaml_and_run_papermill() -> None:
    github, gitlab = map(yaml.safe_load, _blocks("ci.md", "yaml"))
    steps = github["jobs"]["report"]["steps"]
    last = steps[-1]

    assert set(last["env"]) == {"BW_CLIENTID", "BW_CLIENTSECRET", "BW_PASSWORD"}
    assert all(value == "${{ secrets." + name + " }}" for name, value in last["env"].items())
    assert last["run"].startswith("papermill report.ipynb ")
    assert gitlab["report"]["script"][-1] == last["run"]


def test_the_lines_for_a_demo_in_a_shell_run_a_notebook(tmp_path: Path) -> None:
    import nbformat

    (lines,) = _blocks("unattended.md", "bash")
    code = ["%load_ext bw_magics", "%bw_unlock", "%bw_get password Warehouse DB"]
    notebook = nbformat.v4.new_notebook(cells=[*map(nbformat.v4.new_code_cell, code)])
    nbformat.write(notebook, tmp_path / "report.ipynb")
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    environment = {**os.environ, "PATH": programs, "PYTHONPATH": path, "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-euc", lines + "wait"],
        cwd=tmp_path,
        env={**environment, "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        timeout=240,
    )

    written = tmp_path / "tonight.ipynb"
    assert written.exists(), done.stderr
    text = written.read_text(encoding="utf-8")
    assert "Warehouse DB / password" in text
    assert "demo-warehouse-password-1" not in text
