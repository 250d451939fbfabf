"""`TypedLine`: a magic's line with a secret, and that line in the text of a cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.line.arguments import CARRY_SECRETS
from bw_magics.notebook.line.tokenizer import Token, tokenize, unfinished
from bw_magics.notebook.registry import REGISTRY
from bw_magics.vault.uri import secrets_in

# A key is one word; a password can be several words without quotes.
_ONE_WORD = frozenset({"--session", "--clientsecret", "--client-secret"})

_OPTION = regex(r"(?:-[A-Za-z]|--[a-z]+(?:-[a-z]+)*)(?:=.*)?", re.DOTALL)
_WORD = regex(r"[^\s\"']+")
_VARIABLE = regex(r"\$([^\W\d]\w*)|\{([^\W\d]\w*)\}")
# The option that `magics.cell_scope` adds for `%%bw_env`.
FOR_CELL = "--cell"

_BLANK = r"[^\S\r\n]"
_CONTINUED = rf"(?:{_BLANK}|\\\r?\n)"
# The call of a magic up to its line: as typed, and as IPython transforms it.
_CALL = (
    r"(?:%{1,2}[^\W\d][\w.]*|\bbw(?:_\w+)?|_magic\(['\"]\w+)"
    rf"(?:{_CONTINUED}+|['\"]\s*(?:,|\)\s*\()\s*['\"]\s*)"
    rf"(?:env{_CONTINUED}+)?(?:{FOR_CELL}{_CONTINUED}+)?"
)
_END = rf"(?:{_BLANK}+(?=$|[\r\n])|(?=(?:{_BLANK}|;)*(?:$|[\r\n\"'\\])))"
_LAST_BLANKS = regex(rf"{_CONTINUED}+\Z")


@dataclass(frozen=True, slots=True)
class TypedLine:
    """The text behind a magic's name; `magic` is `bw`, `bw_get`, …"""

    magic: str
    line: str

    @property
    def words(self) -> list[str]:
        """The words of the line as typed."""
        return self.line.split()

    def secrets(self, namespace: Mapping[str, object]) -> Iterator[str]:
        """Yields what can be the secret: the values of options that carry one, else every word and
        all of them together; for `$name`, the text of the variable.
        """
        kept, dropped = self._parted
        words = dropped if kept else self._tokens
        if len(words) > 1 and not any(word.is_option for word in words):
            yield " ".join(word.text for word in words)
        for word in words:
            variable = None if word.quoted is not None else _VARIABLE.fullmatch(word.head)
            if variable is not None:
                text = namespace.get(variable[1] or variable[2])
                if isinstance(text, str):
                    yield str(text)
                continue
            if not _OPTION.fullmatch(word.text):
                yield word.text
            yield from secrets_in(word.text) if "://" in word.text else ()
            if value := word.text.partition("=")[2]:
                yield value

    @property
    def has_only_variables(self) -> bool:
        """Whether the line holds only options and `$name`."""
        words = [word for word in self._tokens if not _OPTION.fullmatch(word.text)]
        options = [word for word in self._tokens if word not in words]
        return (
            bool(words)
            and all(word.quoted is None and _VARIABLE.fullmatch(word.head) for word in words)
            and not any("=" in option.text for option in options)
        )

    def clean(self, text: str) -> str:
        """Removes the secret from every call of a magic with this line."""
        if self.has_only_variables:
            return text
        typed = self._typed
        forms = {typed, repr(typed)[1:-1], json.dumps(typed, ensure_ascii=False)[1:-1]}
        # Escaped forms first: they contain the typed one.
        for line in sorted(forms, key=lambda form: (-len(form), form)):
            words = re.split(rf"{_BLANK}+", line)
            if line:
                pattern = rf"{_CONTINUED}+".join(re.escape(word) for word in words)
                text = re.sub(rf"({_CALL}){pattern}{_END}", self._replacement, text, flags=re.M)
        return text

    def stands_in(self, text: str) -> bool:
        """Returns whether a text has such a call."""
        return self.clean(text) != text

    # Inside.

    def _replacement(self, found: re.Match[str]) -> str:
        call = found[1]
        # `%bw unlock …` can be cut off within the command.
        kept = self._parted[0] or self._command
        if call[-1] not in "\"'":
            call = _LAST_BLANKS.sub("", call)
            kept = kept and f" {kept}"
        return call + kept

    @property
    def _typed(self) -> str:
        return self.line.strip().removeprefix(FOR_CELL).strip()

    @property
    def _command(self) -> str:
        """For `bw`, the command at the beginning, which stays."""
        if self.magic != "bw":
            return ""
        first = self._typed.split(None, 1)[0]
        return first if first.lower() in REGISTRY.commands else ""

    @property
    def _tokens(self) -> list[Token]:
        try:
            return tokenize(self._typed)
        except UsageMistake:
            return [Token(word) for word in _WORD.findall(self._typed)]

    @property
    def _parted(self) -> tuple[str, list[Token]]:
        """Returns the part of the line that stays, and the words that were removed. Nothing stays
        unless the secret was certainly in an option.
        """
        typing = unfinished(f"{self._typed} ")
        if typing is None or typing.quote or not typing.words:
            return "", []
        line = self._typed
        secret = CARRY_SECRETS | self._own_secret_options(typing.words)
        ends = [start for start, _ in typing.words[1:]] + [len(line)]
        kept: list[tuple[str, Token]] = []
        dropped: list[Token] = []
        more = 0
        for (start, word), end in zip(typing.words, ends, strict=True):
            option, equals, value = word.text.partition("=")
            if word.is_option and option.lower() in secret:
                more = 0 if equals and option.lower() in _ONE_WORD else 1
                more = more if option.lower() in _ONE_WORD else len(line)
                if equals:
                    dropped.append(Token(value))
            elif word.is_option or not more:
                more = 0
                kept.append((line[start:end].strip(), word))
            else:
                more -= 1
                dropped.append(word)
        plain = [word.text for _, word in kept if not word.is_option]
        name = self.magic.removeprefix("bw").removeprefix("_") or (plain[0] if plain else "")
        command = REGISTRY.commands.get(name.lower())
        if not dropped or command is None or command.words_may_be_secret:
            return "", []
        return " ".join(text for text, _ in kept), dropped

    def _own_secret_options(self, words: list[tuple[int, Token]]) -> frozenset[str]:
        """Returns the options of the line's command that carry a secret, in lower case."""
        name = self.magic.removeprefix("bw").removeprefix("_")
        names = [name] if name else [word.text.lower() for _, word in words]
        command = next(
            (REGISTRY.commands[each] for each in names if each in REGISTRY.commands), None
        )
        options = command.secret_options if command is not None else ()
        return frozenset(option.lower() for option in options)
