"""`bw serve`: the official CLI as a process that stays, asked over one kept connection."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from benchmarks.demo_process import DemoProcess
from benchmarks.official_cli import OfficialCli

_PATIENCE = 300.0


class BwServe:
    """An unlocked `bw serve`."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)

    def password(self, query: str) -> str:
        """The password of the item of that name or id."""
        return str(self._get(f"/object/password/{quote(query, safe='')}")["data"]["data"])

    def id_of(self, name: str) -> str:
        """The id of the item of that name."""
        return str(self._get(f"/object/item/{quote(name, safe='')}")["data"]["id"])

    def wait(self) -> None:
        """Returns as soon as it answers."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._get("/status")
            except OSError:
                self.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _get(self, path: str) -> dict[str, dict[str, object]]:
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"bw serve answered {path.split('/')[1]} with {answer.status}.")
        return dict(json.loads(body))


@contextmanager
def bw_serve(cli: OfficialCli, demo: DemoProcess) -> Iterator[BwServe]:
    """Logs in, unlocks, serves on a free port of the loopback, and ends it."""
    with tempfile.TemporaryDirectory() as home, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        environment = cli.unlocked(demo, Path(home))
        free.close()
        process = subprocess.Popen(
            [cli.path, "serve", "--hostname", "127.0.0.1", "--port", str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        serve = BwServe(port)
        try:
            serve.wait()
            yield serve
        finally:
            serve.close()
            process.terminate()
            process.wait()
