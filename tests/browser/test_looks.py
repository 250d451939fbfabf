"""Tables, items and completions as a person sees them in JupyterLab, in light and dark."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import TimeoutError as PageTimeout
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.jupyter import JupyterServer
from tests.browser.person import Person
from tests.browser.test_scenarios import LOAD, answer_where_asked
from tests.browser.test_vault_browser import DARK

# In milliseconds: JupyterLab waits a second, and a machine with other work may take longer.
_PATIENCE = 30_000


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tables_are_sorted_by_the_kernel_and_saved_as_they_are_shown(
    open_notebook: Open, jupyter: JupyterServer, person: Person, theme: str
) -> None:
    if theme == "dark":
        jupyter.settings(DARK)
    notebook = open_notebook(
        LOAD, "%bw_unlock", "%bw_list items --sort changed", "%bw_list folders",
        'bw_session["Warehouse DB"]', "%bw_status",
    )  # fmt: skip
    notebook.run_all()
    answer_where_asked(notebook, person)
    table = notebook.cell(2).locator("table")
    expect(table.locator("th")).to_have_text(["name", "type", "folder", "changed", "problem"])
    changed = table.locator("td:nth-child(4)").all_inner_texts()
    assert changed == sorted(changed, reverse=True)
    notebook.cell(5).get_by_text("unlocked").wait_for()
    for number in (2, 4):
        notebook.cell(number).scroll_into_view_if_needed()
        notebook.screenshot(f"table-{number}-{theme}")
    reason = table.get_by_text("Integrity check failed").first
    reason.scroll_into_view_if_needed()
    expect(reason).to_be_in_viewport()
    notebook.screenshot(f"table-unreadable-{theme}")
    assert "<script" not in str(notebook.save())


@pytest.mark.parametrize(
    ("kernel", "typed", "theme"),
    [
        ("newest", "Warehouse D", "light"),
        ("newest", "Warehouse D", "dark"),
        ("6.17", "Wareh", "light"),
    ],
)
def test_a_tab_shows_the_names_and_enter_takes_one(
    open_notebook: Open, jupyter: JupyterServer, person: Person, kernel: str, typed: str, theme: str
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "@jupyterlab/completer-extension:manager": {"providerTimeout": _PATIENCE}
    }
    jupyter.settings(settings | DARK if theme == "dark" else settings)
    notebook = open_notebook(LOAD, "%bw_unlock", "", kernel=kernel)
    notebook.run_all()
    answer_where_asked(notebook, person)
    notebook.wait_for_text(1, "unlocked")
    editor = notebook.cell(2).locator(".cm-content")
    editor.click()
    editor.press_sequentially(f"p = %bw_get password {typed}")
    popup = notebook.page.locator(".jp-Completer")
    name = popup.get_by_text("Warehouse DB (staging)")
    # A person presses again where the first names of a kernel come later than the page waits.
    for _ in range(3):
        editor.press("Tab")
        with suppress(PageTimeout):
            name.wait_for(timeout=_PATIENCE)
            break
    name.wait_for()
    notebook.screenshot(f"completion-{kernel}-{theme}")
    popup.locator(".jp-Completer-item").first.click()
    expect(editor).to_have_text("p = %bw_get password Warehouse DB")
