"""Removes secrets from the log lines that httpx and httpcore write about our requests.

httpx logs every URL with its query at INFO, httpcore every answer's headers at DEBUG. Only lines
about requests made within `discreet()` are shortened; those of the user's own httpx clients stay.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bw_magics.lean_regex import regex

_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.proxy",
    "httpcore.socks",
)
_QUERY = regex(r"\?[^\s\"']*")
_REASON = regex(r'("HTTP/\S* \d+) .*', re.DOTALL)

_ours: ContextVar[bool] = ContextVar("bw_magics_request", default=False)
_lock = threading.Lock()
_running = 0


class _Shortened(logging.Filter):
    """A filter that removes a URL's query and the server's own words, and from httpcore's lines all
    but the name of the event.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if _ours.get():
            message = record.getMessage()
            if record.name == "httpx":
                record.msg = _REASON.sub(r'\1"', _QUERY.sub("?…", message))
            else:
                record.msg = message.partition(" ")[0]
            record.args = ()
        return True


_filter = _Shortened()


@contextmanager
def discreet() -> Iterator[None]:
    """Shortens this thread's log lines inside the `with` block."""
    global _running
    with _lock:
        _running += 1
        for logger in map(logging.getLogger, _LOGGERS):
            # A new list: another thread may be going through the present one.
            if _filter not in logger.filters:
                logger.filters = [*logger.filters, _filter]
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)
        with _lock:
            _running -= 1
            if not _running:
                for logger in map(logging.getLogger, _LOGGERS):
                    logger.filters = [kept for kept in logger.filters if kept is not _filter]


def _after_fork() -> None:
    """Replaces the lock in a forked child, where no thread would ever release it."""
    global _lock, _running
    _lock, _running = threading.Lock(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
