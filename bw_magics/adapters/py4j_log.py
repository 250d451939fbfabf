"""Values that py4j, Spark's way to Java, has to send and does not log.

At DEBUG py4j logs every command with its arguments, and every answer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from bw_magics.secret import Secret

_LOGGERS = ("py4j.clientserver", "py4j.java_gateway")


class _Unlogged(logging.Filter):
    """A filter that drops each record with one of its values."""

    def __init__(self) -> None:
        super().__init__()
        self._values: frozenset[str] = frozenset()

    def add(self, value: str) -> None:
        """Drops records with this value from now on, as py4j writes it."""
        escaped = value.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
        self._values |= {value, escaped}

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        return not any(value in text for value in self._values)


_unlogged = _Unlogged()


def keep_out(values: Iterable[object]) -> None:
    """Keeps every `Secret` among the values out of py4j's log."""
    secrets = [value for value in values if isinstance(value, Secret) and value]
    for secret in secrets:
        _unlogged.add(str(secret))
    for name in _LOGGERS if secrets else ():
        logging.getLogger(name).addFilter(_unlogged)
