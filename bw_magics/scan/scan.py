"""`Scan`: searches files, IPython's history and git for known secrets, and reports the places."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bw_magics.scan.documents.database import is_database, search_database
from bw_magics.scan.documents.notebook import is_notebook, search_notebook, without_outputs
from bw_magics.scan.documents.repository import LARGEST, Repository, Stored
from bw_magics.scan.documents.text import as_utf8, search_stream, search_text
from bw_magics.scan.hit import Hit, Problem
from bw_magics.scan.seeker import Seeker
from bw_magics.scan.walk import files_in

# Larger notebooks are searched as text.
_LARGEST_NOTEBOOK = 1 << 28
# So often it says how far it is, in seconds.
_INTERVAL = 0.5
# In so many blobs with a hit the commit is looked up: git takes its time for each.
_MOST_COMMITS = 200

OnProgress = Callable[[str], None]


class Scan:
    """One search. `hits` and `problems` have the finds so far, and never a value.

    `on_progress` is called with a sentence at most twice a second.
    """

    def __init__(self, seeker: Seeker, on_progress: OnProgress | None = None) -> None:
        self._seeker = seeker
        self._on_progress = on_progress
        self._told = time.monotonic()
        self._hits: dict[Hit, None] = {}
        self.problems: list[Problem] = []
        self.files = self.objects = self.bytes = 0
        # Notebooks as they were when an output of theirs had a hit: `empty_outputs` compares.
        self._seen: dict[str, bytes] = {}

    @property
    def hits(self) -> list[Hit]:
        """The finds, in the order of the search, each place once."""
        return list(self._hits)

    @property
    def values(self) -> int:
        """How many values were searched for."""
        return self._seeker.count

    @property
    def notebooks(self) -> list[str]:
        """The notebooks whose outputs hold a secret, and that `empty_outputs` would change."""
        return list(self._seen)

    def paths(self, paths: Iterable[Path]) -> None:
        """Searches files and folders."""
        for path in files_in(paths, self.problems.append):
            self._file(path)

    def history(self, folder: Path) -> None:
        """Searches the history of every profile of IPython in its folder."""
        found = sorted(folder.glob("profile_*/history.sqlite*"))
        if not found:
            self.problems.append(Problem(str(folder), "IPython has no history there"))
        self.paths(found)

    def repository(self, folder: Path) -> None:
        """Searches every object of the git repository of a folder. Raises `UsageMistake`."""
        repository = Repository(folder)
        places: dict[str, str] = {}
        for stored in repository.objects():
            self.objects += 1
            self._progress(len(stored.data))
            if stored.size > LARGEST:
                self.problems.append(
                    Problem(stored.id[:12], "a very large object: searched only at its beginning")
                )
            for hit in self._stored(stored):
                if stored.kind == "blob" and stored.id not in places:
                    is_looked_up = len(places) < _MOST_COMMITS
                    blob = f"blob {stored.id[:12]}"
                    places[stored.id] = repository.where(stored.id) if is_looked_up else blob
                place = places.get(stored.id, f"{stored.kind} {stored.id[:12]}")
                self._hits[hit.within(str(repository.path), place)] = None

    def empty_outputs(self) -> list[str]:
        """Empties the outputs that hold a secret; returns the notebooks that it wrote.

        Raises `UsageMistake` for a notebook that has changed since.
        """
        written = []
        for source, before in self._seen.items():
            cells = {
                int(hit.part.split()[1].rstrip(","))
                for hit in self._hits
                if hit.source == source and hit.is_output
            }
            without_outputs(Path(source), cells, before)
            written.append(source)
        return written

    # Inside.

    def _file(self, path: Path) -> None:
        source = str(path)
        self.files += 1
        try:
            with path.open("rb") as file:
                # What is written meanwhile does not count: a log may grow as fast as it is read.
                size = os.fstat(file.fileno()).st_size
                head = file.read(1 << 12)
                file.seek(0)
                if _is_whole(head, size):
                    data = file.read(size)
                    self._progress(len(data))
                    self._add(self._document(data, source), data)
                else:
                    self._progress(size)
                    self._add(search_stream(file, size, self._seeker, source))
            if is_database(head):
                self._database(path, source)
        except (OSError, MemoryError) as error:
            reason = getattr(error, "strerror", None) or "not enough memory to read it"
            self.problems.append(Problem(source, reason.lower()))

    def _database(self, path: Path, source: str) -> None:
        """Rows have a place of their own; the bytes of the file also have what was deleted."""
        bytes_hits = [hit for hit in self._hits if hit.source == source]
        try:
            rows = list(search_database(path, self._seeker, source))
        except sqlite3.Error as error:
            self.problems.append(Problem(source, f"searched only as bytes: {error}"))
            return
        found = {label for hit in rows for label in hit.labels}
        for hit in bytes_hits:
            del self._hits[hit]
            if not found.issuperset(hit.labels):
                self._hits[Hit(source, "deleted rows (VACUUM removes them)", hit.labels)] = None
        self._hits.update(dict.fromkeys(rows))

    def _stored(self, stored: Stored) -> Iterator[Hit]:
        if stored.kind == "blob":
            return self._document(stored.data, "")
        return search_text(stored.data, self._seeker, "", "message")

    def _document(self, data: bytes, source: str) -> Iterator[Hit]:
        plain = as_utf8(data)
        if is_notebook(plain):
            found = search_notebook(plain, self._seeker, source)
            if found is not None:
                return found
            if source.endswith(".ipynb"):
                self.problems.append(Problem(source, "not valid JSON: searched as text"))
        return search_text(plain, self._seeker, source)

    def _add(self, hits: Iterator[Hit], notebook: bytes | None = None) -> None:
        for hit in hits:
            self._hits[hit] = None
            if hit.is_output and notebook is not None:
                self._seen[hit.source] = notebook

    def _progress(self, size: int) -> None:
        self.bytes += size
        now = time.monotonic()
        if self._on_progress is not None and now - self._told >= _INTERVAL:
            self._told = now
            self._on_progress(f"{self.summary}, {len(self._hits)} found so far")

    @property
    def summary(self) -> str:
        """How much was searched, in words."""
        what = [_counted(self.files, "file")] if self.files or not self.objects else []
        what += [_counted(self.objects, "git object")] if self.objects else []
        return f"{' and '.join(what)} searched ({self.bytes / 1e6:,.1f} MB)"


def _is_whole(head: bytes, size: int) -> bool:
    """Returns whether a file is read at once: a notebook, or one that is not large."""
    if size <= 1 << 22:
        return True
    is_notebook_like = head.lstrip()[:1] == b"{" or head[:2] in (b"\xff\xfe", b"\xfe\xff")
    return size <= _LARGEST_NOTEBOOK and is_notebook_like


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
