"""`NotSent`: what arrives in the place of a secret where a refusal would show it.

Dask writes the text of an object that it cannot pickle into its logs and errors. So it is taught to
send a placeholder instead.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from typing import Any


class NotSent:
    """A placeholder for a secret that was not sent: it stays in the process that has it."""

    def __repr__(self) -> str:
        return "<a secret, which stays on its worker>"


def is_dask_loaded() -> bool:
    """Returns whether this process has imported Dask's cluster library."""
    return "distributed.protocol" in sys.modules


@cache
def teach_dask(kind: type[str]) -> None:
    """Makes Dask send a `NotSent` for each object of a class of texts."""
    protocol = import_module("distributed.protocol")

    def send(_: Any) -> tuple[dict[str, Any], list[bytes]]:
        return {}, []

    def receive(_: dict[str, Any], __: list[bytes]) -> NotSent:
        return NotSent()

    protocol.dask_serialize.register(kind)(send)
    protocol.dask_deserialize.register(kind)(receive)
