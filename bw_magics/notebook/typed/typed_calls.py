"""Secrets that are written out in the Python of a cell: `bw_session.unlock("…")`,
`os.environ["BW_PASSWORD"] = "…"`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bw_magics.lean_regex import regex
from bw_magics.notebook.typed.cell_source import CellSource
from bw_magics.notebook.typed.constant_texts import ConstantTexts, WrittenText, assignments
from bw_magics.notebook.typed.likely import METHODS, OF_API_KEYS, OF_VAULTS
from bw_magics.notebook.typed.typed_environment import (
    in_env_magics,
    in_environment,
)
from bw_magics.session.vault import Vault

_PARAMETERS = frozenset({"access_token", "password", "client_secret", "session"})
# Our other classes that log in.
_CLASSES = ("Organization", "SecretsManager")
# The same in text that is not Python, such as a cell with a syntax error.
_IN_TEXT = regex(
    rf"\b(?:bw_session|Vault\s*\([^()]*\)|{'|'.join(_CLASSES)})\s*(?:\.\s*api_key\s*)?"
    rf"\.\s*(?:{METHODS})\s*\("
    rf"(?:\s*|[^()]*?\b(?:{'|'.join(sorted(_PARAMETERS))})\s*=\s*)"
    r"""((["'])(.+?)\2)"""
)
_QUOTE = regex(r"[a-zA-Z]*(\"\"\"|'''|\"|')")


class TypedSecret(NamedTuple):
    """A secret, and the spans of the cell that hold it."""

    value: str
    places: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A start and an end; `quote` is the quote around the text."""

    start: int
    end: int
    quote: str = ""


def typed_in_cell(
    cell: str, namespace: Mapping[str, object], transform: Callable[[str], str]
) -> list[TypedSecret]:
    """Finds the literals that a cell passes to a vault or an organisation as a secret, or puts into
    the environment under the name of one.

    `transform` turns the cell into Python. Positional arguments count: they are an error only after
    they were typed. So do `password=`, `client_secret=`, `access_token=`, `session=`, and a name
    that the cell binds to a literal.
    """
    found = [
        TypedSecret(value, (Span(start, end),))
        for value, start, end in in_env_magics(cell, namespace)
    ]
    for source in CellSource.read(cell, transform):
        texts = ConstantTexts(source.tree)
        written = [*_Calls(source.tree, namespace, texts).texts(source.tree)]
        written += in_environment(source.tree, texts)
        found += [TypedSecret(text.value, _places(source, cell, text)) for text in written]
    known = [place for _, where in found for place in where]
    for call in _IN_TEXT.finditer(cell):
        place = Span(*call.span(1), quote=call[2])
        if not any(place.start < other.end and other.start < place.end for other in known):
            found.append(TypedSecret(call[3], (place,)))
    places: dict[str, tuple[Span, ...]] = {}
    for value, where in found:
        if value:
            places[value] = tuple(dict.fromkeys((*places.get(value, ()), *where)))
    return [TypedSecret(*entry) for entry in places.items()]


def without(cell: str, secrets: list[TypedSecret], mask: str) -> str:
    """Returns the cell with a mask in place of the secrets."""
    places = sorted(
        {place for secret in secrets for place in secret.places},
        key=lambda place: (place.start, -place.end),
    )
    kept: list[str] = []
    at = 0
    for place in places:
        if place.start >= at:  # not within the last one
            kept += cell[at : place.start], place.quote, mask, place.quote
            at = place.end
    return "".join((*kept, cell[at:]))


def _places(source: CellSource, cell: str, text: WrittenText) -> tuple[Span, ...]:
    found = []
    for piece in text.pieces:
        span = source.span(piece)
        if span is not None:
            quote = _QUOTE.match(cell, span[0])
            found.append(Span(*span, quote=quote[1] if quote else '"'))
    return tuple(found)


class _Calls:
    """The calls of vaults and of our classes in a cell, by the namespace or by the cell itself."""

    def __init__(
        self, tree: ast.AST, namespace: Mapping[str, object], texts: ConstantTexts
    ) -> None:
        self._namespace = namespace
        self._texts = texts
        self._imported: dict[str, str] = {}
        self._vaults = {"bw_session"}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bw_magics"):
                for name in node.names:
                    self._imported[name.asname or name.name] = name.name
                    if name.name == "bw_session":
                        self._vaults.add(name.asname or name.name)
        for node in ast.walk(tree):
            for target, value in assignments(node):
                if isinstance(target, ast.Name) and self._is_vault(value):
                    self._vaults.add(target.id)

    def texts(self, tree: ast.AST) -> Iterator[WrittenText]:
        """Yields the texts that the calls pass as a secret."""
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if not self._takes_secrets(node.func):
                continue
            named = (value for name, value in self._texts.arguments(node) if name in _PARAMETERS)
            for value in (*node.args, *named):
                yield from self._texts.of(value)

    def _takes_secrets(self, method: ast.Attribute) -> bool:
        owner = method.value
        if method.attr in OF_API_KEYS:
            return (
                isinstance(owner, ast.Attribute)
                and owner.attr == "api_key"
                and self._is_vault(owner.value)
            )
        if method.attr == "login" and any(self._is_class(owner, name) for name in _CLASSES):
            return True
        return method.attr in OF_VAULTS and self._is_vault(owner)

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
        """Returns whether the node is our class of that name."""
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
