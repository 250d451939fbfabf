"""The demo server in a process of its own, so that its work is in nobody's figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.process import ROOT
from bw_magics.demo.generated_items import generated_items


@dataclass(frozen=True, slots=True)
class DemoProcess:
    """A running demo server: its address, the variables that lead to its first account, and the
    generated logins in it as pairs of a name and a password.
    """

    url: str
    environment: Mapping[str, str]
    logins: tuple[tuple[str, str], ...]


@contextmanager
def demo_process(items: int) -> Iterator[DemoProcess]:
    """A demo server with that many generated logins beside its own few dozen items, and with the
    key derivation that official servers ask for.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "bw_magics.demo", "--items", str(items), "--json"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        logins = tuple((item["name"], item["login"]["password"]) for item in generated_items(items))
        yield DemoProcess(told["url"], told["environment"], logins)
    finally:
        process.terminate()
        process.communicate()
