"""`ConstantTexts`: the texts written out in a cell, also behind a name or in an f-string."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_DEEPEST = 20
_Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text, and the expressions that hold it."""

    value: str
    pieces: tuple[ast.AST, ...]


class ConstantTexts:
    """The values of a cell's expressions, as far as the cell itself says them."""

    def __init__(self, tree: ast.AST) -> None:
        self._bound: dict[str, list[tuple[_Position, ast.AST | None]]] = {}
        for node in ast.walk(tree):
            for name, end, value in _bindings(node):
                self._bound.setdefault(name, []).append((end, value))

    def bound(self, name: ast.Name) -> ast.AST | None:
        """Returns the last value assigned to a name before this use; None if it is not a simple
        one, such as a parameter.
        """
        before = [entry for entry in self._bound.get(name.id, ()) if entry[0] <= _start(name)]
        return max(before, key=lambda entry: entry[0])[1] if before else None

    def of(self, node: ast.AST, depth: int = 0) -> Iterator[WrittenText]:
        """Yields the texts that an expression can be; none unless all of it is written out."""
        if depth > _DEEPEST:
            return
        match node:
            case ast.Constant(value=str(value)):
                yield WrittenText(value, (node,))
            case ast.Name():
                value_of = self.bound(node)
                if value_of is not None:
                    yield from self.of(value_of, depth + 1)
            case ast.NamedExpr():
                yield from self.of(node.value, depth + 1)
            case ast.BoolOp():
                for part in node.values:
                    yield from self.of(part, depth + 1)
            case ast.IfExp():
                yield from self.of(node.body, depth + 1)
                yield from self.of(node.orelse, depth + 1)
            case ast.BinOp(op=ast.Add()):
                yield from self._joined(_addends(node), (), depth)
            case ast.JoinedStr():
                yield from self._joined(node.values, (node,), depth)
            case ast.FormattedValue(conversion=-1, format_spec=None):
                yield from self.of(node.value, depth + 1)

    def members(self, node: ast.AST | None, depth: int = 0) -> Iterator[tuple[str, ast.AST]]:
        """Yields keys and values of a written-out dictionary: `{"a": …}` or `dict(a=…)`."""
        if depth > _DEEPEST:
            return
        match node:
            case ast.Name():
                yield from self.members(self.bound(node), depth + 1)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is None:
                        yield from self.members(value, depth + 1)
                    else:
                        yield from ((text.value, value) for text in self.of(key))
            case ast.Call(func=ast.Name(id="dict")):
                yield from self.arguments(node, depth + 1)

    def arguments(self, call: ast.Call, depth: int = 0) -> Iterator[tuple[str, ast.AST]]:
        """Yields the named arguments of a call, also from `**` of a written-out dictionary."""
        for keyword in call.keywords:
            if keyword.arg is None:
                yield from self.members(keyword.value, depth)
            else:
                yield keyword.arg, keyword.value

    def _joined(
        self, parts: list[ast.expr], whole: tuple[ast.AST, ...], depth: int
    ) -> Iterator[WrittenText]:
        found = [next(self.of(part, depth + 1), None) for part in parts]
        texts = [text for text in found if text is not None]
        if len(texts) != len(parts):
            return
        # Before Python 3.12 the parts of an f-string have no positions.
        named = [piece for text in texts for piece in text.pieces]
        if whole:
            inner = {id(node) for part in whole for node in ast.walk(part)}
            named = [piece for piece in named if id(piece) not in inner]
        yield WrittenText("".join(text.value for text in texts), (*whole, *named))


def assignments(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yields the targets of a statement, each with its value."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield target, node.value
            match target, node.value:
                case (
                    (ast.Tuple(elts=names) | ast.List(elts=names)),
                    (ast.Tuple(elts=values) | ast.List(elts=values)),
                ) if len(names) == len(values):
                    yield from zip(names, values, strict=True)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr


def _addends(sum: ast.expr) -> list[ast.expr]:
    """Returns the parts of `a + b + c`, which Python reads as `(a + b) + c`."""
    parts: list[ast.expr] = []
    while isinstance(sum, ast.BinOp) and isinstance(sum.op, ast.Add):
        parts.append(sum.right)
        sum = sum.left
    return [sum, *reversed(parts)]


def _bindings(node: ast.AST) -> Iterator[tuple[str, _Position, ast.AST | None]]:
    """Yields the names that a node binds: the name, the position, the value."""
    for target, value in assignments(node):
        if isinstance(target, ast.Name):
            yield target.id, _end(value), value
    match node:
        # Any binding; a simple assignment comes later and wins.
        case ast.Name(ctx=ast.Store()):
            yield node.id, _start(node), None
        case ast.arg():
            yield node.arg, _start(node), None


def _start(node: ast.expr | ast.arg) -> _Position:
    return node.lineno, node.col_offset


def _end(node: ast.AST) -> _Position:
    return getattr(node, "end_lineno", None) or 0, getattr(node, "end_col_offset", None) or 0
