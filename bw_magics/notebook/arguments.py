"""Turns a magic's line into arguments; no mistake in it is ever repeated."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from IPython.core.error import UsageError

from bw_magics.errors import NotOffered, SecretTyped, UsageMistake
from bw_magics.notebook.line import Token, substitute, tokenize

# What the CLI takes everywhere and means nothing more here.
_EVERYWHERE = frozenset({"--raw", "--pretty", "--nointeraction", "--quiet", "--response"})

# Options of the CLI that carry a secret on the line; `--passwordenv` and `--passwordfile` do not.
_CARRY_SECRETS = frozenset(
    {"--password", "--passwd", "--session", "--clientsecret", "--client-secret", "--secret"}
)
_METHODS = frozenset({"--sso", "--method", "--code", "--check"})

HOW_TO_GIVE_IT = (
    "Leave it out and type it where you are asked, or set BW_PASSWORD. What was typed is in this "
    "cell and its history: delete it there, and change it if others can see this notebook."
)


class Arguments:
    """What a line says: `values` as argparse gives them, `flags` the CLI's options that every
    command accepts.
    """

    def __init__(self, values: argparse.Namespace, flags: frozenset[str]) -> None:
        self._values = values
        self.flags = flags

    def __getattr__(self, name: str) -> Any:
        return getattr(self._values, name)

    @property
    def is_unattended(self) -> bool:
        """Whether the line says not to ask (`--nointeraction`)."""
        return "--nointeraction" in self.flags


def read_arguments(magic: Any, line: str, namespace: Mapping[str, object]) -> Arguments:
    """The arguments of a line for a magic that was declared with `magic_arguments`.

    Raises `UsageMistake` naming the magic and what it takes, `SecretTyped` where a secret was
    written out, and `NotOffered` for the CLI's other ways to log in.
    """
    parser: argparse.ArgumentParser = magic.parser
    name = f"%{magic.__name__}"
    options: list[str] = []
    words: list[str] = []
    flags: set[str] = set()
    tokens = substitute(tokenize(line), namespace)
    known = parser._option_string_actions
    while tokens:
        token = tokens.pop(0)
        if token == Token("--"):
            words += [rest.text for rest in tokens]
            break
        if not token.is_option:
            words.append(token.text)
            continue
        option, equals, value = token.text.partition("=")
        if option in _EVERYWHERE and not equals:
            flags.add(option)
            continue
        action = known.get(option)
        if action is None:
            raise _unknown(name, option, known)
        if action.nargs == 0:
            if equals:
                raise UsageMistake(f"An option of {name} was given a value it does not take.")
            options.append(option)
            continue
        if not equals:
            if not tokens or tokens[0].is_option:
                raise UsageMistake(f"{option} of {name} needs a value.", f"{name}? shows how.")
            value = tokens.pop(0).text
        options.append(f"{option}={value}")
    _refuse_typed_secret(magic, words)
    try:
        values = parser.parse_args([*options, "--", *words] if words else options)
    except UsageError:
        raise UsageMistake(f"The line is not what {name} takes.", f"{name}? shows how.") from None
    return Arguments(values, frozenset(flags))


def _unknown(name: str, option: str, known: Mapping[str, object]) -> UsageMistake:
    if option.lower() in _CARRY_SECRETS:
        return SecretTyped("A secret does not belong on the line.", HOW_TO_GIVE_IT)
    if name == "%bw_login" and option in _METHODS:
        return NotOffered(
            "The personal API key is the only way to log in here.",
            "Use %bw_login --apikey; it needs no second factor.",
        )
    takes = ", ".join(sorted(option for option in known if option.startswith("--")))
    return UsageMistake(
        f"The line has an option that {name} does not have.",
        f"It has: {takes}." if takes else "It has none.",
    )


def _refuse_typed_secret(magic: Any, words: list[str]) -> None:
    if words and magic.__name__ in ("bw_login", "bw_unlock"):
        raise SecretTyped(
            f"%{magic.__name__} takes no e-mail, password or key on the line.", HOW_TO_GIVE_IT
        )
