"""`is_found`: whether a regular expression of a login's URI is found in an address.

The person who shares an item writes the expression, and Python's `re` can take years for a hostile
one. Here the work is bounded: no place of the program is tried twice at one place of the text, and
a budget counts the steps. The expressions are JavaScript's without the flag `u`, ignoring case, as
official clients read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bw_magics.vault.expression_syntax import (
    Back,
    Edge,
    Expression,
    Group,
    Look,
    Node,
    Repeat,
    Sign,
    canonical,
    is_word,
    parse,
    units,
)

# Steps for one expression, and for all of one question. A step takes less than a microsecond.
STEPS = 100_000
ALL_STEPS = 2_000_000
_LARGEST_PROGRAM = 10_000


class TakesTooLong(Exception):
    """An expression whose answer would take more steps than there are."""


@dataclass(slots=True)
class Budget:
    """The steps that are left for one question to all expressions."""

    left: int = ALL_STEPS


def is_found(pattern: str, text: str, budget: Budget) -> bool:
    """Returns whether a pattern is found in a text; an invalid one is not.

    Raises `TakesTooLong`.
    """
    budget.left -= len(pattern)
    if budget.left <= 0:
        raise TakesTooLong
    expression = parse(pattern)
    if expression is None:
        return False
    program = _Program(expression)
    budget.left -= len(program.code)
    run = _Run(program, units(text), min(STEPS, budget.left))
    try:
        return run.search()
    finally:
        budget.left -= run.steps


# What the machine does at a place of the program. Each gives the places to go on at.
_SIGN, _EDGE, _BACK, _SPLIT, _LOOK, _OPEN, _CLOSE, _END = range(8)


class _Program:
    """An expression as instructions: `(kind, what, next, other)`."""

    def __init__(self, expression: Expression) -> None:
        self.code: list[tuple[int, Any, int, int]] = [(_END, None, 0, 0)]
        self.has_back = expression.has_back
        self.start = self._add(expression.body, 0, is_ahead=True)

    def _emit(self, kind: int, what: Any, next: int, other: int = 0) -> int:
        if len(self.code) >= _LARGEST_PROGRAM:
            raise TakesTooLong
        self.code.append((kind, what, next, other))
        return len(self.code) - 1

    def _add(self, node: Node, next: int, *, is_ahead: bool) -> int:
        """Adds what matches a node and then goes on at `next`; returns where it begins."""
        match node:
            case Sign(fits):
                return self._emit(_SIGN, (fits, is_ahead), next)
            case Edge(kind):
                return self._emit(_EDGE, kind, next)
            case Back(number):
                return self._emit(_BACK, (number, is_ahead), next)
            case Look(body, is_body_ahead, is_negated):
                inner = self._add(body, 0, is_ahead=is_body_ahead)
                return self._emit(_LOOK, is_negated, next, inner)
            case Group(choices, number):
                return self._group(choices, number, next, is_ahead=is_ahead)
            case Repeat():
                return self._repeat(node, next, is_ahead=is_ahead)

    def _group(
        self, choices: list[list[Node]], number: int | None, next: int, *, is_ahead: bool
    ) -> int:
        is_kept = number is not None and self.has_back
        first, last = (_OPEN, _CLOSE) if is_ahead else (_CLOSE, _OPEN)
        end = self._emit(last, number, next) if is_kept else next
        begins = []
        for choice in choices:
            at = end
            for node in reversed(choice) if is_ahead else choice:
                at = self._add(node, at, is_ahead=is_ahead)
            begins.append(at)
        begin = begins[-1]
        for other in begins[-2::-1]:
            begin = self._emit(_SPLIT, None, other, begin)
        return self._emit(first, number, begin) if is_kept else begin

    def _repeat(self, node: Repeat, next: int, *, is_ahead: bool) -> int:
        at = next
        if node.most is None:
            at = self._emit(_SPLIT, None, 0, 0)
            body = self._add(node.body, at, is_ahead=is_ahead)
            self.code[at] = self._choice(node, body, next)
        else:
            for _ in range(node.most - node.least):
                body = self._add(node.body, at, is_ahead=is_ahead)
                at = self._emit(*self._choice(node, body, next))
        for _ in range(node.least):
            before = at
            at = self._add(node.body, at, is_ahead=is_ahead)
            if at == before:  # nothing, however often
                break
        return at

    def _choice(self, node: Repeat, body: int, next: int) -> tuple[int, Any, int, int]:
        return (_SPLIT, None, next, body) if node.is_lazy else (_SPLIT, None, body, next)


# The places of the groups, as far as they are open and closed.
_Kept = tuple[tuple[int, int], ...]


class _Run:
    """One search; a state of program, text and groups is never entered twice."""

    def __init__(self, program: _Program, text: str, steps: int) -> None:
        self._code = program.code
        self._start = program.start
        self._text = text
        self._most = steps
        self.steps = 0

    def search(self) -> bool:
        """Returns whether the expression matches anywhere."""
        seen: set[object] = set()
        begins = range(len(self._text) + 1)
        return any(self._ends(self._start, at, (), seen) is not None for at in begins)

    def _ends(self, begin: int, at: int, kept: _Kept, seen: set[object]) -> _Kept | None:
        """Returns the groups where the end of the program can be reached, else None."""
        code, text, todo = self._code, self._text, [(begin, at, kept)]
        size, here = len(text), len(text) + 1
        while todo:
            place, at, kept = state = todo.pop()
            key: object = state if kept else place * here + at
            if key in seen:
                continue
            seen.add(key)
            self.steps += 1
            if self.steps > self._most:
                raise TakesTooLong
            kind, what, next, other = code[place]
            if kind == _SIGN:
                fits, is_ahead = what
                read = at if is_ahead else at - 1
                if 0 <= read < size and fits(text[read]):
                    todo.append((next, at + 1 if is_ahead else read, kept))
            elif kind == _SPLIT:
                todo.append((other, at, kept))
                todo.append((next, at, kept))
            elif kind == _EDGE:
                if _is_edge(what, text, at):
                    todo.append((next, at, kept))
            elif kind == _LOOK:
                inside = self._ends(other, at, kept, set())
                if (inside is None) == what:
                    todo.append((next, at, inside or kept))
            elif kind == _END:
                return kept
            elif kind == _BACK:
                self.steps += len(kept)
                number, is_ahead = what
                end = self._repeated(number, is_ahead, at, dict(kept))
                if end is not None:
                    todo.append((next, end, kept))
            else:
                self.steps += len(kept)
                places = {**dict(kept), 2 * what + (kind == _CLOSE): at}
                todo.append((next, at, tuple(sorted(places.items()))))
        return None

    def _repeated(self, number: int, is_ahead: bool, at: int, places: dict[int, int]) -> int | None:
        """Returns where the repeated text of a group ends, else None."""
        begin, end = places.get(2 * number), places.get(2 * number + 1)
        # A group that took no part matches the empty text.
        if begin is None or end is None or end <= begin:
            return at
        size = end - begin
        first = at if is_ahead else at - size
        if first < 0:
            return None
        self.steps += size
        wanted, there = self._text[begin:end], self._text[first : first + size]
        if [*map(canonical, wanted)] != [*map(canonical, there)]:
            return None
        return at + size if is_ahead else first


def _is_edge(kind: str, text: str, at: int) -> bool:
    if kind == "^":
        return at == 0
    if kind == "$":
        return at == len(text)
    is_between = (at > 0 and is_word(text[at - 1])) != (at < len(text) and is_word(text[at]))
    return is_between == (kind == "b")
