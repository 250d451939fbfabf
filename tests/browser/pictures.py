"""`make pictures`: the pictures of README and site, taken from a real JupyterLab on the demo vault.

Each is a cell with what it shows, in light and dark, in docs/pictures.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bw_magics.demo.accounts import first_account
from tests.browser.jupyter import (
    CHROMIUM_ARGUMENTS,
    JupyterServer,
    NotebookPage,
    chromium,
    jupyter_server,
)
from tests.browser.kernels import NEWEST, install_kernels

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
NAMES = ("form", "table", "browser")

CELLS = (
    "%load_ext bw_magics",
    "%bw_unlock",
    "%bw_demo\n%bw_unlock",
    "%bw_list items --search report",
    "bw_session.browse()",
)


def take(browser: Browser, server: JupyterServer, theme: str, folder: Path) -> None:
    """Takes every picture in one theme, into `folder`."""
    server.settings({"@jupyterlab/apputils-extension/themes": {"theme": THEMES[theme]}})
    notebook = NotebookPage.open(browser, server, server.write(f"{theme}.ipynb", CELLS, NEWEST))
    notebook.page.set_viewport_size({"width": 1000, "height": 1500})
    notebook.page.evaluate(
        "window.jupyterapp.commands.execute('application:toggle-left-area'); null"
    )

    def shot(cell: int, name: str) -> None:
        notebook.cell(cell).screenshot(path=folder / f"{name}-{theme}.png")

    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.form.wait_for()
    shot(1, "form")
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_text(1, "cancelled")
    notebook.run_cell(2)
    notebook.form.get_by_label("Master password").fill(
        first_account(iterations=5000).master_password
    )
    notebook.page.keyboard.press("Enter")
    notebook.wait_for_text(2, "unlocked")
    notebook.run_cell(3)
    notebook.cell(3).locator("table").wait_for()
    shot(3, "table")
    notebook.run_cell(4)
    panel = notebook.page.locator(".bw-browser")
    panel.locator("input").first.fill("warehouse")
    panel.get_by_role("status").first.get_by_text("3 of ").wait_for()
    panel.get_by_role("option").get_by_text("Warehouse DB", exact=True).click()
    panel.get_by_text("analyst").first.wait_for()
    shot(4, "browser")
    notebook.close()


@contextmanager
def _lab() -> Iterator[tuple[Browser, JupyterServer]]:
    path = chromium()
    if path is None:
        raise SystemExit("Chromium is missing.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        work = Path(folder)
        install_kernels([NEWEST], work / "data")
        browser = started.chromium.launch(executable_path=path, args=[*CHROMIUM_ARGUMENTS])
        with jupyter_server(work, environment={}) as server:
            yield browser, server
        browser.close()


def main(words: Sequence[str] = ()) -> None:
    """Takes all pictures anew, or into the folder and in the themes that the words name."""
    folder, *themes = words or (str(FOLDER),)
    with _lab() as (browser, server):
        for theme in themes or THEMES:
            take(browser, server, theme, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
