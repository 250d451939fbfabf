"""`ArrowTexts`: refuses to pickle a pandas column that holds a secret as plain text.

pandas 3 copies texts into Arrow's memory, where a `Secret` is one no longer and cannot refuse by
itself: `DataFrame.to_pickle`, joblib and multiprocessing would write it in clear.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import encode

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_PACKAGE = "pandas."
_MODULE = f"{_PACKAGE}core.arrays.arrow.array"


def _refuse() -> NoReturn:
    raise TypeError(
        "A pandas column holds a secret as plain text, and is not pickled or stored: the file "
        "would show it. Drop the column first, or fetch the secret again where it is needed."
    )


class ArrowTexts:
    """A check of the columns of text that pandas pickles."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._kind: Any = sys.modules[_MODULE].ArrowExtensionArray
        self._before = before = self._kind.__getstate__

        def checked(array: Any) -> object:
            if self._holds_secret(array._pa_array):
                _refuse()
            return before(array)

        self._kind.__getstate__ = self._checked = checked

    @staticmethod
    def fits() -> bool:
        """Tells whether pandas is loaded."""
        return hasattr(sys.modules.get(_MODULE), "ArrowExtensionArray")

    def remove(self) -> None:
        """Stops checking."""
        if self._kind.__getstate__ is self._checked:
            self._kind.__getstate__ = self._before

    def _holds_secret(self, column: Any) -> bool:
        if not any(kind in str(column.type) for kind in ("string", "binary")):
            return False
        for chunk in column.chunks:
            # A buffer may hold more than the column shows: only texts decide.
            if any(self._matcher.hits(data) for data in _buffers(chunk)):
                shown = "\n".join(_texts(chunk.to_pylist()))
                if self._matcher.spans(encode(shown)):
                    return True
        return False


class WaitingForPandas:
    """A finder that finds no module. It calls `install` once pandas has its columns of text, so
    that the cell that imports pandas is checked, too.

    Other modules of pandas follow that one: each of them is asked for here first.
    """

    def __init__(self, install: Callable[[], None]) -> None:
        self._install = install
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns None: other finders find the module."""
        if name.startswith(_PACKAGE) and ArrowTexts.fits():
            self.remove()
            self._install()
        return None

    def remove(self) -> None:
        """Stops waiting."""
        with suppress(ValueError):
            sys.meta_path.remove(self)


def _buffers(chunk: Any) -> Iterator[bytes]:
    """Yields the contents of a part of a column: also those of lists, and of each distinct text."""
    for data in chunk.buffers():
        if data is not None:
            yield data.to_pybytes()
    if hasattr(chunk, "dictionary"):
        yield from _buffers(chunk.dictionary)


def _texts(value: Any) -> Iterator[str]:
    """Yields the texts of a value of a column: a list, a dictionary, a pair, bytes or a text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, dict):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
