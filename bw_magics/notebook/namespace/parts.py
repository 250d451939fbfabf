"""`parts_of`: the values inside a value, found without running its code."""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from types import (
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

# The most elements of one container or column.
MOST = 10_000
_MOST_ROWS = 100_000

# Instances of these lead back to the namespace.
_MACHINERY = frozenset({"IPython", "ipykernel", "jupyter_client", "zmq", "bw_magics"})

_DESCRIPTORS = (GetSetDescriptorType, MemberDescriptorType)

# The flag of a type that is not built in (Py_TPFLAGS_HEAPTYPE).
_MADE = 1 << 9

# Read as the interpreter does, not through overrides of a class.
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_members: Callable[[type], Any] = type.__dict__["__dict__"].__get__
_flags: Callable[[type], int] = type.__dict__["__flags__"].__get__
_partial = functools.partial.__dict__
_arguments: Callable[[BaseException], tuple[object, ...]] = BaseException.__dict__["args"].__get__


def parts_of(value: object) -> Iterator[object]:
    """Yields the values inside a container, a table, a function's closure, or the attributes of an
    object.

    Calls only methods of Python's own types, never those of a derived or registered class: these
    can read files, ask a server or fail. Yields the texts of a column or array as one text.
    """
    kind = type(value)
    if issubclass(kind, dict):
        pairs: Iterator[tuple[object, object]] = islice(dict.items(value), MOST)  # type: ignore[arg-type] # it is one
        for pair in pairs:
            yield from pair
    for container in (list, tuple, set, frozenset, deque):
        if issubclass(kind, container):
            yield from islice(container.__iter__(value), MOST)  # type: ignore[arg-type] # it is one
    if kind is FunctionType:
        yield from _of_function(value)  # type: ignore[arg-type] # it is one
    elif kind is MethodType:
        yield from (value.__self__, value.__func__)  # type: ignore[attr-defined] # it is one
    elif issubclass(kind, functools.partial):
        for name in ("func", "args", "keywords"):
            yield _partial[name].__get__(value)
    elif issubclass(kind, BaseException):
        yield from _arguments(value)  # type: ignore[arg-type] # it is one
    elif issubclass(kind, type):
        yield from _of_class(value)  # type: ignore[arg-type] # it is one
    elif of_table := _table(kind):
        yield from of_table(value)
        return
    if not issubclass(kind, type | ModuleType):
        yield from _attributes(value)


def _of_function(function: FunctionType) -> Iterator[object]:
    for cell in function.__closure__ or ():
        try:
            yield CellType.cell_contents.__get__(cell)
        except ValueError:  # the cell is empty
            continue
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()


def _of_class(kind: type) -> Iterator[object]:
    """Yields the members of a class that the notebook made."""
    members = _members(kind)
    if members.get("__module__") == "__main__":
        yield from islice(members.values(), MOST)


def _attributes(value: object) -> Iterator[object]:
    """Yields the values in `__dict__` and in slots."""
    kind = type(value)
    module = _members(kind).get("__module__", "")
    if isinstance(module, str) and module.partition(".")[0] in _MACHINERY:
        return
    has_attributes = False
    for base in _mro(kind):
        for name, member in _members(base).items():
            if name == "__dict__":
                # A property of that name is a class's own, and hides the real one.
                if not has_attributes and type(member) in _DESCRIPTORS:
                    attributes = member.__get__(value)
                    if type(attributes) is dict:
                        yield from islice(attributes.values(), MOST)
                has_attributes = True
            elif type(member) is MemberDescriptorType and _flags(base) & _MADE:
                try:
                    yield member.__get__(value)
                except (AttributeError, TypeError):  # it is not set
                    continue


# Arrays and tables of libraries, where these are loaded.


def _table(kind: type) -> Callable[[Any], Iterator[object]] | None:
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    try:
        if numpy is not None and issubclass(kind, numpy.ndarray):
            # A memory-mapped file is not read.
            return None if issubclass(kind, numpy.memmap) else _of_array
        if pandas is None:
            return None
        if kind is pandas.DataFrame:
            return _of_frame
        if kind is pandas.Series:
            return _of_series
        if issubclass(kind, pandas.Index) and kind.__module__.partition(".")[0] == "pandas":
            return _of_index
    except AttributeError:  # another module of that name, or one that is still loading
        return None
    return None


def _of_array(array: Any) -> Iterator[object]:
    import numpy

    plain = numpy.ndarray.view(array, numpy.ndarray)
    if plain.dtype.kind in "OUSTV":
        yield from _joined(plain.reshape(-1)[:_MOST_ROWS].tolist())


def _of_frame(frame: Any) -> Iterator[object]:
    yield from (frame.index, frame.columns, frame.attrs)
    for at in range(min(frame.shape[1], MOST)):
        yield from _of_column(frame.iloc[:, at])


def _of_series(series: Any) -> Iterator[object]:
    yield from (series.name, series.index, series.attrs)
    yield from _of_column(series)


def _of_index(index: Any) -> Iterator[object]:
    yield from index.names
    levels = getattr(index, "levels", None)
    if levels is not None:
        yield from levels
    elif index.dtype == object:
        # A series of it would be texts of pandas' own, and no `Secret` any more.
        yield from _joined(index[:_MOST_ROWS].tolist())
    else:
        yield from _of_column(index.to_series())


def _of_column(series: Any) -> Iterator[object]:
    kind = type(series.dtype).__name__
    if kind == "CategoricalDtype":
        yield series.dtype.categories
    elif series.dtype == object or kind == "StringDtype":
        yield from _joined(series.iloc[:_MOST_ROWS].tolist())


def _joined(values: list[object]) -> Iterator[object]:
    """Yields the texts as one text, then all other values."""
    texts = [value for value in values if type(value) is str]
    if texts:
        yield "\n".join(texts)
    yield from (value for value in values if type(value) is not str)
