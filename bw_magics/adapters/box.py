"""A box: a process that keeps values for other processes of the same user on the same machine.

A cluster whose workers come and go, such as Spark's, has no process of its own that could keep a
value. `open_box` starts one. It listens on a socket in a folder that only its user may enter; what
is sent to it is sealed to its key, and what it gives is sealed to the key of the process that asks.
It ends with the process that it watches, or when its last block has ended.
"""

from __future__ import annotations

import json
import os
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from bw_magics.adapters import remote
from bw_magics.crypto.sealed_box import BoxKey, seal_box
from bw_magics.errors import NotFound
from bw_magics.secret import Secret

_CONTEXT = b"bw_magics, a process at a box: "
# In bytes; a box for 100,000 values of a hundred characters is asked with less.
_LONGEST = 1 << 27
# In seconds.
_START = 30.0
_ANSWER = 60.0
_LOOK = 1.0


def open_box(place: str, watched: int) -> None:
    """Starts the box of a place if there is none. It ends with the process `watched`."""
    path = _socket_of(place)
    if _is_answering(path):
        return
    folder = path.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise NotFound("The folder of this machine's box belongs to somebody else.", "Remove it.")
    process = subprocess.Popen(  # noqa: S603 - this module, with no value in its arguments
        [sys.executable, "-m", __name__, str(path), str(watched)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # It outlives this process as a rule; a thread takes note of its end where it does not.
    threading.Thread(target=process.wait, daemon=True).start()
    until = time.monotonic() + _START
    while not _is_answering(path):
        if time.monotonic() > until:
            raise NotFound("The box of this machine did not start.", "Look at the worker's log.")
        time.sleep(0.05)


def offer_key(place: str, block: str) -> bytes:
    """Makes the box's key for a block; returns the public half."""
    return bytes.fromhex(_ask(_socket_of(place), {"do": "offer", "block": block}))


def take(place: str, block: str, sealed: dict[bytes, bytes]) -> None:
    """Hands the box the values that were sealed to it."""
    packed = {key.hex(): text.hex() for key, text in sealed.items()}
    _ask(_socket_of(place), {"do": "take", "block": block, "sealed": packed})


def drop(place: str, block: str) -> None:
    """Makes the box forget a block; it ends with its last one."""
    with suppress(OSError):
        _ask(_socket_of(place), {"do": "drop", "block": block})


def value(place: str, name: str) -> Secret:
    """Returns a value from the box of a place, which seals it to this process.

    Raises `NotFound` where there is no box, and for a name that it does not have.
    """
    key = BoxKey()
    sealed, is_there = "", True
    try:
        sealed = _ask(_socket_of(place), {"do": "give", "name": name, "key": key.public.hex()})
    except OSError:
        is_there = False
    if not is_there:
        raise NotFound(
            "This executor has no values: it joined after the block began, its box has died, or "
            "the block has ended.",
            "Enter the block again.",
        )
    if not sealed:
        raise NotFound("The block has no value of that name.", "Name it where the block begins.")
    text = key.open(bytes.fromhex(sealed), context=_CONTEXT + name.encode()).decode()
    return Secret(text, f"{name} (on this executor)")


def _socket_of(place: str) -> Path:
    # Short: a socket's path has at most 107 characters.
    name = sha256(place.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"bw_magics-{os.getuid()}-{name}" / "box"


def _is_answering(path: Path) -> bool:
    try:
        return _ask(path, {"do": "hello"}) == "hello"
    except OSError:
        return False


def _ask(path: Path, question: dict[str, Any]) -> str:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_ANSWER)
        connection.connect(str(path))
        with connection.makefile("rwb") as stream:
            stream.write(json.dumps(question).encode() + b"\n")
            stream.flush()
            answer = stream.readline(_LONGEST)
    if not answer.endswith(b"\n"):
        raise ConnectionError("The box ended while it was asked.")
    return str(json.loads(answer))


# The process of the box.


class _Handler(socketserver.StreamRequestHandler):
    """One question to the box."""

    def handle(self) -> None:
        line = self.rfile.readline(_LONGEST)
        if line.endswith(b"\n"):
            self.wfile.write(json.dumps(_answer(json.loads(line))).encode() + b"\n")
        if line and not remote.has_blocks() and _has_ended.is_set():
            threading.Thread(target=self.server.shutdown, daemon=True).start()


_has_ended = threading.Event()


def _answer(question: dict[str, Any]) -> str:
    match question["do"]:
        case "offer":
            return remote.offer_key(question["block"]).hex()
        case "take":
            sealed = {
                bytes.fromhex(key): bytes.fromhex(text) for key, text in question["sealed"].items()
            }
            _has_ended.clear()
            return "taken" if remote.take(question["block"], sealed) else ""
        case "drop":
            remote.drop(question["block"])
            _has_ended.set()
            return "dropped"
        case "give":
            name = question["name"]
            with suppress(NotFound):
                data = remote.value(name).encode()
                to = bytes.fromhex(question["key"])
                return seal_box(data, to=to, context=_CONTEXT + name.encode()).hex()
            return ""
    return "hello"


def _serve(path: Path, watched: int) -> None:
    path.unlink(missing_ok=True)
    with socketserver.ThreadingUnixStreamServer(str(path), _Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=_watch, args=(server, watched), daemon=True).start()
        server.serve_forever()
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def _watch(server: socketserver.BaseServer, process: int) -> None:
    while True:
        time.sleep(_LOOK)
        try:
            os.kill(process, 0)
        except OSError:
            server.shutdown()
            return


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
