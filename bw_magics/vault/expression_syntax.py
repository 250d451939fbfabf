r"""The syntax of JavaScript's regular expressions without the flag `u`, as URIs of logins use it.

A reader by recursive descent over UTF-16 code units, with what browsers also accept (ECMA-262,
annex B): `{` and `]` as signs, octal escapes, `\c` and `\k` as themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_DEEPEST = 60
# A pattern is at most as long as the server takes.
_LONGEST = 10_000
_MOST_REPEATS = 100_000

_QUANTIFIER = re.compile(r"(?:([*+?])|\{([0-9]+)(?:(,)([0-9]*))?\})(\??)")
_NAMED = re.compile(r"\(\?<([A-Za-z_$][\w$]*)>")
_LOOKS = {"?=": (True, False), "?!": (True, True), "?<=": (False, False), "?<!": (False, True)}
_CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_LINE_ENDS = "\n\r\u2028\u2029"
_BLANKS = frozenset("\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff") | frozenset(
    map(chr, range(0x2000, 0x200B))
)
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

Fits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Sign:
    """One code unit that fits."""

    fits: Fits


@dataclass(frozen=True, slots=True)
class Edge:
    """A place: `^`, `$`, `b` for the edge of a word, `B` for any other place."""

    kind: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a group matched, again."""

    number: int


@dataclass(frozen=True, slots=True)
class Look:
    """A look ahead or behind, perhaps for what must not be there."""

    body: Node
    is_ahead: bool
    is_negated: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Choices, each a row of nodes."""

    choices: list[list[Node]]
    number: int | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A node several times."""

    body: Node
    least: int
    most: int | None
    is_lazy: bool


Node = Sign | Edge | Back | Look | Group | Repeat


@dataclass(frozen=True, slots=True)
class Expression:
    """A valid expression; `has_back` tells whether it refers to its groups."""

    body: Node
    has_back: bool


class _Invalid(Exception):
    pass


def units(text: str) -> str:
    """Returns a text with a character for each UTF-16 code unit."""
    if text.isascii():
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(
        chr(int.from_bytes(data[at : at + 2], "little")) for at in range(0, len(data), 2)
    )


def canonical(sign: str) -> str:
    """Returns a code unit as it is compared ignoring case."""
    upper = sign.upper()
    if len(upper) != 1 or (ord(sign) >= 128 > ord(upper)) or ord(upper) > 0xFFFF:
        return sign
    return upper


def is_word(sign: str) -> bool:
    r"""Returns whether a code unit belongs to a word, as `\w` and `\b` read it."""
    return sign in _WORD


