"""`Ledger`: which layer set which environment variable, so that each can remove its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.steps import RESOLVE, Remedy

_NAME = regex(r"[A-Za-z_][A-Za-z0-9_.-]*")


class Layer:
    """Variables that were set together and go together; `scope` says until when."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    def __repr__(self) -> str:
        return f"<Layer {self.scope}>"


@dataclass(slots=True, repr=False)
class _Stack:
    """One variable: its value before any layer, and that of each layer, the last one on top."""

    base: str | None
    entries: list[tuple[Layer, str]] = field(default_factory=list)

    @property
    def value(self) -> str | None:
        return self.entries[-1][1] if self.entries else self.base

    def without(self, layer: Layer) -> _Stack:
        return _Stack(self.base, [entry for entry in self.entries if entry[0] is not layer])


class Ledger:
    """Layers of variables over an environment, removable in any order.

    A variable that other code changed since belongs to that code: no layer touches it any more, and
    a later layer restores that value. Not for several threads at once.
    """

    def __init__(self, variables: MutableMapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables
        self._stacks: dict[str, _Stack] = {}

    def __repr__(self) -> str:
        return f"<Ledger of {len(self._stacks)} variables>"

    def put(self, layer: Layer, values: Mapping[str, str]) -> None:
        """Sets variables for a layer, on top of every other: all of them or none.

        Raises `UsageMistake` as `check` does.
        """
        check(values)
        stacks = {}
        for name, value in values.items():
            stack = self._own(name) or _Stack(self._variables.get(name))
            stacks[name] = stack.without(layer)
            stacks[name].entries.append((layer, value))
        self._apply(stacks)

    def drop(self, layer: Layer, names: Iterable[str] | None = None) -> list[str]:
        """Removes a layer's variables, or only those named; returns the names that were still its
        own.

        Each gets the value of the layer below, or the one from before.
        """
        wanted = None if names is None else set(names)
        stacks = {
            name: stack.without(layer)
            for name in self.names(layer)
            if (wanted is None or name in wanted) and (stack := self._own(name)) is not None
        }
        self._apply(stacks)
        for name in list(self._stacks):
            if wanted is None or name in wanted:
                self._forget(name, layer)
        return list(stacks)

    def names(self, layer: Layer) -> list[str]:
        """Lists the names that a layer has set."""
        return [
            name
            for name, stack in self._stacks.items()
            if any(owner is layer for owner, _ in stack.entries)
        ]

    @property
    def layers(self) -> list[Layer]:
        """The layers that have set something."""
        found: dict[Layer, None] = {}
        for stack in self._stacks.values():
            found.update(dict.fromkeys(owner for owner, _ in stack.entries))
        return list(found)

    def is_own(self, name: str) -> bool:
        """Tells whether the variable has the value that a layer gave it."""
        return self._own(name) is not None

    def get(self, name: str) -> str | None:
        """Returns the variable's present value."""
        return self._variables.get(name)

    def underneath(self, name: str) -> str | None:
        """Returns the value that the variable would have without any layer."""
        stack = self._own(name)
        return self._variables.get(name) if stack is None else stack.base

    def _own(self, name: str) -> _Stack | None:
        stack = self._stacks.get(name)
        if stack is None or self._variables.get(name) != stack.value:
            return None
        return stack

    def _forget(self, name: str, layer: Layer) -> None:
        stack = self._stacks[name].without(layer)
        if stack.entries:
            self._stacks[name] = stack
        else:
            del self._stacks[name]

    def _apply(self, stacks: Mapping[str, _Stack]) -> None:
        before = {name: (self._variables.get(name), self._stacks.get(name)) for name in stacks}
        try:
            for name, stack in stacks.items():
                self._stacks[name] = stack
                self._set(name, stack.value)
        except BaseException:
            for name, (value, old) in before.items():
                if old is None:
                    self._stacks.pop(name, None)
                else:
                    self._stacks[name] = old
                self._set(name, value)
            raise

    def _set(self, name: str, value: str | None) -> None:
        if value is None:
            self._variables.pop(name, None)
        elif self._variables.get(name) != value:
            # A plain `str`, for code that reads the environment.
            self._variables[name] = str(value)


def check(values: Mapping[str, str]) -> None:
    """Raises `UsageMistake` for a name or value that is refused in every environment; repeats
    neither.
    """
    for name, value in values.items():
        if not is_name(name):
            raise UsageMistake(
                "A variable's name has another character than A-Z, a-z, 0-9, _, . and -.",
                "Name it with letters, digits and _.",
            )
        if "\0" in value or not _is_encodable(value):
            raise UsageMistake(
                "A value holds NUL or half a character, which no environment variable can hold.",
                Remedy("Use it from Python: {}.", RESOLVE),
            )


def is_name(name: str) -> bool:
    """Tells whether a variable may have this name: shells run the value of `BASH_FUNC_x%%`, and
    other signs change what a person sees of the name.
    """
    return _NAME.fullmatch(name) is not None


def same_name(name: str) -> str:
    """Returns what the spellings of one variable share: on Windows, case does not count."""
    return name.upper() if os.name == "nt" else name


def _is_encodable(text: str) -> bool:
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True
