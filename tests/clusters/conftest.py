"""A program on a real cluster, in an environment of its own, and all that it left behind.

The programs do what docs/how-to/ray-and-spark.md shows.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.clusters.environment import ROOT, python_of_clusters

# In seconds: how long a program may write nothing at all, and how long it may take.
PATIENCE, MOST = 600, 3600

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def marker() -> str:
    return f"leak-cluster-{secrets.token_hex(9)}-end"


@pytest.fixture(scope="session")
def run_program(outside: Mapping[str, str], marker: str) -> Run:
    """Runs a program of this folder on a cluster; returns what it told."""
    python = python_of_clusters(outside)

    def run(module: str, folder: Path, **more: object) -> dict[str, Any]:
        answer = folder / "answer.json"
        # Ray writes its address into a folder that it takes to be there.
        (folder / "ray").mkdir()
        request = {"marker": marker, "folder": str(folder / "f"), "answer": str(answer), **more}
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("PYTEST")},
            "PYTHONPATH": str(ROOT),
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
            "PYSPARK_PYTHON": str(python),
            "RAY_TMPDIR": str(folder),
            "RAY_DEDUP_LOGS": "0",
            # In seconds: a busy machine takes longer than Ray expects.
            "RAY_raylet_start_wait_time_s": "240",
            "RAY_USAGE_STATS_ENABLED": "0",
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder / "local"),
        }
        with (folder / "output.txt").open("wb") as output:
            process = subprocess.Popen(
                [str(python), "-m", f"tests.clusters.{module}"],
                stdin=subprocess.PIPE,
                cwd=folder,
                env=environment,
                stdout=output,
                stderr=output,
            )
            with process:
                assert process.stdin is not None
                process.stdin.write(json.dumps(request).encode())
                process.stdin.close()
                wait_while_it_writes(process, folder)
        written = (folder / "output.txt").read_text(errors="replace")
        assert process.returncode == 0, written[-4000:]
        told: dict[str, Any] = json.loads(answer.read_text())
        answer.unlink()
        return told

    return run


def wait_while_it_writes(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Waits until a program ends; ends it where it has not written for long.

    A busy machine takes many times as long for each step, and each step writes something.
    """
    written, patience = -1, time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < patience:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
        size = sum(size_of(path) for path in files_in(folder))
        if size != written:
            written, patience = size, time.monotonic() + PATIENCE
    process.kill()


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def free_ports(count: int) -> list[int]:
    """Ports on this machine that nothing listens at."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def files_in(folder: Path) -> Iterator[Path]:
    """The files below a folder, from which a cluster that ends may take some meanwhile."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)


def files_with(folder: Path, text: str) -> list[str]:
    """The files below a folder that have a text in them."""
    return sorted(path.name for path in files_in(folder) if text.encode() in content_of(path))


def content_of(path: Path) -> bytes:
    """The content of a file; nothing where it is gone, or a pipe or socket."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""
