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
from contextlib import suppress
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

_LOOK = "Try bw status in a terminal, and update bw."
# `bw` lists nothing then, of no folder and for no search, and does not say which item it is.
_WITH_THE_KEY = Remedy(
    "Log in with the personal API key, which reads all the others and lists that one, too, as "
    "(unreadable) or with a member that cannot be read: {}.",
    LOG_IN,
)
# The messages of `bw serve` where it was locked or logged out meanwhile, in lower case.
_NOT_UNLOCKED = ("vault is locked", "you are not logged in")


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
            raise NotOffered(
                "The bw CLI on the PATH of the kernel cannot be started.",
                Remedy("Install it again, or log in with the personal API key: {}.", LOG_IN),
            ) from None
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
        status = self._ask("GET", "/status", "tell its state").object("template")
        if status.text("status") != "unlocked":
            raise _locked()
        return status

    def sync(self) -> None:
        """Makes the CLI download the changes."""
        self._ask("POST", "/sync", "sync")

    def list(self, path: str) -> list[Any]:
        """Returns the objects of a list, in plain.

        Raises `AnswerUnusable` where `bw` ends over it: a single item that it cannot read ends it.
        """
        what = path.partition("?")[0]
        stumbled: AnswerUnusable | None = None
        found: object = None
        try:
            found = self._ask("GET", f"/list/object/{path}", f"list the {what}").get("data")
        except ServerUnreachable as problem:
            if problem.is_late:
                raise
            stumbled = AnswerUnusable(
                self._why(f"while it listed the {what}", "it cannot read one of them"),
                _WITH_THE_KEY,
            )
        if stumbled is not None:
            raise stumbled
        if not isinstance(found, list):
            raise AnswerUnusable(f"The bw CLI gave no list of the {what}.", _LOOK)
        return found

    def _ask(self, method: str, path: str, what: str) -> Answer:
        failed, is_late, body = self._connection is None, False, b""
        try:
            if self._connection is not None:
                self._connection.request(method, path)
                response = self._connection.getresponse()
                body = response.read(_LARGEST)
                failed = bool(response.length)
        except TimeoutError:
            is_late = True
        except (OSError, http.client.HTTPException):
            failed = True
        if is_late:
            late = ServerUnreachable("The bw CLI did not answer in time.", _LOOK)
            late.is_late = True
            raise late
        if failed:
            raise ServerUnreachable(self._why("without an answer"), _LOOK)
        value = parse_json(body)
        if value is UNREADABLE:
            raise AnswerUnusable("The answer of the bw CLI cannot be read.", _LOOK)
        answer = Answer(value)
        if answer.truth("success"):
            return answer.object("data")
        if (answer.text("message") or "").lower().startswith(_NOT_UNLOCKED):
            raise _locked()
        raise AnswerUnusable(f"The bw CLI refused to {what}.", _LOOK)

    def _why(self, when: str, reason: str = "") -> str:
        """Says how `bw` ended: by itself, or by a signal."""
        with suppress(subprocess.TimeoutExpired):
            if self._process is not None and self._process.wait(_LAST_WORDS) < 0:
                return f"The bw CLI was ended by the system {when}, as where memory is short."
        return f"The bw CLI ended {when}{': ' if reason else ''}{reason}."


def _see_off(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _locked() -> VaultLocked:
    return VaultLocked(
        "The bw CLI has no unlocked session here.",
        f"Unlock it, and start the kernel with its {SESSION}: export {SESSION}=$(bw unlock --raw).",
    )
