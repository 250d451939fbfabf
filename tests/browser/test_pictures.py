"""Pictures of form and panel in both themes, kept in tests/artifacts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import pictures
from tests.browser.conftest import Open
from tests.browser.contrast import contrasts, unreadable
from tests.browser.jupyter import JupyterServer
from tests.browser.person import Person
from tests.browser.test_scenarios import LOAD

# The parts of the first form that have a text.
TEXTS = {
    *("bw-title", "bw-server", "bw-label", "bw-input", "placeholder", "bw-problem", "bw-hint"),
    *("bw-button", "bw-button bw-primary"),
}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


@pytest.mark.parametrize("theme", THEMES)
def test_pictures(open_notebook: Open, jupyter: JupyterServer, person: Person, theme: str) -> None:
    jupyter.settings({"@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}})
    notebook = open_notebook(
        LOAD, "%bw_unlock", "%bw_get password Warehouse DB --reveal", "%bw_logout", "%bw_unlock"
    )
    for cell in range(3):
        notebook.run_cell(cell)
    notebook.form.wait_for()
    notebook.screenshot(f"form-{theme}")
    person.fill(notebook, client_id="u")
    asked = contrasts(notebook.form)
    notebook.form.get_by_label("client_id").fill("")
    notebook.form.get_by_role("button", name="Log in and unlock").click()
    asked |= contrasts(notebook.form)
    person.give_key(notebook)
    person.give_password(notebook, person.wrong_password())
    notebook.form.get_by_text("The master password is wrong.").wait_for()
    notebook.screenshot(f"retry-{theme}")
    again = contrasts(notebook.form)
    person.give_password(notebook)
    panel = notebook.page.locator(".bw-panel")
    panel.get_by_text("hidden in").wait_for()
    shown = contrasts(panel)
    # A logout takes the value off the screen.
    for cell in (3, 4):
        notebook.run_cell(cell)
    notebook.form.locator("input:focus").wait_for()
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_text(4, "cancelled")
    notebook.screenshot(f"success-refusal-reveal-{theme}")

    assert asked.keys() >= TEXTS, "not all of it was measured"
    assert {"bw-problem", "bw-title", "bw-source"} <= again.keys()
    assert {"bw-value", "bw-source", "bw-button", "bw-button bw-primary"} <= shown.keys()
    assert [unreadable(each) for each in (asked, again, shown)] == [{}, {}, {}]


def test_the_pictures_of_the_site_can_be_taken_anew(tmp_path: Path) -> None:
    """`make pictures`, into another folder and in one theme."""
    taken = subprocess.run(
        [sys.executable, "-m", "tests.browser.pictures", str(tmp_path), "dark"], check=False
    )

    assert taken.returncode == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{name}-dark.png" for name in pictures.NAMES}
    assert {path.name for path in pictures.FOLDER.iterdir()} >= names
