"""A real kernel, spoken to as a front end does; every message it sends is kept."""

from __future__ import annotations

import json
import os
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from bw_magics.demo import DemoServer
from tests.notebook.lines import lines_on_screen

# Under any load: what takes longer does not end.
PATIENCE = 120.0
INTERRUPT = object()
Answer = str | object


@dataclass
class Outcome:
    """The result of a cell in a kernel."""

    text: str = ""
    displayed: list[dict[str, Any]] = field(default_factory=list)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    ename: str | None = None
    evalue: str = ""
    traceback: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """What it printed, without the lines that were overwritten."""
        return lines_on_screen(self.text)

    @property
    def whole(self) -> str:
        """All that it has shown."""
        shown = json.dumps(self.displayed, ensure_ascii=False)
        return "\n".join([self.text, shown, self.evalue, *self.traceback])

    @property
    def ok(self) -> bool:
        return self.ename is None

    def assert_one_line(self, ename: str) -> str:
        """The error is of that type and shown as one line; returns its text."""
        assert self.ename == ename, (self.ename, self.evalue, self.text)
        assert self.traceback == [f"{self.ename}: {self.evalue}"]
        return self.evalue


class FrontEnd(Protocol):
    """What answers for the widgets that a cell shows."""

    def hear(self, kernel: Kernel, message: dict[str, Any]) -> None:
        """Takes in a message that the kernel published while the cell ran."""


class Kernel:
    """A kernel with the extension loaded."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager: Any = manager
        self.client: Any = client
        self.messages: list[dict[str, Any]] = []

    def fresh(self) -> None:
        """Everything as after the start, short of starting again."""
        self.run("%reload_ext bw_magics\n%config BwMagics.prompt = 'stdin'")
        self.messages.clear()

    def run(
        self,
        code: str,
        answers: Sequence[Answer] | None = None,
        front_end: FrontEnd | None = None,
    ) -> Outcome:
        """Runs a cell. With `answers` there is somebody to ask, who gives these; with `front_end`
        there is one that shows widgets.
        """
        left = list(answers or ())
        # A cell is sent when the last one has ended: none is left to be stopped by its error.
        message_id = self.client.execute(code, allow_stdin=answers is not None, stop_on_error=False)
        outcome = Outcome()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if answers is not None:
                self._answer(left, outcome)
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != message_id:
                continue
            self.messages.append(message)
            if front_end is not None:
                front_end.hear(self, message)
            if self._take(message, outcome):
                self.messages.append(self._reply(message_id))
                assert not left, f"not asked for: {len(left)}"
                return outcome
        raise TimeoutError("the cell did not end")

    def tell(self, comm_id: str, content: dict[str, object]) -> None:
        """Sends a widget's custom message, while the cell runs."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self.client.shell_channel.send(message)

    @property
    def forms(self) -> list[str]:
        """The widgets with a script that were opened since `fresh`, by the ids of their comms."""
        return [
            message["content"]["comm_id"]
            for message in self.messages
            if message["header"]["msg_type"] == "comm_open"
            and "_esm" in message["content"]["data"].get("state", {})
        ]

    def everything(self) -> str:
        """All that the kernel has sent since `fresh`, as it is on the wire."""
        return json.dumps([(m["header"]["msg_type"], m["content"]) for m in self.messages])

    def _reply(self, message_id: str) -> dict[str, Any]:
        while True:
            reply: dict[str, Any] = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message_id:
                return reply

    def _answer(self, left: list[Answer], outcome: Outcome) -> None:
        try:
            request = self.client.get_stdin_msg(timeout=0)
        except queue.Empty:
            return
        outcome.prompts.append(request["content"])
        if not left:
            self.manager.interrupt_kernel()
            raise AssertionError(f"nobody expected to be asked: {request['content']}")
        answer = left.pop(0)
        if answer is INTERRUPT:
            self.manager.interrupt_kernel()
        else:
            self.client.input(answer)

    @staticmethod
    def _take(message: dict[str, Any], outcome: Outcome) -> bool:
        content = message["content"]
        match message["header"]["msg_type"]:
            case "stream":
                outcome.text += content["text"]
            case "display_data" | "execute_result":
                outcome.displayed.append(content["data"])
            case "error":
                outcome.ename, outcome.evalue = content["ename"], content["evalue"]
                outcome.traceback = content["traceback"]
            case "status":
                return bool(content["execution_state"] == "idle")
        return False


def at_home(home: Path, server: DemoServer | None = None, /, **variables: str) -> dict[str, str]:
    """Returns the environment of a kernel with a home of its own and these variables, and no other
    of ours; it trusts the server's certificate.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BW_")}
    environment |= {"HOME": str(home), "IPYTHONDIR": str(home / ".ipython")}
    if server is not None:
        authority = home / "authority.pem"
        authority.write_bytes(server.certificate_authority)
        environment["SSL_CERT_FILE"] = str(authority)
    return environment | variables


@contextmanager
def kernel(environment: dict[str, str], python: Path | None = None) -> Iterator[Kernel]:
    """Starts a kernel, of another environment where its interpreter is given, and ends it."""
    manager: Any = KernelManager(kernel_name="python3")
    if python is not None:
        manager.kernel_spec.argv[0] = str(python)
    manager.start_kernel(env=environment)
    client: Any = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        started = Kernel(manager, client)
        assert started.run("%load_ext bw_magics").ok
        yield started
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
        client.context.term()


StartKernel = Callable[..., Kernel]
