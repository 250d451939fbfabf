"""Splits a magic's line into words: one tokenizer for all magics.

The rules are in docs/magics/index.md, How a line is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex

_NAME = r"[^\W\d]\w*"
_VARIABLE = regex(rf"\$({_NAME})|\{{({_NAME})\}}")
_ASSIGNMENT = regex(rf"((?:{_NAME}|--?[A-Za-z][\w-]*)=)(.*)", re.DOTALL)
_COMMENT = regex(r"#(?=\s|$)")
_OPTION = regex(r"--?[A-Za-z]")
# A sign that can be seen: invisible ones are not in an address.
_SIGN = regex("[^\\s\u200b-\u200f\u2060\ufeff]")

# The options of magics that name a server or one of its services.
ADDRESS_OPTIONS = frozenset({"--server", "--identity", "--api", "--key-connector"})

# A quote opens at the start of a word or after `=`, and closes at the end of a word.
_WORD_END = r"(?=\s|;+\s*(?:#(?:\s.*)?)?$|$)"
_QUOTED = regex(rf"([^\s\"'=]+=)?([\"'])(.*?)\2{_WORD_END}", re.DOTALL)
_OPENED = regex(r"(?:[^\s\"'=]+=)?[\"']")
_BARE = regex(r"\S+")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a line: `head`, and the text in quotes that followed it.

    `head` is the part before a quote (`--folder=`), or the whole word; `quoted` is None without
    quotes.
    """

    head: str
    quoted: str | None = None

    @property
    def text(self) -> str:
        """The word without its quotes."""
        return self.head + (self.quoted or "")

    @property
    def is_option(self) -> bool:
        """Whether the word is written as an option."""
        return _OPTION.match(self.head) is not None


def tokenize(line: str) -> list[Token]:
    """Splits a line into words.

    Quotes group words at the start of a word and after `=`. Anywhere else a quote is an ordinary
    character (`Bob's laptop`); backslashes escape nothing. An unquoted ` # …` or `;` at the end is
    ignored, but not the `#` in `Build #2`. Raises `UsageMistake` for a quote that is not closed.
    """
    tokens: list[Token] = []
    rest = line.strip()
    while rest and not _COMMENT.match(rest):
        if found := _QUOTED.match(rest):
            tokens.append(Token(found[1] or "", found[3]))
        elif _OPENED.match(rest):
            raise UsageMistake("A quote in the line is not closed.", "Close it.")
        else:
            found = _BARE.match(rest)
            if found is None:
                break
            tokens.append(Token(found[0]))
        rest = rest[found.end() :].lstrip()
    if tokens and tokens[-1].quoted is None:
        bare = tokens.pop().head.rstrip(";")
        if bare:
            tokens.append(Token(bare))
    return tokens


def substitute(
    tokens: list[Token], namespace: Mapping[str, object], *, address: str = ""
) -> list[Token]:
    """Replaces variables by their values: a whole unquoted `$name` or `{name}`, also after `NAME=`
    and `--option=`. Any other text is literal. `address` says what they name, if it is a server.

    Raises `UsageMistake` if the variable does not exist or does not hold a text. For a server it
    names the variable, which is safe to repeat there, and refuses an empty text, too.
    """
    return [_substituted(token, namespace, address) for token in tokens]


def value_of(token: Token, namespace: Mapping[str, object]) -> tuple[str, object] | None:
    """Returns what the variable of a word holds, of whatever type, and the name before its `=`.

    Returns None for a word that is not a whole `$name` or `{name}`. The value of a variable that
    does not exist is None.
    """
    found = _variable(token)
    return None if found is None else (found[0], namespace.get(found[1]))


def _variable(token: Token) -> tuple[str, str] | None:
    """Returns the name before a word's `=`, and the variable that the word is."""
    head, text = "", token.head
    if assignment := _ASSIGNMENT.fullmatch(text):
        head, text = assignment[1], assignment[2]
    variable = None if token.quoted is not None else _VARIABLE.fullmatch(text)
    if variable is None:
        return None
    return head.removesuffix("="), variable[1] or variable[2]


def _substituted(token: Token, namespace: Mapping[str, object], address: str) -> Token:
    found = _variable(token)
    if found is None:
        return token
    name, variable = found
    value = namespace.get(variable)
    if name in ADDRESS_OPTIONS:
        address = name
    if address and not (isinstance(value, str) and _SIGN.search(value)):
        why = "is None" if variable in namespace else "does not exist"
        if value is not None:
            why = "is empty" if isinstance(value, str) else "holds no text"
        raise UsageMistake(
            f"The variable {variable} of {address} {why}, so no server is named.",
            "Set it in Python first: us, eu or the server's address.",
        )
    if not isinstance(value, str):
        raise UsageMistake(
            "The line names a variable that does not exist or holds no text.",
            "Set it to a text first, or put quotes around the word to mean it literally.",
        )
    return Token(f"{name}=" if name else "", value)


@dataclass(frozen=True, slots=True)
class Typing:
    """A line up to the cursor: its complete `words`, and the word that is being typed.

    Of that word: the `start`, the `head` before its quote (`--folder=`), the `quote`, and the
    `text`. An empty word starts at the end of the line.
    """

    words: list[tuple[int, Token]]
    start: int
    head: str = ""
    quote: str = ""
    text: str = ""


def unfinished(line: str) -> Typing | None:
    """Splits a line that ends at the cursor, as `tokenize` does. Returns None inside a comment."""
    words: list[tuple[int, Token]] = []
    at = 0
    while True:
        at += len(line[at:]) - len(line[at:].lstrip())
        rest = line[at:]
        if not rest:
            return Typing(words, at)
        if _COMMENT.match(rest):
            return None
        if found := _QUOTED.match(rest):
            words.append((at, Token(found[1] or "", found[3])))
            if found.end() == len(rest):
                return None  # the quote is closed: nothing is being typed
        elif opened := _OPENED.match(rest):
            head, quote = opened[0][:-1], opened[0][-1]
            return Typing(words, at, head, quote, rest[opened.end() :])
        else:
            found = _BARE.match(rest)
            if found is None or found.end() == len(rest):
                return Typing(words, at, text=rest)
            words.append((at, Token(found[0])))
        at += found.end()
