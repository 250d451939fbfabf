"""`ArrowTexts`: refuses to pickle a pandas column that holds a secret as plain text.

pandas 3 copies texts into Arrow's memory, where a `Secret` is one no longer and cannot refuse by
itself: `DataFrame.to_pickle`, joblib and multiprocessing would write it in clear.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import encode

_MODULE = "pandas.core.arrays.arrow.array"


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
        if str(column.type) not in ("string", "large_string"):
            return False
        for chunk in column.chunks:
            data = chunk.buffers()[-1]
            # The buffer may hold more than the column shows: only texts decide.
            if data is not None and self._matcher.hits(data.to_pybytes()):
                shown = "\n".join(filter(None, chunk.to_pylist()))
                if self._matcher.spans(encode(shown)):
                    return True
        return False
