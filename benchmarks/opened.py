"""An open vault of any size in a real kernel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.kernel import Kernel, kernel


@contextmanager
def opened(items: int, prepare: str = "") -> Iterator[tuple[DemoProcess, Kernel]]:
    """A demo server with that many items, and a kernel in which its vault is unlocked, after the
    cell `prepare`.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        demo_process(items) as demo,
        kernel(Path(folder), demo.environment) as notebook,
    ):
        notebook.run(prepare)
        notebook.unlock()
        yield demo, notebook
