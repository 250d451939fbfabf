"""Imports the libraries of extras, or names the line that installs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
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


@contextmanager
def importing(package: str, *, extra: str, what: str, oldest: str) -> Iterator[None]:
    """Raises `ExtraMissing` where the package that a `with` block imports is missing or too old.

    `package` is its name at the package index, `oldest` the first version that will do.
    """
    try:
        found = version(package)
    except PackageNotFoundError:
        raise missing_extra(extra, what) from None
    if _numbers(found) < _numbers(oldest):
        line = install(f"--upgrade '{package}>={oldest}'")
        raise ExtraMissing(f"{what} {found} is too old: {oldest} is needed.", Remedy("{}", line))
    yield


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall("[0-9]+", text)[:3]]


EXTRAS = frozenset(
    {
        "airflow",
        "dask",
        "dlt",
        "fsspec",
        "ipyparallel",
        "keyring",
        "omegaconf",
        "pydantic",
        "ray",
        "spark",
        "sql",
        "ssh",
    }
)
