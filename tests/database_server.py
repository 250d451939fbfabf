"""What the tests' own database servers share: a free port, the wait for their start, their end."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def folder_of(user: str | None, prefix: str) -> Iterator[Path]:
    """An empty folder that belongs to a user; None is the one who runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        if user is not None:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port of 127.0.0.1 at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(
    server: subprocess.Popen[bytes],
    ask: Callable[[], None],
    refused: type[Exception],
    *,
    name: str,
    limit: float,
) -> None:
    """Asks a server until it answers, at most for `limit` seconds.

    `ask` raises `refused` for as long as the server does not take connections.
    """
    deadline = time.monotonic() + limit
    while True:
        try:
            ask()
        except refused:
            assert server.poll() is None, f"{name} ended at its start"
            assert time.monotonic() < deadline, f"{name} did not start in time"
            time.sleep(0.05)
        else:
            return


def wait_until_ended(server: subprocess.Popen[bytes]) -> None:
    """Waits for a server that was asked to end, and ends it by force after 20 seconds."""
    try:
        server.wait(timeout=120)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
