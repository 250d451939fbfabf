"""Named masks, and a person who turns the guard off in the panel, in a real browser."""

from __future__ import annotations

from tests.browser.conftest import Open

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
