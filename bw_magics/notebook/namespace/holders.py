"""Finds the variables that still hold secrets after a lock, and deletes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bw_magics.lean_regex import regex
from bw_magics.notebook.namespace.parts import MOST, parts_of
from bw_magics.secret import Secret, SecretBytes, Unpicklable
from bw_magics.session.vault import Vault

Knows = Callable[[str | bytes], bool]

# The depth and the number of values to search in each variable.
_DEEPEST = 4
_MOST_BYTES = 1 << 24

_OWN = frozenset({"In", "Out", "bw_session", "exit", "quit", "get_ipython", "open"})
# Variables of IPython and Python themselves.
_THEIRS = regex(r"_{1,3}|_i{1,3}|_[ido]h|_i?\d+|__\w+__|_exit_code")
_LAST_RESULTS = ("_", "__", "___")


def holders(namespace: Mapping[str, object], knows: Knows) -> list[str]:
    """Returns the names of variables that hold secrets, items of a vault, or texts in which `knows`
    finds a secret; also inside containers, tables, objects and closures, four deep.

    Runs no code of the values and never raises. A value that cannot be searched is not named.
    """
    return sorted(
        name
        for name, value in list(namespace.items())
        if isinstance(name, str)
        and name not in _OWN
        and not _THEIRS.fullmatch(name)
        and _holds(value, knows, but=(namespace,))
    )


def purge(shell: Any, names: list[str], knows: Knows) -> None:
    """Deletes these variables, and every remembered output that holds a secret."""
    namespace = shell.user_ns
    for name in names:
        # IPython deletes all names of a value at once.
        if name in namespace:
            shell.del_var(name)
    outputs = namespace.get("_oh", {})
    for number, value in list(outputs.items()):
        if _holds(value, knows, but=(namespace, outputs)):
            del outputs[number]
            namespace.pop(f"_{number}", None)
    for name in _LAST_RESULTS:
        for holder in (vars(shell.displayhook), namespace):
            if name in holder and _holds(holder[name], knows, but=(namespace, outputs)):
                holder[name] = ""


def _holds(value: object, knows: Knows, but: Iterable[object]) -> bool:
    """Returns whether a value holds a secret outside `but`, which any value can lead to."""
    seen = {id(each) for each in but}
    # Keeps values alive, so that no other value gets their id.
    left: deque[tuple[object, int]] = deque([(value, 0)])
    kept: list[object] = []
    while left and len(kept) < MOST:
        part, depth = left.popleft()
        if id(part) in seen:
            continue
        seen.add(id(part))
        kept.append(part)
        try:
            if _is_secret(part, knows):
                return True
            if depth < _DEEPEST and not issubclass(type(part), _WHOLE):
                left.extend((each, depth + 1) for each in parts_of(part))
        except Exception:  # noqa: S112 - a lock ends well with any variable
            continue
    return False


# A vault locks itself; the others have no parts.
_WHOLE = (Vault, str, bytes, bytearray, int, float, complex, type(None))


def _is_secret(value: object, knows: Knows) -> bool:
    # Not `isinstance`, which runs code of the value: a proxy would fetch its object.
    kind = type(value)
    if issubclass(kind, Secret | SecretBytes | Unpicklable):
        return not issubclass(kind, Vault)
    if issubclass(kind, bytes | bytearray):
        return knows(bytes(memoryview(value)[:_MOST_BYTES]))  # type: ignore[arg-type] # it is one
    return issubclass(kind, str) and knows("".join((value,)))  # type: ignore[arg-type] # it is one
