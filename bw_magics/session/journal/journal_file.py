"""`JournalFile`: the file that several kernels append their uses to, one chain through all.

Each append holds the file's lock: it looks which line is the last one, and chains to that. A line
is written before its value is handed out. Half a line, which a killed process can leave, gets an
end, and the next line names it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bw_magics.errors import JournalProblem
from bw_magics.secret import Unpicklable
from bw_magics.session.journal.digest import BEGINNING, GENESIS, LONGEST_LINE, line_of, mark_of
from bw_magics.shown import one_line

# In seconds. An append takes microseconds; what holds the lock longer does not work.
_PATIENCE = 5.0
_PAUSE = 0.002
_SWITCH = "Name another file, or none: BwMagics.journal, BW_MAGICS_JOURNAL."


class JournalFile(Unpicklable):
    """One file, readable by this user only. Raises `JournalProblem` where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None
        self._end = -1
        self._place: tuple[int, int] = (0, 0)
        self._last = GENESIS
        self._is_half = False

    def __repr__(self) -> str:
        return f"<JournalFile {self.path}>"

    def open(self) -> None:
        """Makes the file where it is missing, and checks that it is a journal."""
        self.append(())

    def append(self, bodies: Sequence[str]) -> list[str]:
        """Appends lines; returns the digest of each."""
        reason = ""
        try:
            handle = self._opened()
            _lock(handle)
            try:
                return self._append(handle, bodies)
            finally:
                _unlock(handle)
        except OSError as error:
            reason = error.strerror or "unknown"
        except ValueError:
            reason = "this is not a path"
        self.close()
        raise self._problem(f"cannot be written: {reason}", _SWITCH)

    def close(self) -> None:
        """Closes it; the next append opens it again."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)

    def _append(self, handle: int, bodies: Sequence[str]) -> list[str]:
        end = os.fstat(handle).st_size
        torn = ""
        if end != self._end:
            self._last, torn = self._look(handle, end)
        data, made, previous = bytearray(), [], self._last
        if self._is_half:
            data += b"\n"
        for body in bodies:
            line, digest = line_of(previous, body, torn=torn)
            data += line
            made.append(digest)
            previous, torn = digest, ""
        if not made:
            return made
        try:
            written = os.write(handle, data)
            while written < len(data):
                written += os.write(handle, data[written:])
        except BaseException:
            with contextlib.suppress(OSError):
                os.ftruncate(handle, end)
            self._end = -1
            raise
        self._end, self._last, self._is_half = end + len(data), previous, False
        return made

    def _look(self, handle: int, end: int) -> tuple[str, str]:
        """Returns the digest of the last whole line, and the mark of the rest."""
        self._is_half = False
        if end == 0:
            return GENESIS, ""
        start = max(0, end - 2 * LONGEST_LINE)
        os.lseek(handle, start, os.SEEK_SET)
        tail = _read(handle, end - start)
        self._is_half = not tail.endswith(b"\n")
        from bw_magics.session.journal.entry import Line

        ends = len(tail)
        while (newline := tail.rfind(b"\n", 0, ends)) >= 0:
            line = Line.read(tail[tail.rfind(b"\n", 0, newline) + 1 : newline])
            if line is not None:
                rest = tail[newline + 1 :]
                return line.digest, mark_of(rest) if rest else ""
            ends = newline
        if start == 0 and (tail.startswith(BEGINNING) or BEGINNING.startswith(tail)):
            return GENESIS, mark_of(tail)
        raise self._problem("does not end with a line of a journal", _SWITCH)

    def _opened(self) -> int:
        """Returns the open file; opens it again where another took its place."""
        handle = self._handle
        if handle is not None:
            with contextlib.suppress(FileNotFoundError):
                found = os.lstat(self.path)
                if (found.st_dev, found.st_ino) == self._place:
                    return handle
            self.close()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"):
            flags |= getattr(os, name, 0)
        handle = os.open(self.path, flags, 0o600)
        try:
            found = os.fstat(handle)
            self._check(found)
        except BaseException:
            os.close(handle)
            raise
        self._handle, self._end = handle, -1
        self._place = found.st_dev, found.st_ino
        return handle

    def _check(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise self._problem("is not a file", _SWITCH)
        if os.name == "nt":
            return
        if found.st_uid != os.getuid():
            raise self._problem("belongs to somebody else", _SWITCH)
        if found.st_mode & 0o077:
            raise self._problem("can be read or written by others", "Run: chmod 600 on it.")

    def _problem(self, what: str, remedy: str) -> JournalProblem:
        return JournalProblem(f"The journal '{one_line(str(self.path))}' {what}.", remedy)


def _read(handle: int, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        piece = os.read(handle, length - len(found))
        if not piece:
            break
        found += piece
    return bytes(found)


def _lock(handle: int) -> None:
    """Waits until no other process appends. Raises `OSError` where one holds it too long."""
    if _try_lock(handle):
        return
    end = time.monotonic() + _PATIENCE
    while not _try_lock(handle):
        if time.monotonic() > end:
            raise TimeoutError(0, "another process holds it")
        time.sleep(_PAUSE)


_try_lock: Callable[[int], bool]
_unlock: Callable[[int], None]

try:
    import fcntl
except ImportError:  # Windows; not tried there
    import msvcrt

    # Far behind the end: a locked byte of the file could not be read by others.
    _BYTE = 1 << 40

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]

else:

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
