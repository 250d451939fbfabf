"""The documentation site: built without a warning, every cell run, seen in a browser."""

from __future__ import annotations

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import pytest

from bw_magics.demo import DemoServer
from bw_magics.notebook.registry import REGISTRY
from tests.notebook.conftest import secrets_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
# A link in a page that was built, and what it leads to.
LINK = re.compile(r'<(?:a|img|script|link)\b[^>]*?\b(?:href|src)="([^"]+)"')


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests look at the pages."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    home = tmp_path_factory.mktemp("home")
    options = ["--builder", "html", "--jobs", "2", "--fail-on-warning", "--keep-going", "--quiet"]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, "docs", str(folder)],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "IPYTHONDIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr[-8000:]
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param)
    yield context.new_page()
    context.close()


def test_there_is_a_page_for_every_magic(site: Path) -> None:
    missing = [
        command.magic
        for command in REGISTRY.commands.values()
        if not (site / "magics" / f"{command.magic}.html").exists()
    ]
    assert missing == []


def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    wrong = []
    for source in site.rglob("*.html"):
        place = source.relative_to(site).as_posix()
        for link in LINK.findall(source.read_text(encoding="utf-8")):
            parts = urlsplit(urljoin(f"/{place}", link.replace("&amp;", "&")))
            if parts.netloc or parts.scheme in ("mailto", "data"):
                continue
            target = site / parts.path.lstrip("/")
            if target.is_dir():
                target /= "index.html"
            anchor = parts.fragment if target.suffix == ".html" else ""
            if not target.exists() or (
                anchor and f'id="{anchor}"' not in target.read_text(encoding="utf-8")
            ):
                wrong.append(f"{place}: {link}")
    assert wrong == []


def test_the_links_for_language_models_lead_somewhere(site: Path) -> None:
    links = re.findall(r"\]\((.*?)\)", (site / "llms.txt").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (site / link).exists()] == []


def test_no_page_shows_a_secret_of_the_demo_vault(site: Path) -> None:
    secrets = secrets_of(DemoServer(iterations=5000))
    shown = [
        f"{page.name}: {secret[:2]}…"
        for page in site.rglob("*.html")
        for secret in secrets
        if secret in page.read_text(encoding="utf-8")
    ]
    assert shown == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    "place",
    ["index.html", "first-minute.html", "magics/bw_list.html", "performance.html", "errors.html"],
)
def test_a_page_fits_its_window(address: str, page: Page, place: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address + place)
    heading = page.locator("h1").first
    heading.wait_for()
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    is_dark = sum(map(int, re.findall(r"\d+", ground)[:3])) < 3 * 128
    assert is_dark == page.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")


def test_the_search_finds_a_page(address: str, page: Page) -> None:
    page.goto(f"{address}search.html?q=rotate")
    # One found page is shown after another.
    page.locator("#search-results a[href*='bw_rotate']").first.wait_for()
