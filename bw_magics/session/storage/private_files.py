"""`PrivateFiles`: decrypted files that only this user can read, for a short time."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bw_magics.errors import Unreadable, UsageMistake, VaultLocked
from bw_magics.steps import UNLOCK, Remedy

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_PREFIX = "bw_magics-"
_LOCK = ".lock"
# In bytes: memory-backed storage that stays free for others.
_MARGIN = 16 * 1024 * 1024
_LONGEST_NAME = 200
# In seconds: a folder without a mark may be so new that it gets one soon.
_JUST_MADE = 60.0


class PrivateFiles:
    """A folder for this user only, made for the first file and removed with the last.

    It is in memory where the system offers that, else among the temporary files. The next process
    that places a file removes what a killed process left. A forked child leaves the files to its
    parent.
    """

    def __init__(self) -> None:
        self._folders: set[Path] = set()
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._is_forgotten = False

    def __repr__(self) -> str:
        return f"<PrivateFiles: {len(self._folders)}>"

    @contextmanager
    def place(self, name: str, pieces: Iterator[bytes], size: int) -> Iterator[Path]:
        """Places a file with that name and contents for the length of the block."""
        folder, held = self._folder(size)
        path = folder / safe_name(name)
        try:
            _write(path, pieces)
            if self._is_forgotten:
                raise VaultLocked(
                    "The vault was locked while a file was written.", Remedy("Next: {}.", UNLOCK)
                )
            yield path
        finally:
            if self._process == os.getpid():
                self._remove(folder)
            if held is not None:
                os.close(held)

    def forget(self) -> None:
        """Removes every placed file."""
        if self._process != os.getpid():
            return
        self._is_forgotten = True
        for folder in list(self._folders):
            self._remove(folder)

    def _folder(self, size: int) -> tuple[Path, int | None]:
        place = _memory_for(size)
        if place is not None:
            _sweep(place)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        with self._lock:
            if not self._folders:
                atexit.register(self.forget)
            self._folders.add(folder)
        return folder, _hold(folder / _LOCK)

    def _remove(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        with self._lock:
            self._folders.discard(folder)
            if not self._folders:
                atexit.unregister(self.forget)


def write_to_stay(name: str, pieces: Iterator[bytes], path: str | Path) -> bool:
    """Writes a file that only this user can read; tells whether it replaced one.

    Works as the CLI's `--output`: a path that ends in a slash is a folder, missing folders are
    made, and an existing file is replaced. The file appears whole or not at all.
    """
    text = os.fspath(path)
    target = Path(text).expanduser()
    if text.endswith(("/", os.sep)) or target.is_dir():
        target = target / safe_name(name)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        existed = target.exists()
        if existed and not target.is_file():
            raise OSError
        handle, draft = tempfile.mkstemp(prefix=".", dir=target.parent)  # 0600
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece)
            os.replace(draft, target)  # noqa: PTH105 - both are texts
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(draft)  # noqa: PTH108 - a text
            raise
    except OSError as error:
        reason = error.strerror or "it is not a file"
    else:
        return existed
    raise UsageMistake(
        f"The attachment cannot be written there: {reason}.",
        "Name a file or folder that you may write to.",
    )


def safe_name(name: str) -> str:
    """Turns an attachment's name, which another person may have chosen, into a plain file name."""
    name = "".join("_" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in name)
    name = name.strip(". ")
    while len(name.encode(errors="replace")) > _LONGEST_NAME:
        name = name[1:]
    return name.strip(". ") or "attachment"


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            return
    except OSError as error:
        reason = error.strerror or "unknown"
    raise Unreadable(
        f"The attachment cannot be put into a file: {reason}.",
        "Take its bytes instead: read().",
    )


def _memory_for(size: int) -> Path | None:
    """Returns the folder in memory where a file of that size fits, or None."""
    try:
        if not os.access(_MEMORY, os.W_OK | os.X_OK) or not os.path.ismount(_MEMORY):
            return None
        return _MEMORY if shutil.disk_usage(_MEMORY).free > size + _MARGIN else None
    except OSError:
        return None


def _hold(path: Path) -> int | None:
    """Marks a folder as in use for the life of this process; None where that is not possible."""
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def _sweep(place: Path) -> None:
    """Removes folders that a killed process of this user left in memory."""
    try:
        import fcntl
    except ImportError:
        return
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
                continue
            if abs(time.time() - status.st_mtime) < _JUST_MADE:
                continue
            handle = os.open(folder / _LOCK, os.O_RDWR)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)
