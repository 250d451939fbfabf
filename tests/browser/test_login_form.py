"""The form of a login that nothing prepared, where a person chooses the server."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from bw_magics.demo import DemoServer, Fault
from tests.browser.conftest import Open
from tests.browser.contrast import contrasts, unreadable
from tests.browser.jupyter import JupyterServer, NotebookPage
from tests.browser.person import Person
from tests.browser.test_pictures import THEMES
from tests.browser.test_scenarios import LOAD

Leaks = Callable[..., list[str]]

UNNAMED = f"import os; os.environ.pop('BW_SERVER', None)\n{LOAD}"
TOKEN = "/identity/connect/token"
PAGE = "/#/settings/security/security-keys"


def choose_own(notebook: NotebookPage, address: str) -> None:
    """Chooses a server of one's own, with keys alone, beginning in the field of the client_id."""
    notebook.form.wait_for()
    expect(notebook.form.get_by_label("client_id")).to_be_focused()
    keyboard = notebook.page.keyboard
    keyboard.press("Shift+Tab")
    expect(notebook.form.get_by_label("Server", exact=True)).to_be_focused()
    keyboard.press("End")
    expect(notebook.form.get_by_label("Address of your server")).to_be_focused()
    keyboard.type(address)
    keyboard.press("Tab")


def test_the_key_goes_to_the_server_that_was_chosen_and_is_kept_for_another_try(
    open_notebook: Open, demo: DemoServer, person: Person, leaks: Leaks
) -> None:
    notebook = open_notebook(UNNAMED, "%bw_unlock", "%bw_logout", "%bw_login")
    notebook.run_all()
    address = f"localhost:{urlsplit(demo.url).port}"
    choose_own(notebook, address)
    link = notebook.form.get_by_role("link")
    expect(link).to_have_attribute("href", f"{demo.url}{PAGE}")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    demo.faults[TOKEN] = [Fault(status=503)]
    keyboard = notebook.page.keyboard
    for answer in (
        person.account.client_id,
        person.account.client_secret,
        person.account.master_password,
    ):
        keyboard.type(answer)
        keyboard.press("Tab")
    keyboard.press("Enter")
    notebook.form.get_by_role("alert").get_by_text("503").wait_for()
    secret = notebook.form.get_by_label("client_secret")
    expect(secret).to_have_value(person.account.client_secret)
    expect(secret).to_have_attribute("type", "password")
    notebook.screenshot("login-again")
    keyboard.press("Enter")
    notebook.wait_for_text(1, "✓ unlocked")

    notebook.form.wait_for()
    assert notebook.form.get_by_label("Server", exact=True).count() == 0, "asked once more"
    expect(notebook.form.locator(".bw-server")).to_have_text(address)
    keyboard.press("Escape")
    assert leaks(notebook, person) == []


def test_the_typed_text_is_shown_until_the_focus_leaves(
    open_notebook: Open, person: Person, leaks: Leaks
) -> None:
    notebook = open_notebook(UNNAMED, "%bw_unlock")
    notebook.run_all()
    person.give_key(notebook)
    password = notebook.form.get_by_label("Master password")
    password.fill(person.account.master_password)
    expect(password).to_have_attribute("type", "password")
    keyboard = notebook.page.keyboard
    for _ in range(3):
        keyboard.press("Tab")
    expect(notebook.form.get_by_role("button", name="Show the typed text")).to_be_focused()
    keyboard.press("Space")
    expect(password).to_have_attribute("type", "text")
    notebook.screenshot("login-shown")
    notebook.save()
    notebook.cell(0).locator(".cm-content").click()
    expect(password).to_have_attribute("type", "password")
    assert leaks(notebook, person) == []


def inside(form: Locator) -> dict[str, bool]:
    """Whether each visible part of the form ends within it."""
    measured: dict[str, bool] = form.evaluate(
        """root => {
            const edge = root.getBoundingClientRect().right;
            const parts = [...root.querySelectorAll("*")].filter(each => each.checkVisibility());
            return Object.fromEntries(parts.map(
                each => [each.className || each.tagName,
                         each.getBoundingClientRect().right <= edge + 1]));
        }"""
    )
    return measured


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [1100, 360])
def test_pictures_of_the_server_choice(
    open_notebook: Open, jupyter: JupyterServer, theme: str, width: int
) -> None:
    jupyter.settings({"@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}})
    notebook = open_notebook(UNNAMED, "%bw_unlock")
    notebook.run_all()
    notebook.form.wait_for()
    notebook.page.set_viewport_size({"width": width, "height": 800})
    if width < 700:
        notebook.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    notebook.form.scroll_into_view_if_needed()
    notebook.screenshot(f"login-{theme}-{width}")
    asked = contrasts(notebook.form)
    choice = notebook.form.get_by_label("Server", exact=True)
    choice.select_option("My own server")
    notebook.form.get_by_label("Address of your server").fill("vault.example.org")
    notebook.form.get_by_label("client_id").fill("organization.made-up")
    notebook.form.get_by_label("client_secret").fill("made-up")
    notebook.form.get_by_label("Master password").fill("made-up")
    notebook.form.get_by_label("Master password").press("Enter")
    notebook.form.get_by_text("This is an organisation's API key").wait_for()
    expect(notebook.form.get_by_label("client_id")).to_have_attribute("aria-invalid", "true")
    expect(notebook.form.get_by_label("client_id")).to_be_focused()
    notebook.screenshot(f"login-organisation-{theme}-{width}")
    asked |= contrasts(notebook.form)

    assert {"bw-link", "bw-button bw-show", "bw-input bw-select"} <= asked.keys()
    assert unreadable(asked) == {}
    assert [name for name, is_in in inside(notebook.form).items() if not is_in] == []
