"""Secrets that a cell writes into the environment: `os.environ["BW_PASSWORD"] = "…"`, `%env`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from bw_magics.lean_regex import regex
from bw_magics.notebook.guard.guard import VARIABLES
from bw_magics.notebook.typed.constant_texts import ConstantTexts, WrittenText, assignments

_NAMES = frozenset(VARIABLES)
_ENVIRON = "environ"

_NAME = "|".join(sorted(_NAMES))
_MAGIC = r"(?:set_)?env"
# As typed, and as the call that IPython makes of it.
_TYPED = regex(
    rf"^[ \t]*%?{_MAGIC}[ \t]+(?:{_NAME})(?:[ \t]*=|[ \t])[ \t]*(\S.*?)[ \t]*$", re.MULTILINE
)
_CALLED = regex(rf"run_line_magic\((['\"]){_MAGIC}\1,\s*(['\"])(?:{_NAME})(?:\s*=|\s)\s*(\S.*)\2\)")
# Text that IPython replaces.
_VARIABLE = regex(r"\$(\w+)|\{(.*)\}")


def in_environment(tree: ast.AST, texts: ConstantTexts) -> Iterator[WrittenText]:
    """Yields the texts that Python puts into the environment under the name of a secret of ours."""
    for node in ast.walk(tree):
        for name, value in _set_by(node, texts):
            if name in _NAMES:
                yield from texts.of(value)


def in_env_magics(cell: str, namespace: Mapping[str, object]) -> Iterator[tuple[str, int, int]]:
    """Yields the values on `%env` and `%set_env` lines for these names, with start and end."""
    for pattern, group in ((_TYPED, 1), (_CALLED, 3)):
        for line in pattern.finditer(cell):
            variable = _VARIABLE.fullmatch(line[group])
            if variable is None or (variable[1] and variable[1] not in namespace):
                yield (line[group], *line.span(group))


def _set_by(node: ast.AST, texts: ConstantTexts) -> Iterator[tuple[str, ast.AST]]:
    for target, value in assignments(node):
        match target:
            case ast.Subscript(value=owner, slice=key) if _is_environment(owner, texts):
                yield from ((name.value, value) for name in texts.of(key))
    match node:
        case ast.AugAssign(target=owner, op=ast.BitOr()) if _is_environment(owner, texts):
            yield from texts.members(node.value)
        case ast.Call(func=ast.Attribute(attr="putenv"), args=[key, value]):
            yield from ((name.value, value) for name in texts.of(key))
        case ast.Call(func=ast.Attribute(attr="setdefault", value=owner), args=[key, value]) if (
            _is_environment(owner, texts)
        ):
            yield from ((name.value, value) for name in texts.of(key))
        case ast.Call(func=ast.Attribute(attr="update", value=owner)) if _is_environment(
            owner, texts
        ):
            for argument in node.args:
                yield from texts.members(argument)
            yield from texts.arguments(node)


def _is_environment(node: ast.AST, texts: ConstantTexts) -> bool:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name) if name == _ENVIRON:
            return True
        case ast.Name():
            match texts.bound(node):
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    return name == _ENVIRON
    return False
