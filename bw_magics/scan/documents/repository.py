"""Git repositories: every object once, the unreachable ones too; a place is a file of a commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from bw_magics.errors import UsageMistake

# Larger objects are searched this far.
LARGEST = 1 << 28
_PIECE = 1 << 20
_SEARCHED = (b"blob", b"commit", b"tag")
_NO_CONFIGURATION = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


class Stored(NamedTuple):
    """An object of a repository. `size` is the whole one's; `data` may be its beginning."""

    id: str
    kind: str
    size: int
    data: bytes


class Repository:
    """The repository that a folder belongs to. Raises `UsageMistake` where there is none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            top = self._read("rev-parse", "--absolute-git-dir")
        except FileNotFoundError:
            raise UsageMistake("git is not installed.", "Install it, or scan without --git.") from (
                None
            )
        except subprocess.CalledProcessError:
            raise UsageMistake(
                f"{folder} is not in a git repository.", "Name a folder of one, or leave out --git."
            ) from None
        self.path = Path(os.fsdecode(top.removesuffix(b"\n")))

    def objects(self) -> Iterator[Stored]:
        """Yields every blob, commit and tag in the order of the disk.

        Raises `UsageMistake` where git cannot read its objects to the end.
        """
        command = (*self._git, "cat-file", "--batch-all-objects", "--batch", "--unordered")
        with subprocess.Popen(  # noqa: S603 - no shell
            [*command, "--buffer"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=_environment(),
        ) as process:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            try:
                while header := process.stdout.readline():
                    id, kind, *size = header.split()
                    if not size:  # `<id> missing`: of a partial clone
                        continue
                    data = _take(process.stdout, int(size[0]), is_kept=kind in _SEARCHED)
                    process.stdout.read(1)
                    if kind in _SEARCHED:
                        yield Stored(id.decode(), kind.decode(), int(size[0]), data)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise UsageMistake(f"git could not read all objects of {self.path}.", "Run: git fsck")

    def where(self, id: str) -> str:
        """Names the oldest commit with a blob, and its path there; None is reachable otherwise."""
        try:
            log = self._read(
                "log", "--all", "--no-show-signature", "--no-renames", "--format=commit %h",
                "--name-only", f"--find-object={id}", timeout=60,
            )  # fmt: skip
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return f"blob {id[:12]}"
        commit, path = "", ""
        for line in log.decode(errors="replace").splitlines():
            if line.startswith("commit "):
                commit, path = line, ""
            elif line and not path:
                path = line
        return f"{commit}, {path}" if commit else f"blob {id[:12]} of no branch"

    @property
    def _git(self) -> tuple[str, ...]:
        return ("git", "-C", str(self._folder), *_NO_CONFIGURATION)

    def _read(self, *arguments: str, timeout: float | None = None) -> bytes:
        return subprocess.run(  # noqa: S603 - no shell
            (*self._git, *arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=timeout,
            env=_environment(),
        ).stdout


def _environment() -> dict[str, str]:
    """Ours without our variables; git fetches nothing and asks nothing."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BW_", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"))
    }
    return {**kept, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def _take(stream: IO[bytes], size: int, *, is_kept: bool) -> bytes:
    """Reads an object to its end; gives its beginning where it `is_kept`."""
    if is_kept and size <= LARGEST:
        return stream.read(size)
    data = stream.read(min(size, LARGEST)) if is_kept else b""
    left = size - len(data)
    while left > 0 and (piece := stream.read(min(_PIECE, left))):
        left -= len(piece)
    return data
