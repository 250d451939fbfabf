"""Secrets that are written out in a call of the vault: `bw_session.unlock("…")`."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Callable, Iterator, Mapping

from bw_magics.session.vault import Vault

_PARAMETERS = frozenset({"password", "client_secret", "session"})
_OF_VAULTS = frozenset({"unlock", "login", "confirm", "adopt_cli"})
_OF_API_KEYS = frozenset({"view", "rotate"})
_ORGANIZATION = "Organization"
_METHODS = "|".join(sorted(_OF_VAULTS | _OF_API_KEYS))
_LIKELY = re.compile(rf"\.\s*(?:{_METHODS})\s*\(")
# The same in what is no Python, such as a cell with a mistake in it.
_IN_TEXT = re.compile(
    rf"\b(?:bw_session|Vault\s*\([^()]*\)|{_ORGANIZATION})\s*(?:\.\s*api_key\s*)?"
    rf"\.\s*(?:{_METHODS})\s*\("
    rf"(?:\s*|[^()]*?\b(?:{'|'.join(sorted(_PARAMETERS))})\s*=\s*)"
    r"""(["'])(.+?)\1"""
)
_CELL_MAGIC = re.compile(r"\s*%%.*\n?")


def typed_in_calls(
    cell: str, namespace: Mapping[str, object], transform: Callable[[str], str]
) -> list[str]:
    """The literals that a cell gives to a vault or an organisation where a secret belongs.

    `transform` makes Python of the cell. A positional argument counts, because it is an error
    only after it was typed; so do `password=`, `client_secret=` and `session=`.
    """
    if not _LIKELY.search(cell):
        return []
    found = [call[2] for call in _IN_TEXT.finditer(cell)]
    # Of a cell magic, most of which take Python, also the body by itself.
    for text in dict.fromkeys((cell, _CELL_MAGIC.sub("", cell, count=1))):
        with contextlib.suppress(SyntaxError, ValueError):
            tree = ast.parse(transform(text))
            found += _Names(tree, namespace).literals(tree)
    return list(dict.fromkeys(found))


class _Names:
    """What stands for a vault, or for our classes, in a cell: in the namespace, or because the
    cell itself makes it so.
    """

    def __init__(self, tree: ast.AST, namespace: Mapping[str, object]) -> None:
        self._namespace = namespace
        self._imported: dict[str, str] = {}
        self._vaults = {"bw_session"}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bw_magics"):
                for name in node.names:
                    self._imported[name.asname or name.name] = name.name
                    if name.name == "bw_session":
                        self._vaults.add(name.asname or name.name)
        for node in ast.walk(tree):
            for target, value in _bindings(node):
                if isinstance(target, ast.Name) and self._is_vault(value):
                    self._vaults.add(target.id)

    def literals(self, tree: ast.AST) -> Iterator[str]:
        """The texts that are given to their calls where a secret belongs."""
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if not self._takes_secrets(node.func):
                continue
            named = (word.value for word in node.keywords if word.arg in _PARAMETERS)
            for value in (*node.args, *named):
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    yield value.value

    def _takes_secrets(self, method: ast.Attribute) -> bool:
        owner = method.value
        if method.attr in _OF_API_KEYS:
            return (
                isinstance(owner, ast.Attribute)
                and owner.attr == "api_key"
                and self._is_vault(owner.value)
            )
        if method.attr == "login" and self._is_class(owner, _ORGANIZATION):
            return True
        return method.attr in _OF_VAULTS and self._is_vault(owner)

    def _is_vault(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._vaults or isinstance(self._namespace.get(node.id), Vault)
        if isinstance(node, ast.NamedExpr):
            return self._is_vault(node.value)
        if isinstance(node, ast.Attribute):
            return node.attr == "bw_session"
        if not isinstance(node, ast.Call):
            return False
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "profile":
            return self._is_vault(function.value)
        return self._is_class(function, Vault.__name__)

    def _is_class(self, node: ast.AST, name: str) -> bool:
        """Whether it is our class of that name."""
        if isinstance(node, ast.Attribute):
            return node.attr == name
        if not isinstance(node, ast.Name):
            return False
        if self._imported.get(node.id) == name:
            return True
        known = self._namespace.get(node.id)
        if not isinstance(known, type):
            return False
        return known.__name__ == name and known.__module__.startswith("bw_magics.")


def _bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The names that a statement binds, and to what."""
    if isinstance(node, ast.Assign):
        yield from ((target, node.value) for target in node.targets)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr
