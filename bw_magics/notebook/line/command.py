"""`Command`: a magic as `%bw`, completion, the refusal of secrets and the documentation see it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

from bw_magics.notebook.line.declared import carries_secret, may_be_secret, shown_as


@dataclass(frozen=True, slots=True)
class Command:
    """One magic: `name` is what follows `%bw`, `function` what `magic_arguments` made of it."""

    name: str
    magic: str
    function: Any

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


def _written(action: argparse.Action) -> str:
    name = str(action.metavar or action.dest)
    if not action.option_strings:
        more = " …" if action.nargs in ("*", "+") else ""
        return f"[{name}{more}]" if action.nargs in ("*", "?") else f"{name}{more}"
    option = action.option_strings[-1]
    return f"[{option}]" if action.nargs == 0 else f"[{option} {name}]"
