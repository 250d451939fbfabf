"""What a process gives to the workers of `multiprocessing` that it starts, as plain texts.

A worker gets what was given when it began. What its parent names later it cannot know.
Python hands a process's configuration to each worker, beside its authentication key. A process
without `multiprocessing` has no worker yet. Importing it takes 6 ms, so nothing here does that.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_PACKAGE = "multiprocessing."
# The standard library's (joblib, loky and Dask's nannies use it), Pathos' and Celery's.
_LIBRARIES = (f"{_PACKAGE}process", "multiprocess.process", "billiard.process")
_MAIN = "MainProcess"
_GIVEN = "bw_magics_servers"

Texts: TypeAlias = "dict[str, tuple[str, ...]]"


def is_worker() -> bool:
    """Tells whether a library for parallel work started this process."""
    for name in _LIBRARIES:
        library = sys.modules.get(name)
        if library is None:
            continue
        parent = getattr(library, "parent_process", None)
        if library.current_process().name != _MAIN if parent is None else parent() is not None:
            return True
    return False


def given() -> Texts:
    """Returns what this process was given when it began, or gives to its workers now."""
    config = _config()
    texts: Texts = {} if config is None else config.get(_GIVEN, {})
    return texts


def give(texts: Mapping[str, tuple[str, ...]]) -> None:
    """Gives the texts to the workers that this process starts later, in place of earlier ones."""
    _later.texts = dict(texts)
    if texts and _config() is None and _later not in sys.meta_path:
        sys.meta_path.insert(0, _later)
    # Asked again: another thread may have imported it meanwhile.
    _later.try_to_give()


def _config() -> dict[str, Any] | None:
    """Returns the configuration of this process; None before `multiprocessing` is imported, and
    where Python does not keep it under that name.
    """
    processes = sys.modules.get(f"{_PACKAGE}process")
    current = getattr(processes, "current_process", None)
    return None if current is None else vars(current()).get("_config")


class _Later:
    """A finder that finds no module, and gives the texts once there is a configuration.

    The configuration comes with the first module of the package. Others follow before a worker
    starts: the way to start it has a module of its own.
    """

    def __init__(self) -> None:
        self.texts: Texts = {}

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns None: other finders find the module."""
        if name.startswith(_PACKAGE):
            self.try_to_give()
        return None

    def try_to_give(self) -> None:
        """Gives the texts if that is possible yet."""
        config = _config()
        if config is None:
            return
        if self.texts or _GIVEN in config:
            config[_GIVEN] = self.texts
        with suppress(ValueError):
            sys.meta_path.remove(self)


_later = _Later()
