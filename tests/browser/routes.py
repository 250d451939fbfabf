"""The routes of tests/leaks, cell after cell in a real front end, and all that is left of them."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Request

from tests.browser.jupyter import PATIENCE, JupyterServer, NotebookPage, jupyter_server
from tests.browser.kernels import NEWEST, install_kernels
from tests.leaks.kernel import FETCH, Messages, unlock
from tests.leaks.markers import found
from tests.leaks.routes import Route

# Some routes name hosts: what they ask for is looked at, and goes nowhere.
_ELSEWHERE = re.compile(r"^https?://(?!127\.0\.0\.1|localhost)")

# Runs the cell as its ▶ does; `window.ended` tells when. A route may insert cells, so that a cell
# is known by its id.
_RUN = """id => {
    const {commands, shell} = window.jupyterapp;
    const notebook = shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === id);
    notebook.deselectAll();
    window.ended = false;
    commands.execute("notebook:run-cell").finally(() => { window.ended = true; });
    return notebook.activeCell.model.id;
}"""
_COUNT = """id => window.jupyterapp.shell.currentWidget.content.widgets
    .find(cell => cell.model.id === id).model.executionCount"""

_STORAGE = """async () => {
    const done = request => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const databases = {};
    for (const {name} of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            const objects = database.transaction(store).objectStore(store);
            databases[`${name} ${store}`] = [await done(objects.getAllKeys()),
                                            await done(objects.getAll())];
        }
    }
    return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, databases]);
}"""


@dataclass
class Left:
    """What is left of a notebook: of each route, and in all places together."""

    routes: dict[str, str] = field(default_factory=dict)
    places: dict[str, bytes] = field(default_factory=dict)

    def found(self) -> list[str]:
        """Which markers are in which places, in any form."""
        return [
            f"{name} in {place}"
            for place, contents in self.places.items()
            for name in found(contents.decode("utf-8", "replace"))
        ]


def messages_of(frames: Sequence[bytes]) -> Messages:
    """The kernel's messages that frames carry."""
    return Messages([message for frame in frames if (message := _message(frame)) is not None])


def _message(frame: bytes) -> dict[str, Any] | None:
    """Jupyter's first websocket protocol: a count, as many offsets, then the parts: channel,
    header, parent, metadata, content. Other frames are JSON and no kernel's.
    """
    if frame.startswith(b"{"):
        return None
    count = int.from_bytes(frame[:8], "little")
    offsets = [int.from_bytes(frame[8 * n : 8 * n + 8], "little") for n in range(1, count + 1)]
    parts = [frame[start:end] for start, end in itertools.pairwise(offsets)]
    return {"header": json.loads(parts[1]), "content": json.loads(parts[4])}


def seen_by_browser(notebook: NotebookPage) -> dict[str, bytes]:
    """What a page shows and keeps, and every frame it sent or received."""
    kernel = messages_of(notebook.frames).text.encode()
    return {
        "the page": notebook.page.content().encode(),
        "the browser's storage": notebook.page.evaluate(_STORAGE).encode(),
        "websocket frames": b"\n".join([*notebook.frames, kernel]),
    }


class Tour:
    """A notebook whose cells are routes, open in a front end; `redact` is whether the guard is
    on. The vault is unlocked in it.
    """

    def __init__(
        self,
        browser: Browser,
        server: JupyterServer,
        front_end: str,
        routes: Sequence[Route],
        *,
        redact: bool,
    ) -> None:
        self.left = Left()
        self.routes = routes
        self._requests: list[str] = []
        self._before = 0
        cells = (unlock(redact=redact), FETCH, *(route.code for route in routes))
        path = server.write("routes.ipynb", cells, NEWEST)
        self._name = f"routes-{front_end}-{'on' if redact else 'off'}"
        self._ids: list[str] = [cell["id"] for cell in json.loads(path.read_text())["cells"]]
        self.notebook = NotebookPage.open(browser, server, path, front_end)
        self._page = self.notebook.page
        self._page.on("request", self._listen)
        self._page.context.route(_ELSEWHERE, lambda route: route.abort())
        for number in (0, 1):
            self._run(number)
            self._until_ended(number)
        assert "✓ unlocked" in self.notebook.text(0), self.notebook.text(0)

    def begin(self, number: int) -> None:
        """Starts a route."""
        self._before = len(self.notebook.frames)
        self._run(number + 2)

    def end(self, number: int) -> None:
        """Answers what a route asks, in the front end's own box, and waits for its end."""
        route = self.routes[number]
        for answer in route.answers:
            box = self._page.wait_for_selector(".jp-Stdin-input")
            assert box is not None
            box.fill(answer)
            self.notebook.screenshot(f"{self._name}-asked")
            box.press("Enter")
            # The next question has a box of its own.
            box.wait_for_element_state("hidden")
        self._until_ended(number + 2)
        self._until_printed(route.late)
        frames = self.notebook.frames[self._before :]
        whole = b"\n".join(frames).decode("utf-8", "replace")
        self.left.routes[route.name] = f"{messages_of(frames).text}\n{whole}"

    def finish(self) -> None:
        """Saves the notebook, looks at what the browser has, and closes both."""
        saved = self.notebook.save()
        self.notebook.screenshot(self._name)
        outputs = {cell["id"]: cell.get("outputs") for cell in saved["cells"]}
        for route, id in zip(self.routes, self._ids[2:], strict=True):
            self.left.routes[route.name] += json.dumps(outputs[id], ensure_ascii=False)
        # Some files are there only as long as a kernel runs.
        self.left.places |= self.notebook.server.kept()
        self.left.places["the browser's requests"] = "\n".join(self._requests).encode()
        self.left.places |= seen_by_browser(self.notebook)
        self.notebook.close()

    def _run(self, number: int) -> None:
        assert self._page.evaluate(_RUN, self._ids[number]) == self._ids[number]

    def _until_ended(self, number: int) -> None:
        self._page.wait_for_function("() => window.ended")
        assert self._page.evaluate(_COUNT, self._ids[number]) is not None

    def _until_printed(self, late: str) -> None:
        until = time.monotonic() + PATIENCE / 1000
        while late not in messages_of(self.notebook.frames[self._before :]).text:
            assert time.monotonic() < until, f"nothing printed {late!r}"
            self._page.wait_for_timeout(50)

    def _listen(self, request: Request) -> None:
        body = request.post_data_buffer or b""
        self._requests.append(f"{request.url}\n{body.decode('utf-8', 'replace')}")


def tour(
    browser: Browser,
    folder: Path,
    environment: Mapping[str, str],
    front_end: str,
    routes: Sequence[Route],
) -> tuple[Left, Left]:
    """Runs routes in a front end, side by side without the guard and with it, each with a server
    of its own. What is left of them when the servers have ended, in that order.
    """
    with ExitStack() as stack:
        tours = []
        for name in ("unguarded", "guarded"):
            install_kernels([NEWEST], folder / name / "data")
            server = stack.enter_context(jupyter_server(folder / name, environment=environment))
            tours.append(Tour(browser, server, front_end, routes, redact=name == "guarded"))
        for number in range(len(routes)):
            for each in tours:
                each.begin(number)
            for each in tours:
                each.end(number)
        for each in tours:
            each.finish()
    for each in tours:
        each.left.places |= each.notebook.server.kept()
    return tours[0].left, tours[1].left
