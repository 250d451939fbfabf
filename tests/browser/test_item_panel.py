"""`%bw_create login` and `%bw_edit item NAME` open a form below the cell, in a real JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.contrast import contrasts, unreadable
from tests.browser.jupyter import JupyterServer, NotebookPage
from tests.browser.markers import found
from tests.browser.person import Person
from tests.browser.test_scenarios import LOAD, NO_WEBCRYPTO, answer_where_asked
from tests.browser.test_vault_browser import DARK
from tests.browser.test_vault_browser_writing import at_sizes

TYPED = "made-up-Vx7-typed-token-52"
NOTE = "made-up-Vx7-typed-note-53"


def asked(notebook: NotebookPage, person: Person) -> Locator:
    """Runs all cells and waits for the form of an item."""
    notebook.run_all()
    answer_where_asked(notebook, person)
    panel = notebook.page.locator(".bw-item-panel")
    panel.get_by_label("name", exact=True).wait_for()
    return panel


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_item_is_created_and_edited_by_the_keyboard_alone(
    open_notebook: Open, jupyter: JupyterServer, person: Person, theme: str
) -> None:
    if theme == "dark":
        jupyter.settings(DARK)
    name = f"Typed in a form ({theme})"
    notebook = open_notebook(
        LOAD,
        "%bw_unlock",
        "made = %bw_create login --username analyst",
        "print(made.username, made.collections, [f.name for f in made.fields])",
        f"changed = %bw_edit item {name}",
        "print(changed.username, changed.password == made.password, changed.password[:0] == '')",
    )
    panel = asked(notebook, person)
    keys = notebook.page.keyboard
    expect(panel.get_by_label("name", exact=True)).to_be_focused()
    keys.type(name)
    keys.press("Tab")
    assert panel.get_by_label("username").input_value() == "analyst"
    keys.type("loader")  # a Tab selects the whole value
    form = panel.get_by_role("form", name="New item")
    form.get_by_role("button", name="Generate password").press("Enter")
    form.get_by_text("strong").or_(form.get_by_text("good")).wait_for()
    secret = form.get_by_label("password", exact=True).input_value()
    form.get_by_role("button", name="Add field").press("Enter")
    expect(form.get_by_label("Name of new field 1")).to_be_focused()
    keys.type("token")
    keys.press("Tab")
    keys.type("hidden")
    keys.press("Tab")
    keys.type(TYPED)
    assert form.get_by_label("Value of new field 1").first.get_attribute("type") == "password"
    form.get_by_label("notes").press_sequentially(NOTE)
    form.get_by_label("owner").focus()
    keys.type("Demo")
    box = form.get_by_label("Data/Production")
    box.focus()
    keys.press("Space")
    expect(box).to_be_checked()
    at_sizes(notebook, panel, f"item-panel-new-{theme}")
    assert secret not in panel.inner_text()
    form.get_by_label("username").press("Enter")
    notebook.wait_for_text(2, f"✓ created '{name}' · login · in Data/Production")
    notebook.wait_for_text(3, "loader ('Data/Production',) ['token']")

    edit = panel.get_by_role("form", name=f"Edit '{name}'")
    edit.get_by_label("username").wait_for()
    assert edit.get_by_label("password", exact=True).input_value() == ""
    expect(edit.get_by_label("token", exact=True)).to_have_attribute("placeholder", "unchanged")
    at_sizes(notebook, panel, f"item-panel-edit-{theme}")
    edit.get_by_label("username").fill("analyst-2")
    edit.get_by_label("username").press("Enter")
    notebook.wait_for_text(4, f"✓ saved '{name}' · in Data/Production")
    notebook.wait_for_text(5, "analyst-2 True True")
    saved = notebook.save()
    widgets = saved["metadata"].get("widgets", {})
    assert all(kept["state"] == {} for kept in widgets.values())
    places = notebook.server.kept() | {"frames": b"\n".join(notebook.frames)}
    assert found({secret, TYPED, NOTE} | person.typed, places) == []


MADE = """from bw_magics.vault.changes import hidden
made = bw_session.create("login", name=NAME, username="analyst", password=bw_session.generate(),
    uris=["https://old.example", "postgresql://ada:" + bw_session.generate() + "@db.example/x"],
    fields={"host": "-".join(["db1", "shown", "71"]), "token": hidden(bw_session.generate())})
