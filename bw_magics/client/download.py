"""`Download`: one encrypted file from the host that the server names, without credentials."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from bw_magics.client.reply import Reply
from bw_magics.client.size import size_in_words
from bw_magics.errors import AnswerUnusable, BitwardenError, Redirected, RequestRefused
from bw_magics.secret import Unpicklable
from bw_magics.steps import RAISE_LIMIT, SYNC, Remedy

if TYPE_CHECKING:
    import httpx

    from bw_magics.client.storage import Storage

_PIECE = 256 * 1024
_PLAIN = ("", "identity")


class Download(Unpicklable):
    """One transfer of the file behind an address that the server gave out.

    `largest` is in bytes; 0 stands for any size. `done` is how many bytes have arrived; `cancel`
    ends it early, from another thread.
    """

    def __init__(self, storage: Storage, *, largest: int) -> None:
        self._storage = storage
        self._largest = largest
        self._stopped = threading.Event()
        self.done = 0

    def __repr__(self) -> str:
        return f"<Download from {self._storage.name}: {self.done} bytes>"

    def cancel(self) -> None:
        """Ends the transfer at the next piece."""
        self._stopped.set()

    def into(self, file: BinaryIO) -> None:
        """Writes the file, still encrypted, to `file`.

        Raises `Redirected` for a redirect, `AnswerUnusable` above the largest size and for an
        answer that is cut off, `RequestRefused` with the status, and `ServerError` for everything
        on the way.
        """
        problem = self._attempt(file)
        if problem is not None:
            _raise(problem)

    def _attempt(self, file: BinaryIO) -> BitwardenError | None:
        """Returns an error instead of raising it, so that no traceback holds the address."""
        from bw_magics.client.wire import deadline, transfer_time  # with httpx

        answering = False
        storage = self._storage
        try:
            with storage.client() as client, ExitStack() as stack:
                with deadline(transfer_time(0)):
                    response = client.send(
                        client.build_request("GET", storage.address), stream=True
                    )
                stack.callback(response.close)
                answering = True
                reply = Reply(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    bytearray(),
                )
                self._receive(reply, response, file, storage.name)
        except Exception as error:  # the chain of any of them may hold the address
            return storage.explain(error, answering=answering)
        return None

    def _receive(self, reply: Reply, response: httpx.Response, file: BinaryIO, name: str) -> None:
        if reply.is_redirect:
            host = reply.redirect_host
            raise Redirected(
                f"The download is redirected to {f'the host {host}' if host else 'elsewhere'}.",
                "It was not followed: the server has to name the file's own address.",
            )
        if not reply.is_success:
            remedy: str | Remedy = "Try again: an address is good for a few minutes only."
            if reply.status == 404:
                remedy = Remedy(
                    "The file may have been deleted: {}, and look at it in the web vault.", SYNC
                )
            raise RequestRefused(
                f"The file was not given out by {name} (status {reply.status}).",
                remedy,
                status=reply.status,
            )
        if reply.headers.get("content-encoding", "").strip().lower() not in _PLAIN:
            raise AnswerUnusable(
                "The file arrived packed in a way that was not asked for.",
                "Look at the proxy in front of the server.",
            )
        length = reply.headers.get("content-length", "")
        size = int(length[:20]) if length.isascii() and length.isdigit() else None
        if size is not None and self._is_too_large(size):
            raise too_large(self._largest)
        from bw_magics.client.wire import deadline, transfer_time

        with deadline(transfer_time(size)):
            for piece in response.iter_raw(_PIECE):
                self.done += len(piece)
                if self._is_too_large(self.done):
                    raise too_large(self._largest)
                if self._stopped.is_set():
                    raise TimeoutError
                file.write(piece)

    def _is_too_large(self, size: int) -> bool:
        return 0 < self._largest < size


def too_large(largest: int) -> AnswerUnusable:
    """Returns the error for a file above the limit."""
    return AnswerUnusable(
        f"The attachment is larger than the limit of {size_in_words(largest)}.",
        Remedy("Raise it, in bytes: {}; 0 is none.", RAISE_LIMIT),
    )


def _raise(error: BitwardenError) -> NoReturn:
    error.__context__ = error.__cause__ = None
    raise error.with_traceback(None)
