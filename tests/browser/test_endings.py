"""How a form ends that nobody answers: with the time, with its page, with its kernel."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.person import Person
from tests.browser.story import AGAIN
from tests.browser.test_scenarios import CONTEXT, LOAD, answer_everything

Leaks = Callable[..., list[str]]

IN_THE_BACKGROUND = "Object.defineProperty(document, 'hidden', {value: true});"


def test_nobody_answers(open_notebook: Open, person: Person, leaks: Leaks) -> None:
    notebook = open_notebook(LOAD, "%config BwMagics.prompt_timeout = 2", "%bw_unlock")

    notebook.run_all()
    person.fill(notebook, client_secret=person.account.client_secret)
    notebook.wait_for_text(2, "Nobody answered within 2 seconds.")

    assert notebook.form.count() == 0
    assert leaks(notebook, person) == []


def test_a_page_in_the_background_ends_with_the_time_out_too(open_notebook: Open) -> None:
    notebook = open_notebook(
        LOAD, "%config BwMagics.prompt_timeout = 5", "%bw_unlock", before=IN_THE_BACKGROUND
    )

    notebook.run_all()
    notebook.page.locator(".jp-Stdin-input").or_(
        notebook.cell(2).get_by_text("PromptCancelled")
    ).first.wait_for()

    assert notebook.text(2) == f"PromptCancelled: Nobody answered within 5 seconds. {AGAIN}"
    assert notebook.form.count() == 0


def test_the_time_is_over_after_the_page_was_reloaded(open_notebook: Open) -> None:
    notebook = open_notebook(LOAD, "%config BwMagics.prompt_timeout = 8", "%bw_unlock")
    notebook.run_all()
    notebook.form.wait_for()
    notebook.load(idle=False)
    notebook.wait_until_idle()

    assert notebook.form.count() == notebook.page.locator(".jp-Stdin-input").count() == 0
    notebook.run_cell(2)
    notebook.form.wait_for()
    notebook.page.keyboard.press("Escape")
    notebook.wait_for_text(2, "cancelled")


@pytest.mark.parametrize(
    ("front_end", "ends"),
    [("lab", ("restart", "kill", "shut down")), ("notebook", ("restart",))],
)
def test_a_form_ends_with_its_kernel(
    open_notebook: Open, person: Person, leaks: Leaks, front_end: str, ends: tuple[str, ...]
) -> None:
    pid = "import os; print(os.getpid())"
    notebook = open_notebook(LOAD, pid, "%bw_unlock", "%bw_logout", front_end=front_end)
    for end in ends:
        notebook.run_all()
        answer = person.account.master_password
        person.fill(notebook, client_id=person.account.client_id, Master_password=answer)
        inputs = notebook.form.locator("input").element_handles()
        match end:
            case "restart":
                notebook.page.evaluate(f"{CONTEXT}.restartKernel(); null")
            case "kill":
                os.kill(int(notebook.text(1)), signal.SIGKILL)
                notebook.page.locator(".jp-Dialog-button").click()
            case "shut down":
                notebook.page.evaluate(f"{CONTEXT}.shutdown(); null")
        if end != "shut down":  # the kernel notices it, and ends the question itself
            notebook.wait_for_text(2, "The kernel is gone. Run the cell again.")
        expect(notebook.form).to_have_count(0)
        notebook.screenshot(f"kernel-gone-{front_end}-{end.replace(' ', '-')}")
        assert [each.evaluate("input => input.value") for each in inputs] == ["", "", ""]
        if end != "shut down":
            notebook.wait_until_idle()
            notebook.run_all()
            answer_everything(notebook, person)
            notebook.wait_for_text(3, "✓ logged out")
    assert leaks(notebook, person) == []


def test_the_page_is_reloaded_before_and_while_it_asks(
    open_notebook: Open, person: Person, leaks: Leaks
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock")
    notebook.run_cell(0)
    notebook.save()
    notebook.load()
    notebook.run_cell(1)
    person.fill(notebook, Master_password=person.account.master_password)
    notebook.save()
    notebook.load(idle=False)
    notebook.page.wait_for_timeout(1000)
    notebook.interrupt()
    # The state of the form was saved, and comes back: it must not look as if somebody listened.
    notebook.page.get_by_text("What was here is over.").wait_for()
    assert notebook.form.count() == 0
    notebook.run_cell(1)
    answer_everything(notebook, person)
    notebook.wait_for_text(1, "✓ unlocked")

    assert leaks(notebook, person) == []
