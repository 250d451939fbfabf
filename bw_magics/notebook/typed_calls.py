"""Secrets that are written out in a call of the vault: `bw_session.unlock("…")`."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Callable, Iterator, Mapping

from bw_magics.session.vault import Vault

_METHODS = frozenset({"unlock", "login", "confirm", "adopt_cli"})
_PARAMETERS = frozenset({"password", "client_secret", "session"})
_LIKELY = re.compile(r"\.\s*(?:unlock|login|confirm|adopt_cli)\s*\(")
# The same in what is no Python by itself, such as the body of a cell magic.
_IN_TEXT = re.compile(
    r"bw_session\s*\.\s*(?:unlock|login|confirm)\s*\((?:\s*|[^()]*?\b(?:password|client_secret)\s*=\s*)"
    r"""(["'])(.+?)\1"""
)


def typed_in_calls(
    cell: str, namespace: Mapping[str, object], transform: Callable[[str], str]
) -> list[str]:
    """The literals that a cell gives to a vault where a secret belongs.

    `transform` makes Python of the cell. A positional argument counts, because it is an error
    only after it was typed; so do `password=` and `client_secret=`.
    """
    if not _LIKELY.search(cell):
        return []
    found = [call[2] for call in _IN_TEXT.finditer(cell)]
    with contextlib.suppress(SyntaxError, ValueError):
        found += _literals(ast.parse(transform(cell)), namespace)
    return list(dict.fromkeys(found))


def _literals(tree: ast.AST, namespace: Mapping[str, object]) -> Iterator[str]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        vault = node.func.value
        if node.func.attr not in _METHODS or not isinstance(vault, ast.Name):
            continue
        if vault.id != "bw_session" and not isinstance(namespace.get(vault.id), Vault):
            continue
        named = (word.value for word in node.keywords if word.arg in _PARAMETERS)
        for value in (*node.args, *named):
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield value.value
