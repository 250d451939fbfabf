"""`secret_parts`: which parts of a structured secret are secrets themselves.

A note, a hidden field or a file is a secret as a whole. People also take it apart: they parse JSON,
split dotenv lines, read one line of a runbook. Three things make a part secret: a name that means
secrets (`DB_PASSWORD=…`, `?api_key=…`, a column `password`), the armour of a private key, and a
value too long and irregular for a name or a number. Settings, prose, SQL and links are not secret.

`tests/ground/secrecy/test_parts.py` has a table of examples of both kinds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from bw_magics.lean_regex import regex
from bw_magics.secrecy.accounts import passwords_of_accounts, passwords_of_lines
from bw_magics.secrecy.calls import NAMED_IN_CALLS, passwords_of_calls
from bw_magics.secrecy.codes import (
    joined_groups,
    licences,
    numbers_with_check_digits,
    recovery_codes,
)
from bw_magics.secrecy.command_lines import passwords_of_commands
from bw_magics.secrecy.device_lines import secrets_of_devices
from bw_magics.secrecy.followed import secrets_behind_names, secrets_below_names
from bw_magics.secrecy.headers import secrets_of_headers
from bw_magics.secrecy.irregular import is_irregular, looks_typed
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.logins import passwords_of_logins
from bw_magics.secrecy.markup import MARKUP
from bw_magics.secrecy.ordinary import is_ordinary
from bw_magics.secrecy.pairs import PAIR, first_words, next_name, value_at
from bw_magics.secrecy.plausible import may_be_secret
from bw_magics.secrecy.public import PUBLIC
from bw_magics.secrecy.qualified import secrets_of_qualified_names
from bw_magics.secrecy.tables import columns_with_secrets, rows_with_secrets
from bw_magics.secrecy.urls import passwords_of_queries, secrets_of_url
from bw_magics.secrecy.yaml_text import secret_values

# So many parts of one value are searched for, and so many characters are read to find them: the
# patterns below take about a microsecond a character.
MOST_PARTS = 256
LARGEST = 1 << 15
_LARGEST_DOCUMENT = 1 << 18
_DEEPEST = 32
# So many names with values are read.
_MOST_PAIRS = 4096
_ASSIGNMENT = regex(r"[A-Z][A-Z0-9_]{2,63}=\S")

# Without one of these a value has no parts.
_STRUCTURE = regex(r"[\s:={|<\uff1a]|-----")

_ARMOURED = regex(r"-----BEGIN ([A-Za-z0-9 -]{1,64})-----(.*?)(?:-----END|\Z)", re.DOTALL)
_PRIVATE = regex("PRIVATE KEY|SECRET KEY|STATIC KEY", re.IGNORECASE)
_IN_ARMOUR = regex(r"[A-Za-z0-9+/=]{16,}")

# The whole file of a key of PuTTY's, and its private lines.
_PUTTY = regex(r"PuTTY-User-Key-File-\d:.*?(?:Private-MAC:[^\n]*|\Z)", re.DOTALL)
_PUTTY_LINES = regex(r"Private-Lines: *\d+\r?\n((?:[A-Za-z0-9+/=]+\r?(?:\n|\Z))+)")

_URL = regex(r"""(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s"'<>`|]+""")
_REFERENCE = regex(r"\bbws?://[^\n\"'#]*")

# The value of an Authorization header.
_CREDENTIAL = regex(r"(?:bearer|basic|token|apikey)[ =]+(\S{6,})", re.IGNORECASE)
# `realm:hash` of htdigest.
_HASH_IN = regex(r"(?<=:)[0-9a-f]{32,}(?=:|$)")
# `host:5432:base:user:password` of .pgpass, `scott/tiger@base` of Oracle.
_USER_AND_TOKEN = regex(
    r"(?!(?:doi|mailto|sip|sms|tel|urn):)[^\s:/@={\"]{1,64}:(?!\d+(?:\.\d+)+)([^\s:/]{8,})"
)
# `||…||` of Discord, `~~…~~` and `==…==` of Markdown.
_MARKED = regex(r"(\|\||~~|==|__)(.{4,200})\1")

_NAMED = regex(r"[\w.@/-]+[=:]")
_WORD = regex(r"[A-Za-z0-9][A-Za-z0-9+/=_.~!#$%^&*@-]{9,}")


