"""`FileSource`: a file to attach, read piece by piece."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from bw_magics.announcing import LARGEST_SHOWN
from bw_magics.errors import UsageMistake, WriteRefused
from bw_magics.secret import Secret, Unpicklable
from bw_magics.vault.changes import refuse_mask
from bw_magics.vault.names import as_name

_PIECE = 1024 * 1024


class FileSource(Unpicklable):
    """The name and the contents of a file to attach.

    A `str` or `Path` is a path; a `Secret` is the contents. Raises `UsageMistake` where the name
    is missing or the source is of another type.
    """

    def __init__(self, source: object, name: str | None = None) -> None:
        self._source = source
        self._start = bytearray()
        if isinstance(source, (str, os.PathLike)) and not isinstance(source, Secret):
            name = name or Path(source).name
        elif not isinstance(source, (str, bytes, bytearray, memoryview)) and not hasattr(
            source, "read"
        ):
            raise UsageMistake(
                f"A {type(source).__name__} cannot be attached.",
                'Give a path, or bytes with a name: attach(data, name="key.json").',
            )
        if not name or "\n" in as_name(name):
            raise UsageMistake(
                "The attachment needs a name.", 'Give one: attach(data, name="key.json").'
            )
        refuse_mask(name, "the name of an attachment")
        if isinstance(source, Secret):
            refuse_mask(str.__str__(source), "an attachment")
        self.name = name

    def __repr__(self) -> str:
        return f"<FileSource {self.name}>"

    @property
    def shown(self) -> bytes:
        """The contents that were read, where they are small enough to turn up in outputs."""
        return bytes(self._start) if len(self._start) <= LARGEST_SHOWN else b""

    def pieces(self) -> Iterator[bytes]:
        """Yields the contents. Raises `WriteRefused` if they cannot be read or change meanwhile."""
        self._start.clear()
        for piece in self._read():
            if len(self._start) <= LARGEST_SHOWN:
                self._start += piece
            yield piece

    def _read(self) -> Iterator[bytes]:
        source = self._source
        if isinstance(source, Secret):
            yield str.__str__(source).encode()
        elif isinstance(source, (bytes, bytearray, memoryview)):
            view = memoryview(source).cast("B")
            for start in range(0, len(view), _PIECE):
                yield bytes(view[start : start + _PIECE])
        elif isinstance(source, (str, os.PathLike)):
            yield from self._from_path(Path(source))
        else:
            yield from self._from_file(source)

    def _from_path(self, path: Path) -> Iterator[bytes]:
        try:
            file = path.open("rb")
        except OSError as problem:
            raise self._unreadable(problem) from None
        # A NUL or half a character.
        except ValueError:
            raise UsageMistake("That is not a path of a file.", "Correct it.") from None
        with file:
            before, size = os.fstat(file.fileno()), 0
            for piece in self._from_file(file):
                size += len(piece)
                yield piece
            after = os.fstat(file.fileno())
        has_changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
        if has_changed or (before.st_size and size != before.st_size):
            raise WriteRefused(
                f"The file '{self.name}' changed while it was read.",
                "Nothing was attached: attach it again when nothing writes to it.",
            )

    def _from_file(self, file: object) -> Iterator[bytes]:
        while True:
            try:
                piece = file.read(_PIECE)  # type: ignore[attr-defined]
            except (OSError, ValueError) as problem:
                raise self._unreadable(problem) from None
            if not piece:
                return
            if not isinstance(piece, (bytes, bytearray)):
                raise UsageMistake(
                    f"The file '{self.name}' is open as text.", 'Open it with mode "rb".'
                )
            yield bytes(piece)

    def _unreadable(self, problem: Exception) -> WriteRefused:
        reason = getattr(problem, "strerror", None) or type(problem).__name__
        return WriteRefused(
            f"The file '{self.name}' cannot be read: {reason}.", "Nothing was attached."
        )
