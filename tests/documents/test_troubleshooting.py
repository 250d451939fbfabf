"""Every message that the page on troubleshooting quotes is a message of the code."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
# Shorter pieces between two names say nothing.
LEAST = 6

QUOTED = [
    text
    for heading in re.findall(r"^### (.*)$", PAGE, re.M)
    for text in re.findall(r'"(.*?)"', heading)
]


@functools.cache
def texts() -> list[str]:
    """Every text in the code, and the pieces of those with values in them."""
    return [
        node.value
        for path in (ROOT / "bw_magics").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


@pytest.mark.parametrize("message", QUOTED)
def test_a_quoted_message_is_one_of_the_code(message: str) -> None:
    pieces = [piece.strip(" .;:()") for piece in message.split("…")]
    telling = [piece for piece in pieces if len(piece) >= LEAST]

    assert telling
    assert [piece for piece in telling if not any(piece in text for text in texts())] == []


def test_messages_are_quoted() -> None:
    assert len(QUOTED) >= 20