before = made.password, made.uris[1]"""
AFTER = """now = bw_session[NAME]
print([f.name for f in now.fields], now.organization, now.collections)
print(len(now.uris), now.hosts[-1], (now.password, now.uris[0]) == before)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_field_and_a_uri_go_and_an_item_is_shared_by_the_keyboard_alone(
    open_notebook: Open, jupyter: JupyterServer, person: Person, theme: str
) -> None:
    if theme == "dark":
        jupyter.settings(DARK)
    name = f"Shared from a form ({theme})"
    notebook = open_notebook(
        LOAD, "%bw_unlock", f"NAME = {name!r}\n{MADE}", f"changed = %bw_edit item {name}", AFTER
    )
    panel = asked(notebook, person)
    keys = notebook.page.keyboard
    form = panel.get_by_role("form", name=f"Edit '{name}'")
    secret = form.get_by_label("Address of URI 2")
    expect(secret).to_have_attribute("placeholder", "unchanged")
    assert secret.input_value() == ""

    form.get_by_role("button", name="Remove URI 1").focus()
    keys.press("Enter")
    expect(form.get_by_role("button", name="Add URI")).to_be_focused()
    keys.press("Space")
    expect(form.get_by_label("Address of URI 3")).to_be_focused()
    keys.type(f"https://ada:{TYPED}@new.example")
    keys.press("Tab")
    keys.type("exact")
    expect(form.get_by_label("Match of URI 3")).to_have_value("exact")

    remove = form.get_by_role("button", name="Remove host")
    remove.focus()
    keys.press("Enter")
    keep = form.get_by_role("button", name="Keep host")
    expect(keep).to_be_focused()
    expect(form.get_by_label("host", exact=True)).to_be_disabled()
    form.get_by_text("is removed when you save").wait_for()
    keys.press("Space")
    expect(form.get_by_label("host", exact=True)).to_be_enabled()
    keys.press("Space")

    form.get_by_label("owner").focus()
    keys.type("Demo")
    form.get_by_text("Sharing cannot be undone").wait_for()
    form.get_by_role("button", name="Save").press("Enter")
    form.get_by_role("alert").get_by_text("has to be in a collection").wait_for()
    box = form.get_by_label("Data/Production")
    box.focus()
    keys.press("Space")
    at_sizes(notebook, panel, f"item-panel-share-{theme}")
    assert unreadable(contrasts(panel)) == {}
    form.get_by_label("username").press("Enter")
    notebook.wait_for_text(3, f"✓ saved '{name}' · in Data/Production")
    notebook.wait_for_text(4, "['token'] Demo Analytics ('Data/Production',)")
    notebook.wait_for_text(4, "2 new.example True")
    saved = notebook.save()
    assert all(w["state"] == {} for w in saved["metadata"].get("widgets", {}).values())
    # Neither the typed text nor a shown value is kept or sent readable.
    places = notebook.server.kept() | {"frames": b"\n".join(notebook.frames)}
    assert found({TYPED, "db1-shown-71"}, places) == []


def test_a_refusal_is_mended_in_the_form_and_another_type_keeps_the_typed_text(
    open_notebook: Open, person: Person
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", "made = %bw_create login", "print(made.type)")
    panel = asked(notebook, person)
    keys = notebook.page.keyboard
    keys.press("Enter")
    panel.get_by_role("alert").get_by_text("An item needs a name.").wait_for()
    panel.get_by_label("name", exact=True).fill("A card of the lab")
    panel.get_by_label("type").select_option("card")
    panel.get_by_label("cardholderName").wait_for()
    expect(panel.get_by_label("name", exact=True)).to_have_value("A card of the lab")
    expect(panel.get_by_label("type")).to_be_focused()
    panel.get_by_label("number", exact=True).fill(TYPED)
    keys.press("Enter")
    notebook.wait_for_text(2, "✓ created 'A card of the lab' · card")
    notebook.wait_for_text(3, "card")
    assert found({TYPED}, notebook.server.kept()) == []


def test_escape_cancels_and_the_cell_shows_it(open_notebook: Open, person: Person) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", "%bw_create note")
    panel = asked(notebook, person)
    panel.get_by_label("notes").fill(NOTE)
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_text(2, "The form was cancelled.")
    expect(panel).to_have_count(0)
    assert found({NOTE}, notebook.server.kept()) == []


def test_where_the_page_cannot_encrypt_the_masked_form_asks(
    open_notebook: Open, person: Person
) -> None:
    """A page over plain http: names would cross the network readable, so only values are asked."""
    notebook = open_notebook(
        LOAD, "%bw_unlock", "made = %bw_create login Asked in the box", before=NO_WEBCRYPTO
    )
    notebook.run_all()
    answer_where_asked(notebook, person)
    box = notebook.page.locator(".jp-Stdin-input").last
    box.wait_for()
    box.fill(TYPED)
    box.press("Enter")
    notebook.wait_for_text(2, "✓ created 'Asked in the box'")
