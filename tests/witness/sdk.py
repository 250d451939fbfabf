"""The official `bitwarden-sdk` in an environment of its own, made once in `build/bitwarden-sdk`.

It reaches servers by https only. `SSL_CERT_FILE` names what it trusts, beside nothing else; the
server's certificate has to be signed by that authority, and not be the authority itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bw_magics.demo import DemoServer

VERSION = "2.1.0"

ROOT = Path(__file__).parents[2]
HOME = ROOT / "build" / f"bitwarden-sdk-{VERSION}"


def python() -> Path:
    """The interpreter that has the SDK; made at the first use."""
    interpreter = HOME / "bin" / "python"
    stamp = HOME / "ready"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
        install = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*install, "install", f"bitwarden-sdk=={VERSION}"], check=True)
        stamp.touch()
    return interpreter


class Sdk:
    """One process of the SDK."""

    def __init__(self, server: DemoServer, authority: Path) -> None:
        assert server.machines is not None
        self._process = subprocess.Popen(
            [
                str(python()),
                str(Path(__file__).with_name("sdk_program.py")),
                server.url,
                server.machines.store.organization_id,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "SSL_CERT_FILE": str(authority)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def ask(self, call: str, **given: Any) -> Any:
        """Makes one call. Raises `SdkError` with its own words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": call, "given": given}) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise SdkError(reply["error"])
        return reply["answer"]

    def values(self) -> dict[str, tuple[str, str, str]]:
        """Key, value and note of every secret by its id, as `sync` gives them."""
        found = self.ask("sync")["secrets"] or []
        return {each["id"]: (each["key"], each["value"], each["note"]) for each in found}


class SdkError(Exception):
    """The SDK refused."""
