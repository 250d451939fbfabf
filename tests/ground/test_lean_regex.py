"""Lean regular expressions: compiled at their first use, and the same as compiled ones."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

import bw_magics
from bw_magics.lean_regex import _Regex, regex

# They are programs, or need a library that is not everywhere.
_NOT_IMPORTED = ("__main__", "bw_magics.integrations", "bw_magics.demo")


def _written() -> Iterator[tuple[str, _Regex]]:
    """Yields the patterns of all modules of the package, also those in tuples and mappings."""
    for module in pkgutil.walk_packages(bw_magics.__path__, "bw_magics."):
        if any(part in module.name for part in _NOT_IMPORTED):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for each in _within(value):
                yield f"{module.name}.{name}", each


def _within(value: Any) -> Iterator[_Regex]:
    if isinstance(value, _Regex):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _within(part)
    elif isinstance(value, dict):
        yield from _within([*value.values()])


def test_every_one_of_the_package_compiles() -> None:
    written = dict(_written())

    assert len(written) > 100
    for name, each in written.items():
        assert each.pattern is not None, name


@pytest.mark.parametrize(
    ("text", "flags", "searched"),
    [(r"(?P<word>b+)c?", 0, "abbc abc"), ("B", re.IGNORECASE, "abc"), (rb"\d", 0, b"a1")],
)
def test_it_finds_what_a_compiled_one_finds(text: Any, flags: int, searched: Any) -> None:
    lean, compiled = regex(text, flags), re.compile(text, flags)

    for method in ("match", "search", "fullmatch"):
        found, expected = (getattr(each, method)(searched) for each in (lean, compiled))
        assert (found and found.span()) == (expected and expected.span())
    assert lean.findall(searched) == compiled.findall(searched)
    assert (lean.pattern, lean.flags, lean.groupindex) == (
        compiled.pattern,
        compiled.flags,
        compiled.groupindex,
    )


def test_it_is_compiled_at_its_first_use_and_once() -> None:
    with mock.patch.object(re, "compile", wraps=re.compile) as compile:
        lean = regex("a+b")
        assert compile.call_count == 0
        for _ in range(3):
            assert lean.search("caab") is not None
        assert compile.call_count == 1


def test_a_wrong_member_is_an_error() -> None:
    with pytest.raises(AttributeError, match="colour"):
        _ = regex("a").colour  # type: ignore[attr-defined]
