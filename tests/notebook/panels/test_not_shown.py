"""What stays in a cell whose panel nobody could see: never the claim that it was shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bw_magics.demo import DemoServer
from tests.notebook.conftest import variables
from tests.notebook.kernel import Kernel, at_home, kernel
from tests.notebook.panels.front_end import LOADED, Page

# A clock of the panels' that is eight times as fast.
FASTER = """
import time, types
from bw_magics.notebook.panels import handshake
handshake.time = types.SimpleNamespace(monotonic=lambda: time.monotonic() * 8)
"""


@pytest.fixture(scope="module")
def running(
    shared_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kernel]:
    home = tmp_path_factory.mktemp("home")
    with kernel(at_home(home, shared_server, **variables(shared_server))) as started:
        assert started.run(f"import os; os.chdir({str(home)!r})").ok
        assert started.run("%load_ext bw_magics\n%bw_unlock").ok
        assert started.run(FASTER).ok
        yield started


@pytest.mark.parametrize(
    "line",
    [
        "%bw_get password Warehouse DB --reveal",
        "bw_session.reveal(bw_session['Warehouse DB'].password)",
        "bw_session.reveal('a text of one word')",
        "bw_session.browse()",
    ],
)
@pytest.mark.parametrize("says", [(), (LOADED,)], ids=["no widgets", "out of sight"])
def test_a_panel_that_nobody_saw_is_never_said_to_be_shown(
    running: Kernel, line: str, says: tuple[dict[str, object], ...]
) -> None:
    running.messages.clear()
    came = running.run(line, [], Page(says))

    assert came.ename == "NotOffered", came
    texts = [
        message["content"]["data"]["text/plain"]
        for message in running.messages
        if "display_data" in message["header"]["msg_type"]
    ]
    assert len(texts) == 2, "the panel was tried, and then taken away"
    assert texts[-1] == ""
    for claim in ("shown here", "was here"):
        assert claim not in " ".join(texts)
