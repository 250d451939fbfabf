"""Cells that run cells, and files: what a front end saves is the outermost cell."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import TypingKernel

OUTERMOST = {
    "%%capture out\n%bw_unlock {}\nx = 1": "%%capture out\n%bw_unlock\nx = 1",
    "%%capture --no-stderr out\n%bw unlock {}": "%%capture --no-stderr out\n%bw unlock",
    "%%time\n%bw_unlock {}\nx = 1": "%%time\n%bw_unlock\nx = 1",
    'y = 2\nget_ipython().run_cell("%bw_unlock {}")\nz = 3': (
        'y = 2\nget_ipython().run_cell("%bw_unlock")\nz = 3'
    ),
    "get_ipython().run_cell('x = 1\\n%bw_unlock {}\\ny = 2')": (
        "get_ipython().run_cell('x = 1\\n%bw_unlock\\ny = 2')"
    ),
    "from IPython.utils.capture import capture_output\nwith capture_output() as out:\n"
    "    %bw_unlock {}": (
        "from IPython.utils.capture import capture_output\nwith capture_output() as out:\n"
        "    %bw_unlock"
    ),
    "%%capture out\ntry:\n    bw_session.unlock('{}')\nexcept Exception: pass": (
        "%%capture out\ntry:\n    bw_session.unlock('[REDACTED]')\nexcept Exception: pass"
    ),
}


@pytest.mark.parametrize("cell", OUTERMOST)
@pytest.mark.parametrize("word", ["hunter2", "hunter4horse7x"])
def test_the_outermost_cell_is_rewritten_and_the_person_is_told(
    running: TypingKernel, cell: str, word: str
) -> None:
    came = running.type(cell.replace("{}", word))

    assert came.ok, came.whole
    assert running.rewritten == OUTERMOST[cell]
    assert "It was removed from the cell and the history" in came.text
    assert ("It was not used" in came.text) is ("unlock(" not in cell)
    assert "may still contain a secret" not in came.text
    assert running.remembered(word) == []


def test_what_was_captured_holds_no_secret(running: TypingKernel) -> None:
    running.type("%%capture out\nprint('before')\n%bw_unlock hunter5horse7x\nprint('after')")

    assert running.value("out.stdout.split()[:2]") == ["before", "after"]


def test_an_inner_cell_that_is_not_a_part_of_the_outer_one_changes_nothing(
    running: TypingKernel,
) -> None:
    came = running.type(
        "words = ['Kuni', '%bw_unlock']\nget_ipython().run_cell(' '.join(words[::-1]))"
    )

    assert came.ok
    assert running.rewritten is None
    assert "The code that this cell ran may still contain a secret" in came.text
    assert "was removed" not in came.text


def test_unattended_the_refusal_within_a_cell_is_an_error(running: TypingKernel) -> None:
    came = running.run("%%capture\n%bw_unlock hunter6horse7x")

    assert came.ename == "SecretTyped"
    assert "delete it" in came.text
    assert running.remembered("hunter6horse7x") == []


def notebook(path: Path, *cells: str) -> None:
    import nbformat

    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]),
        path,
    )


@pytest.mark.parametrize("name", ["other.ipynb", "script.ipy"])
def test_the_message_names_a_file_that_still_contains_it(
    running: TypingKernel, secret: str, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    code = f"x = 1\n%bw_unlock {secret}\nhelper = 2"
    if path.suffix == ".ipynb":
        if not running.run("import nbformat").ok:
            pytest.skip("needs nbformat beside that kernel")
        notebook(path, "helper = 1", code)
    else:
        path.write_text(code)
    came = running.type(f"a = 1\n%run {path}\nb = 2")

    assert came.ok, came.whole
    assert f"The file {name} may still contain a secret" in came.text
    assert "removed from the cell" not in came.text
    assert running.rewritten is None
    assert running.remembered(secret) == []


def test_of_a_program_that_was_run_too(running: TypingKernel, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("get_ipython().run_line_magic('bw_unlock', 'Kunibert')\nx = 1")
    came = running.type(f"%run -i {path}")

    assert came.ok, came.whole
    assert "The file program.py may still contain a secret" in came.text
    assert running.rewritten is None


def test_a_loaded_secret_is_in_the_cell_and_in_the_file(
    running: TypingKernel, tmp_path: Path
) -> None:
    path = tmp_path / "loaded.py"
    path.write_text("get_ipython().run_line_magic('bw_unlock', 'Kunigund')")
    running.type(f"%load {path}")
    assert running.rewritten is not None
    came = running.type(running.rewritten)

    assert "removed from the cell" in came.text
    assert "The file loaded.py may still contain a secret" in came.text
    assert "Kunigund" not in (running.rewritten or "Kunigund")


def test_a_cell_that_loads_the_extension_itself_is_rewritten_too(running: TypingKernel) -> None:
    came = running.type("%reload_ext bw_magics\n%bw_unlock Kunigundes\nx = 1")

    assert came.ok, came.whole
    assert running.rewritten == "%reload_ext bw_magics\n%bw_unlock\nx = 1"
    assert running.remembered("Kunigundes") == []


EARLIER = {
    "a function": ("def go():\n    get_ipython().run_line_magic('bw_unlock', '{}')", "go()"),
    "a variable": ("word = '{}'", "%bw_unlock $word"),
    "a copy": ("word = '{}'", "%bw_unlock {}"),
}


@pytest.mark.parametrize("how", EARLIER)
def test_of_an_earlier_cell_it_is_said_that_it_stood_there(
    running: TypingKernel, how: str, secret: str
) -> None:
    word = f"{secret}horse9x"
    first, second = (cell.replace("{}", word) for cell in EARLIER[how])
    running.type(first)
    came = running.type(second)

    assert came.ok, came.whole
    assert "An earlier cell may also contain a secret: delete it there" in came.text
    assert ("removed from the cell" in came.text) is (word in second)
    assert running.rewritten == ("%bw_unlock" if word in second else None)
    assert running.remembered(word) == []


def test_a_file_that_was_loaded_and_has_no_secret_is_not_named(
    running: TypingKernel, tmp_path: Path
) -> None:
    path = tmp_path / "loaded.py"
    path.write_text("x = 1")
    came = running.type(f"# %load {path}\nx = 1\n%bw_unlock Kunigunda")

    assert "removed from the cell" in came.text
    assert "may still contain a secret" not in came.text