@lru_cache(maxsize=1)  # who asks for the parts of a value often has it learnt next
def secret_parts(text: str) -> tuple[str, ...]:
    """Returns the parts of a structured secret that are secrets themselves, each once.

    Reads `LARGEST` characters, or a larger JSON document whole, and returns `MOST_PARTS` parts at
    most. A value without structure has no parts: it is a secret as a whole.
    """
    if _STRUCTURE.search(text, 0, LARGEST) is None:
        return ()
    # Parsing JSON takes little time, and half of one is not JSON.
    if len(text) <= _LARGEST_DOCUMENT and (document := _document(text)) is not None:
        return _first(_in_document(None, document))
    return _first(_in_text(text[:LARGEST]))


def secret_parts_of_setting(name: str, value: str) -> tuple[str, ...]:
    """Returns what is secret of a setting such as `DB_PASSWORD=…`; nothing where it is plain."""
    return _first(_in_value(_meaning(name, value), value))


def secret_parts_of_url(url: str, *, is_own: bool = False) -> tuple[str, ...]:
    """Returns what is secret of a URL: its password and, by their names, its parameters.

    With `is_own` the URL is a value of a vault, in which nothing stands for a secret.
    """
    return _first(secrets_of_url(url, is_own=is_own))


def _first(parts: Iterable[str]) -> tuple[str, ...]:
    """Returns the first different parts; a file can have one part a million times."""
    found: dict[str, None] = {}
    for part in islice(parts, 8 * MOST_PARTS):
        found[part] = None
        if len(found) == MOST_PARTS:
            break
    return tuple(found)


# Values, by what their names mean.


def _in_text(text: str) -> Iterator[str]:
    if (document := _document(text)) is not None:
        yield from _in_document(None, document)
    else:
        yield from _Prose(text).parts()


