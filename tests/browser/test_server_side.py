"""JupyterLab with jupyter-server-nbmodel and collaboration: the server runs the cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bw_magics.demo import DemoServer
from bw_magics.notebook.panels.server_side import TRUST, WHY
from tests.browser.conftest import Open
from tests.browser.jupyter import (
    SERVER_SIDE,
    JupyterServer,
    environment_of,
    jupyter_server,
)
from tests.browser.kernels import NEWEST, install_kernels
from tests.browser.person import Person
from tests.browser.test_scenarios import LOAD, REVEAL, answer_where_asked, warehouse_password

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]

Leaks = Callable[..., list[str]]


@pytest.fixture(scope="module")
def jupyter(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server in an environment of its own; its kernels are those of the other tests."""
    folder = tmp_path_factory.mktemp("server-side")
    python = environment_of(SERVER_SIDE, folder)
    authority = folder / "authority.pem"
    authority.write_bytes(demo.certificate_authority)
    variables = {"SSL_CERT_FILE": str(authority), "BW_SERVER": demo.url}
    install_kernels([NEWEST], folder / "jupyter" / "data")
    with jupyter_server(folder / "jupyter", environment=variables, python=python) as server:
        yield server


def test_panels_work_in_a_trusted_notebook_and_name_the_way_in_another(
    open_notebook: Open, demo: DemoServer, person: Person, leaks: Leaks
) -> None:
    value = warehouse_password(demo)
    notebook = open_notebook(LOAD, "%bw_unlock", REVEAL, "bw_session.browse()", "%bw_lock")
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.wait_for_text(1, WHY)
    assert answer_where_asked(notebook, person) == "stdin"
    notebook.wait_for_text(1, "✓ unlocked")
    for number in (2, 3):
        notebook.run_cell(number)
        notebook.wait_for_text(number, f"NotOffered: {WHY} {TRUST}")
        assert "was here" not in notebook.text(number)
        assert "shown here" not in notebook.text(number)

    notebook.trust()
    seen = len(notebook.frames)
    notebook.run_cell(4)
    notebook.wait_for_text(4, "✓ locked")
    notebook.run_cell(1)
    person.give_password(notebook)
    notebook.wait_for_text(1, "✓ unlocked")
    notebook.run_cell(2)
    notebook.page.locator(".bw-panel").get_by_text(value, exact=True).wait_for()
    notebook.run_cell(3)
    notebook.cell(3).get_by_role("option").first.wait_for()
    notebook.screenshot("server-side")
    sent = b"".join(notebook.frames[seen:])
    assert person.account.master_password.encode() not in sent
    assert value.encode() not in sent
    assert leaks(notebook, person, sealed=False) == []
