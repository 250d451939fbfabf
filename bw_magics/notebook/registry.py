"""The registry of magics: one registration of a class is all that the other modules need.

From `@REGISTRY.add` on a class follow loading and unloading (`extension` imports the class), `%bw`
(`magics.bw`), completion (`complete`), the refusal of typed secrets (`typed`) and the table of the
documentation (`as_table`). docs/architecture.md, A new magic, says what else one needs.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from IPython.core.magic import magics_class

from bw_magics.notebook.line.declared import carries_secret, may_be_secret, shown_as

PREFIX = "bw_"
# Offered by itself: it calls the others.
DISPATCHER = "bw"

Kind = TypeVar("Kind", bound=type)


class Runner(Protocol):
    """An instance of a registered class: runs a magic, and refuses a secret on its line."""

    def run(self, magic: Callable[[], object], name: str, line: str) -> object:
        """Runs the magic of that name, which was called with that line."""


@dataclass(frozen=True, slots=True)
class Command:
    """One magic: `name` is what follows `%bw`, `function` what `magic_arguments` made of it."""

    name: str
    function: Any

    @property
    def magic(self) -> str:
        """The name of the magic, without its percent sign."""
        return f"{PREFIX}{self.name}"

    @property
    def words_may_be_secret(self) -> bool:
        """Whether any word of its line can be a secret, not only an option's value."""
        return may_be_secret(self.function)

    @property
    def secret_options(self) -> frozenset[str]:
        """The options whose value is a secret, which only a variable may name."""
        known = self._parser._option_string_actions
        return frozenset(option for option, action in known.items() if carries_secret(action))

    @property
    def usage(self) -> str:
        """How its line is written: `%bw_sync [--force] [--last]`."""
        parser = self._parser
        actions = [*parser._get_positional_actions(), *parser._get_optional_actions()]
        words = dict.fromkeys(shown_as(action) or _written(action) for action in actions)
        return " ".join((f"%{self.magic}", *words))

    @property
    def _parser(self) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = self.function.parser
        return parser

    @property
    def summary(self) -> str:
        """What it does: the first line of its docstring."""
        return str(self.function.parser.description).strip().partition("\n")[0].rstrip(".")


class Registry:
    """The registered classes of magics, and the commands that they bring, in order."""

    def __init__(self) -> None:
        self._kinds: list[type] = []

    def add(self, kind: Kind) -> Kind:
        """Registers a class of magics. Each method named `bw_…` is a magic; decorates with this."""
        for name, function in list(vars(kind).items()):
            if _is_magic(name, function):
                setattr(kind, name, _refusing(name, function))
        made: Kind = magics_class(kind)
        self._kinds.append(made)
        return made

    def remove(self, kind: type) -> None:
        """Forgets a class; shells that loaded it keep it until they unload the extension."""
        self._kinds.remove(kind)

    @property
    def kinds(self) -> tuple[type, ...]:
        """The registered classes."""
        return tuple(self._kinds)

    @property
    def commands(self) -> dict[str, Command]:
        """The commands by their names."""
        return {command.name: command for kind in self._kinds for command in _commands(kind)}

    def as_table(self) -> str:
        """Gives the table of all magics in Markdown, with a link to the page of each."""
        rows = (
            f"| [`%{command.magic}`]({command.magic}.md) | {_in_cell(command.summary)} |"
            for command in self.commands.values()
        )
        return "\n".join(("| magic | does |", "| --- | --- |", *rows))


REGISTRY = Registry()
"""The registry of this process. A class registers itself when its module is imported."""


def _is_magic(name: str, function: object) -> bool:
    return callable(function) and (name == DISPATCHER or name.startswith(PREFIX))


def _commands(kind: type) -> Iterator[Command]:
    for name, function in vars(kind).items():
        if _is_magic(name, function) and name != DISPATCHER:
            yield Command(name.removeprefix(PREFIX), function)


def _refusing(name: str, magic: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(magic)
    def run(self: Runner, line: str, *cell: str) -> object:
        return self.run(lambda: magic(self, line, *cell), name, line)

    return run


def _written(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest)
    if not action.option_strings:
        more = " …" if action.nargs in ("*", "+") else ""
        return f"[{name}{more}]" if action.nargs in ("*", "?") else f"{name}{more}"
    option = action.option_strings[-1]
    return f"[{option}]" if action.nargs == 0 else f"[{option} {name}]"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")
