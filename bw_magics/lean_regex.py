"""`regex`: a regular expression that is compiled at its first use.

One takes 0.1 to 2 ms, and the package has 200. Type checkers see `re.compile`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any


class _Regex:
    """A pattern with all members of `re.Pattern`; each is looked up once."""

    def __init__(self, text: str | bytes, flags: int = 0) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        # `re` keeps the compiled pattern, too.
        member = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, member)
        return member

    def __repr__(self) -> str:
        return f"regex({self._text!r})"


if TYPE_CHECKING:
    from re import compile as regex
else:
    regex = _Regex

__all__ = ["regex"]
