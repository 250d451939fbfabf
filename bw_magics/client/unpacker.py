"""`Unpacker`: the packed body of an answer, by pieces and under a ceiling."""

from __future__ import annotations

import zlib


class Unpacker:
    """A decompressor of gzip (also several members in a row), zlib or raw deflate, by pieces."""

    ZLIB = zlib.MAX_WBITS
    GZIP = zlib.MAX_WBITS | 16

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
            if self._window == self.ZLIB and not _has_zlib_header(data):
                # "deflate" means zlib's format; some servers send it without its header.
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
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
            if self._stream.eof and self._stream.unused_data and self._window == self.GZIP:
                data = self._stream.unused_data
                self._stream = zlib.decompressobj(self.GZIP)
        return True

    @property
    def complete(self) -> bool:
        """Whether the packed data came to its end, or there was none."""
        return not self._broken and (self._stream.eof or not self._held)


def _has_zlib_header(data: bytes) -> bool:
    return data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0
