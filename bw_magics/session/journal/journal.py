"""`Journal`: the uses of this process, chained in memory, and in a file where one is named."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bw_magics.errors import JournalProblem, SecretTyped, UsageMistake
from bw_magics.secret import MASK, Secret, Unpicklable
from bw_magics.session.journal.cells import Cells
from bw_magics.session.journal.digest import GENESIS, LONGEST_TEXT, Clock, digest_of, quoted
from bw_magics.settings import JOURNAL
from bw_magics.shown import one_line
from bw_magics.using import Use, record_with

if TYPE_CHECKING:
    from bw_magics.session.journal.cells import Cell
    from bw_magics.session.journal.chain import Verified
    from bw_magics.session.journal.entry import Entry
    from bw_magics.session.journal.journal_file import JournalFile

MOST = 10_000

# A use, its digest, and what it shares with others: moment, way, cell, reason, file.
_Place: TypeAlias = "tuple[float, str, Cell, str, JournalFile | None]"
_Kept: TypeAlias = "tuple[Use, str, _Place]"


class Journal(Unpicklable):
    """Who used what: the last 10,000 uses of a secret in this process, never a value.

    A list, search, completion, check or scan hands no secret out and leaves no entry. `to(path)`
    also appends each use to a file, before its value is handed out; without it, the variable
    `BW_MAGICS_JOURNAL` can name the file. A value whose use cannot be written is not handed out.
    """

    def __init__(self) -> None:
        self.cells = Cells()
        self.is_secret: Callable[[str], bool] | None = None
        self._path: Path | None = None
        self._begin()

    def _begin(self) -> None:
        self._session = os.urandom(8).hex()
        self._head = f'"session":"{self._session}","number":'
        self._ways: dict[str, str] = {}
        # A signal handler of the same thread is refused instead of waiting for ever.
        self._lock = threading.RLock()
        self._is_noting = False
        self._kept: deque[_Kept] = deque(maxlen=MOST)
        self._number = 0
        self._last = GENESIS
        self._clock = Clock()
        self._file: JournalFile | None = None
        self._has_looked = False

    def __repr__(self) -> str:
        return f"<Journal of {self._number} uses>"

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def session(self) -> str:
        """The id of this process in the lines of a file."""
        return self._session

    @property
    def path(self) -> Path | None:
        """The file that uses are appended to; None where none is named."""
        if self._file is not None:
            return self._file.path
        named = os.environ.get(JOURNAL)
        return self._path or (_placed(named) if named else None)

    def to(self, path: str | Path | None, *, checks: bool = True) -> None:
        """Appends the uses from now on to a file that only this user can read; None ends that.

        Raises `JournalProblem` where the file cannot be written, or is not a journal; without
        `checks` the first use does.
        """
        before, wanted = self._path, _placed(path) if path else None
        with self._lock:
            self._close()
            self._path = wanted
            try:
                file = self._opened() if checks else None
                if file is not None:
                    file.open()
            except JournalProblem:
                self._close()
                self._path = before
                raise

    def entries(self) -> list[Entry]:
        """Lists the uses in memory, the oldest first."""
        from datetime import UTC, datetime

        from bw_magics.session.journal.entry import Entry

        with self._lock:
            kept, first = [*self._kept], self._number - len(self._kept) + 1
        return [
            Entry(
                at=datetime.fromtimestamp(at, UTC),
                item=use.item,
                field=use.field,
                way=way,
                cell=cell.count,
                reason=reason,
                source=use.source,
                id=use.id,
                message=cell.message,
                session=self._session,
                number=number,
            )
            for number, (use, _, (at, way, cell, reason, _)) in enumerate(kept, first)
        ]

    def read(self, path: str | Path | None = None) -> list[Entry]:
        """Lists the uses in the file, also those of other processes: the last 10,000.

        Raises `UsageMistake` where no file is named, `JournalProblem` where it cannot be read.
        """
        from bw_magics.session.journal.chain import read_entries

        return read_entries(self._chosen(path), most=MOST)

    def verify(self, path: str | Path | None = None) -> Verified:
        """Checks the chain in the file, and that the uses of this process are in it.

        Raises as `read`.
        """
        from bw_magics.session.journal.chain import verify

        own: list[str] = []
        if path is None:
            with self._lock:
                file = self._opened()
                own = [digest for _, digest, place in self._kept if file and place[-1] is file]
        return verify(self._chosen(path), own=own)

    def note(self, uses: Sequence[Use], way: str) -> None:
        """Notes uses, before their values are handed out. Raises `JournalProblem`."""
        cell = self.cells.current()
        # What was no known value when it was given may be that of this use.
        if cell.reason and self.is_secret is not None and self.is_secret(cell.reason):
            cell.give(MASK)
        at = time.time()
        with self._lock:
            if self._is_noting:
                raise JournalProblem(
                    "A secret was used in a signal handler, while the journal noted another use.",
                    "Use it outside of the handler.",
                )
            try:
                self._is_noting = True
                self._note(uses, way, cell, at)
            finally:
                self._is_noting = False

    def because(self, reason: str) -> Because:
        """Gives the reason for the uses that follow in this cell, or in a `with` block."""
        if not isinstance(reason, str) or not reason.strip():
            raise UsageMistake("A reason is a text.", 'Write because("nightly load").')
        if len(reason) > LONGEST_TEXT:
            raise UsageMistake(f"A reason has at most {LONGEST_TEXT} characters.", "Shorten it.")
        is_known = self.is_secret is not None and self.is_secret(reason)
        if is_known or isinstance(reason, Secret):
            raise SecretTyped("The reason holds a secret.", "Say it without: it is kept.")
        cell = self.cells.current()
        before = cell.reason
        cell.give(str.__str__(reason))
        return Because(cell, before)

    # Inside.

    def _note(self, uses: Sequence[Use], way: str, cell: Cell, at: float) -> None:
        number, last = self._number, self._last
        file = self._file if self._has_looked else self._opened()
        place = (at, way, cell, cell.reason, file)
        members = f'{self._ways.get(way) or self._named(way)},{cell.members},"at":"'
        tail = f'{members}{self._clock.text(at)}"'
        bodies = []
        for use in uses:
            number += 1
            item, field, id, source = use
            body = (
                f'{self._head}{number},"item":{quoted(item)},"field":{quoted(field)},'
                f'"id":{quoted(id)},"source":{quoted(source)},{tail}'
            )
            if file is not None:
                bodies.append(body)
                continue
            last = digest_of(last, body)
            self._kept.append((use, last, place))
        if file is not None:
            written = zip(uses, file.append(bodies), strict=True)
            self._kept.extend((use, digest, place) for use, digest in written)
        self._number, self._last = number, last

    def _named(self, way: str) -> str:
        """Returns the member of a line that names the way, made once."""
        named = self._ways[way] = f'"way":{quoted(way)}'
        return named

    def _opened(self) -> JournalFile | None:
        if not self._has_looked:
            if (path := self.path) is not None:
                from bw_magics.session.journal.journal_file import JournalFile

                self._file = JournalFile(path)
            self._has_looked = True
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._has_looked = None, False

    def _chosen(self, path: str | Path | None) -> Path:
        named = _placed(path) if path is not None else self.path
        if named is None:
            raise UsageMistake(
                "No file is named for the journal.",
                "Name one: BwMagics.journal, or the variable BW_MAGICS_JOURNAL.",
            )
        return named

    def _after_fork(self) -> None:
        """Begins anew in a forked child: the parent's open file would share its lock."""
        file = self._file
        self._begin()
        if file is not None:
            file.close()


