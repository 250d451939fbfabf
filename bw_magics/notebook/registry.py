"""The registry of magics: one registration of a class is all that the other modules need.

From `@REGISTRY.add` on a class follow loading and unloading (`magics.late_magic`), `%bw`
(`magics.bw`), completion (`complete`), the refusal of typed secrets (`typed`) and the table of the
documentation (`as_table`). docs/architecture.md, A new magic, says what else one needs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeVar

from IPython.core.magic import magics_class

if TYPE_CHECKING:
    from bw_magics.notebook.line.command import Command

PREFIX = "bw_"
# Offered by itself: it calls the others.
DISPATCHER = "bw"

Kind = TypeVar("Kind", bound=type)


class Runner(Protocol):
    """An instance of a registered class: runs a magic, and refuses a secret on its line."""

    def run(self, magic: Callable[[], object], name: str, line: str) -> object:
        """Runs the magic of that name, which was called with that line."""


class Registry:
    """The registered classes of magics, and the commands that they bring, in order.

    A module that is expected is imported when somebody asks for its classes, or for all.
    """

    def __init__(self) -> None:
        self._kinds: list[type] = []
        # In their order; the values are all None.
        self._expected: dict[str, None] = {}

    def expect(self, module: str) -> None:
        """Notes a module whose classes register when it is imported."""
        self._expected[module] = None

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
        """The registered classes, those of expected modules first."""
        expected = [kind for module in self._expected for kind in self.of(module)]
        return (*expected, *self.unexpected)

    @property
    def unexpected(self) -> tuple[type, ...]:
        """The registered classes of other modules than the expected ones."""
        return tuple(kind for kind in self._kinds if kind.__module__ not in self._expected)

    def of(self, module: str) -> tuple[type, ...]:
        """Gives the classes that a module registers, and imports it."""
        import_module(module)
        return tuple(kind for kind in self._kinds if kind.__module__ == module)

    @property
    def commands(self) -> dict[str, Command]:
        """The commands by their names."""
        return {command.name: command for kind in self.kinds for command in _commands(kind)}

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
    from bw_magics.notebook.line.command import Command

    for name, function in vars(kind).items():
        if _is_magic(name, function) and name != DISPATCHER:
            yield Command(name.removeprefix(PREFIX), name, function)


def _refusing(name: str, magic: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(magic)
    def run(self: Runner, line: str, *cell: str) -> object:
        return self.run(lambda: magic(self, line, *cell), name, line)

    return run


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")
