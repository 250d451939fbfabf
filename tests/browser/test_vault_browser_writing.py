"""New, Edit, Copy value and Trash in the vault browser, in a real JupyterLab, by the keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.jupyter import JupyterServer, NotebookPage
from tests.browser.markers import found
from tests.browser.person import Person
from tests.browser.test_scenarios import LOAD
from tests.browser.test_vault_browser import BROWSE, DARK, SHORT, copied, opened

NAME = "Made in the browser"
TYPED = "made-up-Vx7-typed-note-41"
WIDE, TABLET, PHONE = (1280, 800), (700, 800), (360, 740)


def is_cut(panel: Locator) -> list[str]:
    """The classes of the elements that are wider than the panel, and of the panel if it is cut."""
    names: list[str] = panel.evaluate(
        """panel => {
            const edge = panel.getBoundingClientRect().right;
            const outside = panel.parentElement.getBoundingClientRect().right;
            const cut = [...panel.querySelectorAll("*")].filter(
                (each) => each.getBoundingClientRect().right > edge + 0.5);
            return [...cut, ...(edge > outside + 0.5 ? [panel] : [])].map((e) => e.className);
        }"""
    )
    return names


def at_sizes(notebook: NotebookPage, panel: Locator, name: str) -> None:
    # The sidebar would leave no room for a notebook.
    hide = "() => window.jupyterapp.shell.collapseLeft()"
    notebook.page.evaluate(hide)
    for width, height in (TABLET, PHONE, WIDE):
        notebook.page.set_viewport_size({"width": width, "height": height})
        panel.scroll_into_view_if_needed()
        expect(panel).to_be_visible()
        notebook.screenshot(f"{name}-{width}")
        assert is_cut(panel) == [], width


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_item_is_added_edited_copied_and_thrown_away(
    open_notebook: Open, jupyter: JupyterServer, person: Person, theme: str
) -> None:
    if theme == "dark":
        jupyter.settings(DARK)
    notebook = open_notebook(LOAD, "%bw_unlock", SHORT, BROWSE)
    panel = opened(notebook, person)
    keys = notebook.page.keyboard
    panel.get_by_role("button", name="New item").press("Enter")
    form = panel.get_by_role("form", name="New item")
    form.get_by_label("name", exact=True).wait_for()
    expect(form.get_by_label("name", exact=True)).to_be_focused()
    keys.type(NAME)
    keys.press("Tab")
    keys.type("analyst")
    form.get_by_role("button", name="Generate password").press("Enter")
    form.get_by_text("strong").or_(form.get_by_text("good")).wait_for()
    secret = form.get_by_label("password", exact=True).input_value()
    form.get_by_label("notes").fill(TYPED)
    form.get_by_label("folder").select_option("Work/Databases")
    at_sizes(notebook, panel, f"vault-browser-form-{theme}")
    form.get_by_label("name", exact=True).press("Enter")

    panel.get_by_text(f"✓ created '{NAME}'").wait_for()
    item = panel.get_by_role("region", name=f"Item {NAME}")
    item.get_by_text("analyst").wait_for()
    item.get_by_role("button", name="Copy value of password").click()
    panel.get_by_text("Copied password; the clipboard is emptied in 5 s.").wait_for()
    assert copied(notebook) == secret
    at_sizes(notebook, panel, f"vault-browser-item-{theme}")
    panel.get_by_text("The clipboard is empty again.").wait_for()
    assert copied(notebook) == ""

    item.get_by_role("button", name=f"Edit {NAME}").press("Enter")
    form = panel.get_by_role("form", name=f"Edit '{NAME}'")
    form.get_by_label("username").fill("loader")
    assert form.get_by_label("password", exact=True).input_value() == ""
    form.get_by_role("button", name="Save").press("Enter")
    panel.get_by_text(f"✓ saved '{NAME}'").wait_for()
    item.get_by_text("loader").wait_for()

    trash = item.get_by_role("button", name=f"Move {NAME} to the trash")
    trash.press("Enter")
    expect(trash).to_have_text("Move to trash?")
    trash.press("Enter")
    panel.get_by_text(f"✓ moved '{NAME}' to the trash").wait_for()
    panel.get_by_text("No item is selected.").wait_for()
    # The text of a search is not sealed, so it is not the whole name.
    panel.get_by_role("searchbox").fill(NAME[:-3])
    panel.get_by_text("Nothing has that in its name or folder.").wait_for()
    at_sizes(notebook, panel, f"vault-browser-empty-{theme}")
    notebook.save()

    places = notebook.server.kept() | {"frames": b"\n".join(notebook.frames)}
    assert found({secret, TYPED, NAME}, places) == []


def test_escape_leaves_the_form_and_nothing_is_saved(open_notebook: Open, person: Person) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", BROWSE)
    panel = opened(notebook, person)
    panel.get_by_role("button", name="New item").click()
    form = panel.get_by_role("form", name="New item")
    form.get_by_label("name", exact=True).fill(NAME)
    form.get_by_label("type").select_option("card")
    form.get_by_label("cardholderName").wait_for()
    # The typed name stays where the other type has it too.
    expect(form.get_by_label("name", exact=True)).to_have_value(NAME)
    form.get_by_label("name", exact=True).fill("")
    form.get_by_role("button", name="Save").click()
    form.get_by_text("An item needs a name.").wait_for()
    notebook.page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    panel.get_by_text("Select an item to see its details.").wait_for()
