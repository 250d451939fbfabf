"""`CacheFile`: one file of the vault cache, from its clear header to its encrypted blocks.

    magic · length, header · length, table · the rest · the catalogue · page 0 · page 1 · …

The header is JSON: the revision, what unlocking needs, and the salt of the keys. The table says how
long each block is and how many records each page holds. Header and table are not encrypted, and
bound to every block: docs/decisions/0015-sealed-index.md.
"""

from __future__ import annotations

import binascii
import os
import stat
import struct
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from bw_magics.answer import Answer
from bw_magics.client.body import UNREADABLE, parse_json
from bw_magics.crypto.unlock import MasterPasswordUnlock

MAGIC = b"bw_magics vault cache 2\n"

# The kinds of blocks; the key of one opens none of another.
RECORDS, CATALOGUE = b"records", b"catalogue"
REST = 0

_LONGEST_HEADER = 16 * 1024
_LONGEST_TABLE = 8 * 1024 * 1024
_LARGEST = 4 * 1024 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_PAGE = struct.Struct(">II")


class Header:
    """The clear part of a cache file. `saved_at` is the file's date."""

    __slots__ = ("raw", "revision", "salt", "saved_at", "unlock")

    def __init__(
        self, revision: int, unlock: MasterPasswordUnlock, salt: bytes, saved_at: float, raw: bytes
    ) -> None:
        self.revision = revision
        self.unlock = unlock
        self.salt = salt
        self.saved_at = saved_at
        self.raw = raw

    def __repr__(self) -> str:
        return f"<Header of revision {self.revision}>"


class Table(NamedTuple):
    """The sizes in bytes of the blocks, encrypted, and the number of records in each page."""

    rest: int
    catalogue: int
    pages: Sequence[int]
    counts: Sequence[int]

    @property
    def encoded(self) -> bytes:
        """The table as bytes."""
        pairs = [(self.rest, self.catalogue), *zip(self.pages, self.counts, strict=True)]
        return b"".join(_PAGE.pack(*pair) for pair in pairs)

    @classmethod
    def decoded(cls, data: bytes) -> Table:
        """Returns the table in these bytes. Raises `ValueError`."""
        try:
            (rest, catalogue), *pages = _PAGE.iter_unpack(data)
        except struct.error:
            raise ValueError from None
        return cls(rest, catalogue, [size for size, _ in pages], [count for _, count in pages])

    @property
    def total(self) -> int:
        """The bytes of all blocks."""
        return self.rest + self.catalogue + sum(self.pages)


class CacheFile:
    """An open cache file. It stays readable when another one takes its place.

    `open` raises `OSError`, and `ValueError` for one that others may read or write, for a link,
    and for one that is not whole.
    """

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle
        self._data: bytes | None = None
        status = os.fstat(handle)
        is_ours = not hasattr(os, "getuid") or (
            status.st_uid == os.getuid() and not status.st_mode & 0o077
        )
        if not is_ours or not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise ValueError
        self.size = status.st_size
        self._identity = status.st_dev, status.st_ino
        if not hasattr(os, "pread"):
            # Windows: an open file could not be replaced by a newer one.
            with os.fdopen(os.dup(handle), "rb") as file:
                self._data = file.read()
            self.close()
        if self.read(0, len(MAGIC)) != MAGIC:
            raise ValueError
        raw, at = self._part(len(MAGIC), _LONGEST_HEADER)
        self.header = _header(raw, status.st_mtime)
        self._after_header = at

    @classmethod
    def open(cls, path: Path) -> CacheFile:
        """Opens the file and reads its header."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return cls(os.open(path, flags | getattr(os, "O_NONBLOCK", 0)))

    def __repr__(self) -> str:
        return f"<CacheFile of revision {self.header.revision}>"

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        handle, self._handle = getattr(self, "_handle", None), None
        if handle is not None:
            os.close(handle)

    def table(self) -> tuple[Table, bytes, int]:
        """Returns the table, its bytes, and where the first block begins. Raises `ValueError`."""
        raw, at = self._part(self._after_header, _LONGEST_TABLE)
        table = Table.decoded(raw)
        if at + table.total != self.size:
            raise ValueError  # cut off, or longer than it says
        return table, raw, at

    def read(self, at: int, size: int) -> bytes:
        """Returns the bytes from a place on. Raises `ValueError` where there are fewer."""
        if self._data is not None:
            data = self._data[at : at + size]
        elif self._handle is not None:
            data = os.pread(self._handle, size, at)
        else:
            data = b""
        if len(data) != size:
            raise ValueError
        return data

    def is_at(self, path: Path) -> bool:
        """Tells whether the path still leads to this file."""
        try:
            status = path.lstat()
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._identity

    def _part(self, at: int, longest: int) -> tuple[bytes, int]:
        """Returns a part with its length in front of it, and where it ends."""
        (length,) = _LENGTH.unpack(self.read(at, _LENGTH.size))
        if length > longest:
            raise ValueError
        begin = at + _LENGTH.size
        return self.read(begin, length), begin + length


def clear_part(header: bytes, table: Table) -> bytes:
    """Returns the bytes before the blocks."""
    parts = (header, table.encoded)
    return MAGIC + b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def bound_to(account: Sequence[str], header: bytes, table: bytes) -> bytes:
    """Joins what the keys of a file are bound to; a length comes before each part."""
    parts = [*(text.encode() for text in account), header, table]
    return MAGIC + b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def starts(sizes: Sequence[int], first: int = 0) -> list[int]:
    """Tells where each of several parts begins, and where the last one ends."""
    return [*accumulate(sizes, initial=first)]


def _header(raw: bytes, saved_at: float) -> Header:
    value = parse_json(raw)
    block = Answer({} if value is UNREADABLE else value)
    revision = block.integer("revision")
    unlock = MasterPasswordUnlock.read(block, email=None)
    if revision is None or unlock is None:
        raise ValueError
    unlock.kdf.check()
    try:
        salt = binascii.a2b_base64(block.text("keySalt") or "", strict_mode=True)
    except binascii.Error:
        raise ValueError from None
    return Header(revision, unlock, salt, saved_at, raw)
