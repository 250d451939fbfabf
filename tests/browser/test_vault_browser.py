"""The vault browser in a real JupyterLab: what it shows, and that nothing keeps it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from bw_magics.demo import DemoServer
from tests.browser.conftest import Open
from tests.browser.jupyter import JupyterServer, NotebookPage
from tests.browser.markers import found
from tests.browser.person import Person
from tests.browser.test_scenarios import LOAD, NO_WEBCRYPTO, answer_where_asked
from tests.notebook.conftest import secrets_of

DARK = {"@jupyterlab/apputils-extension/themes": {"theme": "JupyterLab Dark"}}
SHORT = "from bw_magics.notebook.panels import browser\nbrowser.SECONDS = 5"
BROWSE = "bw_session.browse()"


@pytest.fixture
def password(demo: DemoServer) -> str:
    items = demo.account_items(demo.accounts[0])
    value: str = next(i["login"]["password"] for i in items if i["name"] == "Warehouse DB")
    return value


def opened(notebook: NotebookPage, person: Person) -> Locator:
    """Runs all cells, and waits for the panel and its list."""
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run_all()
    answer_where_asked(notebook, person)
    panel = notebook.page.locator(".bw-browser")
    panel.get_by_role("option").first.wait_for()
    return panel


def copied(notebook: NotebookPage) -> str:
    text: str = notebook.page.evaluate("navigator.clipboard.readText()")
    return text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_vault_is_searched_looked_at_and_kept_nowhere(
    open_notebook: Open,
    jupyter: JupyterServer,
    person: Person,
    demo: DemoServer,
    password: str,
    theme: str,
) -> None:
    if theme == "dark":
        jupyter.settings(DARK)
    notebook = open_notebook(LOAD, "%bw_unlock", SHORT, BROWSE, "print('goes on')")
    panel = opened(notebook, person)
    notebook.wait_for_text(4, "goes on")
    expect(panel.get_by_role("status").first).to_contain_text("items")

    search = panel.get_by_role("searchbox", name="Search the vault")
    expect(search).to_be_focused()
    search.press_sequentially("ware")
    expect(panel.get_by_role("option")).to_have_count(3)
    search.press("ArrowDown")
    expect(panel.get_by_role("option").first).to_be_focused()
    notebook.page.keyboard.press("Enter")
    item = panel.get_by_role("region", name="Item Warehouse DB")
    item.wait_for()
    assert password not in notebook.page.content()
    item.get_by_role("button", name="Copy code for password").click()
    panel.get_by_text("Copied: %bw_get password Warehouse DB").wait_for()
    assert copied(notebook) == "%bw_get password Warehouse DB"
    item.get_by_role("button", name="Copy reference for host").click()
    panel.get_by_text("Copied: bw://Warehouse DB/host").wait_for()
    notebook.save()

    item.get_by_role("button", name="Show password").click()
    item.get_by_text(password, exact=True).wait_for()
    panel.scroll_into_view_if_needed()
    notebook.screenshot(f"vault-browser-{theme}")
    saved = notebook.save()
    item.get_by_text(password, exact=True).wait_for(state="detached")

    outputs = saved["cells"][3]["outputs"]
    assert [line for output in outputs for line in output["data"]["text/plain"]] == [
        "bw_session.browse() shows the vault browser here. It is not saved."
    ]
    places = notebook.server.kept()
    names = {"Warehouse DB (staging)", "Cluster SSH key", "Forecasting"}
    assert found(names, {"notebook": notebook.path.read_bytes()}) == []
    secrets = secrets_of(demo) | person.typed
    frames = {"websocket frames": b"\n".join(notebook.frames)}
    assert found(secrets, places | frames) == []
    assert found(names, frames) == [], "even names travel sealed"


def test_an_older_kernel_and_the_end_at_the_lock(
    open_notebook: Open, person: Person, password: str
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", BROWSE, kernel="6.17")
    panel = opened(notebook, person)
    panel.get_by_role("searchbox").fill("databases")
    panel.get_by_role("option", name="Warehouse DB login").click()
    panel.get_by_role("button", name="Show password").click()
    panel.get_by_text(password, exact=True).wait_for()
    notebook.page.keyboard.press("Escape")
    panel.get_by_text(password, exact=True).wait_for(state="detached", timeout=25_000)
    notebook.page.evaluate(
        """() => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            kernel.requestExecute({code: "%bw_lock", silent: false});
        }"""
    )
    notebook.wait_for_text(2, "The vault browser is closed. The vault is locked: you locked it")
    assert panel.count() == 0
    assert notebook.text(2).endswith("Next: %bw_unlock.")


def test_it_says_where_an_item_cannot_be_shown_and_closes(
    open_notebook: Open, person: Person
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", BROWSE)
    panel = opened(notebook, person)
    panel.get_by_role("searchbox").fill("nothing at all")
    panel.get_by_text("Nothing has that in its name or folder.").wait_for()
    panel.get_by_role("searchbox").fill("payroll")
    panel.get_by_role("option", name="Payroll").click()
    panel.get_by_role("button", name="Show password").click()
    panel.get_by_text("'Payroll' asks for the master password again.").wait_for()
    panel.get_by_role("button", name="Close the vault browser").click()
    notebook.wait_for_text(2, "The vault browser is closed.")
    assert panel.count() == 0
    notebook.run_cell(2)
    panel.get_by_role("option").first.wait_for()


def test_without_encryption_it_refuses(open_notebook: Open, person: Person) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", BROWSE, before=NO_WEBCRYPTO)
    notebook.run_all()
    answer_where_asked(notebook, person)
    notebook.wait_for_text(2, "NotOffered: This page cannot decrypt (plain http)")
    assert notebook.page.locator(".bw-browser").count() == 0
