"""`%bw_check`: what a project needs, found without reading a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bw_magics.errors import NeedsUnmet, UsageMistake
from bw_magics.notebook.extension import registered
from tests.notebook.conftest import Notebook

GOOD = 'PGPASSWORD="bw://Warehouse DB/password"'


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


def test_a_plain_word_or_a_description_in_a_cell_of_needs_is_not_a_secret(
    notebook: Notebook,
) -> None:
    plain = notebook.refusal('%%bw_needs\nHOST = "localhost"')
    assert type(plain) is UsageMistake
    described = '{ reference = "bw://a/b", description = "The token of Zq8-Xk2 for 2026" }'
    assert notebook(f"%%bw_needs\nTOKEN = {described}").lines[-1].startswith("✓ 1 secret named")


@pytest.mark.parametrize(
    "text", ["A = 7", 'A = "password"', "A = { optional = 1 }", "A =", "A = { reference = 3 }"]
)
def test_a_table_that_cannot_be_read_is_told(notebook: Notebook, text: str) -> None:
    project(text)
    assert isinstance(notebook.refusal("%bw_check"), UsageMistake)


def test_without_any_need_the_usage_is_told(notebook: Notebook) -> None:
    assert "No need is named on the line" in str(notebook.refusal("%bw_check"))


CELL = """\
%%bw_needs
A = "bw://Warehouse DB/password"
B = { reference = "bws://Reporting/MAIL_TOKEN", description = "for mails" }
C = { reference = "bws://Reporting/NOTHING", optional = true }
"""


def test_a_cell_names_what_the_notebook_needs_of_both_sources(opened: Notebook) -> None:
    assert opened(CELL).lines == ["✓ 3 secrets named; next: %bw_check"]
    assert opened("%bw_check").lines[-1] == "✓ 2 of 3 are there, 1 optional not"
    (table,) = opened("%bw_needs").displayed
    assert "for mails" in table["text/plain"]
    assert "bws://Reporting/NOTHING" in table["text/plain"]
    session = registered(opened.shell)
    assert session is not None
    assert not session.guard.knows("demo-warehouse-password-1")
    assert not session.guard.knows("demo-machine-mail-token-3")


def test_a_cell_is_run_again_and_comes_before_the_project(opened: Notebook) -> None:
    project('A = "bw://Nowhere/password"\nZ = "bws://API_KEY"\n')
    opened(CELL)
    came = opened.attempt("%bw_check")
    assert isinstance(came.error, NeedsUnmet)
    assert came.error.names == ("Z",)
    opened('%%bw_needs\nZ = "bws://Reporting/API_KEY"\nA = "bw://Warehouse DB/password"')
    assert opened("%bw_check").lines == ["✓ 2 of 2 are there"]


def test_naming_needs_asks_no_login_and_no_server(notebook: Notebook) -> None:
    assert notebook(CELL).error is None
    came = notebook.attempt("%bw_check")
    assert isinstance(came.error, NeedsUnmet)
    assert came.displayed[0]["text/plain"].count("NotLoggedIn") == 3


@pytest.mark.parametrize(
    "cell",
    [
        "%%bw_needs\nA = 7",
        "%%bw_needs\nA = 'made-up-Vx7-value'",
        "%%bw_needs\nA = { optional = 1 }",
        "%%bw_needs\nmade-up-Vx7-value",
        "%%bw_needs --Vx7\nA = 'bw://a/b'",
        "%bw_needs",
    ],
)
def test_a_cell_that_cannot_be_read_is_told_and_not_repeated(notebook: Notebook, cell: str) -> None:
    error = notebook.refusal(cell)
    assert isinstance(error, UsageMistake)
    assert "Vx7" not in str(error)
