"""A cell that the Jupyter server runs: its request does not name the cell, as here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bw_magics.demo import DemoServer
from bw_magics.notebook.panels.server_side import TRUST, WHY
from tests.notebook.conftest import variables
from tests.notebook.kernel import Kernel, at_home, kernel
from tests.notebook.panels.front_end import LOADED, READY, Page


@pytest.fixture(scope="module")
def running(
    shared_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    home = tmp_path_factory.mktemp("home")
    values = {k: v for k, v in variables(shared_server).items() if k != "BW_PASSWORD"}
    environment = at_home(home, shared_server, JPY_SESSION_NAME="notebook.ipynb", **values)
    with kernel(environment) as started:
        assert started.run(f"import os; os.chdir({str(home)!r})\n%load_ext bw_magics").ok
        yield started


def test_panels_name_the_way_to_see_them(running: Kernel, shared_server: DemoServer) -> None:
    password = shared_server.accounts[0].master_password
    came = running.run("%bw_unlock", [password], Page(()))
    assert came.ok, came
    assert f"{WHY} {TRUST}" in came.text
    for line in ("%bw_get password Warehouse DB --reveal", "bw_session.browse()"):
        assert running.run(line, [], Page(())).assert_one_line("NotOffered") == f"{WHY} {TRUST}"

    # The notebook was trusted meanwhile: the form is tried again, and its line is a new output.
    running.messages.clear()
    page = Page((LOADED, READY), [{"master_password": password}])
    came = running.run("%bw_lock\n%bw_unlock", [], page)
    assert came.ok, came
    kinds = [m["header"]["msg_type"] for m in running.messages]
    assert "update_display_data" not in kinds
    assert any(
        m["content"]["data"]["text/plain"].startswith("✓ unlocked")
        for m in running.messages
        if m["header"]["msg_type"] == "display_data"
    )
