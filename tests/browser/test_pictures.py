"""Pictures of form and panel in both themes, kept in tests/artifacts for whoever wants to look."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.jupyter import JupyterServer
from tests.browser.person import Person
from tests.browser.test_scenarios import LOAD

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


@pytest.mark.parametrize("theme", THEMES)
def test_pictures(open_notebook: Open, jupyter: JupyterServer, person: Person, theme: str) -> None:
    jupyter.settings({"@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}})
    notebook = open_notebook(
        LOAD, "%bw_unlock", "%bw_get password Warehouse DB --reveal", "%bw_logout", "%bw_unlock"
    )
    notebook.run_all()
    notebook.form.wait_for()
    notebook.screenshot(f"form-{theme}")
    person.give_key(notebook)
    person.give_password(notebook, person.wrong_password())
    notebook.form.get_by_text("The master password is wrong.").wait_for()
    notebook.screenshot(f"retry-{theme}")
    person.give_password(notebook)
    panel = notebook.page.locator(".bw-panel")
    panel.get_by_text("hidden in").wait_for()
    notebook.form.locator("input:focus").wait_for()
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_text(4, "cancelled")
    notebook.screenshot(f"success-refusal-reveal-{theme}")

    # Readable: the text differs from its background by much.
    colours = panel.evaluate(
        "element => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]"
    )
    light, dark = sorted(_brightness(colour) for colour in colours)
    assert dark - light > 100, colours


def _brightness(colour: str) -> float:
    numbers = [float(number) for number in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    return sum(numbers) / 3
