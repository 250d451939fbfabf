"""The examples in the docstrings of installed packages, as cells."""

from __future__ import annotations

import ast
import doctest
import importlib.util
from collections.abc import Iterator
from pathlib import Path

# What the examples of a package take for granted.
_ALIASES = {"altair": "alt", "matplotlib.pyplot": "plt", "numpy": "np", "pandas": "pd"}
_ALIASES |= {"plotly.express": "px", "plotly.graph_objects": "go", "xarray": "xr"}
_WITH_A_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def examples_in(package: str) -> Iterator[tuple[str, list[str]]]:
    """The name of each module of a package, and the examples in it; nothing is imported."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"No package {package!r} is installed.")
    root = Path(found.submodule_search_locations[0])
    begin = "\n".join(
        f"import {name} as {alias}"
        for name, alias in _ALIASES.items()
        if name.partition(".")[0] in (package, "numpy", "pandas")
    )
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root.parent)
        if "tests" not in place.parts and (cells := cells_of(path.read_text("utf-8", "replace"))):
            yield str(place), [begin, *cells]


def cells_of(source: str) -> list[str]:
    """The examples in a module's source, but for those that doctest skips, too."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return []
    cells: list[str] = []
    for node in nodes:
        docstring = ast.get_docstring(node) if isinstance(node, _WITH_A_DOCSTRING) else None
        try:
            examples = doctest.DocTestParser().get_examples(docstring or "")
        except ValueError:
            continue
        cells += [each.source for each in examples if not each.options.get(doctest.SKIP)]
    return cells
