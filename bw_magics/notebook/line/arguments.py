"""Turns a magic's line into arguments. No error repeats the line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from IPython.core.error import UsageError

from bw_magics.errors import NotOffered, SecretTyped, UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.line.declared import (
    brief_usage,
    carries_secret,
    is_secret,
    may_be_secret,
    shown_as,
)
from bw_magics.notebook.line.mistaken import is_only_mistaken
from bw_magics.notebook.line.tokenizer import ADDRESS_OPTIONS, Token, substitute, tokenize, value_of
from bw_magics.vault.names import closest

# Options that the CLI takes everywhere; most mean nothing here.
EVERYWHERE = frozenset(
    {"--raw", "--pretty", "--nointeraction", "--quiet", "--response", "--cleanexit"}
)

# Options of the CLI that carry a secret on the line; `--passwordenv` and `--passwordfile` do not.
CARRY_SECRETS = frozenset(
    {"--password", "--passwd", "--session", "--clientsecret", "--client-secret", "--secret"}
)
_METHODS = frozenset({"--sso", "--method", "--code"})
_A_NAME = regex(r"-[A-Za-z]|--[a-z]+(-[a-z]+)*")

ELSEWHERE = (
    "Leave it out and type it where you are asked, or set BW_PASSWORD. This cell may contain a "
    "secret: delete it there, and change it if others can see this notebook."
)

_BY_VARIABLE = (
    "Put it into a variable and write {} $variable. This cell may contain a secret: "
    "delete it there, and change it if others can see this notebook."
)


class Arguments:
    """The arguments of a line: argparse's values, and the `flags` that every command accepts."""

    def __init__(self, values: argparse.Namespace, flags: frozenset[str]) -> None:
        self._values = values
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        return getattr(self._values, name)

    def changed(self, **values: object) -> Arguments:
        """Returns the same arguments with other values."""
        return Arguments(argparse.Namespace(**{**vars(self._values), **values}), self.flags)

    @property
    def given(self) -> frozenset[str]:
        """The names of the arguments that the line gives."""
        return frozenset(
            name
            for name, value in vars(self._values).items()
            if value is not None and value is not False and value != []
        )

    @property
    def profile(self) -> str:
        """The name after `--profile`; empty if the line has none."""
        return getattr(self._values, "profile", None) or ""

    @property
    def is_unattended(self) -> bool:
        """Whether the line forbids questions (`--nointeraction`)."""
        return "--nointeraction" in self.flags


def read_arguments(magic: Any, line: str, namespace: Mapping[str, object]) -> Arguments:
    """Reads the line of a magic that is declared with `magic_arguments`.

    Raises `UsageMistake` with the usage of the magic, `SecretTyped` for a secret on the line, and
    `NotOffered` for the CLI's other ways to log in.
    """
    parser: argparse.ArgumentParser = magic.parser
    name = f"%{magic.__name__}"
    takes_words = not may_be_secret(magic) or bool(parser._get_positional_actions())
    options: list[str] = []
    words: list[list[str]] = [[]]
    flags: set[str] = set()
    # argparse gets numbers instead of words: no word can confuse it or appear in an error.
    typed: list[object] = []

    def numbered(value: object) -> str:
        typed.append(value)
        return str(len(typed) - 1)

    def next_token() -> Token:
        return substitute([tokens.pop(0)], namespace)[0]

    try:
        tokens = tokenize(line)
    except UsageMistake:
        if takes_words:
            raise
        # An open quote, probably around a secret.
        raise SecretTyped(f"The line is not what {name} takes.", ELSEWHERE) from None
    known = parser._option_string_actions
    while tokens:
        if secret := _option_with_secret(tokens, known):
            options.append(f"{secret}={numbered(_held(tokens, known[secret], secret, namespace))}")
            words.append([])
            continue
        token = next_token()
        if token == Token("--"):
            words[-1] += [numbered(rest.text) for rest in substitute(tokens, namespace)]
            tokens = []
        elif not token.is_option:
            words[-1].append(numbered(token.text))
        if not takes_words and words[-1]:
            rest = [token.text, *(each.text for each in tokens if not each.is_option)]
            if is_only_mistaken(rest, known):
                raise usage_mistake(magic)
            raise SecretTyped(f"{name} takes no e-mail, password or key on the line.", ELSEWHERE)
        if not token.is_option:
            continue
        words.append([])
        option, equals, value = token.text.partition("=")
        action = known.get(option)
        if action is None and (letters := _letters(option, known)) and not equals:
            options += letters
            continue
        if action is None and option not in EVERYWHERE:
            raise _unknown(magic, option, known, takes_words=takes_words)
        if action is None or action.nargs == 0:
            if equals:
                raise UsageMistake(f"An option of {name} was given a value it does not take.")
            if action is None:
                flags.add(option)
            else:
                options.append(option)
            continue
        if not equals:
            if not tokens or tokens[0].is_option or tokens[0] == Token("--"):
                raise UsageMistake(f"{option} of {name} needs a value.", f"{name}? shows how.")
            address = option if option in ADDRESS_OPTIONS else ""
            value = substitute([tokens.pop(0)], namespace, address=address)[0].text
        options.append(f"{option}={numbered(value)}")
    try:
        values = parser.parse_args([*options, *_together(words, name)])
    except UsageError:
        raise usage_mistake(magic) from None
    for member, value in vars(values).items():
        if isinstance(value, str):
            setattr(values, member, typed[int(value)])
        elif isinstance(value, list):
            setattr(values, member, [typed[int(number)] for number in value])
    return Arguments(values, frozenset(flags))


