"""A tap on the kernel's shell channel: it hears one comm while a cell blocks everything else.

While a cell runs, the kernel handles no comm message, or only some, depending on versions
(docs/jupyter.md, Comms). So the tap takes the messages of one comm from the shell channel. All
others go where they would have gone, in order. Signatures are checked as always. Nothing else
handles, logs or remembers a message that the tap takes.

The names used are private to ipykernel. If one is missing, there is no tap. If one changes its
meaning, the form's handshake fails. Both lead to another way to ask.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

Handle = Callable[[object], None]

_PATIENCE = 5.0


class NoTap(Exception):
    """The kernel has no shell channel that can be heard."""


class OtherThread(NoTap):
    """Only the main thread can listen. This says nothing about the kernel."""


class Tap(Protocol):
    """A listener to one comm, from `__enter__` to `__exit__`; used in the main thread only."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def wait(self, arrived: threading.Event, seconds: float) -> None:
        """Waits until `arrived` is set or the time is over."""


def tap(kernel: Any, comm_id: str, handle: Handle) -> Tap:
    """Returns the tap that fits the kernel. `handle` gets the content of each custom message,
    possibly in another thread.

    Raises `NoTap`; `OtherThread` outside the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        raise OtherThread
    listener = _Listener(kernel, comm_id, handle)
    stream = getattr(kernel, "shell_stream", None)
    if stream is None or not hasattr(kernel, "session"):
        raise NoTap
    if getattr(kernel, "shell_channel_thread", None) is not None:
        if hasattr(kernel, "shell_channel_thread_main"):
            return ThreadTap(kernel, listener)
    elif hasattr(kernel, "schedule_dispatch") and hasattr(kernel, "dispatch_shell"):
        return SocketTap(kernel, listener)
    raise NoTap


class ThreadTap:
    """The tap for ipykernel 7: replaces the callback of the thread that reads the shell channel."""

    def __init__(self, kernel: Any, listener: _Listener) -> None:
        self._kernel = kernel
        self._listener = listener
        self._before = kernel.shell_channel_thread_main

    def __enter__(self) -> Self:
        with _interrupts_held():
            if not self._exchange(self._receive):
                self._exchange(self._before)
                raise NoTap
        return self

    def __exit__(self, *_: object) -> None:
        with _interrupts_held():
            self._exchange(self._before)

    def wait(self, arrived: threading.Event, seconds: float) -> None:
        """Waits while the other thread reads."""
        arrived.wait(seconds)

    def _exchange(self, callback: Any) -> bool:
        done = threading.Event()

        def exchange() -> None:
            self._kernel.shell_stream.on_recv(callback, copy=False)
            done.set()

        self._kernel.shell_channel_thread.io_loop.add_callback(exchange)
        return done.wait(_PATIENCE)

    async def _receive(self, frames: list[Any]) -> None:
        if not self._listener.takes(frames):
            await self._before(frames)


class SocketTap:
    """The tap for ipykernel 6: reads the socket in our cell, which occupies the main thread."""

    def __init__(self, kernel: Any, listener: _Listener) -> None:
        self._kernel = kernel
        self._listener = listener
        self._others: list[list[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        import zmq

        with _interrupts_held():
            others, self._others = self._others, []
            for frames in others:
                self._kernel.schedule_dispatch(self._kernel.dispatch_shell, frames)
            self._kernel.shell_stream.flush(zmq.POLLIN)

    def wait(self, arrived: threading.Event, seconds: float) -> None:
        """Reads at most one message meanwhile."""
        import zmq

        socket = self._kernel.shell_stream.socket
        with _interrupts_held():
            if not arrived.is_set() and socket.poll(int(seconds * 1000), zmq.POLLIN):
                frames = socket.recv_multipart(zmq.NOBLOCK, copy=False)
                if not self._listener.takes(frames):
                    self._others.append(frames)


class _Listener:
    """The recipient of the messages of one comm."""

    def __init__(self, kernel: Any, comm_id: str, handle: Handle) -> None:
        self._kernel = kernel
        self._comm_id = comm_id
        self._handle = handle
        self._cell = None
        with suppress(Exception):
            self._cell = kernel.get_parent("shell")

    def takes(self, frames: list[Any]) -> bool:
        """Handles a message of ours. Returns False for any other. Never raises."""
        session = self._kernel.session
        try:
            _, rest = session.feed_identities(frames, copy=False)
            message = session.deserialize(rest, content=False, copy=False)
            content = self._content(message)
        except Exception:
            return False  # its next reader reports it
        if content is None:
            _forget_signature(session, rest)
            return False
        message["content"] = {}
        self._say("busy", message)
        with suppress(Exception):
            data = content.get("data")
            if isinstance(data, dict) and data.get("method") == "custom":
                self._handle(data.get("content"))
        self._say("idle", message)
        self._say_still_busy()
        return True

    def _content(self, message: Any) -> dict[str, Any] | None:
        if message["header"]["msg_type"] != "comm_msg":
            return None
        content = self._kernel.session.unpack(message["content"])
        return content if content.get("comm_id") == self._comm_id else None

    def _say(self, state: str, parent: Any) -> None:
        """Sends a status: the front end expects two for every message."""
        with suppress(Exception):
            self._kernel.session.send(
                self._kernel.iopub_socket,
                "status",
                {"execution_state": state},
                parent={"header": parent["header"]},
                ident=self._kernel._topic("status"),
            )

    def _say_still_busy(self) -> None:
        """Sends "busy" for the running cell: a hub can stop a kernel that seems idle."""
        if self._cell:
            self._say("busy", self._cell)


def _forget_signature(session: Any, frames: list[Any]) -> None:
    """Forgets a signature that was only looked at: older versions refuse it the second time."""
    with suppress(Exception):
        first = frames[0]
        session.digest_history.discard(bytes(getattr(first, "bytes", first)))


@contextmanager
def _interrupts_held() -> Generator[None]:
    """Delays ■ until the end of the block, so that no message from the socket is lost."""
    came: list[tuple[int, FrameType | None]] = []
    if signal.getsignal(signal.SIGINT) is None:  # not a Python handler, so it cannot be restored
        yield
        return
    try:
        before = signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    except ValueError:  # not the main thread: no interrupt reaches it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came and callable(before):
        before(*came[0])
