"""`Upload`: one encrypted file on its way to a server (docs/protocol.md, Attachments)."""

from __future__ import annotations

import secrets
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn
from urllib.parse import parse_qs, quote, urlsplit

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
_MIB = 1024 * 1024
# A larger file goes in blocks, as the official clients send it.
AT_ONCE = 256 * _MIB
BLOCK = 64 * _MIB
# Seconds; the address itself lasts a minute.
_ADDRESS_LASTS = 40.0
# How often a block is sent, and the answers of an address whose time is over.
_ATTEMPTS = 4
_OVER = (403, 404, 408, 429)
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

    def pieces(self, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """Yields `size` bytes from a place on, or all from there."""
        self._file.seek(start)
        self.done = start
        end = self.size if size is None else start + size
        while piece := self._file.read(min(_PIECE, end - self.done)):
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
        self.size = len(self._head) + upload.size + len(self._end)
        self.headers: Mapping[str, str] = {
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Content-Length": str(self.size),
        }

    def pieces(self) -> Iterator[bytes]:
        """Yields the bytes of the form, from the start."""
        yield self._head
        yield from self._upload.pieces()
        yield self._end


class Destination(Unpicklable):
    """Where a file goes: an address that is good for a minute, and new ones after it.

    `opened` makes the storage of an address, `renewed` asks the server for another one.
    """

    def __init__(
        self, address: str, opened: Callable[[str], Storage], renewed: Callable[[], str]
    ) -> None:
        self._opened = opened
        self._renewed = renewed
        self._storage: Storage | None = opened(address)
        self._until = time.monotonic() + _ADDRESS_LASTS

    def __repr__(self) -> str:
        return "<Destination>"

    def storage(self) -> Storage:
        """Returns where it can be put now; asks for another address where that is too old."""
        if self._storage is None or time.monotonic() > self._until:
            self._storage = self._opened(self._renewed())
            self._until = time.monotonic() + _ADDRESS_LASTS
        return self._storage

    def renew(self) -> None:
        """Forgets the address, so that the next one is new."""
        self._storage = None


def put(destination: Destination, upload: Upload) -> None:
    """Puts the file where the server says, as Azure's blob storage takes it.

    One of at most `AT_ONCE` bytes goes in one request, a larger one in blocks, each of which may
    be sent again: the blob exists only once its list of blocks is there. Raises `RequestRefused`
    with the status, `Redirected`, `WriteUnclear` where it may have arrived, and `ServerError` where
    it did not.
    """
    if upload.size <= AT_ONCE:
        _sent(destination.storage(), upload.pieces, upload.size, {"x-ms-blob-type": "BlockBlob"})
        return
    ids = []
    for number, start in enumerate(range(0, upload.size, BLOCK)):
        ids.append(b64encode(f"{number:048}".encode()).decode())
        size = min(BLOCK, upload.size - start)
        _again_and_again(
            destination,
            partial(upload.pieces, start, size),
            size,
            f"comp=block&blockid={quote(ids[-1], safe='')}",
        )
    latest = "".join(f"<Latest>{id}</Latest>" for id in ids)
    body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{latest}</BlockList>'.encode()
    _again_and_again(destination, lambda: iter((body,)), len(body), "comp=blocklist")


def _again_and_again(
    destination: Destination, pieces: Callable[[], Iterator[bytes]], size: int, query: str
) -> None:
    """Sends what can be sent twice, a few times where the address is over or no answer came."""
    for left in reversed(range(_ATTEMPTS)):
        try:
            _sent(destination.storage(), pieces, size, {}, query)
        except RequestRefused as refused:
            if not left or refused.status not in _OVER:
                raise
        except WriteUnclear:
            if not left:
                raise
        else:
            return
        destination.renew()


def _sent(
    storage: Storage,
    pieces: Callable[[], Iterator[bytes]],
    size: int,
    headers: Mapping[str, str],
    query: str = "",
) -> None:
    problem = _attempt(storage, pieces, size, headers, query)
    if problem is not None:
        _raise(problem)


def _attempt(
    storage: Storage,
    pieces: Callable[[], Iterator[bytes]],
    size: int,
    headers: Mapping[str, str],
    query: str,
) -> BitwardenError | None:
    """Returns an error instead of raising it here, where a traceback would hold the address."""
    answering = False
    try:
        address = storage.address
        if query:
            address += ("&" if urlsplit(address).query else "?") + query
        sent: dict[str, Any] = {
            "Content-Length": str(size),
            "Content-Type": "application/octet-stream",
            "x-ms-date": format_datetime(datetime.now(UTC), usegmt=True),
            "x-ms-version": _version(storage.address),
            **headers,
        }
        with (
            storage.client(size) as client,
            client.stream("PUT", address, headers=sent, content=pieces()) as response,
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
