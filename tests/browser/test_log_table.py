"""The table of `%bw_log` in both themes, wide and narrow: readable, and without a value."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.contrast import contrasts, unreadable
from tests.browser.jupyter import JupyterServer
from tests.browser.person import Person
from tests.browser.test_pictures import THEMES
from tests.browser.test_scenarios import LOAD

SECRET = "demo-warehouse-password-1"
VALUE = "demo-warehouse-password-1"
USES = """bw_session.because("nightly load, <b>for the sales team</b>, with a longer reason")
password = %bw_get password Warehouse DB
code = bw_session["Notebook hub"].totp
engine = %bw_connect Warehouse DB (staging)"""


# A page of 360 pixels shows JupyterLab's side bar and nothing else.
@pytest.mark.parametrize(
    ("front_end", "width"), [("lab", 1100), ("notebook", 1100), ("notebook", 360)]
)
@pytest.mark.parametrize("theme", THEMES)
def test_the_table_can_be_read_and_fits(
    open_notebook: Open,
    jupyter: JupyterServer,
    person: Person,
    front_end: str,
    theme: str,
    width: int,
) -> None:
    jupyter.settings({"@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}})
    notebook = open_notebook(LOAD, "%bw_unlock", USES, "%bw_log", front_end=front_end)
    notebook.run_cell(0)
    notebook.run_cell(1)
    person.give_key(notebook)
    person.give_password(notebook)
    notebook.wait_for_text(1, "✓ unlocked")
    notebook.run_cell(2)
    notebook.page.set_viewport_size({"width": width, "height": 900})
    notebook.cell(3).scroll_into_view_if_needed()
    notebook.run_cell(3)
    table = notebook.cell(3).locator("table")
    table.wait_for()
    table.scroll_into_view_if_needed()
    notebook.screenshot(f"log-{front_end}-{theme}-{width}")

    text = table.inner_text()
    assert unreadable(contrasts(table)) == {}
    for word in ("Warehouse DB", "%bw_get", "totp", "%bw_connect", "nightly load, <b>", "[3]"):
        assert word in text
    content = notebook.page.content()
    assert [each for each in (VALUE, *person.typed) if each in content] == []
    # It scrolls inside the output, and does not widen the page.
    wider = "document.documentElement.scrollWidth - window.innerWidth"
    assert notebook.page.evaluate(wider) <= 0
