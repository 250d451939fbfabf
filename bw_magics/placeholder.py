"""`NotSent`: what arrives in the place of a secret where a refusal would show it.

Dask writes the text of an object that it cannot pickle into its logs and errors. So it is taught to
send a placeholder instead.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

_taught: set[type[str]] = set()


class NotSent:
    """A placeholder for a secret that was not sent: it stays in the process that has it."""

    def __repr__(self) -> str:
        return "<a secret, which stays on its worker>"


def is_dask_loaded() -> bool:
    """Returns whether this process has imported Dask's cluster library."""
    return "distributed.protocol" in sys.modules


def is_dask(module: str) -> bool:
    """Returns whether a module of that name is one of Dask's cluster library."""
    return module.partition(".")[0] == "distributed"


def teach_dask(kind: type[str]) -> bool:
    """Makes Dask send a `NotSent` for each object of a class; returns whether that is new."""
    if kind in _taught:
        return False
    protocol = import_module("distributed.protocol")

    def send(_: Any) -> tuple[dict[str, Any], list[bytes]]:
        return {}, []

    def receive(_: dict[str, Any], __: list[bytes]) -> NotSent:
        return NotSent()

    protocol.dask_serialize.register(kind)(send)
    protocol.dask_deserialize.register(kind)(receive)
    _taught.add(kind)
    return True
