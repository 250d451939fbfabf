"""Tables: names come from people who share a vault, so nothing in them is markup or steers."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.demo import DemoServer
from bw_magics.demo.items.plain import login
from bw_magics.errors import Ambiguous
from bw_magics.notebook.show.table import render_html, render_text
from bw_magics.shown import one_line
from tests.notebook.conftest import ITERATIONS, Notebook, trust, variables

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a\"'onmouseover='x",
    "&lt;b&gt; & co",
    "</td></table><h1>",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "\u202etxt.exe",
    "zero\u200bwidth\ufeff and\xad soft",
    "next\x85line\u2028feed\u2029",
    "fill\u3164er",
    "two\nlines\rand\ttabs",
    "測定" * 30,
    "👩‍🔬 science",
    "x" * 500,
]


class Seen(HTMLParser):
    """The tags and texts of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


OURS = {"table", "thead", "tbody", "tr", "th", "td", "p", "div", "span"}
STEERING = "\x1b\x07\r\x00\x9b\u202e\u2066\u200b\ufeff\xad\x85\u2028\u2029\u3164"


@given(st.lists(st.lists(st.text(max_size=30), min_size=2, max_size=2), max_size=4))
def test_no_cell_is_markup_and_none_is_lost(rows: list[list[str]]) -> None:
    seen = Seen(render_html(("name", "type"), rows, "note"))
    assert seen.tags <= OURS
    assert not {name for name in seen.attributes if name.startswith("on")}
    for row in rows:
        for cell in row:
            assert not cell.strip() or any(one_line(cell)[:1] in text for text in seen.texts)


@given(st.lists(st.lists(st.text(max_size=60), min_size=2, max_size=2), min_size=1, max_size=4))
def test_every_row_is_one_line_of_text_that_steers_nothing(rows: list[list[str]]) -> None:
    lines = render_text(("name", "type"), rows, "note").split("\n")
    assert len(lines) == len(rows) + 3
    assert not any(character in line for line in lines for character in STEERING)
    assert all(len(line) < 100 for line in lines)


@pytest.fixture
def hostile(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Notebook]:
    """A notebook whose vault holds items with hostile names, each of them twice."""
    with DemoServer(iterations=ITERATIONS) as server:
        for name in HOSTILE:
            for user in ("one", "two"):
                server.add_item(server.accounts[0], login(name, user, f"demo-{user}-password"))
        trust(server, tmp_path, monkeypatch)
        for variable, value in variables(server).items():
            monkeypatch.setenv(variable, value)
        notebook("%bw_unlock")
        yield notebook


def test_hostile_names_are_shown_as_text(hostile: Notebook) -> None:
    table = hostile("%bw_list items --columns user").value
    seen = Seen(table._repr_html_())
    assert seen.tags <= OURS
    assert "<script>alert(1)</script>" in seen.texts
    assert "&lt;b&gt; & co" in seen.texts
    assert not any(character in repr(table) for character in STEERING)
    assert not any(character in table._repr_html_() for character in STEERING)
    assert not any(character in repr(item) for item in table for character in STEERING)
    assert not any(character in item.describe() for item in table for character in STEERING)
    assert "two lines and tabs" in repr(table) or "two lines�and tabs" in repr(table)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_error_about_a_hostile_name_is_one_harmless_line(hostile: Notebook, name: str) -> None:
    hostile.shell.user_ns["name"] = name
    came = hostile.attempt("%bw_get password $name")
    assert isinstance(came.error, Ambiguous)
    (rendered,) = came.error._render_traceback_()
    assert not any(character in rendered for character in STEERING)
    assert "\n" not in rendered
    assert not any(character in str(came.error) for character in STEERING)
    (shown,) = came.displayed
    assert Seen(shown["text/html"]).tags <= OURS
    item = hostile("%bw_get item $name --username one")
    assert not any(character in item.text for character in STEERING)


def test_items_that_look_the_same_are_marked(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = "W\u0430rehouse DB"
    with DemoServer(iterations=ITERATIONS) as server:
        server.add_item(server.accounts[0], login(twin, "eve", "demo-eve-password"))
        trust(server, tmp_path, monkeypatch)
        for variable, value in variables(server).items():
            monkeypatch.setenv(variable, value)
        notebook("%bw_unlock")
        table = notebook("%bw_list items --search rehouse").value
        shown = f"⚠ U+0430: {twin}"

        assert shown in repr(table)
        assert shown in Seen(table._repr_html_()).texts
        assert "Warehouse DB" in Seen(table._repr_html_()).texts
        missing = notebook.attempt("%bw_get password 'W\u0430r\u0435house DB'").error
        assert "U+0435" in str(missing)


def test_a_long_list_shows_its_beginning_and_that_it_is_cut(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DemoServer(iterations=ITERATIONS, items=300) as server:
        trust(server, tmp_path, monkeypatch)
        for variable, value in variables(server).items():
            monkeypatch.setenv(variable, value)
        notebook("%bw_unlock")
        table: Any = notebook("items = %bw_list items\nitems").value
        assert len(table) > 300
        assert f"{len(table)} items, the first 200 shown" in repr(table)
        assert len(repr(table).splitlines()) < 210
