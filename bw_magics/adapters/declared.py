"""Adapters of other packages, which declare them as entry points in the group `bw_magics.adapters`.

An adapter is a function that gets an item, and options by name.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from bw_magics.errors import ExtraMissing, UsageMistake

GROUP = "bw_magics.adapters"


def find_adapter(name: str) -> Callable[..., Any]:
    """Loads the adapter of that name. Raises `UsageMistake`, `ExtraMissing`."""
    declared = {point.name: point for point in entry_points(group=GROUP)}
    point = declared.get(name) if isinstance(name, str) else None
    if point is None:
        names = ", ".join(sorted(declared))
        raise UsageMistake(
            "No installed package declares an adapter of that name.",
            f"There are: {names}." if names else "Install the package that declares it.",
        )
    try:
        adapter = point.load()
    except (ImportError, AttributeError) as error:
        package = point.dist.name if point.dist is not None else "its package"
        missing = f": {error.name} is missing" if isinstance(error, ImportError) else ""
        raise ExtraMissing(
            f"The adapter '{name}' of {package} cannot be imported{missing}.",
            f"Install what {package} needs, in a version that fits.",
        ) from None
    if not callable(adapter):
        raise UsageMistake(f"The adapter '{name}' is not a function.", "Tell its author.")
    return adapter  # type: ignore[no-any-return]
