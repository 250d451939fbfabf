"""A source of credentials: a place that may hold them, and what it names."""

from __future__ import annotations

import os
from collections.abc import Mapping

from bw_magics.errors import BitwardenError
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.accounts.own_values import PREFIXES, is_unread_address
from bw_magics.settings import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    MASTER_PASSWORD,
    NO_SETTINGS,
    Server,
)
from bw_magics.shown import harmless

ENVIRONMENT = "the environment"
_SECRET_NAMES = frozenset({CLIENT_SECRET, MASTER_PASSWORD, ACCESS_TOKEN, "BW_SESSION"})


class Source(Unpicklable):
    """A place that may hold credentials: its name for a person, and its `BW_*` values.

    An empty value counts as missing. `is_named` says that the line named it.
    """

    __slots__ = ("_beside", "_values", "is_named", "name")

    def __init__(
        self, name: str, values: Mapping[str, str | None], *, is_named: bool = False
    ) -> None:
        self.name = name
        self.is_named = is_named
        self._values = {
            key: value for key, value in values.items() if key.startswith(PREFIXES) and value
        }
        self._beside = {
            key: value for key, value in values.items() if value and is_unread_address(key)
        }

    def __repr__(self) -> str:
        names = ", ".join(sorted(self._values))
        return harmless(f"<Source {self.name}: {names or 'nothing'}>")

    def get(self, name: str) -> str | None:
        """Returns the value of that name: a `Secret` where the name is that of a secret."""
        value = self._values.get(name)
        if value is None or name not in _SECRET_NAMES:
            return value
        return Secret(value, f"{name} from {self.name}")

    def unread_address(self, *others: str) -> str | None:
        """Returns the name of a value that seems to name the server and is not read, or that of
        one of `others`; None without one, and for a value that is the default server.
        """
        values = self._beside | {name: value for name in others if (value := self.get(name))}
        return next((name for name, value in values.items() if not _is_default(value)), None)

    @property
    def has_api_key(self) -> bool:
        """Whether both halves of the API key are there."""
        return CLIENT_ID in self._values and CLIENT_SECRET in self._values


def environment(variables: Mapping[str, str] | None = None) -> Source:
    """Returns the process environment."""
    return Source(ENVIRONMENT, os.environ if variables is None else variables)


def _is_default(address: str) -> bool:
    try:
        return Server.parse(address) == NO_SETTINGS.parse()
    except BitwardenError:
        return False
