"""papermill, nbconvert and a terminal: a whole notebook without anybody, a session by hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bw_magics.demo import DemoServer
from tests.notebook.conftest import secrets_of, variables

CELLS = [
    "%load_ext bw_magics",
    "%bw_login --apikey",
    "%bw_unlock",
    "password = %bw_get password Warehouse DB\nassert password == 'demo-warehouse-' 'password-1'",
    "%bw_list items",
    "%bw_get password Warehouse DB",
]


@pytest.fixture
def written(home: Path) -> Path:
    import nbformat
    from nbformat import v4

    path = home / "work" / "report.ipynb"
    path.parent.mkdir()
    metadata = {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in CELLS], metadata=metadata)
    nbformat.write(notebook, path)
    return path


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )


PAPERMILL = ["papermill", "report.ipynb", "out.ipynb", "--no-progress-bar"]
SCRIPT = ["IPython", "report.ipy"]
MISSING = "CredentialsMissing: BW_PASSWORD is not set, and there is nobody to ask"
NBCONVERT = ["nbconvert", "--to", "notebook", "--execute", "report.ipynb", "--output", "out.ipynb"]


@pytest.mark.parametrize("command", [PAPERMILL, NBCONVERT], ids=["papermill", "nbconvert"])
def test_a_notebook_runs_from_the_environment_and_keeps_no_secret(
    trusted: DemoServer, written: Path, command: list[str]
) -> None:
    done = run(command, written.parent, **variables(trusted))
    assert done.returncode == 0, done.stderr
    kept = written.with_name("out.ipynb").read_text()
    assert "✓ unlocked" in kept
    assert "•••••••• Warehouse DB / password" in kept
    assert "Model registry" in kept
    for text in (kept, done.stdout, done.stderr):
        assert not [secret for secret in secrets_of(trusted) if secret in text]


@pytest.mark.parametrize(
    "command", [PAPERMILL, NBCONVERT, SCRIPT], ids=["papermill", "nbconvert", "script"]
)
def test_without_a_password_it_ends_at_once_and_says_what_to_set(
    trusted: DemoServer, written: Path, command: list[str]
) -> None:
    written.with_name("report.ipy").write_text("\n".join(CELLS))
    values = variables(trusted)
    del values["BW_PASSWORD"]
    done = run(command, written.parent, **values)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert MISSING in said
    assert "--passwordfile" in said
    assert values["BW_CLIENTSECRET"] not in said


@pytest.mark.parametrize("mode", ["auto", "form"])
def test_where_nobody_answers_no_form_is_shown_first(
    trusted: DemoServer, written: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    heard: list[str] = []

    class Listening(NotebookClient):
        """nbclient, which keeps the types of all messages that the kernel publishes."""

        def process_message(self, message: Any, *arguments: Any) -> Any:
            heard.append(message["header"]["msg_type"])
            return super().process_message(message, *arguments)

    for name, value in variables(trusted).items():
        if name != "BW_PASSWORD":
            monkeypatch.setenv(name, value)
    notebook = nbformat.read(written, as_version=4)
    notebook.cells[0].source += f"\n%config BwMagics.prompt = {mode!r}"
    client = Listening(notebook, timeout=240, resources={"metadata": {"path": str(written.parent)}})

    with pytest.raises(CellExecutionError, match=re.escape(MISSING)):
        client.execute()

    assert "error" in heard
    assert "comm_open" not in heard


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_session_by_hand_in_a_terminal(home: Path) -> None:
    terminal = Terminal(home)
    try:
        terminal.expect(r"In \[1\]:", 240)
        terminal.type("%load_ext bw_magics")
        terminal.expect(r"In \[2\]:")
        terminal.type("%bw_demo")
        password = terminal.expect(r"to type when you are asked: (\S+)")[1]
        terminal.expect(r"In \[3\]:")
        terminal.type("%bw_login --apikey")
        terminal.expect(r"✓ logged in at localhost:\d+ with the API key from the demo vault")
        terminal.expect(r"In \[4\]:")
        terminal.type("%bw_unlock")
        terminal.expect("Master password: ")
        terminal.mark()
        terminal.type(password)
        terminal.expect(r"✓ unlocked · \d+ items")
        terminal.expect(r"In \[5\]:")
        assert password not in terminal.since_mark, "the terminal does not echo the answer"
        terminal.type("p = %bw_get password Warehouse DB")
        terminal.expect(r"In \[6\]:")
        terminal.type("p, len(p), p == 'demo-warehouse-' 'password-1'")
        terminal.expect(r"\(•••••••• Warehouse DB / password, 25, True\)")
        terminal.expect(r"In \[7\]:")
        terminal.type("%bw_unlock hunter2horse")
        terminal.expect("takes no e-mail, password or key on the line")
        terminal.type("exit")
        assert terminal.wait() == 0
    finally:
        terminal.close()


class Terminal:
    """IPython in a pseudo-terminal."""

    def __init__(self, home: Path) -> None:
        import pty

        self._main, side = pty.openpty()
        command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner"]
        self._process = subprocess.Popen(
            [*command, "--no-confirm-exit", "--colors=NoColor"],
            stdin=side,
            stdout=side,
            stderr=side,
            cwd=home,
            env={**os.environ, "TERM": "dumb", "COLUMNS": "120"},
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(side)
        os.set_blocking(self._main, False)
        self._unread = ""
        self._all = ""
        self._mark = 0

    def type(self, line: str) -> None:
        os.write(self._main, f"{line}\n".encode())

    def mark(self) -> None:
        """Where `since_mark` begins."""
        self._mark = len(self._all)

    @property
    def since_mark(self) -> str:
        return self._all[self._mark :]

    def expect(self, pattern: str, seconds: float = 240) -> re.Match[str]:
        """Waits for what the terminal shows."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := re.search(pattern, self._unread):
                self._unread = self._unread[found.end() :]
                return found
            self._read()
        raise AssertionError(f"{pattern} was not shown, but: {self._unread[-2000:]}")

    def wait(self) -> int:
        until = time.monotonic() + 240
        while self._process.poll() is None and time.monotonic() < until:
            self._read()
        return self._process.wait(240)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._main)

    def _read(self) -> None:
        try:
            text = os.read(self._main, 65536).decode(errors="replace")
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            time.sleep(0.02)  # the other side is closed
        else:
            self._all += text
            self._unread += text


def _own_terminal() -> None:
    import fcntl
    import termios

    # `getpass` asks the terminal of the process, not its standard input.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
