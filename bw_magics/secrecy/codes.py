"""Codes that people keep: recovery codes, card numbers, IBANs, and seeds of one-time codes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from bw_magics.lean_regex import regex
from bw_magics.secrecy.ordinary import is_ordinary

_CODES_FOLLOW = regex(
    r"\b(?:recovery|backup|scratch|emergency|single[- ]use|one[- ]time|[2m]fa)\b.{0,40}\bcodes?\b",
    re.IGNORECASE,
)
_BULLET = regex(r"^\s*(?:[-*+•]|\[[ xX]?\]|\d{1,2}[.):])\s+")
_BETWEEN_CODES = regex(r"\s{2,}(?:\d{1,2}[.):]\s+)?|[\t,;|]\s*")
# `A1B2-C3D4 (used)`, `~~A1B2-C3D4~~`.
_SPENT = regex(r"\s*\([^()]{1,40}\)\s*$|~~")
# `----- BEGIN LICENSE -----` of Sublime Text.
_LICENCE = regex(
    r"-{4,}[ ]?BEGIN LICEN[CS]E[ ]?-{4,}(.{1,4000}?)-{4,}[ ]?END LICEN[CS]E", re.DOTALL
)
_LICENCE_LINE = regex(
    r"^[ \t]*([0-9A-Z]{4}-\d{4,}|[0-9A-F]{8}(?: [0-9A-F]{8}){1,7})[ \t\r]*$", re.MULTILINE
)
# `abcd efgh ijkl mnop`, as Google shows the password of an app.
_GROUPS = regex(r"[a-z0-9]{4}(?: [a-z0-9]{4}){3,7}")
_CODE = regex(r"[A-Za-z0-9]{3,12}(?:[- ][A-Za-z0-9]{3,12}){1,7}|[A-Za-z0-9]{8,32}")
_IN_CODE = regex(r"[0-9][A-Za-z]|[A-Za-z](?=[0-9])")
_FEWEST_CODES = 3
# A seed in groups, as servers show it; a program writes it in one word.
_SEED = regex(r"(?:[A-Z2-7]{4}[ -]?){3,}[A-Z2-7]{1,8}=*", re.IGNORECASE)

_CARD = regex(r"(?<![\w+.-])(?<!IMEI )(?<!IMEI: )\d(?:[ -]?\d){12,18}(?![\w.-])")
_IBAN = regex(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")


def recovery_codes(text: str) -> Iterator[str]:
    """Yields the recovery codes of a text: below a heading, or several irregular ones of one
    shape; each also without blanks and hyphens.
    """
    before = ""
    lines = (line for line in text.splitlines() if line.strip())
    for is_codes, group in groupby(lines, lambda line: bool(_codes_in(line))):
        block = list(group)
        if not is_codes:
            before = block[-1]
            codes = []
            for line in block:  # `Backup codes: 1234-5678, 8765-4321`
                if ":" in line and _CODES_FOLLOW.search(line):
                    codes += _codes_in(line.rpartition(":")[2])
        else:
            codes = [code for line in block for code in _codes_in(line)]
        shapes = Counter(map(_shape, codes))
        for code in codes:
            if not is_codes or _CODES_FOLLOW.search(before):
                is_code = True
            else:
                is_mixed = len(_IN_CODE.findall(code)) >= 3
                is_code = is_codes and is_mixed and shapes[_shape(code)] >= _FEWEST_CODES
            if is_code and not is_ordinary(code):
                yield code
                if "-" in code:  # `A1B2-C3D4 E5F6-G7H8` are two
                    yield from code.split(" ")
                yield re.sub("[- ]", "", code)


def licences(text: str) -> Iterator[str]:
    """Yields the lines of a licence between its marks, but for the name of who has it."""
    for found in _LICENCE.findall(text):
        yield from _LICENCE_LINE.findall(found)


def joined_groups(value: str) -> Iterator[str]:
    """Yields a password in groups of four as one word, as programs send it."""
    if _GROUPS.fullmatch(value):
        yield value.replace(" ", "")


def _codes_in(line: str) -> list[str]:
    """Returns the codes of a line that has nothing else."""
    if _CODES_FOLLOW.search(line):
        return []
    line = _SPENT.sub("", _BULLET.sub("", line)).strip()
    words = [word for word in _BETWEEN_CODES.split(line) if word]
    return words if all(_CODE.fullmatch(word) and _is_coded(word) for word in words) else []


def _is_coded(word: str) -> bool:
    return word.isupper() or any(map(str.isdigit, word))


def _shape(code: str) -> str:
    return re.sub("[A-Za-z0-9]", "x", code)


def numbers_with_check_digits(text: str) -> Iterator[str]:
    """Yields card numbers and IBANs whose check digits are right, as written and without blanks."""
    for found in _CARD.finditer(text):
        digits = re.sub("[ -]", "", found[0])
        doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
        if sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0:
            yield from (found[0], digits)
    for found in _IBAN.finditer(text):
        iban = found[0].replace(" ", "")
        if int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1:
            yield from (found[0], iban)


def seeds_of_codes(text: str) -> Iterator[str]:
    """Yields the seed of one-time codes that a text is, as a program writes it."""
    if not _SEED.fullmatch(text.strip()):
        return
    seed = re.sub("[ =-]", "", text).upper()
    if seed != text and re.search("[2-7]", seed):
        yield seed
