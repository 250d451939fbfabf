"""The files that run right now: no cell holds their text."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from bw_magics.lean_regex import regex

# Installed programs, not the user's own files.
_PACKAGES = regex(r"[\\/](?:site-packages|dist-packages)[\\/]")
_OURS = str(Path(__file__).resolve().parents[2])
# Where ipykernel puts cells for its debugger.
_CELLS = regex(r"[\\/]ipykernel_\d+[\\/]")
_LOADED = regex(r"\s*#\s*%load\s+(\S.*?)\s*$", re.MULTILINE)
_MOST = 1 << 20


def files_being_run() -> Iterator[tuple[Path, str]]:
    """Yields the user's own files on the call stack with their text: `%run` scripts and modules."""
    seen: set[str] = set()
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        name = frame.f_code.co_filename
        if frame.f_code.co_name == "safe_execfile_ipy":  # a notebook, cell by cell
            name = str(frame.f_locals.get("fname", "<"))
        elif name.startswith(_OURS) or _PACKAGES.search(name) or _CELLS.search(name):
            name = "<"
        frame = frame.f_back
        if name in seen or name.startswith("<"):
            continue
        seen.add(name)
        yield from _read(name)


def loaded_file(cell: str) -> Iterator[tuple[Path, str]]:
    """Yields the file that `%load` put into a cell, as its first line says, with its text."""
    found = _LOADED.match(cell)
    if found:
        yield from _read(found[1].split()[-1])


def _read(name: str) -> Iterator[tuple[Path, str]]:
    path = Path(name).expanduser()
    try:
        if path.is_file() and path.stat().st_size <= _MOST:
            yield path, path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
