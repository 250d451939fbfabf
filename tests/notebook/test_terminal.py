"""IPython in a real terminal: which texts a person sees, and which are kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="needs a system with pseudo-terminals")

PATIENCE, PRESSES = 120.0, 12
VALUE = "horse-Battery-77"
FETCH = (
    "from bw_magics.announcing import Secrets; "
    "value = Secrets().make('-'.join(['horse', 'Battery', '77']), 'X / password')"
)
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\r")


class Terminal:
    """IPython at a pseudo-terminal; its home is `home`."""

    def __init__(self, home: Path) -> None:
        self._screen, inside = pty.openpty()
        environment = {
            **os.environ,
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "TERM": "xterm",
        }
        arguments = ["--no-banner", "--no-confirm-exit", "--colors=NoColor"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "IPython", *arguments],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env=environment,
            start_new_session=True,
        )
        os.close(inside)
        os.set_blocking(self._screen, False)
        self._prompts = 1
        self._until(f"In [{self._prompts}]:")

    def run(self, line: str) -> str:
        """Types a line; all that the terminal then shows, until it asks for the next one."""
        os.write(self._screen, f"{line}\r".encode())
        self._prompts += 1
        return self._until(f"In [{self._prompts}]:")

    def press(self, keys: str, until: str) -> str:
        """Presses keys; returns the output up to a text of that pattern.

        The terminal reads its history meanwhile: an early key shows nothing, so a person presses
        it again.
        """
        shown = ""
        for _ in range(PRESSES):
            os.write(self._screen, keys.encode())
            shown += self._shown(until, PATIENCE / PRESSES)
            if re.search(until, shown):
                return shown
        raise TimeoutError(f"{until!r} was not shown: {shown[-500:]!r}")

    def close(self) -> None:
        """Leaves IPython, so that everything is written."""
        os.write(self._screen, b"\x15exit\r")
        until = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < until:
            self._read()
        self._process.kill()
        self._process.wait()
        os.close(self._screen)

    def _until(self, text: str) -> str:
        if text in (shown := self._shown(re.escape(text), PATIENCE)):
            return shown
        raise TimeoutError(f"{text!r} was not shown: {shown[-500:]!r}")

    def _shown(self, pattern: str, seconds: float) -> str:
        """Returns the output up to a text of that pattern, or of so many seconds."""
        shown = ""
        until = time.monotonic() + seconds
        while True:
            shown += self._read()
            plain = _CONTROL.sub("", shown)
            if re.search(pattern, plain) or time.monotonic() > until:
                return plain

    def _read(self) -> str:
        try:
            return os.read(self._screen, 1 << 16).decode(errors="replace")
        except (BlockingIOError, OSError):
            time.sleep(0.02)
            return ""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    started = Terminal(tmp_path)
    started.run("%load_ext bw_magics")
    try:
        yield started
    finally:
        if started._process.poll() is None:
            started.close()


def test_a_value_is_revealed_once_and_masked_before_and_after(terminal: Terminal) -> None:
    terminal.run(FETCH)

    assert VALUE not in terminal.run("print(value)")
    assert terminal.run("bw_session.reveal(value)").count(VALUE) == 1
    assert VALUE not in terminal.run("print(value)")


def test_what_is_not_a_terminal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cells.ipy"
    path.write_text(f"%load_ext bw_magics\n{FETCH}\nbw_session.reveal(value)\n")
    came = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=NoColor", str(path)],
        env={**os.environ, "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert "NotOffered: The output is not a terminal" in came.stdout + came.stderr
    assert VALUE not in came.stdout + came.stderr


@pytest.mark.parametrize("word", ["hunter2", "hunter2horse9x"])
def test_a_typed_secret_is_in_no_history_afterwards(
    terminal: Terminal, tmp_path: Path, word: str
) -> None:
    came = terminal.run(f"%bw_unlock {word}")
    terminal.press("\x15", until="")
    # The line before it, where IPython has not written this one to its history yet.
    earlier = terminal.press("\x1b[A", until="%bw_unlock|load_ext")
    terminal.close()

    assert "It was not used" in came
    assert "removed from the cell and the history" in came
    assert word not in earlier
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "history.sqlite" for path in kept)
    assert [path.name for path in kept if word.encode() in path.read_bytes()] == []
