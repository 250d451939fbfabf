"""Irregular texts: long words that no language has, such as tokens and keys."""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex

# Fewer characters of a word say nothing.
_SHORTEST = 6
# A word in a name of a package, host, variable or file, between what separates them.
_PART = regex(rf"[^-_./:+=~,]{{{_SHORTEST},}}")
_DIGIT = regex("[0-9]")
_CHANGE_OF_KIND = regex(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_CHANGE_OF_CASE = regex(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[a-z])")
# `utf8mb4`, `x86_64` and `v2beta1` change twice or three times between letters and digits.
_FEWEST_CHANGES = 3
# `nginx-1.25`, `europe-west1`, `2024-01-15`, `v2beta1`, `10px`, `app.conf`, `main`.
_NAMED = regex(
    r"(?:[\w.]+-)*v?\d+(?:\.\d+)+\S*|[a-z]+(?:-[a-z]+)+\d{1,2}|[a-z]+-\d{1,3}|[\d.-]+\w{0,2}|#[0-9a-f]+"
    r"|[\w-]+\.[a-z]\w{0,4}|v\d\w*|[a-z]{1,8}\d+(?:\.\d+)+"
)
_SYMBOL = regex(r"[!#$%&*@^?]")

LONG = 16
# Shorter texts count as words of their own.
ALONE = 8


def is_irregular(word: str, least: int = LONG) -> bool:
    """Returns whether a word of at least `least` characters is too irregular for a name or a
    number.
    """
    if len(word) < least:
        return False
    if _is_mixed(word):
        return True
    return sum(len(part) for part in _PART.findall(word) if _is_mixed(part)) >= least // 2


def looks_typed(word: str) -> bool:
    """Returns whether a word by itself looks like a password: letters, digits and a sign, or
    irregular.
    """
    if len(word) < ALONE or re.search("[ ,;|]", word):
        return False
    has_letter = re.search("[A-Za-z]", word) is not None
    has_digit = re.search("[0-9]", word) is not None
    if has_letter and has_digit and _SYMBOL.search(word):
        return True
    return is_irregular(word, 10)


def looks_named(word: str) -> bool:
    """Returns whether a word looks like a version, a host, a file, a date or a measure."""
    return _NAMED.fullmatch(word) is not None


def _is_mixed(part: str) -> bool:
    """Returns whether letters, digits and cases alternate as they do by chance."""
    if len(part) < _SHORTEST:
        return False
    # Most long texts have no digit or one case.
    changes = len(_CHANGE_OF_KIND.findall(part)) if _DIGIT.search(part) else 0
    if changes >= _FEWEST_CHANGES and changes >= len(part) / 8:
        return True
    cases = 0 if part.islower() else len(_CHANGE_OF_CASE.findall(part))
    if changes:
        return changes + cases >= max(_FEWEST_CHANGES + 1, len(part) * 0.3)
    return len(part) >= LONG and cases >= len(part) * 0.42
