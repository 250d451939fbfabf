"""What a front end asks a kernel by itself, and what happens to kernels and pages: none of it
leaves a secret, and without the guard all of it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator

from tests.browser.jupyter import JupyterServer, NotebookPage, jupyter_server
from tests.browser.kernels import NEWEST, install_kernels
from tests.browser.routes import Left, seen_by_browser
from tests.browser.test_leaks import FRONT_ENDS
from tests.leaks.kernel import FETCH, unlock, vault_server
from tests.leaks.markers import MARKERS
from tests.leaks.routes import everything

Servers = dict[bool, JupyterServer]
Scenario = Callable[[NotebookPage], None]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """By whether the guard is on in their kernels."""
    folder = tmp_path_factory.mktemp("scenarios")
    for name in ("unguarded", "guarded"):
        install_kernels([NEWEST], folder / name / "data")
    with (
        vault_server(folder) as environment,
        jupyter_server(folder / "unguarded", environment=environment) as unguarded,
        jupyter_server(folder / "guarded", environment=environment) as guarded,
    ):
        yield {False: unguarded, True: guarded}


def run(notebook: NotebookPage, number: int, end: str) -> None:
    """Runs a cell, and waits until it shows something."""
    notebook.run_cell(number)
    notebook.wait_for_text(number, end)


def unlocked(notebook: NotebookPage) -> None:
    run(notebook, 0, "✓ unlocked")
    run(notebook, 1, "fetched")


def a_tooltip(notebook: NotebookPage) -> None:
    notebook.cell(2).locator(".cm-content").click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.press("Shift+Tab")
    notebook.page.locator(".jp-Tooltip", has_text="str").wait_for()


def a_completion(notebook: NotebookPage) -> None:
    run(notebook, 2, "held")
    editor = notebook.cell(3).locator(".cm-content")
    editor.click()
    editor.press_sequentially("held['l")
    editor.press("Tab")
    notebook.page.locator(".jp-Completer-item").first.wait_for()


def the_debugger(notebook: NotebookPage) -> None:
    notebook.page.locator(".jp-DebuggerBugButton").first.click()
    notebook.page.locator(".jp-DebuggerBugButton[aria-pressed=true]").first.wait_for()
    notebook.page.evaluate("window.jupyterapp.commands.execute('debugger:show-panel'); null")
    run(notebook, 2, "here")
    notebook.page.locator(".jp-DebuggerVariables").get_by_text("nasty").first.wait_for()


def an_interrupt(notebook: NotebookPage) -> None:
    run(notebook, 2, "begun")
    notebook.interrupt()
    notebook.wait_for_text(2, "KeyboardInterrupt")


def a_restart(notebook: NotebookPage) -> None:
    run(notebook, 2, "value")
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:restart-kernel'); null")
    notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    notebook.page.locator(".jp-Dialog").wait_for(state="detached")
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"
        " === 'idle'"
    )
    unlocked(notebook)
    run(notebook, 2, "value")


def a_reload(notebook: NotebookPage) -> None:
    run(notebook, 2, "begun")
    notebook.save()
    notebook.load(idle=False)
    # What came meanwhile was kept by the server, and comes now.
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status"
        " === 'idle'"
    )
    notebook.page.wait_for_timeout(500)


SCENARIOS: dict[str, tuple[Scenario, list[str]]] = {
    "a tooltip": (a_tooltip, ["s"]),
    "a completion": (a_completion, ["held = {s: 1, nasty: 2}; print('held')", ""]),
    "the debugger": (the_debugger, ["print('here')"]),
    "an interrupt": (
        an_interrupt,
        ["%xmode Verbose\ndef wait(v):\n    print('begun')\n    time.sleep(60)\nwait(s)"],
    ),
    "a restart": (a_restart, ["print('value', s)"]),
    "a reload while it prints": (a_reload, ["print('begun'); time.sleep(12); print(s)"]),
}


# What `make test` tries; the rest of what a front end asks is asked of bare kernels there.
FEW = ("the debugger", "a restart")


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("name", SCENARIOS if everything() else FEW)
def test_nothing_is_left_by(browser: Browser, servers: Servers, name: str, front_end: str) -> None:
    scenario, cells = SCENARIOS[name]
    left = {}
    for is_guarded, server in servers.items():
        first = [unlock(redact=is_guarded), f"{FETCH}\nprint('fetched')"]
        path = server.write(f"{name.replace(' ', '-')}-{front_end}.ipynb", [*first, *cells], NEWEST)
        notebook = NotebookPage.open(browser, server, path, front_end)
        unlocked(notebook)
        scenario(notebook)
        notebook.screenshot(f"{path.stem}-{'on' if is_guarded else 'off'}")
        notebook.save()
        left[is_guarded] = Left(places=seen_by_browser(notebook))
        notebook.close()
        if is_guarded:
            left[is_guarded].places |= server.kept()

    assert left[False].found(), "the control shows nothing"
    assert left[True].found() == []


# A person types markers into a form. They are sealed, so that it needs no guard.


def typed_into(form: Locator, name: str) -> None:
    """Fills in the fields of a login, each secret with a marker."""
    form.get_by_label("name", exact=True).fill(name)
    form.get_by_label("password", exact=True).fill(MARKERS["password"])
    form.get_by_label("notes").fill(MARKERS["notes"])
    form.get_by_role("button", name="Add URI").press("Enter")
    form.get_by_label("Address of URI").last.fill(f"https://{MARKERS['user info']}@db.example")
    form.get_by_role("button", name="Add field").press("Enter")
    form.get_by_label("Name of new field 1").fill("token")
    form.get_by_label("Kind of new field 1").select_option("hidden")
    form.get_by_label("Value of new field 1").first.fill(MARKERS["nasty"])


def saved(notebook: NotebookPage, title: str, name: str) -> Locator:
    """Types into the form of that title, and saves it."""
    notebook.run_cell(2)
    form = notebook.page.get_by_role("form", name=title)
    typed_into(form, name)
    form.get_by_role("button", name="Save").press("Enter")
    return form


def a_new_item(notebook: NotebookPage) -> None:
    saved(notebook, "New item", "Typed")
    notebook.wait_for_text(2, "✓ created 'Typed'")


def a_changed_item(notebook: NotebookPage) -> None:
    saved(notebook, "Edit 'To type in", "Typed before")
    notebook.wait_for_text(2, "✓ saved 'Typed before'")


def a_refused_item(notebook: NotebookPage) -> None:
    form = saved(notebook, "New item", "")
    form.get_by_role("alert").get_by_text("An item needs a name.").wait_for()
    notebook.save()
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_text(2, "The form was cancelled.")


def an_item_of_the_browser(notebook: NotebookPage) -> None:
    notebook.run_cell(2)
    panel = notebook.page.locator(".bw-browser")
    panel.get_by_role("option").first.wait_for()
    panel.get_by_role("button", name="New item").click()
    form = panel.get_by_role("form", name="New item")
    typed_into(form, "Typed in the browser")
    form.get_by_role("button", name="Save").press("Enter")
    panel.get_by_text("✓ created 'Typed in the browser'").wait_for()


FORMS: dict[str, tuple[Scenario, str]] = {
    "a new item": (a_new_item, "made = %bw_create login"),
    "a changed item": (
        a_changed_item,
        "_ = bw_session.create('login', name='To type in, GUARD')\n%bw_edit item To type in, GUARD",
    ),
    "a refused item": (a_refused_item, "made = %bw_create login"),
    "an item of the vault browser": (an_item_of_the_browser, "bw_session.browse()"),
}
TEXT = "import ipywidgets; ipywidgets.Text(description='control')"


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_leaves_nothing_with_the_guard_or_without(
    browser: Browser, servers: Servers, name: str, front_end: str
) -> None:
    scenario, cell = FORMS[name]
    for is_guarded, server in servers.items():
        # Both kernels use one vault.
        asking = cell.replace("GUARD", "guarded" if is_guarded else "unguarded")
        cells = [unlock(redact=is_guarded), f"{FETCH}\nprint('fetched')", asking, TEXT]
        path = server.write(f"form-{name.replace(' ', '-')}-{front_end}.ipynb", cells, NEWEST)
        notebook = NotebookPage.open(browser, server, path, front_end)
        unlocked(notebook)
        scenario(notebook)
        notebook.save()
        left = Left(places=seen_by_browser(notebook))
        left.places |= {
            place: contents
            for place, contents in server.kept().items()
            if is_guarded or path.stem in place
        }
        assert left.found() == [], is_guarded
        # The control: a box of another widget gives the typed text away.
        run(notebook, 3, "control")
        notebook.cell(3).locator("input").fill(MARKERS["password"])
        notebook.cell(3).locator("input").press("Enter")
        assert Left(places=seen_by_browser(notebook)).found(), "the control shows nothing"
        notebook.close()
