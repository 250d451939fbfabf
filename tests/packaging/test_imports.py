"""Imports form no circle, neither between modules nor between sibling packages.

Imports inside functions and imports for type checkers count too. A function imports a module only
to load it later than its own module (docs/architecture.md).
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "bw_magics"
EXTENSION = "bw_magics.notebook.extension"
# ipyparallel sends one function to an engine, without the imports of its module.
SENT_ALONE = {"bw_magics.adapters.ipyparallel"}

Graph = dict[str, set[str]]


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST, package: str, modules: Container[str]) -> Iterator[str]:
    """Finds every module that a source imports, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package.rsplit(".", node.level - 1)[0]
                base = f"{parent}.{base}" if base else parent
            for alias in node.names:
                submodule = f"{base}.{alias.name}"
                yield submodule if submodule in modules else base


def at_loading(tree: ast.Module) -> ast.Module:
    """Leaves out what loading the module does not run: functions, imports for type checkers."""

    class Loading(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
            return None

        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    return Loading().visit(tree)  # type: ignore[no-any-return]


def in_functions(tree: ast.Module) -> ast.Module:
    """Leaves only the functions."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return ast.Module(list(functions), [])


def import_graph(
    root: Path,
    package: str = PACKAGE,
    *,
    part: Callable[[ast.Module], ast.Module] = lambda tree: tree,
) -> Graph:
    sources = {module_name(path, root): path for path in (root / package).rglob("*.py")}
    graph: Graph = {}
    for name, path in sources.items():
        parent = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found = set(imported(part(ast.parse(path.read_bytes())), parent, sources))
        graph[name] = (found & sources.keys()) - {name}
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Finds the groups of nodes that reach each other."""
    reached = {node: reachable(graph, node) for node in graph}
    groups = {
        frozenset(other for other in beyond if node in reached.get(other, ()))
        for node, beyond in reached.items()
        if node in beyond
    }
    return sorted(sorted(group) for group in groups)


def reachable(graph: Graph, start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def sibling_graph(graph: Graph) -> Graph:
    """Reduces the graph to the imports between the children of each package.

    A child stands for every module below it.
    """
    siblings: Graph = defaultdict(set)
    for source, targets in graph.items():
        for target in targets:
            here, there = source.split("."), target.split(".")
            parting = [a == b for a, b in zip(here, there, strict=False)]
            if not all(parting):
                end = parting.index(False) + 1
                siblings[".".join(here[:end])].add(".".join(there[:end]))
    return siblings


@pytest.fixture(scope="module")
def graph() -> Graph:
    return import_graph(ROOT)


def test_modules_import_in_no_circle(graph: Graph) -> None:
    assert circles(graph) == []


def test_the_children_of_a_package_import_in_no_circle(graph: Graph) -> None:
    assert circles(sibling_graph(graph)) == []


def needless(root: Path) -> list[tuple[str, str]]:
    """Finds imports inside functions that load nothing later than an import at the top would."""
    loading = import_graph(root, part=at_loading)
    extension = reachable(loading, EXTENSION)
    found = []
    for module, targets in import_graph(root, part=in_functions).items():
        loaded = reachable(loading, module)
        if module.startswith(f"{PACKAGE}.notebook.") and module in extension:
            loaded |= extension
        found += [(module, target) for target in targets & loaded]
    return sorted(found)


def test_a_function_imports_only_what_would_load_later(graph: Graph) -> None:
    assert [each for each in needless(ROOT) if each[0] not in SENT_ALONE] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import bw_magics.a\ndef f():\n    import bw_magics.a", True),
        ("import bw_magics.b\ndef f():\n    from bw_magics.a import name", True),
        ("class C:\n    import bw_magics.b\n    def f(self):\n        import bw_magics.a", True),
        ("def f():\n    import bw_magics.a", False),
        ("def f():\n    import bw_magics.a\ndef g():\n    import bw_magics.b", False),
        ("if TYPE_CHECKING:\n    import bw_magics.a\ndef f():\n    import bw_magics.a", False),
        ("import httpx\ndef f():\n    import httpx.b", False),
    ],
)
def test_a_needless_import_in_a_function_is_found(
    source: str, expected: bool, tmp_path: Path
) -> None:
    package = tmp_path / "bw_magics"
    package.mkdir()
    for name, text in {"__init__": "", "a": "", "b": "import bw_magics.a", "c": source}.items():
        (package / f"{name}.py").write_text(text)

    assert bool(needless(tmp_path)) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import bw_magics.a", True),
        ("from bw_magics import a", True),
        ("from bw_magics.a import name", True),
        ("from . import a", True),
        ("from .a import name", True),
        ("def late():\n    from bw_magics.a import name", True),
        ("if TYPE_CHECKING:\n    from bw_magics.a import Name", True),
        ("import bw_magics", False),
        ("text = 'import bw_magics.a'", False),
    ],
)
def test_every_kind_of_import_counts(source: str, expected: bool, tmp_path: Path) -> None:
    package = tmp_path / "bw_magics"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("import bw_magics.b")
    (package / "b.py").write_text(source)

    found = circles(import_graph(tmp_path))

    assert found == ([["bw_magics.a", "bw_magics.b"]] if expected else [])


def test_packages_whose_modules_import_crosswise_are_a_circle(tmp_path: Path) -> None:
    sources = {"x/a": "import bw_magics.y.a", "y/a": "", "y/b": "import bw_magics.x.b", "x/b": ""}
    for name, source in sources.items():
        path = tmp_path / "bw_magics" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)

    graph = import_graph(tmp_path)

    assert circles(graph) == []
    assert circles(sibling_graph(graph)) == [["bw_magics.x", "bw_magics.y"]]
