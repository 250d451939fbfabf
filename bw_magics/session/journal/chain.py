"""`verify`: whether the lines of a journal's file are as they were written."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bw_magics.errors import JournalProblem
from bw_magics.session.journal.diagnosis import Finding, Row, diagnose
from bw_magics.session.journal.digest import GENESIS, LONGEST_LINE, mark_of
from bw_magics.session.journal.entry import Entry, Line, read_entry
from bw_magics.shown import one_line

# In bytes: about three million uses.
LARGEST = 1 << 30
_MOST_TORN = 8
# In lines: of a longer file that is not whole, only the first of them is named.
_MOST_EXPLAINED = 1 << 18


@dataclass(frozen=True, slots=True)
class Verified:
    """The result: how many lines of how many sessions, the digest of the last, the findings.

    `is_whole` tells whether nothing was changed; half a line of a killed process changes nothing.
    """

    lines: int
    sessions: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every line is as it was written, in its place, and none is missing."""
        return all(finding.kind == "half" for finding in self.findings)


def read_entries(path: Path, *, most: int) -> list[Entry]:
    """Reads the last uses in a file. Raises `JournalProblem`."""
    return [*deque(filter(None, map(read_entry, _lines(path))), maxlen=most)]


def verify(path: Path, *, own: Iterable[str] = ()) -> Verified:
    """Checks a file; `own` are the digests of lines that have to be in it.

    Raises `JournalProblem` where it cannot be read.
    """
    missing = dict.fromkeys(own)
    sessions: set[str] = set()
    count, head, broken = 0, GENESIS, 0
    halves: list[int] = []
    # What is not a line, since the last one.
    between: list[tuple[int, bytes]] = []
    for data in _lines(path):
        count += 1
        line = _line(data)
        if line is None:
            between.append((count, data))
            if len(between) > _MOST_TORN:
                broken, between = broken or count, []
            continue
        mark = mark_of(b"".join(data for _, data in between)) if between else ""
        if not (line.is_sound and line.previous == head and line.torn == mark):
            broken = broken or count
        halves += [number for number, _ in between]
        between = []
        sessions.add(line.session)
        missing.pop(line.digest, None)
        head = line.digest
    if between and (len(between) > 1 or between[0][1].endswith(b"\n")):
        broken = broken or count
    if not broken:
        findings = [_half(number) for number in [*halves, *(number for number, _ in between)]]
    elif count <= _MOST_EXPLAINED:
        findings = _explained(path)
    else:
        findings = [Finding(broken, "changed", "not as it was written, from here on")]
    if missing:
        what = f"{len(missing)} of this kernel's uses are not in the file"
        findings.append(Finding(count + 1, "removed", what))
    return Verified(count, len(sessions), head if count else "", tuple(findings))


def _explained(path: Path) -> list[Finding]:
    rows: list[Row] = []
    findings: list[Finding] = []
    recent: deque[tuple[Row, bytes]] = deque(maxlen=_MOST_TORN)
    for number, data in enumerate(_lines(path), 1):
        if not data.endswith(b"\n"):
            findings.append(_half(number))
            continue
        row = Row(number, _line(data))
        if row.is_sound and row.torn:
            torn = _named_by(row.torn, recent)
            findings += [_half(each.number) for each in torn]
            while rows and rows[-1] in torn:
                rows.pop()
            if not torn:
                what = "the half line before it was changed or removed"
                findings.append(Finding(number, "changed", what))
        rows.append(row)
        recent.append((row, data))
    return sorted([*findings, *diagnose(rows)], key=lambda finding: finding.line)


def _half(number: int) -> Finding:
    return Finding(number, "half", "half a line: a process was killed while it wrote")


def _named_by(mark: str, recent: Iterable[tuple[Row, bytes]]) -> list[Row]:
    """Returns the rows just before, which a line names as half ones."""
    found: list[Row] = []
    rest = b""
    for row, data in reversed([*recent]):
        found.append(row)
        rest = data + rest
        if mark_of(rest) == mark:
            return found
    return []


def _line(data: bytes) -> Line | None:
    return Line.read(data[:-1]) if data.endswith(b"\n") else None


def _lines(path: Path) -> Iterator[bytes]:
    """Yields the lines with their ends; a line that is too long comes in pieces."""
    reason = ""
    try:
        # A pipe or a device would never end.
        if not path.is_file():
            reason = "it is not a file" if path.exists() else os.strerror(errno.ENOENT)
        else:
            with path.open("rb") as file:
                while data := file.readline(LONGEST_LINE):
                    yield data
                    if file.tell() > LARGEST:
                        reason = "it is larger than 1 GiB"
                        break
                else:
                    return
    except OSError as error:
        reason = error.strerror or "unknown"
    except ValueError:
        reason = "this is not a path"
    raise JournalProblem(
        f"The journal '{one_line(str(path))}' cannot be read: {reason}.",
        "Name the file that was written.",
    )
