"""Bodies of answers: unpacked under a ceiling, and read as JSON and never quoted."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

from bw_magics.errors import AnswerUnusable

MIB = 1024 * 1024

# What a JSON value can begin with: anything else is a web page or a file.
_JSON_STARTS = b'{["-0123456789tfn'
_WHITE_SPACE = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_GZIP = zlib.MAX_WBITS | 16
_RAW_DEFLATE = -zlib.MAX_WBITS

UNREADABLE = object()


def read_body(chunks: Iterable[bytes], *, encoding: str, ceiling: int, server: str) -> bytearray:
    """Unpacks the bytes of `chunks`; `encoding` is the content-encoding.

    At most `ceiling` bytes are ever unpacked, so that a small answer cannot fill the memory.
    Raises `AnswerUnusable` above that, for an encoding that was not asked for, and for packed
    data that is damaged or cut off.
    """
    body = bytearray()
    unpacker = _unpacker(encoding.strip().lower(), server)
    for chunk in chunks:
        if unpacker is None:
            body += chunk
        elif not unpacker.feed(chunk, into=body, ceiling=ceiling):
            break
        if len(body) > ceiling:
            break
    if len(body) > ceiling:
        raise AnswerUnusable(
            f"The answer of {server} is larger than {ceiling // MIB} MiB.",
            "Check that the address is that of your Bitwarden server.",
        )
    if unpacker is not None and not unpacker.complete:
        raise AnswerUnusable(
            f"The answer of {server} arrived damaged or cut off.",
            "Try again; if it stays so, look at the proxy in front of the server.",
        )
    return body


class _Unpacker:
    """A decompressor of gzip (also several members in a row), zlib or raw deflate, by pieces."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._held = b""
        self._begun = False
        self._broken = False

    def feed(self, data: bytes, *, into: bytearray, ceiling: int) -> bool:
        """Unpacks a piece; False ends the reading, one byte above the ceiling."""
        if not self._begun:
            data = self._held = self._held + data
            if len(data) < 2:
                return True
            self._begun = True
            if self._window == zlib.MAX_WBITS and not _has_zlib_header(data):
                # "deflate" means zlib's format; some servers send it without its header.
                self._stream = zlib.decompressobj(_RAW_DEFLATE)
        while data:
            room = ceiling + 1 - len(into)
            if room <= 0:
                return False
            try:
                into += self._stream.decompress(data, room)
            except zlib.error:
                self._broken = True
                return False
            data = self._stream.unconsumed_tail
            if self._stream.eof and self._stream.unused_data and self._window == _GZIP:
                data = self._stream.unused_data
                self._stream = zlib.decompressobj(_GZIP)
        return True

    @property
    def complete(self) -> bool:
        """Whether the packed data came to its end, or there was none."""
        return not self._broken and (self._stream.eof or not self._held)


def _has_zlib_header(data: bytes) -> bool:
    return data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0


def _unpacker(encoding: str, server: str) -> _Unpacker | None:
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return _Unpacker(_GZIP)
    if encoding == "deflate":
        return _Unpacker(zlib.MAX_WBITS)
    raise AnswerUnusable(
        f"The answer of {server} is packed in a way that was not asked for.",
        "Look at the proxy in front of the server.",
    )


def looks_like_json(body: bytes | bytearray) -> bool:
    """Tells whether the first character can begin a JSON value."""
    start = bytes(body[:64]).removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)
    return start[:1] != b"" and start[0] in _JSON_STARTS


def parse_json(body: bytes | bytearray) -> Any:
    """Parses the JSON value of a body, or returns `UNREADABLE`.

    It does not raise: the errors of the parsers hold the body, which may hold tokens.
    """
    import msgspec

    if body[:3] == _BYTE_ORDER_MARK:
        body = body[3:]
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return UNREADABLE