def _option_with_secret(tokens: list[Token], known: Mapping[str, argparse.Action]) -> str:
    """Returns the option that the first token is, if it carries a secret; else an empty text."""
    option = tokens[0].head.partition("=")[0]
    return option if carries_secret(known.get(option)) else ""


def _held(
    tokens: list[Token], action: argparse.Action, option: str, namespace: Mapping[str, object]
) -> object:
    """Takes an option and its value away, and returns what the variable in the value holds.

    Raises `SecretTyped` for a secret that is not in a variable.
    """
    token = tokens.pop(0)
    _, equals, value = token.head.partition("=")
    if equals:
        token = Token(value, token.quoted)
    elif tokens and not tokens[0].is_option:
        token = tokens.pop(0)
    elif action.nargs == "?":
        return action.const
    else:
        raise UsageMistake(f"{option} needs a value.", f"Name a variable: {option} $variable.")
    found = value_of(token, namespace)
    if found is None and not is_secret(action, token.text):
        return token.text
    if found is None:
        raise SecretTyped(
            f"The value of {option} is a secret, which does not belong on the line.",
            _BY_VARIABLE.format(option),
        )
    name, held = found
    if held is None:
        raise UsageMistake(
            f"The variable of {option} does not exist or is None.", "Set it in Python first."
        )
    return (name, held) if name else held


def takes_server(magic: Any) -> bool:
    """Tells whether the line of a magic may name a server."""
    return "--server" in magic.parser._option_string_actions


def usage_mistake(magic: Any) -> UsageMistake:
    """Returns the error for a line that a magic cannot read: its usage."""
    return UsageMistake(f"Usage: {brief_usage(magic)}.", f"Help: %{magic.__name__}?")


def _letters(option: str, known: Mapping[str, argparse.Action]) -> list[str]:
    """Splits `-uln` into options. Empty if one of them does not exist or takes a value."""
    letters = [f"-{letter}" for letter in option[1:]]
    fit = option[1:2] != "-" and all(
        letter in known and known[letter].nargs == 0 for letter in letters
    )
    return letters if fit else []


def _together(groups: list[list[str]], name: str) -> list[str]:
    """Joins the groups of words between options.

    Raises `UsageMistake` for words on both sides of an option: a value without quotes must not
    change the name that is looked up.
    """
    groups = [group for group in groups if group]
    if len(groups) > 2 or (len(groups) == 2 and len(groups[0]) > 1):
        raise UsageMistake(
            f"The line of {name} has words on both sides of an option.",
            "Put quotes around a value of several words, and the options at the end.",
        )
    return [word for group in groups for word in group]


def _unknown(
    magic: Any, option: str, known: Mapping[str, argparse.Action], *, takes_words: bool
) -> UsageMistake:
    name = f"%{magic.__name__}"
    if option.lower() in CARRY_SECRETS or not (takes_words or _A_NAME.fullmatch(option)):
        return SecretTyped("A secret does not belong on the line.", ELSEWHERE)
    if option in ("--help", "-h"):
        return usage_mistake(magic)
    if option == "--check":
        return NotOffered("The state has a command of its own.", "Use %bw_status.")
    if name == "%bw_login" and option in _METHODS:
        return NotOffered(
            "The personal API key is the only way to log in here.",
            "Use %bw_login --apikey; it needs no second factor.",
        )
    takes = ", ".join(
        sorted(
            option
            for option, action in known.items()
            if option.startswith("--") and not shown_as(action)
        )
    )
    # Only an option of the magic is named: the word on the line may be anything.
    likely = closest(option, known, most=1)
    meant = f"Did you mean {likely[0]}? " if likely else ""
    return UsageMistake(
        f"The line has an option that {name} does not have.",
        f"{meant}It has: {takes}." if takes else "It has none.",
    )
