"""Lines that mean to name a server and name none: no key goes to the cloud after them."""

from __future__ import annotations

import pytest

from bw_magics.demo import DemoServer
from bw_magics.errors import BitwardenError, CredentialsConflict
from tests.notebook.conftest import Notebook
from tests.notebook.test_same_server_again import only_key as only_key

VARIABLES = {
    "$nothing": "does not exist",
    "{nothing}": "does not exist",
    "$none": "is None",
    "$number": "holds no text",
    "$parts": "holds no text",
    "$empty": "is empty",
    "{empty}": "is empty",
    "$blank": "is empty",
    "$invisible": "is empty",
    "$EMPTY": "does not exist",
}
LINES = {
    "a login": "%bw_login --server {}",
    "a login with =": "%bw_login --server={}",
    "an unlock": "%bw_unlock --server {}",
    "the CLI's word": "%bw login --server {}",
    "a token": "%bw_login --access-token $token --server {}",
    "a setting": "%bw config server {}",
    "a service": "%bw config server --identity {}",
}
PRELUDE = (
    "import os\ntoken, none, number, empty = os.environ['TOKEN'], None, 8443, ''\n"
    "blank, invisible, parts = '  ', chr(0x200b), ['https://vault.example.org']\n"
)


@pytest.fixture
def cells(only_key: DemoServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """A notebook that has a key without a server, and the variables of the lines."""
    monkeypatch.setenv("EMPTY", "")
    notebook(PRELUDE)
    return notebook


def asks_for_the_server(notebook: Notebook) -> bool:
    error = notebook.attempt("%bw_login").error
    return isinstance(error, CredentialsConflict) and "could not be read" in error.fact


@pytest.mark.parametrize(("variable", "why"), VARIABLES.items(), ids=VARIABLES)
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_variable_that_names_no_server_is_named(
    cells: Notebook, line: str, variable: str, why: str
) -> None:
    error = cells.refusal(line.format(variable))
    assert f"The variable {variable.strip('${}')} of " in error.fact
    assert why in error.fact
    assert asks_for_the_server(cells)


MISTAKEN = [
    "%bw_login --server ''",
    '%bw_login --server="  "',
    "%bw_login --server=",
    "%bw_login --server",
    "%bw_unlock --server --nointeraction",
    "%bw_login --sever https://vault.example.org",
    "%bw_login --servers https://vault.example.org",
    "%bw_login --server-url https://vault.example.org",
    "%bw_login -server https://vault.example.org",
    "%bw_login --url https://vault.example.org",
    "%bw_login --host vault.example.org",
    "%bw_login https://vault.example.org",
    "%bw_login —server https://vault.example.org",
    "%bw_login --server https://vault.example.org joe@example.org",
    "%bw_login --server https://vault.example.org --method 0",
    "%bw_login --server 'https://vault.example.org",
    "%bw_unlock --server https://vault.example.org --raw=1",
    "%bw config server ''",
    "%bw config server $parts[0]",
    "%bw config srver https://vault.example.org",
    "%bw config --server https://vault.example.org",
    "%bw config server https://vault.example.org https://id.example.org",
    "%bw config server --identity ''",
]


@pytest.mark.parametrize("line", MISTAKEN)
def test_a_line_that_cannot_be_read_is_not_passed_over(cells: Notebook, line: str) -> None:
    assert isinstance(cells.attempt(line).error, BitwardenError)
    assert asks_for_the_server(cells)


@pytest.mark.parametrize(
    "line",
    [
        "%bw_login joe@example.org hunter2-made-up",
        "%bw_login --sso",
        "%bw_login --method 0",
        "%bw_unlock --timeout soon",
        "%bw_unlock made-up-master-password",
    ],
)
def test_another_mistake_asks_for_no_server(cells: Notebook, line: str) -> None:
    assert isinstance(cells.attempt(line).error, BitwardenError)
    assert not asks_for_the_server(cells)
