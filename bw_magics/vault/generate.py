"""Passwords and passphrases, by the rules of `bw generate`."""

from __future__ import annotations

import secrets

from bw_magics.errors import UsageMistake
from bw_magics.lean_dataclasses import dataclass

SHORTEST = 5
FEWEST_WORDS = 3

# More than any site takes; without an end a slip of the finger would fill the memory.
LONGEST = 4096

# What is left where ambiguous characters are avoided, and what these are.
_LOWERCASE = ("abcdefghijkmnopqrstuvwxyz", "l")
_UPPERCASE = ("ABCDEFGHJKLMNPQRSTUVWXYZ", "IO")
_NUMBERS = ("23456789", "01")
_SPECIAL = ("!@#$%^&*", "")

_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """The characters of a password; where no kind is chosen: upper and lower case and
    numbers.

    Each kind that is chosen is there at least once, numbers and special characters as often as
    `min_number` and `min_special` say. A `length` below 5, or too short for these, is raised.
    """

    uppercase: bool = False
    lowercase: bool = False
    number: bool = False
    special: bool = False
    length: int = 14
    min_number: int = 1
    min_special: int = 1
    avoid_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class PassphraseRules:
    """The parts of a passphrase; a number of `words` below 3 becomes 3.

    `include_number` puts a digit behind one of the words.
    """

    words: int = 6
    separator: str = "-"
    capitalize: bool = False
    include_number: bool = False


def generate(rules: PasswordRules | PassphraseRules) -> str:
    """Returns a new password or passphrase, from the operating system's randomness.

    Raises `UsageMistake` where it would be longer than 4096 characters or words.
    """
    return _password(rules) if isinstance(rules, PasswordRules) else _passphrase(rules)


def _password(rules: PasswordRules) -> str:
    kinds = [
        (rules.uppercase, _UPPERCASE, 1),
        (rules.lowercase, _LOWERCASE, 1),
        (rules.number, _NUMBERS, rules.min_number),
        (rules.special, _SPECIAL, rules.min_special),
    ]
    if not any(is_chosen for is_chosen, _, _ in kinds):
        kinds = [(alphabet is not _SPECIAL, alphabet, least) for _, alphabet, least in kinds]
    alphabets = [
        (clear if rules.avoid_ambiguous else clear + ambiguous, max(least, 0))
        for is_chosen, (clear, ambiguous), least in kinds
        if is_chosen
    ]
    needed = sum(least for _, least in alphabets)
    length = max(rules.length, SHORTEST, needed)
    _refuse_endless(length)
    letters = [secrets.choice(alphabet) for alphabet, least in alphabets for _ in range(least)]
    every = "".join(alphabet for alphabet, _ in alphabets)
    letters += [secrets.choice(every) for _ in range(length - needed)]
    _random.shuffle(letters)
    return "".join(letters)


def _passphrase(rules: PassphraseRules) -> str:
    from dicewarepy import diceware  # the EFF's long list, five dice a word

    count = max(rules.words, FEWEST_WORDS)
    _refuse_endless(count)
    words = diceware(count)
    if rules.capitalize:
        words = [word[:1].upper() + word[1:] for word in words]
    if rules.include_number:
        words[secrets.randbelow(count)] += secrets.choice("0123456789")
    return rules.separator.join(words)


def _refuse_endless(length: int) -> None:
    if length > LONGEST:
        raise UsageMistake(f"Nothing longer than {LONGEST} is generated.", "Ask for less.")