class Because:
    """A reason, which holds until the cell ends, or until its block does."""

    __slots__ = ("_before", "_cell", "_reason")

    def __init__(self, cell: Cell, before: str) -> None:
        self._reason = cell.reason
        self._cell = cell
        self._before = before

    def __repr__(self) -> str:
        return f"<the reason {self._reason!r}>"

    def __enter__(self) -> None:
        """Begins the block."""

    def __exit__(self, *_: object) -> None:
        self._cell.give(self._before)


def _placed(path: str | Path) -> Path:
    """Returns the place of a file. Raises `JournalProblem` for what names none, and `UsageMistake`
    for another type.
    """
    if not isinstance(path, str | Path):
        raise UsageMistake(
            f"A journal's file is a text or a Path, not {type(path).__name__}.",
            "Write its whole path.",
        )
    try:
        return Path(path).expanduser().absolute()
    # The home of a user who does not exist; a folder that was deleted.
    except (RuntimeError, OSError) as error:
        reason = getattr(error, "strerror", None) or "nobody has this home"
    named = one_line(str(path))
    raise JournalProblem(f"The journal '{named}' has no place: {reason}.", "Write its whole path.")


OF_PROCESS = Journal()
"""The journal of this process, whichever vault a secret comes from."""

record_with(OF_PROCESS.note)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=OF_PROCESS._after_fork)
