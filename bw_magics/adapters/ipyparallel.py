"""ipyparallel: named values on the engines of a view, for the length of a `with` block.

    from bw_magics.adapters.ipyparallel import on_engines, value

    with on_engines(client[:], {"password": bw_session["Warehouse DB"].password}):
        client[:].map_sync(load, partitions)      # in load: value("password")

The values are only in the memory of the engines: the controller and its database see public keys
and ciphertext. Everything that runs on these engines can read the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from bw_magics.adapters import remote
from bw_magics.adapters.remote import value
from bw_magics.errors import UsageMistake

if TYPE_CHECKING:
    from ipyparallel import DirectView

__all__ = ["on_engines", "value"]


@contextmanager
def on_engines(view: DirectView, values: Mapping[str, str]) -> Iterator[None]:
    """Puts the values on every engine of the view, and removes them at the end.

    An engine that starts later has no values: `value` raises `NotFound` there. Raises
    `UsageMistake` for an engine without this package.
    """
    remote.check(values)
    block = remote.new_block()
    try:
        keys = _everywhere(view, "offer_key", block)
        sealed = remote.seal_all(values, block, set(keys), "ipyparallel engines")
        _everywhere(view, "take", block, sealed)
        yield
    finally:
        with suppress(Exception):  # the engines may be gone
            _everywhere(view, "drop", block)


def _everywhere(view: DirectView, name: str, *arguments: object) -> list[Any]:
    found: Any = view.apply_sync(_call, name, *arguments)
    answers = found if isinstance(found, list) else [found]  # a view of one engine
    if any(answer is ImportError for answer in answers):
        raise UsageMistake(
            "This package is not installed on every engine.",
            "Install bw_magics where the engines run, in the same version as here.",
        )
    return answers


def _call(name: str, *arguments: object) -> object:
    """Runs on the engine; only this function is sent there, not this module."""
    try:
        from bw_magics.adapters import remote
    except ImportError:
        return ImportError
    return getattr(remote, name)(*arguments)
