"""`Answer`: a JSON object from a server, read leniently.

Official servers and Vaultwarden, old and new, spell the same member `kdfIterations` or
`KdfIterations`, leave optional members out, send null or add new ones (docs/protocol.md,
Spelling of members). A member that is missing or of another type reads as None here, so that no
login ever depends on an optional one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Answer:
    """A JSON object whose members are found in camelCase and in PascalCase.

    Members are asked for in camelCase. `members` is the object as it was parsed.
    """

    __slots__ = ("__weakref__", "members")

    def __init__(self, members: object) -> None:
        self.members: Mapping[str, Any] = members if isinstance(members, dict) else {}

    def __repr__(self) -> str:
        return f"Answer({', '.join(sorted(self.members))})"

    def __bool__(self) -> bool:
        return bool(self.members)

    def get(self, name: str) -> Any:
        """Returns the member as it is, or None."""
        value = self.members.get(name)
        return self.members.get(name[:1].upper() + name[1:]) if value is None else value

    def text(self, name: str) -> str | None:
        """Returns the member if it is a string, else None; an empty string counts as missing."""
        value = self.get(name)
        return value if isinstance(value, str) and value else None

    def integer(self, name: str) -> int | None:
        """Returns the member if it is a whole number (also one in a string), else None."""
        value = self.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def truth(self, name: str) -> bool:
        """Returns the member if it is a boolean, else False."""
        return self.get(name) is True

    def object(self, name: str) -> Answer:
        """Returns the member as an `Answer`; an empty one if it is missing or not an object."""
        return Answer(self.get(name))

    def objects(self, name: str) -> Iterator[Answer]:
        """Yields the objects in the list of that name; anything else in it is passed over."""
        value = self.get(name)
        for element in value if isinstance(value, list) else ():
            if isinstance(element, dict):
                yield Answer(element)

    def texts(self, name: str) -> tuple[str, ...]:
        """Returns the strings in the list of that name."""
        value = self.get(name)
        return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()
