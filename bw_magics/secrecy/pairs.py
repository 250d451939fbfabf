"""Names with values, `NAME=value` and their siblings, and where a value ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import looks_named
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.languages import SIGN
from bw_magics.secrecy.plausible import may_be_secret

# So much of a value is read, and without quotes.
_LONGEST_LINE, _LONGEST_VALUE = 2048, 512

_QUOTED = regex(
    rf"""\"(?:[^\"\\\n]|\\.){{0,{_LONGEST_LINE}}}\"|'[^'\n]{{0,{_LONGEST_LINE}}}'"""
    r"|`[^`\n]{0,200}`"
)
# `NAME=value`, `"name": "value"`, `the API key: value`, `--name=value`.
PAIR = regex(
    rf"""(?P<begin>^[ \t]{{0,64}}(?:(?:[-*+>]|\d{{1,2}}[.)])\ )?(?:(?:export|set|ENV)[ ]+|\$env:)?)?
    (?<![\w.$-])[-"'`*_]{{0,3}} (?P<name>(?:2[Ff][Aa][ ])?[^\W\d](?:\.|{SIGN}){{0,63}}
    (?:\ (?:[^\W\d]{SIGN}{{0,31}}|\#?\d{{1,3}})){{0,2}})
    ["'`*_]{{0,3}}[ \t\u00a0\u202f]{{0,8}}(?:=>|:=|=(?!=)|:(?![:/]|-\S{{0,99}}}})|\uff1a)[*_]{{0,2}}
    [ \t]{{0,16}}""",
    re.VERBOSE | re.MULTILINE,
)
_END_OF_VALUE = regex(r"""[\s;,&|<>"'`)}\]]|\Z""")
_ANOTHER_PAIR = regex(r"[;&,\s]\s*[A-Za-z_][\w .-]{0,40}=")
_REMARK = regex(r"\s+(?:[#;]|//\s)")
# Where a line goes on with another name: `…;User:joe`, `… / root pw: …`.
_NEXT = regex(
    r"(?:;|[ ][/|][ ]|,[ ])\s?(?P<name>[A-Za-z_][\w-]{1,30}(?:[ ][\w-]{1,30}){0,2})\s?[:=]\s?(?=\S)"
)
# Texts of several lines in TOML and Python.
_TRIPLED = regex(r"""(\"{3}|'{3})([^\n]{1,1000}?)\1""")


def value_at(text: str, start: int, *, is_line: bool) -> tuple[str, int]:
    """Returns the value that begins at `start`, without its quotes, and where it ends.

    Where `is_line`, a value without quotes goes on to the end of its line.
    """
    if tripled := _TRIPLED.match(text, start):
        return tripled[2], tripled.end()
    if quoted := _QUOTED.match(text, start):
        return _unquoted(quoted[0]), quoted.end()
    if is_line:
        line = text[start : start + _LONGEST_LINE].partition("\n")[0]
        if _ANOTHER_PAIR.search(line) is None:
            value = _REMARK.split(line, maxsplit=1)[0].strip().strip("*`").strip()
            return value, start + len(line)
    end = _END_OF_VALUE.search(text, start, min(len(text), start + _LONGEST_VALUE))
    stop = end.start() if end else start
    return text[start:stop], stop


def first_words(value: str, *, is_shell: bool) -> Iterator[str]:
    """Yields the word before the first blank: a shell reads `PGPASSWORD=… psql` up to there, and
    a remark may follow it. Yields what is before `;` and another name, too.
    """
    if (found := _NEXT.search(value)) and may_be_secret(value[: found.start()].rstrip()):
        yield value[: found.start()].rstrip()
    word, blank, _ = value.partition(" ")
    word = word.rstrip(",;.")
    has_digit = any(map(str.isdigit, word)) and not looks_named(word)
    if blank and may_be_secret(word) and (has_digit or (is_shell and not word.isalpha())):
        yield word


def next_name(value: str, length: int) -> int:
    """Returns where the next name begins in a value that fills its line and goes on with another
    secret, `… / root pw: …`; else `length`.
    """
    for found in _NEXT.finditer(value):
        if is_secret_name(found["name"]):
            return found.start()
    return length


def _unquoted(quoted: str) -> str:
    inner = quoted[1:-1]
    if quoted[0] != '"' or "\\" not in inner:
        return inner
    try:
        return str(json.loads(quoted))
    except ValueError:
        return re.sub(r"\\(.)", r"\1", inner)
