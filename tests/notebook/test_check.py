"""`%bw_check`: what a project needs, found without reading a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bw_magics.errors import NeedsUnmet, UsageMistake
from bw_magics.notebook.extension import registered
from tests.notebook.conftest import Notebook

GOOD = 'PGPASSWORD="bw://Warehouse DB/password"'


@pytest.fixture
def opened(notebook: Notebook) -> Notebook:
    """The demo vault and its Secrets Manager, open."""
    notebook("%bw_demo\n%bw_login")
    notebook("%bw_unlock\n%bw_login --access-token")
    return notebook


def project(text: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.bw_magics.secrets]\n{text}")


def test_the_found_ones_are_counted_and_none_is_read(opened: Notebook) -> None:
    line = f"%bw_check {GOOD} B=bws://Reporting/MAIL_TOKEN"
    assert opened(line).lines == ["✓ 2 of 2 are there"]
    session = registered(opened.shell)
    assert session is not None
    assert not session.guard.knows("demo-warehouse-password-1")
    assert not session.guard.knows("demo-machine-mail-token-3")


PROBLEMS = {
    "bw://Warehouse DB/nothing": "FieldNotFound",
    "bw://Nowhere/password": "NotFound",
    "bw://Reporting/password": "Ambiguous",
    "bws://Reporting/NOTHING": "NotFound",
    "bws://API_KEY": "Ambiguous",
    "bws://Größe/50 %/DAMAGED": "Unreadable",
}


@pytest.mark.parametrize(("reference", "kind"), PROBLEMS.items(), ids=[*PROBLEMS])
def test_what_is_missing_is_named_with_its_reason(
    opened: Notebook, reference: str, kind: str
) -> None:
    came = opened.attempt(f'%bw_check {GOOD} OTHER="{reference}"')

    assert isinstance(came.error, NeedsUnmet)
    assert came.error.names == ("OTHER",)
    (table,) = came.displayed
    assert kind in table["text/plain"]
    assert "1 of 2 secrets are not available: OTHER" in str(came.error)


def test_the_needs_of_a_project_are_read(opened: Notebook) -> None:
    project(
        'A = "bw://Warehouse DB/password"\n'
        'B = { reference = "bws://Reporting/NOTHING", description = "x", optional = true }\n'
    )
    assert opened("%bw_check").lines[-1] == "✓ 1 of 2 are there, 1 optional not"


def test_locked_and_logged_out_are_reasons_too(notebook: Notebook) -> None:
    came = notebook.attempt(f"%bw_check {GOOD} B=bws://x/y")
    assert isinstance(came.error, NeedsUnmet)
    assert came.displayed[0]["text/plain"].count("NotLoggedIn") == 2


@pytest.mark.parametrize(
    "text", ["A = 7", 'A = "password"', "A = { optional = 1 }", "A =", "A = { reference = 3 }"]
)
def test_a_table_that_cannot_be_read_is_told(notebook: Notebook, text: str) -> None:
    project(text)
    assert isinstance(notebook.refusal("%bw_check"), UsageMistake)


def test_without_any_need_the_usage_is_told(notebook: Notebook) -> None:
    assert "names no need" in str(notebook.refusal("%bw_check"))
