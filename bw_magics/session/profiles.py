"""`Profiles`: vaults side by side in one process, each with a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex

Each = TypeVar("Each")

_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Profiles(Generic[Each]):
    """Vaults by name; the first one has none, or the name that it was made with.

    Each has a login, a lock, environment variables and a device of its own. `make` makes the
    vault of a name.
    """

    def __init__(self, name: str, first: Each, make: Callable[[str], Each]) -> None:
        self._vaults: dict[str, Each] = {name: first}
        self._first = first
        self._make = make

    def __iter__(self) -> Iterator[Each]:
        return iter(tuple(self._vaults.values()))

    def get(self, name: str) -> Each:
        """Returns the vault of that name, made on first use; an empty name is the first vault.

        Raises `UsageMistake` for a name that is not one of a profile.
        """
        if not name:
            return self._first
        is_text = isinstance(name, str)
        if not is_text or name not in self._vaults:
            if not is_text or not _NAME.fullmatch(name):
                raise UsageMistake(
                    "That is not a valid profile name.",
                    "Use up to 64 letters, digits and . _ -, such as work.",
                )
            self._vaults[name] = self._make(name)
        return self._vaults[name]
