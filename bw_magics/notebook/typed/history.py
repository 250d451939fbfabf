"""Removes a text from all that IPython stores of a cell (docs/jupyter.md, History)."""

from __future__ import annotations

import linecache
import sqlite3
from collections.abc import Callable
from typing import Any

from bw_magics.lean_regex import regex

Clean = Callable[[str], str]

_INPUT_NAMES = regex(r"_i+|_i\d+")
_INPUT_MEMBERS = ("_i00", "_i", "_ii", "_iii")


def scrub(shell: Any, clean: Clean) -> bool:
    """Applies `clean` to every remembered input: `In`, `_ih`, `_i`, `_ii`, `_iii`, all `_i<n>`,
    unsaved inputs, history.sqlite, a terminal's own history, the running request and the source
    that tracebacks quote.

    Returns False if the history file could not be cleaned.
    """
    history = shell.history_manager
    for inputs in (history.input_hist_raw, history.input_hist_parsed):
        inputs[:] = [clean(text) for text in inputs]
    for name in _INPUT_MEMBERS:
        text = getattr(history, name, None)
        if isinstance(text, str):
            setattr(history, name, clean(text))
    namespace = shell.user_ns
    for name in [name for name in namespace if _INPUT_NAMES.fullmatch(str(name))]:
        if isinstance(namespace[name], str):
            namespace[name] = clean(namespace[name])
    _scrub_request(shell, clean)
    _scrub_sources(clean)
    _scrub_terminal(shell, clean)
    return _scrub_file(history, clean)


def _scrub_file(history: Any, clean: Clean) -> bool:
    """Cleans the unsaved inputs, and what this session wrote to the file."""
    with history.db_input_cache_lock:
        history.db_input_cache[:] = [
            tuple(clean(part) if isinstance(part, str) else part for part in entry)
            for entry in history.db_input_cache
        ]
    if not history.enabled:
        return True
    try:
        history.writeout_cache()
        connection = history.db
        session = (history.session_number,)
        rows = connection.execute(
            "SELECT line, source, source_raw FROM history WHERE session = ?", session
        ).fetchall()
        # Without this the old text would stay in the freed space of the file.
        connection.execute("PRAGMA secure_delete = ON")
        with connection:
            for line, source, raw in rows:
                cleaned = (clean(source), clean(raw))
                if cleaned != (source, raw):
                    connection.execute(
                        "UPDATE history SET source = ?, source_raw = ? "
                        "WHERE session = ? AND line = ?",
                        (*cleaned, *session, line),
                    )
    except (sqlite3.Error, AttributeError):
        return False
    return True


def running_code(shell: Any) -> str | None:
    """Returns the running cell that a front end sent; None if that is unknown."""
    content = _request(shell)
    return None if content is None else content["code"]


def _scrub_request(shell: Any, clean: Clean) -> None:
    content = _request(shell)
    if content is not None:
        content["code"] = clean(content["code"])


def _request(shell: Any) -> dict[str, Any] | None:
    get_parent = getattr(getattr(shell, "kernel", None), "get_parent", None)
    request = get_parent() if get_parent is not None else None
    content = request.get("content") if isinstance(request, dict) else None
    return content if isinstance(content, dict) and isinstance(content.get("code"), str) else None


def _scrub_sources(clean: Clean) -> None:
    # IPython keeps cells beside linecache's own entries, which `checkcache` would drop.
    for cache in (linecache.cache, getattr(linecache, "_ipython_cache", None)):
        if not isinstance(cache, dict):
            continue
        for name, entry in list(cache.items()):
            if isinstance(entry, tuple) and len(entry) == 4 and isinstance(entry[2], list):
                source = "".join(entry[2])
                cleaned = clean(source)
                if cleaned != source:
                    lines = cleaned.splitlines(keepends=True)
                    cache[name] = (entry[0], entry[1], lines, entry[3])


def _scrub_terminal(shell: Any, clean: Clean) -> None:
    application = getattr(shell, "pt_app", None)
    history = getattr(application, "history", None)
    for name in ("_loaded_strings", "_storage"):
        texts = getattr(history, name, None)
        if isinstance(texts, list):
            texts[:] = [clean(text) for text in texts]
