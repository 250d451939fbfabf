"""Named masks, and a person who turns the guard off in the panel, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.contrast import contrasts, unreadable
from tests.browser.jupyter import JupyterServer
from tests.browser.test_pictures import THEMES
from tests.browser.test_widths import cut, run

LEARN = """%load_ext bw_magics
import json, pandas
from IPython.display import HTML
from bw_magics.announcing import Secrets
made = Secrets()
s = str(made.make("a-long-marker" + "-for-the-guard", "Warehouse DB / password"))
odd = '<img src=x onerror=document.title="owned"> "]\\n\\x1b[31m\\u202e and a long name'
o = str(made.make("another-marker" + "-for-the-guard", odd + " / password"))"""
SHOW = """print(s, o)
display(HTML(f"<b>{s}</b> and {o}"))
display({"application/json": {"password": o}, "text/plain": repr({"password": o})}, raw=True)
display(pandas.DataFrame({"user": ["etl"], "password": [o]}))
raise ValueError(o)"""
OFF = "%config BwMagics.redact = False"
AGAIN = "print(s)"


def test_masks_are_named_until_a_person_says_yes(open_notebook: Open) -> None:
    notebook = open_notebook(LEARN, SHOW, OFF, AGAIN)
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.wait_for_text(1, "ValueError")
    notebook.wait_until_idle()
    notebook.screenshot("named-masks")

    shown = notebook.text(1)
    assert shown.count("[REDACTED Warehouse DB/password]") == 2
    assert shown.count("[REDACTED ‹img src·x onerror·document.title·”owne…/password]") >= 4
    assert "marker" not in shown
    assert notebook.page.title() != "owned"

    notebook.run_cell(2)
    notebook.form.wait_for()
    notebook.screenshot("unmasking")
    notebook.form.get_by_label("Type yes to agree").fill("yes")
    notebook.form.get_by_role("button", name="Unmask outputs").click()
    notebook.wait_for_text(2, "The output guard is off")
    notebook.run_cell(3)
    notebook.wait_for_text(3, "a-long-marker-for-the-guard")


@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("theme", THEMES)
def test_the_panel_fits_and_can_be_read(
    open_notebook: Open, jupyter: JupyterServer, theme: str, width: int
) -> None:
    jupyter.settings({"@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}})
    notebook = open_notebook(LEARN, OFF, AGAIN, front_end="notebook")
    notebook.page.set_viewport_size({"width": width, "height": 900})
    run(notebook, 0)
    run(notebook, 1)
    form = notebook.form
    form.wait_for()
    answer = form.get_by_label("Type yes to agree")
    for name, fill in (("asked", ""), ("answered", "yes")):
        answer.fill(fill)
        form.scroll_into_view_if_needed()
        notebook.screenshot(f"unmasking-{name}-{theme}-{width}")
        assert cut(form) == []
        assert unreadable(contrasts(form)) == {}

    answer.press("Escape")
    run(notebook, 2)
    notebook.wait_for_text(2, "[REDACTED Warehouse DB/password]")
