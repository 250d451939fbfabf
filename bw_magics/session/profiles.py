"""`Profiles`: sessions side by side in one process, each with a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bw_magics.errors import UsageMistake

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Profiles:
    """Vaults by name; the first one has none. Each has a login, a lock, environment variables and
    a device of its own.
    """

    def __init__(self, first: Vault) -> None:
        self._vaults: dict[str, Vault] = {first.profile_name: first}
        self._first = first

    def __iter__(self) -> Iterator[Vault]:
        return iter(tuple(self._vaults.values()))

    def get(self, name: str) -> Vault:
        """The vault of that name, made when it is first asked for; an empty name is the first."""
        if not name:
            return self._first
        if name not in self._vaults:
            if not _NAME.fullmatch(name):
                raise UsageMistake(
                    "That is no name of a profile.",
                    "Use up to 64 letters, digits and . _ -, such as work.",
                )
            self._vaults[name] = self._first._beside(name)
        return self._vaults[name]
