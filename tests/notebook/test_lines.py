"""What the notebook tests take for the lines that a cell printed."""

from __future__ import annotations

import pytest

from tests.notebook.lines import lines_on_screen


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("a\nb\n", ["a", "b"], id="lines"),
        pytest.param("a\n\nb", ["a", "", "b"], id="an empty line and no end"),
        pytest.param("a\r\nb\r\n", ["a", "b"], id="ends of Windows"),
        pytest.param("wait 2 s\rwait 1 s\r        \rdone\n", ["done"], id="overwritten"),
        pytest.param("first\nwait 1 s\r        \r", ["first"], id="wiped away"),
    ],
)
def test_a_line_that_was_overwritten_is_not_seen(text: str, lines: list[str]) -> None:
    assert lines_on_screen(text) == lines
