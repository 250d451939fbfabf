"""Imports the libraries of extras, or names the line that installs them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bw_magics.errors import ExtraMissing
from bw_magics.steps import Remedy, install


def load(module: str, *, extra: str, what: str) -> Any:
    """Imports a module. Raises `ExtraMissing` with the line to type if it is not installed.

    `what` is the library's name in that message.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        if missing.partition(".")[0] != module.partition(".")[0]:
            raise  # the library is installed, but one of its own dependencies is missing
    raise missing_extra(extra, what)


def missing_extra(extra: str, what: str) -> ExtraMissing:
    """Makes the error for a missing library; `extra` is an extra of this package, or a package."""
    package = f"'bw_magics[{extra}]'" if extra in EXTRAS else extra
    return ExtraMissing(f"{what} is not installed in this kernel.", Remedy("{}", install(package)))


EXTRAS = frozenset({"dask", "ipyparallel", "sql", "ssh"})