def _document(text: str) -> Any:
    """Returns the object or array of a JSON text; None of any other text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _in_document(meaning: bool | None, value: Any, depth: int = 0) -> Iterator[str]:
    """Yields the parts of a JSON value whose name means that it is secret, plain or neither."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        folded = {key.casefold(): each for key, each in value.items()}
        name = folded.get("name", folded.get("key"))
        for key, each in value.items():
            # `{"name": "DB_PASSWORD", "value": "…"}`, as Kubernetes, Terraform and ECS write it.
            named = name if key.casefold() == "value" and isinstance(name, str) else key
            own = is_secret_name(named)
            if type(each) is int and named.endswith("s"):  # a number of tokens
                continue
            yield from _in_document(meaning if own is None else own, each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _in_document(meaning, each, depth + 1)
    elif isinstance(value, str) or (meaning and type(value) is int):
        yield from _in_value(meaning, str(value), is_quoted=True)


def _in_value(meaning: bool | None, value: str, *, is_quoted: bool = False) -> Iterator[str]:
    value = value.strip()
    if "\n" in value or "-----BEGIN " in value or _document(value) is not None:
        yield from _in_text(value)
    elif _URL.fullmatch(value):
        yield from secrets_of_url(value)
    elif meaning is False:
        for url in _URL.findall(value) or ([value] if "=" in value else []):
            yield from secrets_of_url(url)
    elif _is_secret(meaning, value, is_quoted=is_quoted):
        yield from _single(value)
    elif meaning is None:
        yield from _in_text(value)


def _single(value: str) -> Iterator[str]:
    """Yields a secret value without the word before it, and what of it programs use by itself."""
    found = _CREDENTIAL.fullmatch(value)
    yield found[1] if found else value
    yield from joined_groups(value)
    if marked := _MARKED.fullmatch(value):
        yield marked[2]
    yield from _HASH_IN.findall(value)
    if login := _USER_AND_TOKEN.fullmatch(value):
        yield login[1]
    if "=" in value and ";" in value:
        yield from _in_text(value)


def _meaning(name: str, value: str) -> bool | None:
    """Returns what a name says about its value; a number of tokens is not a secret."""
    return is_secret_name(name) and not (value.isdigit() and name.casefold().endswith("s"))


def _is_secret(meaning: bool | None, value: str, *, is_quoted: bool = False) -> bool:
    """Returns whether a single value is a secret, given what its name means."""
    if meaning:
        sent = _CREDENTIAL.fullmatch(value)
        return may_be_secret(sent[1] if sent else value, is_quoted=is_quoted)
    is_image = "@sha256:" in value  # it ends with its digest
    return not is_image and meaning is None and looks_typed(value) and not PUBLIC.fullmatch(value)


# Everything else that people write.


class _Prose:
    """A text that is searched for one kind of part after the other.

    What was recognised, secret or not, is taken out of the text for the kinds after it.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[str] = []

    def parts(self) -> Iterator[str]:
        """Yields all parts, those of one kind after the other."""
        whole = self._text.strip()
        if (found := _USER_AND_TOKEN.fullmatch(whole)) and not found[1].isalpha():
            yield from (found[1],) if PUBLIC.fullmatch(whole) is None else ()
        for step in self._steps():
            step()
            yield from self._found
            self._found.clear()

    def _steps(self) -> Iterator[Callable[[], None]]:
        yield partial(self._take, _ARMOURED, _of_armour)
        yield partial(self._take, _PUTTY, _of_putty)
        yield partial(self._find, columns_with_secrets)
        yield partial(self._take, _REFERENCE, lambda found: ())
        yield partial(self._take, _URL, lambda found: secrets_of_url(found[0]))
        for find in (
            passwords_of_queries,
            licences,
            recovery_codes,
            passwords_of_accounts,
            passwords_of_lines,
            secrets_of_devices,
            secrets_below_names,
            rows_with_secrets,
            _of_lines,
            secrets_of_headers,
            _of_commands,
            _of_yaml,
        ):
            yield partial(self._find, find)
        yield partial(self._find, passwords_of_calls)
        for pattern in (*(MARKUP if "<" in self._text else ()), *NAMED_IN_CALLS):
            yield partial(self._take, pattern, _of_named)
        yield partial(self._find, secrets_behind_names)
        yield partial(self._find, secrets_of_qualified_names)
        yield self._take_pairs
        yield partial(self._take, PUBLIC, lambda found: ())
        yield partial(self._find, numbers_with_check_digits)
        yield partial(self._find, _of_words)

    def _find(self, find: Callable[[str], Iterable[str]]) -> None:
        self._found += find(self._text)

    def _take(
        self, pattern: re.Pattern[str], parts: Callable[[re.Match[str]], Iterable[str]]
    ) -> None:
        def take(found: re.Match[str]) -> str:
            self._found += parts(found)
            return " "

        self._text = pattern.sub(take, self._text)

    def _take_pairs(self) -> None:
        text, kept, done = self._text, [], 0
        for _ in range(_MOST_PAIRS):
            if (found := PAIR.search(text, done)) is None:
                break
            meaning = is_secret_name(found["name"])
            value, end = value_at(
                text, found.end(), is_line=bool(meaning and found["begin"] is not None)
            )
            meaning = _meaning(found["name"], value)
            if meaning is False and (public := PUBLIC.match(text, found.end())):
                end = max(end, public.end())
            kept.append(text[done : found.end()])
            if meaning is False and _ASSIGNMENT.match(value):
                end = found.end()  # `Environment=API_TOKEN=…` of systemd
            if meaning is None:
                # Read as words later, unless it is surely a secret.
                end = end if " " not in found["name"] and _is_secret(None, value) else found.end()
            is_quoted = text[found.end() : found.end() + 1] in ('"', "'")
            if end > found.end() and _is_secret(meaning, value, is_quoted=is_quoted):
                self._found += _single(value)
                if not is_quoted:
                    self._found += first_words(value, is_shell=found[0].endswith("="))
                    end = found.end() + next_name(value, end - found.end())
            done = max(end, found.end())
        self._text = "".join((*kept, text[done:]))


def _of_armour(found: re.Match[str]) -> list[str]:
    if _PRIVATE.search(found[1]) is None:
        return []
    lines = _IN_ARMOUR.findall(re.sub(r"\\[rn]", "\n", found[2]))
    return [line for line in lines if not is_ordinary(line)]


def _of_named(found: re.Match[str]) -> Iterator[str]:
    value = next(filter(None, found.groups()[1:]))
    return _in_value(is_secret_name(found[1]), value, is_quoted=True)


def _of_putty(found: re.Match[str]) -> list[str]:
    private = _PUTTY_LINES.search(found[0])
    return private[1].split() if private else []


def _of_yaml(text: str) -> Iterator[str]:
    for value, is_own in secret_values(text):
        # Below `secrets:` stand names as often as values.
        if _may_be_listed(value) or (is_own and may_be_secret(value)):
            yield value


def _may_be_listed(value: str) -> bool:
    return may_be_secret(value) and looks_typed(value) | (
        any(map(str.isdigit, value)) and "_" not in value and " " not in value
    )


def _of_commands(text: str) -> Iterator[str]:
    yield from filter(may_be_secret, passwords_of_commands(text))


def _of_lines(text: str) -> Iterator[str]:
    yield from filter(may_be_secret, passwords_of_logins(text))


def _of_words(text: str) -> Iterator[str]:
    """Yields long irregular words anywhere, and shorter ones that are a whole line."""
    for found in _WORD.finditer(text):
        word = found[0].rstrip(".!")
        if is_irregular(word):
            yield word
    for line in text.splitlines():
        if looks_typed(word := line.strip()) and _NAMED.match(word) is None:
            yield word
