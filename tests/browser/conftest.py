"""A demo server whose secrets are markers, a Jupyter server, a browser, a search for leaks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bw_magics.demo import DemoAccount, DemoServer
from bw_magics.demo.accounts import first_account
from tests.browser.markers import found, marker, plain_marker

if TYPE_CHECKING:
    from playwright.sync_api import Browser

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

from tests.browser.jupyter import (  # noqa: E402 - after the skip
    CHROMIUM_ARGUMENTS,
    JupyterServer,
    NotebookPage,
    chromium,
    jupyter_server,
)
from tests.browser.kernels import NEWEST, install_kernels  # noqa: E402
from tests.browser.person import Person  # noqa: E402

ITERATIONS = 5000

Open = Callable[..., NotebookPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def account() -> DemoAccount:
    """An account whose credentials are found nowhere else."""
    account = first_account(iterations=ITERATIONS)
    account.master_password = marker("right")
    account.client_secret = plain_marker("secret")
    return account


@pytest.fixture(scope="session")
def demo(account: DemoAccount) -> Iterator[DemoServer]:
    with DemoServer(accounts=[account], iterations=ITERATIONS) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=[*CHROMIUM_ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter(demo: DemoServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A Jupyter server whose kernels know the demo server and trust it."""
    folder = tmp_path_factory.mktemp("jupyter")
    authority = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.write_bytes(demo.certificate_authority)
    environment = {"SSL_CERT_FILE": str(authority), "BW_SERVER": demo.url}
    install_kernels([NEWEST], folder / "data")
    with jupyter_server(folder, environment=environment) as server:
        yield server


@pytest.fixture
def person(account: DemoAccount) -> Person:
    return Person(account)


@pytest.fixture
def open_notebook(
    browser: Browser, jupyter: JupyterServer, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Opens notebooks, and closes them with their kernels afterwards."""
    opened: list[NotebookPage] = []
    jupyter.settings()

    def open_notebook(
        *cells: str, kernel: str = NEWEST, front_end: str = "lab", before: str = ""
    ) -> NotebookPage:
        try:
            install_kernels([kernel], jupyter.folder / "data")
        except subprocess.CalledProcessError:
            pytest.skip(f"needs the packages of kernel {kernel}")
        name = f"{request.node.name.replace('[', '-').replace(']', '')}-{len(opened)}.ipynb"
        path = jupyter.write(name, cells, kernel)
        notebook = NotebookPage.open(browser, jupyter, path, front_end, before=before)
        opened.append(notebook)
        return notebook

    yield open_notebook
    for notebook in opened:
        notebook.close()


@pytest.fixture
def leaks() -> Callable[..., list[str]]:
    """Saves a notebook, and says where the typed text can be found: in any file of server,
    kernels and front end, in the server's log, in any websocket frame (the front end's own box
    seals nothing: `sealed` False leaves the frames out).
    """

    def leaks(notebook: NotebookPage, person: Person, *, sealed: bool = True) -> list[str]:
        notebook.save()
        places = notebook.server.kept()
        if sealed:
            places["websocket frames"] = b"\n".join(notebook.frames)
        assert notebook.frames
        assert notebook.path.name.encode() in places["server.log"], "the log is not searched"
        return found(person.typed, places)

    return leaks
