"""`diagnose`: which lines of a broken journal were changed, inserted, moved or removed.

Each line names the digest of the one before it. A line whose own digest is wrong was changed. The
others hang together in chains. The longest way through a chain is what was written.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bw_magics.session.journal.digest import GENESIS
from bw_magics.session.journal.entry import Line

_WITHOUT = "the chain goes on without it"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a line: it was `changed`, `inserted` or `moved`, lines before it were
    `removed`, or it is `half`, as a killed process leaves it. `line` counts from 1.
    """

    line: int
    kind: str
    text: str


class Row:
    """A line of the file and its number; `line` is None for what is not a line of a journal."""

    __slots__ = ("children", "depth", "line", "number", "parent")

    def __init__(self, number: int, line: Line | None) -> None:
        self.number = number
        self.line = line
        self.children: list[Row] = []
        self.parent: Row | None = None
        self.depth = 1

    @property
    def is_sound(self) -> bool:
        """Whether its digest is that of its contents."""
        return self.line is not None and self.line.is_sound

    @property
    def torn(self) -> str:
        """The mark of half a line before it."""
        return "" if self.line is None else self.line.torn


def diagnose(rows: Sequence[Row]) -> list[Finding]:
    """Explains where the lines of a file are not one chain."""
    findings, rows = _without_copies(rows)
    _link(rows)
    chains = [_longest_way(row) for row in rows if row.line is not None and row.parent is None]
    chains.sort(key=len)
    kept = {row.number for chain in chains for row in chain}
    for row in rows:
        if row.is_sound and row.number not in kept:
            findings.append(Finding(row.number, "inserted", "it is not part of the chain"))
    neighbours = _Neighbours(row for row in rows if row.number in kept or not row.is_sound)
    stay = []
    for chain in chains[:-1]:
        if neighbours.skip(chain):
            neighbours.remove(chain)
            findings += [Finding(row.number, "inserted", _WITHOUT) for row in chain]
        else:
            stay.append(chain)
    chains = [*stay, *chains[-1:]]
    rest = neighbours.rows()
    for row in rest:
        if not row.is_sound and neighbours.skip([row]):
            findings.append(Finding(row.number, "inserted", _WITHOUT))
        elif not row.is_sound:
            findings.append(Finding(row.number, "changed", "it is not as it was written"))
    findings += _gaps(chains, rest)
    findings += _moved(chains)
    return findings


def _without_copies(rows: Sequence[Row]) -> tuple[list[Finding], list[Row]]:
    """Takes out copies of a line; the one in its place stays."""
    first: dict[str, Row] = {}
    before = GENESIS
    in_place: set[str] = set()
    for row in rows:
        if row.line is not None and row.is_sound:
            digest = row.line.digest
            if digest not in first or (digest not in in_place and row.line.previous == before):
                first[digest] = row
            if row.line.previous == before:
                in_place.add(digest)
            before = digest
    findings, kept = [], []
    for row in rows:
        original = first.get(row.line.digest) if row.line is not None and row.is_sound else row
        if original is row or original is None:
            kept.append(row)
        else:
            what = f"a copy of line {original.number}"
            findings.append(Finding(row.number, "inserted", what))
    return findings, kept


def _link(rows: Sequence[Row]) -> None:
    """Finds for each line the one that it names. A changed line still says what it was."""
    known: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row.is_sound):
        if row.line is not None:
            known[row.line.digest] = row
    tops = {row: row for row in rows}
    for row in rows:
        parent = known.get(row.line.previous) if row.line is not None else None
        # A changed line may close a circle.
        if parent is not None and _top(parent, tops) is not row:
            tops[row] = row.parent = parent
            parent.children.append(row)


def _top(row: Row, tops: dict[Row, Row]) -> Row:
    """Returns the line that a chain begins with; makes the way there shorter for the next."""
    while (above := tops[row]) is not row:
        tops[row] = tops[above]
        row = above
    return row


def _longest_way(root: Row) -> list[Row]:
    order = [root]
    for row in order:
        order += row.children
    best: dict[int, Row] = {}
    for row in reversed(order):
        for child in row.children:
            if child.depth + 1 >= row.depth:
                row.depth, best[row.number] = child.depth + 1, child
    way = [root]
    while (following := best.get(way[-1].number)) is not None:
        way.append(following)
    return way


class _Neighbours:
    """Lines in the order of the file, each with the lines before and after it."""

    def __init__(self, rows: Iterable[Row]) -> None:
        ordered = [None, *rows, None]
        self._of = {
            row: (before, after)
            for before, row, after in zip(ordered, ordered[1:], ordered[2:], strict=False)
            if row is not None
        }

    def rows(self) -> list[Row]:
        """Lists the lines."""
        return list(self._of)

    def remove(self, chain: Sequence[Row]) -> None:
        """Takes lines out."""
        for row in chain:
            before, after = self._of.pop(row)
            if before is not None:
                self._of[before] = self._of[before][0], after
            if after is not None:
                self._of[after] = before, self._of[after][1]

    def skip(self, chain: Sequence[Row]) -> bool:
        """Tells whether the line after some lines names the one before them."""
        own = sorted(chain, key=lambda row: row.number)
        if any(self._of[row][1] is not after for row, after in itertools.pairwise(own)):
            return False
        before, after = self._of[own[0]][0], self._of[own[-1]][1]
        if after is None or after.line is None:
            return False
        return after.parent is before if before is not None else after.line.previous == GENESIS


def _gaps(chains: Sequence[Sequence[Row]], rows: Sequence[Row]) -> list[Finding]:
    before = dict(zip((row.number for row in rows[1:]), rows, strict=False))
    findings = []
    for root in (chain[0] for chain in chains):
        above = before.get(root.number)
        if not root.is_sound or root.line is None or (above is not None and not above.is_sound):
            continue
        if root.line.previous != GENESIS:
            findings.append(Finding(root.number, "removed", "lines before it were removed"))
        elif above is not None and len(chains) > 1:
            findings.append(Finding(root.number, "inserted", "another chain begins here"))
    return findings


def _moved(chains: Sequence[Sequence[Row]]) -> list[Finding]:
    """Finds the fewest lines that have to be moved to be in the chain's order."""
    ordered = [row for chain in sorted(chains, key=lambda chain: chain[0].number) for row in chain]
    following = _longest_rise([row.number for row in ordered])
    findings = []
    for place, row in enumerate(ordered):
        if row.number not in following:
            after = f"after line {ordered[place - 1].number}" if place else "at the beginning"
            findings.append(Finding(row.number, "moved", f"it belongs {after}"))
    return findings


def _longest_rise(numbers: Sequence[int]) -> Mapping[int, None]:
    """Returns the most numbers that follow each other upwards."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(ends, number)
        before[number] = ends[place - 1] if place else None
        ends[place : place + 1] = [number]
    found: dict[int, None] = {}
    last = ends[-1] if ends else None
    while last is not None:
        found[last] = None
        last = before[last]
    return found


__all__ = ["Finding", "Row", "diagnose"]
