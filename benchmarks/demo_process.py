"""The demo server in a process of its own, so that its work is in nobody's figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.process import ROOT
from bw_magics.demo.items.generated import generated_items


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a server was asked, as pairs of method and path, and the bytes of all answers."""

    requests: tuple[tuple[str, str], ...]
    bytes: int

    @property
    def downloads(self) -> int:
        """How often the whole vault was downloaded."""
        return sum(path == "/api/sync" for _, path in self.requests)


class DemoProcess:
    """A running demo server: its address, the variables that lead to its first account, that
    account's e-mail, and the generated logins in it as pairs of a name and a password.
    """

    def __init__(self, process: subprocess.Popen[str], items: int) -> None:
        self._process = process
        told = self._answer()
        self.items = items
        self.url: str = told["url"]
        self.environment: Mapping[str, str] = told["environment"]
        self.email: str = told["accounts"][0]["email"]
        self.logins = tuple(
            (item["name"], item["login"]["password"])
            for item in generated_items(items)
            if "login" in item
        )

    @property
    def personal(self) -> tuple[tuple[str, str], ...]:
        """The logins outside organisations, from the middle on."""
        shared = {item["name"] for item in generated_items(self.items) if item["organizationId"]}
        later = self.logins[len(self.logins) // 2 :]
        return tuple(pair for pair in later if pair[0] not in shared)

    @property
    def middle(self) -> tuple[str, str]:
        """The login in the middle: its name and its password."""
        return self.logins[len(self.logins) // 2]

    def traffic(self) -> Traffic:
        """What it was asked since this was called last."""
        told = self._ask("traffic")
        return Traffic(tuple((method, path) for method, path in told["requests"]), told["bytes"])

    def change(self) -> str:
        """Changes one item, as another client would, to another password; its name."""
        return str(self._ask("change"))

    def _ask(self, word: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The demo server ended.")
        return json.loads(line)


@contextmanager
def demo_process(items: int, *, is_ordinary: bool = False) -> Iterator[DemoProcess]:
    """A demo server with that many generated items beside its own few dozen, and with the key
    derivation that official servers ask for. An ordinary one is Vaultwarden, and holds the
    generated items only: other clients give up at one that cannot be read.
    """
    kind = ["ordinary"] if is_ordinary else []
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", str(items), *kind],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield DemoProcess(process, items)
    finally:
        process.communicate()
