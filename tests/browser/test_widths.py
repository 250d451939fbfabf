"""Form, panel and browser in both themes and on narrow pages: nothing is cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.contrast import contrasts, unreadable
from tests.browser.jupyter import JupyterServer, NotebookPage
from tests.browser.person import Person
from tests.browser.test_pictures import THEMES
from tests.browser.test_scenarios import LOAD

UNNAMED = f"import os; os.environ.pop('BW_SERVER', None)\n{LOAD}"
REVEAL = "%bw_get password Warehouse DB --reveal"
CELLS = (
    UNNAMED,
    "%bw_unlock",
    f"os.environ['BW_SERVER'] = SERVER\n%bw_logout\n{LOAD}",
    "%bw_unlock",
    REVEAL,
    "%bw_list items --search ware",
    "bw_session.browse()",
    "%bw_lock",
)
# What of a part is wider than the part, by its classes; what scrolls on purpose is left out.
_CUT = """part => {
    const cut = [];
    const frame = part.getBoundingClientRect();
    for (const each of [part, ...part.querySelectorAll("*")]) {
        const box = each.getBoundingClientRect();
        const style = getComputedStyle(each);
        if (!box.width || style.position === "absolute") continue;
        const scrolls =
            each.tagName === "INPUT" || ["auto", "scroll", "hidden"].includes(style.overflowX);
        if (!scrolls && each.scrollWidth > each.clientWidth + 1 && each.clientWidth) {
            cut.push(`${each.tagName}.${each.className}`);
        }
        if (box.right > frame.right + 1 || box.left < frame.left - 1) {
            cut.push(`${each.tagName}.${each.className} outside`);
        }
    }
    if (frame.right > window.innerWidth + 1) cut.push("the part itself");
    return [...new Set(cut)];
}"""


def cut(part: Locator) -> list[str]:
    """What of a part is cut off, or stands out of it."""
    found: list[str] = part.evaluate(_CUT)
    return found


@pytest.mark.parametrize("width", [1100, 700, 360])
@pytest.mark.parametrize("theme", THEMES)
def test_every_part_fits_and_can_be_read(
    open_notebook: Open, jupyter: JupyterServer, person: Person, theme: str, width: int
) -> None:
    jupyter.settings({"@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}})
    server = "import os; SERVER = os.environ['BW_SERVER']\n"
    notebook = open_notebook(server + CELLS[0], *CELLS[1:], front_end="notebook")
    page = notebook.page
    page.set_viewport_size({"width": width, "height": 900})
    looked: dict[str, list[str]] = {}
    unread: dict[str, object] = {}

    def look(name: str, part: Locator) -> None:
        part.scroll_into_view_if_needed()
        looked[name] = cut(part)
        unread[name] = unreadable(contrasts(part))
        notebook.screenshot(f"width-{name}-{theme}-{width}")

    run(notebook, 0)
    run(notebook, 1)
    notebook.form.wait_for()
    notebook.form.get_by_label("Server", exact=True).select_option(index=2)
    look("form", notebook.form)
    page.keyboard.press("Escape")
    run(notebook, 2)
    run(notebook, 3)
    person.give_key(notebook)
    person.give_password(notebook, person.wrong_password())
    notebook.form.get_by_text("The master password is wrong.").wait_for()
    look("form-again", notebook.form)
    person.give_password(notebook)
    notebook.wait_for_text(3, "✓ unlocked")
    run(notebook, 4)
    panel = page.locator(".bw-panel")
    panel.get_by_text("hidden in").wait_for()
    look("reveal", panel)
    run(notebook, 5)
    notebook.cell(5).locator("table").wait_for()
    notebook.screenshot(f"width-table-{theme}-{width}")
    run(notebook, 6)
    browser = page.locator(".bw-browser")
    browser.get_by_role("option").first.wait_for()
    look("browser", browser)
    browser.get_by_role("searchbox").fill("nothing at all")
    browser.get_by_text("Nothing has that in its name or folder.").wait_for()
    look("browser-empty", browser)
    browser.get_by_role("searchbox").fill("ware")
    browser.get_by_role("option").first.click()
    browser.get_by_role("region").first.wait_for()
    look("browser-item", browser)
    browser.get_by_role("button", name="Edit").first.click()
    browser.locator("form").first.wait_for()
    look("browser-edit", browser)
    run(notebook, 7)
    notebook.wait_for_text(7, "✓ locked")
    expect(panel).to_have_count(0)
    expect(browser).to_have_count(0)
    notebook.screenshot(f"width-locked-{theme}-{width}")

    assert {name: each for name, each in looked.items() if each} == {}
    assert {name: each for name, each in unread.items() if each} == {}


def run(notebook: NotebookPage, number: int) -> None:
    """Runs a cell without scrolling to it first, which a narrow page does not always do."""
    notebook.cell(number).scroll_into_view_if_needed()
    notebook.run_cell(number)
