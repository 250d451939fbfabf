"""Imports a library that an extra brings, or says how to install it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bw_magics.errors import ExtraMissing


def load(module: str, *, extra: str, what: str) -> Any:
    """The module, imported now. Raises `ExtraMissing` with the line to type; `what` is the
    library's name for a person.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        if missing.partition(".")[0] != module.partition(".")[0]:
            raise  # it is installed, and lacks something itself
    raise missing_extra(extra, what)


def missing_extra(extra: str, what: str) -> ExtraMissing:
    """For a library that is not installed; `extra` is one of this package's, or a package."""
    package = f"'bw_magics[{extra}]'" if extra in EXTRAS else extra
    return ExtraMissing(f"{what} is not installed in this kernel.", f"%pip install {package}")


EXTRAS = frozenset({"dask", "ipyparallel", "sql", "ssh"})