def parse(pattern: str) -> Expression | None:
    """Reads a pattern; None where it is not valid."""
    if len(pattern) > _LONGEST:
        return None
    try:
        reader = _Reader(units(pattern))
        return Expression(reader.read(), reader.has_back)
    except _Invalid:
        return None


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._groups = 0
        self.has_back = False
        self._names = _names_of(text)
        self._count = len(self._names) + _unnamed_groups(text)

    def read(self) -> Node:
        body = Group(self._choices(), None)
        if self._at < len(self._text):
            raise _Invalid
        return body

    def _choices(self) -> list[list[Node]]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Invalid
        choices: list[list[Node]] = [[]]
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._takes("|"):
                choices.append([])
            else:
                choices[-1].append(self._quantified(self._atom()))
        self._depth -= 1
        return choices

    def _takes(self, text: str) -> bool:
        if self._text.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def _quantified(self, node: Node) -> Node:
        found = _QUANTIFIER.match(self._text, self._at)
        if found is None:
            return node
        if isinstance(node, Edge) or (isinstance(node, Look) and not node.is_ahead):
            raise _Invalid
        self._at = found.end()
        if found[1]:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[found[1]]
        else:
            least = min(int(found[2][:9]), _MOST_REPEATS)
            most = least if not found[3] else (int(found[4][:9]) if found[4] else None)
            if most is not None and most < least:
                raise _Invalid
        return Repeat(node, least, most, found[5] == "?")

    def _atom(self) -> Node:
        if _QUANTIFIER.match(self._text, self._at):
            raise _Invalid
        sign = self._text[self._at]
        if sign == "(":
            return self._group()
        self._at += 1
        if sign in "^$":
            return Edge(sign)
        if sign == ".":
            return Sign(lambda each: each not in _LINE_ENDS)
        if sign == "[":
            return Sign(self._class())
        if sign == "\\":
            return self._escaped()
        return Sign(_equal_to(sign))

    def _group(self) -> Node:
        for begin, (is_ahead, is_negated) in _LOOKS.items():
            if self._takes(f"({begin}"):
                return Look(self._inner(None), is_ahead, is_negated)
        if self._takes("(?:"):
            return self._inner(None)
        if found := _NAMED.match(self._text, self._at):
            self._at = found.end()
        elif self._text.startswith("(?", self._at):
            raise _Invalid
        else:
            self._at += 1
        self._groups += 1
        return self._inner(self._groups)

    def _inner(self, number: int | None) -> Group:
        choices = self._choices()
        if not self._takes(")"):
            raise _Invalid
        return Group(choices, number)

    def _escaped(self) -> Node:
        if self._at >= len(self._text):
            raise _Invalid
        sign = self._text[self._at]
        if sign in "bB":
            self._at += 1
            return Edge(sign)
        if found := re.compile("[1-9][0-9]{0,5}").match(self._text, self._at):
            if int(found[0]) <= self._count:
                self._at = found.end()
                self.has_back = True
                return Back(int(found[0]))
        elif sign == "k" and self._names:
            named = re.compile(r"k<([^>]*)>").match(self._text, self._at)
            if named is None or named[1] not in self._names:
                raise _Invalid
            self._at = named.end()
            self.has_back = True
            return Back(self._names[named[1]])
        what = self._class_escape()
        return Sign(what if callable(what) else _equal_to(what))

    def _class_escape(self) -> str | Fits:
        """Reads what follows a backslash, in a class or outside: a sign, or a set of signs."""
        text, at = self._text, self._at
        sign = text[at]
        self._at += 1
        if sign in "dDwWsS":
            return _SETS[sign]
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign == "c":
            if re.match("[A-Za-z]", text[at + 1 : at + 2]):
                self._at += 1
                return chr(ord(text[at + 1]) % 32)
            self._at -= 1  # the backslash itself, and then a c
            return "\\"
        for letter, size in (("x", 2), ("u", 4)):
            if sign == letter:
                digits = text[at + 1 : at + 1 + size]
                if re.fullmatch(f"[0-9A-Fa-f]{{{size}}}", digits):
                    self._at += size
                    return chr(int(digits, 16))
                return sign
        if found := re.compile("[0-3][0-7]{0,2}|[4-7][0-7]?").match(text, at):
            self._at = found.end()
            return chr(int(found[0], 8))
        return sign

    def _class(self) -> Fits:
        is_negated = self._takes("^")
        fits: list[Fits] = []
        while not self._takes("]"):
            first = self._class_member()
            if self._text.startswith("-", self._at) and self._text[
                self._at + 1 : self._at + 2
            ] not in ("]", ""):
                self._at += 1
                last = self._class_member()
                if callable(first) or callable(last):
                    fits += [each if callable(each) else _equal_to(each) for each in (first, last)]
                    fits.append(_equal_to("-"))
                elif last < first:
                    raise _Invalid
                else:
                    fits.append(_between(first, last))
            else:
                fits.append(first if callable(first) else _equal_to(first))
        return lambda each: any(fit(each) for fit in fits) != is_negated

    def _class_member(self) -> str | Fits:
        if self._at >= len(self._text):
            raise _Invalid
        sign = self._text[self._at]
        self._at += 1
        if sign != "\\":
            return sign
        if self._at >= len(self._text):
            raise _Invalid
        if self._takes("b"):
            return "\b"
        return self._class_escape()


def _equal_to(sign: str) -> Fits:
    wanted = canonical(sign)
    return lambda each: each == sign or canonical(each) == wanted


def _between(first: str, last: str) -> Fits:
    def fits(each: str) -> bool:
        if first <= each <= last:
            return True
        forms = {each.lower(), each.upper(), canonical(each)}
        return any(
            len(form) == 1 and first <= form <= last and canonical(form) == canonical(each)
            for form in forms
        )

    return fits


_SETS: dict[str, Fits] = {
    "d": lambda each: each in "0123456789",
    "D": lambda each: each not in "0123456789",
    "w": is_word,
    "W": lambda each: each not in _WORD,
    "s": lambda each: each in _BLANKS,
    "S": lambda each: each not in _BLANKS,
}


def _names_of(text: str) -> dict[str, int]:
    """Returns the numbers of named groups. Raises `_Invalid` for a repeated name."""
    names: dict[str, int] = {}
    for number, found in enumerate(_openings(text), 1):
        if found[1]:
            if found[1] in names:
                raise _Invalid
            names[found[1]] = number
    return names


def _unnamed_groups(text: str) -> int:
    return sum(1 for found in _openings(text) if not found[1])


_OPENING = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]?|\((?:\?<([A-Za-z_$][\w$]*)>|(?!\?))", re.DOTALL)


def _openings(text: str) -> list[re.Match[str]]:
    return [found for found in _OPENING.finditer(text) if found[0][0] == "("]
