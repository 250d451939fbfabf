"""The life of a form, told once for every kernel and front end."""

from __future__ import annotations

from tests.browser.jupyter import NotebookPage
from tests.browser.person import Person

CELLS = ("%load_ext bw_magics", "%bw_unlock", "%bw_status", "%bw_logout")
AGAIN = "Run the cell again to be asked again."


def tell(notebook: NotebookPage, person: Person) -> int:
    """Run All with a wrong password first; Run All again and Cancel; Esc; ■; and once more, which
    works. Gives how many forms were asked and answered.
    """
    notebook.run_all()
    person.give_key(notebook)
    person.give_password(notebook, person.wrong_password())
    notebook.form.get_by_text("The master password is wrong.").wait_for()
    person.give_password(notebook)
    notebook.wait_for_text(3, "✓ logged out")
    assert notebook.text(1).startswith("✓ unlocked · ")
    assert "\n" not in notebook.text(1)

    notebook.run_all()
    notebook.form.wait_for()
    person.fill(notebook, client_secret=person.account.client_secret)
    notebook.form.get_by_role("button", name="Cancel").click()
    _ended(notebook, "The question was cancelled.")
    assert notebook.text(2) == "", "the cells after it ran"

    notebook.run_cell(1)
    notebook.form.wait_for()
    person.fill(notebook, Master_password=person.account.master_password)
    notebook.page.keyboard.press("Escape")
    _ended(notebook, "The question was cancelled.")

    notebook.run_cell(1)
    notebook.form.wait_for()
    person.fill(notebook, Master_password=person.account.master_password)
    notebook.interrupt()
    _ended(notebook, "The question was interrupted.")

    notebook.run_cell(1)
    person.give_key(notebook)
    person.give_password(notebook)
    notebook.wait_for_text(1, "✓ unlocked · ")
    notebook.run_all()
    notebook.wait_for_text(3, "✓ logged out")
    assert "already unlocked" in notebook.text(1)
    return 5


def _ended(notebook: NotebookPage, why: str) -> None:
    notebook.wait_for_text(1, why)
    assert notebook.form.count() == 0, "a dead form is left"
    assert notebook.text(1) == f"PromptCancelled: {why} {AGAIN}"
