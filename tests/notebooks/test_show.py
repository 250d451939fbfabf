"""`notebooks/show.py`, which `make demo` runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from nbformat import NotebookNode

SHOW = Path(__file__).parents[2] / "notebooks" / "show.py"


def code_cell(source: str, **more: Any) -> NotebookNode:
    from nbformat import v4

    made: NotebookNode = v4.new_code_cell(source, **more)
    return made


def write(path: Path, *cells: NotebookNode) -> Path:
    import nbformat
    from nbformat import v4

    nbformat.write(v4.new_notebook(cells=list(cells)), path)
    return path


def show(notebook: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SHOW), str(notebook), *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.usefixtures("home")
def test_each_cell_is_shown_with_its_outputs_in_order(tmp_path: Path) -> None:
    from nbformat.v4 import new_markdown_cell

    notebook = write(
        tmp_path / "small.ipynb",
        new_markdown_cell("# A heading\n\nand a sentence."),
        code_cell("print('first', 1 + 1)\n{'answer': 42}"),
        code_cell(""),
        code_cell("from IPython.display import display\ndisplay([1, 2])"),
    )
    before = notebook.read_bytes()

    shown = show(notebook)

    assert shown.returncode == 0, shown.stderr
    expected = [
        "# A heading",
        "and a sentence.",
        "In [1]: print('first', 1 + 1)",
        "        {'answer': 42}",
        "first 2",
        "Out: {'answer': 42}",
        "In [2]: from IPython.display import display",
        "[1, 2]",
    ]
    lines = iter(shown.stdout.splitlines())
    assert all(line in lines for line in expected), shown.stdout
    assert notebook.read_bytes() == before


@pytest.mark.usefixtures("home")
def test_the_first_failing_cell_ends_it_with_its_traceback(tmp_path: Path) -> None:
    notebook = write(
        tmp_path / "failing.ipynb",
        code_cell("raise ValueError('this is why')"),
        code_cell("print('never', 'reached')"),
    )

    shown = show(notebook)

    assert shown.returncode == 1
    assert "ValueError: this is why" in shown.stdout
    assert "never reached" not in shown.stdout


@pytest.mark.usefixtures("home")
def test_a_cell_may_be_expected_to_fail(tmp_path: Path) -> None:
    expected = code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    notebook = write(tmp_path / "n.ipynb", expected, code_cell("print('went', 'on')"))

    shown = show(notebook)

    assert shown.returncode == 0
    assert "ZeroDivisionError" in shown.stdout
    assert "went on" in shown.stdout


@pytest.mark.usefixtures("home")
def test_a_cell_that_hangs_is_ended(tmp_path: Path) -> None:
    notebook = write(tmp_path / "n.ipynb", code_cell("import time; time.sleep(60)"))

    shown = show(notebook, "--timeout", "1")

    assert shown.returncode == 1
    assert "CellTimeoutError" in shown.stderr


@pytest.mark.usefixtures("home")
def test_there_are_no_colours_in_a_pipe(tmp_path: Path) -> None:
    coloured = code_cell(r"print('\x1b[31mred\x1b[0m')")
    failing = code_cell("1 / 0")

    shown = show(write(tmp_path / "n.ipynb", coloured, failing))

    assert "red" in shown.stdout
    assert "\x1b" not in shown.stdout


@pytest.mark.parametrize("contents", [None, "", "not json"])
def test_what_is_not_a_notebook_is_named(tmp_path: Path, contents: str | None) -> None:
    path = tmp_path / "n.ipynb"
    if contents is not None:
        path.write_text(contents)

    shown = show(path)

    assert shown.returncode == 2
    assert "n.ipynb" in shown.stderr
    assert "Traceback" not in shown.stderr
