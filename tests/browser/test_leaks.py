"""No route out of a kernel leaves a secret in JupyterLab or Notebook: not in a saved notebook, its
checkpoint, any folder of Jupyter's, the server's log at DEBUG, the browser, what the browser asks
for, or any websocket frame. Without the guard every one does.

Slow: `make leaks` runs every route in both, `make test` a chosen few in JupyterLab.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.routes import tour
from tests.leaks.kernel import vault_server
from tests.leaks.routes import FEW, ROUTES, everything
from tests.leaks.verdict import Record, Verdict, judge, named, tell

FRONT_ENDS = ("lab", "notebook") if everything() else ("lab",)
TRIED = ROUTES if everything() else FEW

# Where the control leaves markers: else the search of that place would prove nothing.
KEEPERS = (
    "work/routes.ipynb",
    "work/.ipynb_checkpoints/routes-checkpoint.ipynb",
    "server.log",
    "websocket frames",
    "the browser's requests",
    "the page",
)
# What holds none without the guard either, here; it is searched anyway.
SEARCHED = [
    re.compile(name)
    for name in (
        "ipython/profile_default/history.sqlite",
        "runtime/kernel-.+.json",
        "settings/.+",
        "the browser's storage",
        *KEEPERS,
    )
]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_no_route_leaves_a_secret_anywhere(
    browser: Browser, tmp_path: Path, front_end: str, record_property: Record
) -> None:
    with vault_server(tmp_path) as environment:
        control, guarded = tour(browser, tmp_path, environment, front_end, TRIED)

    verdicts = {name: judge(text, guarded.routes[name]) for name, text in control.routes.items()}
    tell(record_property, front_end, verdicts)
    assert named(verdicts, Verdict.LEAKS) == []
    assert named(verdicts, Verdict.EMPTY) == []
    assert guarded.found() == []
    kept = control.found()
    assert [place for place in KEEPERS if not any(hit.endswith(place) for hit in kept)] == []
    assert [name for name in SEARCHED if not any(map(name.match, guarded.places))] == []
