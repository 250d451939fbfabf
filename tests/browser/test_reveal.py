"""A value shown to the person, and to nothing else."""

from __future__ import annotations

import pytest

from bw_magics.demo import DemoServer
from tests.browser.conftest import Open
from tests.browser.jupyter import NotebookPage
from tests.browser.markers import found
from tests.browser.person import Person
from tests.browser.test_scenarios import (
    LOAD,
    NO_WEBCRYPTO,
    REVEAL,
    answer_everything,
    answer_where_asked,
    warehouse_password,
)

LABEL = "Warehouse DB / password"
SHORT = "from bw_magics.notebook.panels import reveal\nreveal.SECONDS = 4"


@pytest.fixture
def value(demo: DemoServer) -> str:
    return warehouse_password(demo)


METHOD = "bw_session.reveal(bw_session['Warehouse DB'].password)"


@pytest.mark.parametrize(("reveal", "kernel"), [(REVEAL, "newest"), (METHOD, "6.31")])
def test_a_value_is_shown_until_a_deadline_and_kept_nowhere(
    open_notebook: Open, person: Person, value: str, reveal: str, kernel: str
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", SHORT, reveal, "print('done')", kernel=kernel)
    notebook.run_all()
    answer_everything(notebook, person)
    panel = notebook.page.locator(".bw-panel")
    panel.get_by_text(value, exact=True).wait_for()
    notebook.wait_for_text(4, "done")
    saved = notebook.save()
    assert saved["cells"][3]["outputs"][0]["data"]["text/plain"] == ["•••••••• " + LABEL]

    notebook.wait_for_text(3, hidden())
    assert panel.count() == 0
    assert value not in notebook.page.content()
    saved = notebook.save()
    assert [output["data"] for output in saved["cells"][3]["outputs"]] == [
        {"text/plain": [hidden()]}
    ]
    places = notebook.server.kept() | {"websocket frames": b"\n".join(notebook.frames)}
    assert found([value, *person.typed], places) == []


def hidden() -> str:
    return f"•••••••• {LABEL} (shown here, not saved)"


def test_it_can_be_hidden_and_copied_at_once(
    open_notebook: Open, person: Person, value: str
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", REVEAL)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run_all()
    answer_everything(notebook, person)
    panel = notebook.page.locator(".bw-panel")
    panel.get_by_text(value, exact=True).wait_for()
    panel.get_by_role("button", name="Copy").click()
    panel.get_by_role("button", name="Copied").wait_for()
    assert notebook.page.evaluate("navigator.clipboard.readText()") == value
    panel.get_by_role("button", name="Hide").click()

    assert value not in panel.inner_text()


def test_without_encryption_it_refuses(open_notebook: Open, person: Person, value: str) -> None:
    notebook: NotebookPage = open_notebook(LOAD, "%bw_unlock", REVEAL, before=NO_WEBCRYPTO)
    notebook.run_all()
    answer_everything(notebook, person)
    notebook.wait_for_text(2, "NotOffered: This page cannot decrypt (plain http)")

    assert notebook.page.locator(".bw-panel").count() == 0
    assert found([value], {"frames": b"\n".join(notebook.frames)}) == []


def test_a_shown_value_is_gone_at_once_when_the_vault_is_locked(
    open_notebook: Open, person: Person, value: str
) -> None:
    notebook = open_notebook(LOAD, "%bw_unlock", REVEAL, "%bw_lock")
    notebook.run_cell(0)
    notebook.run_cell(1)
    answer_where_asked(notebook, person)
    notebook.run_cell(2)
    notebook.page.get_by_text(value, exact=True).wait_for()
    notebook.run_cell(3)
    # Long before the 30 seconds after which it goes by itself.
    notebook.page.get_by_text(value, exact=True).wait_for(state="detached", timeout=25_000)
    notebook.wait_for_text(2, "(shown here, not saved)")
