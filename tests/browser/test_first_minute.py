"""The first minute in real JupyterLab: the demo vault from `%load_ext` to a table of candidates."""

from __future__ import annotations

import json
from typing import Any

from bw_magics.demo import DemoServer
from bw_magics.demo.accounts import first_account
from tests.browser.conftest import ITERATIONS, Open
from tests.browser.jupyter import NotebookPage
from tests.notebook.conftest import secrets_of

CELLS = (
    "%load_ext bw_magics",
    "%bw_demo",
    "%bw_login --apikey",
    "%bw_unlock",
    "password = %bw_get password Warehouse DB",
    "%bw_get password Warehouse DB",
    "%bw_get item Warehouse DB",
    "%bw_status",
    "%bw_list items",
    "%bw_list collections",
    "%bw_get password Reporting",
)
TALL = {"width": 1100, "height": 2600}
THEMES = ("JupyterLab Light", "JupyterLab Dark")


def test_the_first_minute_on_the_demo_vault(open_notebook: Open) -> None:
    notebook = open_notebook(*CELLS)
    notebook.page.set_viewport_size(TALL)  # type: ignore[arg-type]
    notebook.run_all()
    field = notebook.form.get_by_label("Master password")
    field.wait_for()
    assert field.get_attribute("type") == "password"
    password = notebook.text(1).split()[-1]
    pictures(notebook, "first-minute-asks")
    field.fill(password)
    field.press("Enter")

    last = len(CELLS) - 1
    notebook.wait_for_text(last, "Ambiguous: 2 items fit")
    assert "✓ unlocked · " in notebook.text(3)
    assert notebook.text(4) == ""
    assert notebook.text(5).endswith("•••••••• Warehouse DB / password")
    assert notebook.cell(8).locator("table tbody tr").count() > 20
    assert notebook.cell(last).locator("table tbody tr").count() == 2
    assert "Traceback" not in notebook.text(last)
    pictures(notebook, "first-minute-done")

    saved = notebook.save()
    assert len(outputs(saved)) >= len(CELLS) - 2
    kept = notebook.path.read_text()
    assert "Warehouse DB" in kept
    # What the demo says of itself, for a person to type, is all that is kept.
    secrets = demo_secrets() - {password}
    assert not [secret for secret in secrets if json.dumps(secret)[1:-1] in kept]
    del saved["cells"][1]
    assert password not in json.dumps(saved, ensure_ascii=False)


def pictures(notebook: NotebookPage, name: str) -> None:
    """One picture in each theme; the light one stays."""
    for theme in reversed(THEMES):
        notebook.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        shade = theme.rpartition(" ")[2].lower()
        is_light = "true" if shade == "light" else "false"
        notebook.page.wait_for_selector(f"body[data-jp-theme-light={is_light}]", state="attached")
        notebook.page.wait_for_timeout(300)
        notebook.screenshot(f"{name}-{shade}")


def outputs(saved: dict[str, Any]) -> list[Any]:
    return [cell for cell in saved["cells"] if cell.get("outputs")]


def demo_secrets() -> set[str]:
    account = first_account(iterations=ITERATIONS)
    server = DemoServer(accounts=[account])
    return secrets_of(server, account)
