"""The streams of IPython in a terminal, with what IPython itself does to them."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bw_magics.matching.mask import MASK
from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks.passage import letting_through
from bw_magics.notebook.guard.hooks.terminal import TerminalStream

SECRET = "a-made-up-password-4711"

CELLS = [
    f"print('{SECRET}'[:7] + '{SECRET}'[7:])",
    "import sys; print('once more', '-'.join(['a-made-up', 'password', '4711']), file=sys.stderr)",
    "'-'.join(['a-made-up', 'password', '4711']) + '!'",
]


class Stream(io.StringIO):
    """A stream whose `write` can be replaced, as those of a terminal can."""


def wrapped(stream: Any) -> Any:
    """Replaces `write` by one that leads to the old one; gives what puts that back."""
    original = stream.write

    def write(text: str, *arguments: object) -> int:
        kept.append(text)
        return int(original(text, *arguments))

    def put_back() -> None:
        stream.write = original

    kept: list[str] = []
    stream.write = write
    return kept, put_back


@pytest.fixture
def stream() -> Stream:
    return Stream()


@pytest.fixture
def tap(stream: Stream) -> TerminalStream:
    matcher = Matcher()
    matcher.learn(SECRET)
    return TerminalStream(stream, matcher, on_mask=lambda: None)


def test_what_another_keeps_meanwhile_is_masked_too(stream: Stream, tap: TerminalStream) -> None:
    for _ in range(3):
        kept, put_back = wrapped(stream)
        tap.renew()
        stream.write(f"<{SECRET}>")
        put_back()
        stream.write(f"({SECRET})")
        assert kept == [f"<{MASK}>"]

    assert stream.getvalue() == f"<{MASK}>({MASK})" * 3


def test_begun_while_another_keeps_what_is_written(stream: Stream) -> None:
    matcher = Matcher()
    matcher.learn(SECRET)
    kept, put_back = wrapped(stream)
    tap = TerminalStream(stream, matcher, on_mask=lambda: None)
    stream.write(SECRET)
    put_back()
    tap.renew()
    stream.write(SECRET)

    assert kept == [MASK]
    assert stream.getvalue() == MASK * 2


def test_taken_away_while_another_stands_above_it(stream: Stream, tap: TerminalStream) -> None:
    _, put_back = wrapped(stream)
    tap.renew()
    tap.remove()
    stream.write(SECRET)
    put_back()
    stream.write(SECRET)

    assert stream.getvalue() == SECRET * 2


class Silent(Stream):
    """A stream whose `write` returns nothing, as those of colorama and of IPython's `Tee`."""

    def write(self, text: str) -> None:  # type: ignore[override]
        super().write(text)


@pytest.mark.parametrize("state", ["nothing known", "shown on purpose", "taken away"])
def test_a_stream_may_return_nothing(state: str) -> None:
    stream, matcher = Silent(), Matcher()
    tap = TerminalStream(stream, matcher, on_mask=lambda: None)
    inner = stream.write
    if state == "taken away":
        # Another one stands above it, so that it cannot put the stream's own back.
        stream.write = lambda text: inner(text)  # type: ignore[method-assign]
    if state != "nothing known":
        matcher.learn(SECRET)
    if state == "taken away":
        tap.remove()
    with letting_through() if state == "shown on purpose" else contextlib.nullcontext():
        print("some text", file=stream)

    assert stream.getvalue() == "some text\n"


def test_loaded_before_the_first_cell_it_masks_what_the_cells_print(tmp_path: Path) -> None:
    """As `c.InteractiveShellApp.extensions` does it, with a password in the environment."""
    script = tmp_path / "cells.py"
    script.write_text(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'bw_magics')\n"
        f"for cell in {CELLS!r}:\n"
        "    assert shell.run_cell(cell, store_history=True).success\n"
        "kept = getattr(shell.history_manager, 'outputs', {1: ''})[1]\n"
        f"assert {SECRET[:12]!r} not in str(kept), 'what IPython keeps of the first'\n"
    )
    environment = {**os.environ, "BW_PASSWORD": SECRET, "IPYTHONDIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=60
    )

    assert run.returncode == 0, run.stderr
    assert SECRET not in run.stdout + run.stderr
    assert run.stdout.startswith("[REDACTED BW_PASSWORD]\n")
    assert "once more [REDACTED BW_PASSWORD]" in run.stderr
