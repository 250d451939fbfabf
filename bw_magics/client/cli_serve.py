"""`CliServe`: the official CLI's `bw serve`, on a socket that nobody else can reach.

See docs/protocol.md, The CLI's session.

The socket is one half of a pair, inherited by `bw`: it has no path and no port, and `bw` ends when
the other half is closed.
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import threading
from typing import Any, Self

from bw_magics.answer import Answer
from bw_magics.client.body import UNREADABLE, parse_json
from bw_magics.errors import AnswerUnusable, NotOffered, ServerUnreachable, VaultLocked
from bw_magics.secret import Secret, Unpicklable
from bw_magics.steps import LOG_IN, Remedy

SESSION = "BW_SESSION"
IS_WINDOWS = os.name == "nt"

# The address that `bw serve` answers to; nothing listens there.
_HOST, _PORT = "localhost", 8087
_LARGEST = 512 * 1024 * 1024
_PATIENCE = 120.0
_LAST_WORDS = 10.0


class CliServe(Unpicklable):
    """One run of `bw serve`, as a context manager. It uses the CLI's own unlocked session, which
    it neither locks nor ends.
    """

    def __init__(self, *, session: str) -> None:
        self._session = Secret(session, SESSION)
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: http.client.HTTPConnection | None = None

    def __repr__(self) -> str:
        return "<CliServe>"

    def __enter__(self) -> Self:
        if IS_WINDOWS:
            raise NotOffered(
                "On Windows no socket can be handed to the bw CLI.",
                Remedy("Log in with the personal API key: {}.", LOG_IN),
            )
        program = shutil.which("bw")
        if program is None:
            raise NotOffered(
                "The bw CLI is not installed, or not on the PATH of the kernel.",
                Remedy("Log in with the personal API key: {}.", LOG_IN),
            )
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the program that was asked for
                [program, "serve", "--hostname", f"fd+connected://{theirs.fileno()}"],
                env={**os.environ, SESSION: self._session, "BW_NOINTERACTION": "true"},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            ours.close()
            raise _ended() from None
        finally:
            theirs.close()
        ours.settimeout(_PATIENCE)
        self._connection = http.client.HTTPConnection(_HOST, _PORT)
        self._connection.sock = ours
        self._connection.auto_open = 0  # it would be another server's port
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            # It ends in a second or two; nothing waits for that.
            threading.Thread(target=_see_off, args=(self._process,), daemon=True).start()

    def status(self) -> Answer:
        """Returns the answer of `bw status`. Raises `VaultLocked` where it is not unlocked."""
        status = self._ask("GET", "/status").object("template")
        if status.text("status") != "unlocked":
            raise VaultLocked(
                "The bw CLI has no unlocked session here.",
                f"Unlock it, and start the kernel with its {SESSION}: export "
                f"{SESSION}=$(bw unlock --raw).",
            )
        return status

    def sync(self) -> None:
        """Makes the CLI download the changes."""
        self._ask("POST", "/sync")

    def list(self, path: str) -> list[Any]:
        """Returns the objects of a list, in plain.

        Raises `AnswerUnusable` where `bw` ends over it: a single item that it cannot read ends it.
        """
        try:
            found = self._ask("GET", f"/list/object/{path}").get("data")
        except ServerUnreachable:
            what = path.partition("?")[0]
            stumbled = AnswerUnusable(
                f"The bw CLI ended while it listed the {what}: it cannot read one of them.",
                Remedy("Log in with the personal API key, which reads all the others: {}.", LOG_IN),
            )
        else:
            return found if isinstance(found, list) else []
        raise stumbled

    def _ask(self, method: str, path: str) -> Answer:
        if self._connection is None:
            raise _ended()
        failed, body = False, b""
        try:
            self._connection.request(method, path)
            body = self._connection.getresponse().read(_LARGEST)
        except (OSError, http.client.HTTPException):
            failed = True
        if failed:
            raise _ended()
        value = parse_json(body)
        answer = Answer({} if value is UNREADABLE else value)
        if not answer.truth("success"):
            raise AnswerUnusable(
                "The bw CLI did not do what it was asked.", "Look with bw status in a terminal."
            )
        return answer.object("data")


def _see_off(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ended() -> ServerUnreachable:
    return ServerUnreachable(
        "The bw CLI ended without an answer.", "Try bw status in a terminal, and update bw."
    )
