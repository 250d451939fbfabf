"""`files_in`: the files that a scan of folders reads, each once."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bw_magics.scan.hit import Problem

# Code and caches of others; the git folder has its own option.
_SKIPPED = frozenset({".git", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache"})
_ENVIRONMENT = "pyvenv.cfg"


def files_in(paths: Iterable[Path], report: Callable[[Problem], None]) -> Iterator[Path]:
    """Yields the regular files below some paths, which may be files themselves.

    Links to folders are not followed, so that no loop is; a linked file is read once. Pipes,
    sockets and devices are left out. What cannot be read is reported.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        try:
            is_folder = path.is_dir()
            if not is_folder and not path.exists():
                report(Problem(str(path), "no such file or folder"))
                continue
        except OSError as error:
            report(Problem(str(path), _reason(error)))
            continue
        for file in _below(path, report) if is_folder else [path]:
            try:
                status = file.stat()
            except OSError as error:
                report(Problem(str(file), _reason(error)))
                continue
            identity = (status.st_dev, status.st_ino)
            if stat.S_ISREG(status.st_mode) and identity not in seen:
                seen.add(identity)
                yield file


def _below(folder: Path, report: Callable[[Problem], None]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        report(Problem(str(error.filename or folder), _reason(error)))

    for top, folders, files in os.walk(folder, onerror=unreadable):
        if _ENVIRONMENT in files and Path(top) != folder:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        yield from (Path(top, name) for name in sorted(files))


def _reason(error: OSError) -> str:
    return (error.strerror or "cannot be read").lower()
