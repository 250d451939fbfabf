"""What a front end asks a kernel by itself, and what happens to kernels and pages: none of it
leaves a secret, and without the guard all of it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.jupyter import JupyterServer, NotebookPage, jupyter_server
from tests.browser.kernels import NEWEST, install_kernels
from tests.browser.routes import Left, seen_by_browser
from tests.browser.test_leaks import FRONT_ENDS
from tests.leaks.kernel import FETCH, unlock, vault_server
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
