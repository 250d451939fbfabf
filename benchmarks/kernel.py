"""A real kernel, with the extension loaded or not, that runs cells for a measurement."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from benchmarks.process import bare_environment

_LONGEST = 900

_TELL = """
import json
with open({file!r}, "w", encoding="utf-8") as _file:
    json.dump({expression}, _file)
"""

_WAY_IN = "%load_ext bw_magics\n%bw_login\n%bw_unlock"


class Kernel:
    """Runs cells. Raises `RuntimeError` where one fails, with what it said."""

    def __init__(self, client: BlockingKernelClient, home: Path) -> None:
        self._client = client
        self._told = home / "told.json"

    def run(self, code: str) -> str:
        """What a cell prints."""
        return self.finish(self.begin(code))

    def value(self, expression: str) -> Any:
        """What an expression is, by way of a file: the guard would mask figures in an output that
        happen to be somebody's PIN.
        """
        self.run(_TELL.format(expression=expression, file=str(self._told)))
        return json.loads(self._told.read_text(encoding="utf-8"))

    def begin(self, code: str) -> str:
        """Sends a cell and does not wait; its id for `finish`."""
        return str(self._client.execute(code, store_history=False))

    def finish(self, cell: str) -> str:
        """Waits for the end of the cell that was begun last; what it printed."""
        printed: list[str] = []
        while True:
            message = self._client.get_iopub_msg(timeout=_LONGEST)
            if message["parent_header"].get("msg_id") != cell:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    printed.append(content["text"])
                case "error":
                    raise RuntimeError(f"A cell failed: {content['ename']}: {content['evalue']}")
                case "status" if content["execution_state"] == "idle":
                    break
        self._client.get_shell_msg(timeout=_LONGEST)
        return "".join(printed)

    def unlock(self) -> None:
        """Loads the extension, logs in and unlocks with what its environment says."""
        self.run(_WAY_IN)


@contextmanager
def kernel(home: Path, environment: Mapping[str, str] | None = None) -> Iterator[Kernel]:
    """A fresh kernel, with these variables besides what every measured process gets."""
    manager, client = start_new_kernel(
        kernel_name="python3",
        env={
            **bare_environment(home),
            **(environment or {}),
            "IPYTHONDIR": str(home / ".ipython"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield Kernel(client, home)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
