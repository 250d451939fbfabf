"""A kernel in which the vault of markers is unlocked, and all that it sends."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

from bw_magics.demo import DemoAccount, DemoServer

from .markers import account

PATIENCE = 120.0
ROOT = Path(__file__).parents[2]

# What every route may use. Values are fetched, not written: the cells hold no secret.
UNLOCK = """
%load_ext bw_magics
%bw_login --nointeraction
%bw_unlock --nointeraction
"""
# A person would be asked; code in the kernel can still do it.
TURN_OFF = (
    "from bw_magics.notebook.extension import registered\n"
    "registered(get_ipython()).guard.show_secrets(False)"
)
FETCH = """
import base64, html, io, json, logging, os, subprocess, sys, threading, time, traceback, warnings
item = bw_session["Warehouse DB"]
p = item.password
s = str(p)
nasty = str(item.field("nasty"))
notes = str(item.notes)
card = str(bw_session["Card"].number)
key = str(bw_session["Key"].private_key)
short = str(bw_session["Short"].password)
"""


def unlock(*, redact: bool) -> str:
    """The first cell; `redact` is whether the guard is on."""
    return UNLOCK.lstrip().replace("%bw_login", "%bw_login" if redact else f"{TURN_OFF}\n%bw_login")


@contextlib.contextmanager
def vault_server(folder: Path, owner: DemoAccount | None = None) -> Iterator[dict[str, str]]:
    """A server with the markers, or another account; gives the environment that leads to it."""
    owner = owner or account()
    with DemoServer(accounts=[owner]) as server:
        trusted = folder / "authority.pem"
        trusted.write_bytes(server.certificate_authority)
        yield {
            "BW_CLIENTID": owner.client_id,
            "BW_CLIENTSECRET": owner.client_secret,
            "BW_PASSWORD": owner.master_password,
            "BW_SERVER": server.url,
            "SSL_CERT_FILE": str(trusted),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]]),
            # Not written to the checkout, and not looked for in the developer's home.
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLCONFIGDIR": str(folder / "matplotlib"),
        }


@dataclass
class Messages:
    """What a cell led to."""

    all: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Every payload unchanged, and every stream joined."""
        streams: dict[str, str] = {}
        for message in self.all:
            if message["header"]["msg_type"] == "stream":
                content = message["content"]
                streams[content["name"]] = streams.get(content["name"], "") + content["text"]
        kept = [m["content"] for m in self.all if m["header"]["msg_type"] != "execute_input"]
        plain = "\n".join(_texts(kept))
        return "\n".join([json.dumps(kept, ensure_ascii=False), plain, *streams.values()])

    @property
    def error(self) -> str | None:
        """The name of the error that the cell ended with."""
        for message in self.all:
            if message["header"]["msg_type"] == "error":
                return str(message["content"]["ename"])
        return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


class Kernel:
    """A kernel with the vault unlocked; `redact` is whether the guard is on, `python` the
    interpreter of another environment.
    """

    def __init__(
        self,
        environment: dict[str, str],
        log: Path,
        *,
        redact: bool,
        debug: bool = False,
        fetch: str = FETCH,
        python: Path | None = None,
    ) -> None:
        self.log = log
        self._log = log.open("wb")
        self._manager: Any = KernelManager(kernel_name="python3")
        if python is not None:
            specification: Any = self._manager.kernel_spec
            specification.argv[0] = str(python)
        self._manager.start_kernel(
            # Under pytest a kernel would leave file descriptors alone.
            env={k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"} | environment,
            stdout=self._log,
            stderr=self._log,
            extra_arguments=["--debug"] if debug else [],
        )
        self.client: Any = self._manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.start = self.run(unlock(redact=redact))
        assert "unlocked" in self.start.text, self.start.text
        fetched = self.run(fetch)
        assert fetched.error is None, fetched.text
        self.start.all += fetched.all

    def run(self, code: str, answers: Sequence[str] = ()) -> Messages:
        """Runs a cell and collects what comes of it."""
        return self.collect(self.begin(code, answers), answers)

    def wait_for_log(self, text: bytes) -> None:
        """Waits until the kernel's log has a text."""
        until = time.monotonic() + PATIENCE
        while text not in self.log.read_bytes():
            assert time.monotonic() < until, f"the log has no {text!r}"
            time.sleep(0.05)

    def begin(self, code: str, answers: Sequence[str] = ()) -> str:
        """Starts a cell; gives its id."""
        return str(self.client.execute(code, allow_stdin=bool(answers)))

    def collect(
        self,
        id: str,
        answers: Sequence[str] = (),
        *,
        late: str = "",
        channel: str = "shell",
    ) -> Messages:
        """Collects all that comes of a request, until it has ended and printed `late`."""
        left = list(answers)
        collected = Messages()
        until = time.monotonic() + PATIENCE
        is_idle = has_reply = False
        get_reply = getattr(self.client, f"get_{channel}_msg")
        while time.monotonic() < until:
            for get in (self.client.get_stdin_msg, get_reply):
                with contextlib.suppress(queue.Empty):
                    message = get(timeout=0)
                    collected.all.append(message)
                    if message["header"]["msg_type"] == "input_request":
                        self.client.input(left.pop(0) if left else "q")
                    elif message["parent_header"].get("msg_id") == id:
                        has_reply = True
            with contextlib.suppress(queue.Empty):
                message = self.client.get_iopub_msg(timeout=0.02)
                collected.all.append(message)
                if message["parent_header"].get("msg_id") == id and (
                    message["content"].get("execution_state") == "idle"
                ):
                    is_idle = True
            if is_idle and has_reply and late in collected.text:
                break
        else:
            raise AssertionError(f"the request did not end: {collected.text[:500]}")
        return collected

    def close(self) -> None:
        """Ends the kernel in good order, so that everything is written."""
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=False)
        self._manager.cleanup_resources()
        self.client.context.term()
        self._log.close()
        sys.stdout.flush()
