"""Notebooks run unattended: what nbclient, papermill and nbconvert write holds no secret.

Every route is a cell; the control is the same notebook with the guard off. Slow: `make leaks`
runs all three, `make test` the first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import own_folders
from .kernel import FETCH, unlock
from .markers import found_in_files
from .routes import ROUTES, everything
from .verdict import Record, Verdict, judge, named, tell

IN_FILES = [route for route in ROUTES if route.is_for_files]


def _notebook(path: Path, *, redact: bool) -> None:
    import nbformat

    notebook: Any = nbformat.v4.new_notebook()
    for cell in (unlock(redact=redact), FETCH, *(route.code for route in IN_FILES)):
        made = nbformat.v4.new_code_cell(cell)
        made.metadata["tags"] = ["raises-exception"]
        notebook.cells.append(made)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def _nbclient(before: Path, after: Path) -> list[str]:
    code = (
        "import nbformat, nbclient, sys\n"
        "n = nbformat.read(sys.argv[1], 4)\n"
        "nbclient.NotebookClient(n, timeout=240, allow_errors=True).execute()\n"
        "nbformat.write(n, sys.argv[2])"
    )
    return [sys.executable, "-c", code, str(before), str(after)]


def _papermill(before: Path, after: Path) -> list[str]:
    options = ["--log-output", "--no-progress-bar"]
    return [sys.executable, "-m", "papermill", *options, str(before), str(after)]


def _nbconvert(before: Path, after: Path) -> list[str]:
    options = ["--to", "notebook", "--execute", "--allow-errors", "--output", after.name]
    return [sys.executable, "-m", "jupyter", "nbconvert", *options, str(before)]


RUNNERS: dict[str, Callable[[Path, Path], list[str]]] = {
    "nbclient": _nbclient,
    "papermill": _papermill,
    "nbconvert": _nbconvert,
}


# What is for a person only, and kept in no file.
NOT_KEPT = {
    "%load",
    "%page",
    "%pinfo in the pager",
    "%recall",
    "Output widget",
    "comm of one's own",
    "custom message",
    "docstring in the pager",
    "page payload",
    "set_next_input",
    "widget changed later",
}


def _run(runner: str, folder: Path, environment: dict[str, str], *, redact: bool) -> Path:
    name = f"{runner}-{'on' if redact else 'off'}"
    home = folder / name
    before, after = folder / f"{name}-before.ipynb", folder / f"{name}.ipynb"
    _notebook(before, redact=redact)
    if runner == "papermill":
        _keep_going(before)
    log = folder / f"{name}.log"
    variables = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    with log.open("wb") as output:
        subprocess.run(
            RUNNERS[runner](before, after),
            env={**variables, **environment, **own_folders(home)},
            cwd=folder,
            stdout=output,
            stderr=output,
            timeout=280,
            # papermill goes to the end here, and then complains of every error it has seen.
            check=runner != "papermill",
        )
    return after


def _keep_going(path: Path) -> None:
    """Has cells show their errors and go on: papermill stops at the first that fails."""
    import nbformat

    notebook: Any = nbformat.read(path, 4)
    errors = {route.code for route in IN_FILES if route.group == "errors"}
    for cell in notebook.cells:
        if cell.source in errors:
            cell.source = f"_ = get_ipython().run_cell({cell.source!r})"
    nbformat.write(notebook, path)


def _outputs(path: Path) -> dict[str, str]:
    """What the file keeps of every route."""
    import nbformat

    notebook: Any = nbformat.read(path, 4)
    # papermill adds cells of text that say which failed.
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"][-len(IN_FILES) :]
    kept = {}
    for route, cell in zip(IN_FILES, cells, strict=True):
        # Streams also as somebody reads them who sees no seams.
        seen = "".join(str(output.get("text", "")) for output in cell.outputs)
        kept[route.name] = f"{json.dumps(cell.outputs, ensure_ascii=False)}\n{seen}"
    return kept


@pytest.mark.parametrize("runner", RUNNERS)
def test_a_notebook_that_ran_unattended_holds_no_secret(
    runner: str, tmp_path: Path, environment: dict[str, str], record_property: Record
) -> None:
    if runner != "nbclient" and not everything():
        pytest.skip("make leaks runs it")
    control = _outputs(_run(runner, tmp_path, environment, redact=False))
    path = _run(runner, tmp_path, environment, redact=True)
    guarded = _outputs(path)

    verdicts = {name: judge(kept, guarded[name]) for name, kept in control.items()}
    unfit = {route.name: Verdict.UNFIT for route in ROUTES if not route.is_for_files}
    tell(record_property, runner, verdicts | unfit)
    assert named(verdicts, Verdict.LEAKS) == []
    assert set(named(verdicts, Verdict.EMPTY)) == NOT_KEPT
    name = f"{runner}-on"
    assert found_in_files([path, tmp_path / name, tmp_path / f"{name}.log"]) == []
    assert found_in_files([tmp_path / f"{runner}-off.ipynb"])
