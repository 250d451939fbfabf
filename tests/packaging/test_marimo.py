"""The real marimo: a secret breaks nothing there, and the one warning says what is not masked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = """
import marimo
app = marimo.App()

@app.cell
def _():
    from bw_magics.announcing import Secrets
    made = "-".join(["made", "up", "value", "1234"])
    password = Secrets().make(made, "Warehouse DB / password")
    again = Secrets().make(made, "Warehouse DB / password")
    return (password,)

@app.cell
def _(password):
    password
    return

@app.cell
def _(password):
    SHOWN
    return
"""
VALUE = "made-up-value-1234"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marimo") / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*install, "marimo", "--editable", str(ROOT)], check=True)
    return python


def exported(python: Path, folder: Path, shown: str) -> tuple[str, str]:
    """Runs the notebook and exports it: the page, and what marimo wrote to its own log."""
    notebook, page = folder / "notebook.py", folder / "notebook.html"
    notebook.write_text(NOTEBOOK.replace("SHOWN", shown))
    run = subprocess.run(
        [str(python), "-m", "marimo", "export", "html", str(notebook), "-o", str(page)],
        check=True,
        capture_output=True,
        text=True,
    )
    return page.read_text(), run.stdout + run.stderr


@pytest.mark.install
@pytest.mark.timeout(900)
def test_a_secret_breaks_nothing_and_the_warning_comes_once(python: Path, tmp_path: Path) -> None:
    page, log = exported(python, tmp_path, "password")

    assert "Traceback" not in log
    assert "ValidationError" not in log
    assert VALUE not in page
    assert "•••••••• Warehouse DB / password" in page or "\\u2022" in page
    assert page.count("masks no outputs in marimo") == 1


@pytest.mark.install
@pytest.mark.timeout(900)
def test_what_no_guard_masks_is_as_security_md_says(python: Path, tmp_path: Path) -> None:
    page, _ = exported(python, tmp_path, "print(password)")
    assert VALUE in page
