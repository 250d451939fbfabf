"""`Upload`: one encrypted file on its way to a server (docs/protocol.md, Attachments)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn
from urllib.parse import parse_qs, urlsplit

from bw_magics.client.failure import may_have_arrived
from bw_magics.errors import (
    BitwardenError,
    Redirected,
    RequestRefused,
    ServerUnreachable,
    WriteUnclear,
)
from bw_magics.secret import Unpicklable

if TYPE_CHECKING:
    from bw_magics.client.storage import Storage

_PIECE = 256 * 1024
# The version of Azure's protocol that its addresses name today.
_AZURE_VERSION = "2023-11-03"


class Upload(Unpicklable):
    """A file of `size` bytes, read from its start each time that it is sent.

    `done` is how many bytes have gone; `cancel` ends it early, from another thread.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.size = size
        self.done = 0
        self._file = file
        self._stopped = threading.Event()

    def __repr__(self) -> str:
        return f"<Upload: {self.done} of {self.size} bytes>"

    def cancel(self) -> None:
        """Ends it at the next piece."""
        self._stopped.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody ended it."""
        return self._stopped.is_set()

    def pieces(self) -> Iterator[bytes]:
        """Yields the bytes, from the start."""
        self._file.seek(0)
        self.done = 0
        while piece := self._file.read(_PIECE):
            if self.is_cancelled:
                raise ServerUnreachable("The upload was cancelled.", "Attach the file again.")
            yield piece
            self.done += len(piece)


class Form:
    """A form with the file as its only part, `data`, as servers take files directly."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        mark = secrets.token_hex(16)
        self._head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="data"; filename="data"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._end = f"\r\n--{mark}--\r\n".encode()
        self.headers: Mapping[str, str] = {
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Content-Length": str(len(self._head) + upload.size + len(self._end)),
        }

    def pieces(self) -> Iterator[bytes]:
        """Yields the bytes of the form, from the start."""
        yield self._head
        yield from self._upload.pieces()
        yield self._end


def put(storage: Storage, upload: Upload) -> None:
    """Puts the file at an address that the server gave out, as Azure's blob storage takes it.

    One request carries all of it: Azure takes up to 5,000 MiB so, servers 500 MB. Raises
    `RequestRefused` with the status, `Redirected`, `WriteUnclear` where it may have arrived, and
    `ServerError` where it did not.
    """
    problem = _attempt(storage, upload)
    if problem is not None:
        _raise(problem)


def _attempt(storage: Storage, upload: Upload) -> BitwardenError | None:
    """Returns an error instead of raising it here, where a traceback would hold the address."""
    answering = False
    try:
        headers: dict[str, Any] = {
            "Content-Length": str(upload.size),
            "Content-Type": "application/octet-stream",
            "x-ms-blob-type": "BlockBlob",
            "x-ms-date": format_datetime(datetime.now(UTC), usegmt=True),
            "x-ms-version": _version(storage.address),
        }
        with (
            storage.client() as client,
            client.stream(
                "PUT", storage.address, headers=headers, content=upload.pieces()
            ) as response,
        ):
            answering = True
            status = response.status_code
    except Exception as error:  # the chain of any of them may hold the address
        problem = storage.explain(error, answering=answering)
        return _unclear(problem.fact) if answering or may_have_arrived(error) else problem
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Redirected(
            f"The upload is redirected by {storage.name} to another address.",
            "It was not followed: the server has to name the file's own address.",
        )
    fact = f"The file was not taken by {storage.name} (status {status})."
    if status >= 500:
        return _unclear(fact)
    return RequestRefused(fact, "Attach it again.", status=status)


def _unclear(fact: str) -> WriteUnclear:
    return WriteUnclear(
        f"It is not known whether the file was stored: {fact}",
        "Sync and look before you attach it again.",
    )


def _version(address: str) -> str:
    """Returns the version that the address was signed for."""
    given = parse_qs(urlsplit(address).query).get("sv", [""])[0]
    return given if given.isascii() and given.replace("-", "").isdigit() else _AZURE_VERSION


def _raise(error: BitwardenError) -> NoReturn:
    error.__context__ = error.__cause__ = None
    raise error.with_traceback(None)
