"""The messages of the code, read from its source: the type of each error, its fact, its remedy.

A value in a message is written as `…`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bw_magics import errors, steps
from bw_magics.errors import BitwardenError

ROOT = Path(__file__).parents[2]
# A message with less text than this does not explain its type.
_LEAST = 12


@dataclass(frozen=True)
class Message:
    """One error that the code makes; those of a panel are seen by few."""

    kind: type[BitwardenError]
    fact: str
    remedy: str
    is_of_panel: bool

    @property
    def text(self) -> str:
        """Both sentences."""
        return f"{self.fact} {self.remedy}".strip()


def messages() -> Iterator[Message]:
    """Yields every error whose text the source has, by the path of its file."""
    kinds = {
        name: kind
        for name, kind in inspect.getmembers(errors)
        if isinstance(kind, type) and issubclass(kind, BitwardenError)
    }
    for path in sorted((ROOT / "bw_magics").rglob("*.py")):
        if "demo" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                kind = kinds.get(node.func.id)
                fact, *more = (_text(each, known) for each in node.args)
                if kind is not None and len(fact.replace("…", "")) >= _LEAST:
                    remedy = more[0] if more else ""
                    yield Message(kind, fact, remedy, "panels" in path.parts)


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module gives names to."""
    known: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, known)
            if text != "…":
                known[node.targets[0].id] = text
    return known


def _text(node: ast.expr, known: dict[str, str]) -> str:
    """The text of an expression; `…` for what only the running code has."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else "…"
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each, known) for each in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, known) + _text(node.right, known)
    if isinstance(node, ast.IfExp):
        return _text(node.body, known)
    if isinstance(node, ast.Name):
        return known.get(node.id, "…")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Remedy":
        sentence, *given = node.args
        return _text(sentence, known).format(*map(_step, given))
    return "…"


def _step(node: ast.expr) -> str:
    """A step as a notebook writes it."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value  # STEP.of(profile)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "install":
        return f"%pip install {_text(node.args[0], {})}"
    step = getattr(steps, node.id, None) if isinstance(node, ast.Name) else None
    return step.as_magic if isinstance(step, steps.Step) else "…"
