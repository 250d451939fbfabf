"""Which variables still hold secrets after a lock, and deleting them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bw_magics.notebook.namespace.parts import MOST, parts_of
from bw_magics.secret import Secret, SecretBytes, Unpicklable
from bw_magics.session.vault import Vault

Knows = Callable[[str | bytes], bool]

# So deep, and at so many values, is looked for each variable.
_DEEPEST = 4
_MOST_BYTES = 1 << 24

_OWN = frozenset({"In", "Out", "bw_session", "exit", "quit", "get_ipython", "open"})
# What IPython and Python themselves keep there.
_THEIRS = re.compile(r"_{1,3}|_i{1,3}|_[ido]h|_i?\d+|__\w+__|_exit_code")
_LAST_RESULTS = ("_", "__", "___")


def holders(namespace: Mapping[str, object], knows: Knows) -> list[str]:
    """The names of the user's variables that hold secrets, items of a vault, or texts in which
    `knows` finds a secret; also within containers, tables, objects and closures, four deep.

    It runs no code of the values and never raises: what cannot be looked into is not named.
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
        # IPython deletes all names of a value together.
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
    """Whether it holds a secret that is not only in `but`, to which anything may lead."""
    seen = {id(each) for each in but}
    # What was seen is kept alive, else another value could get its id.
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
        except Exception:  # noqa: S112 - a lock ends well, whatever is in a variable
            continue
    return False


# A vault takes care of itself; the others have no parts.
_WHOLE = (Vault, str, bytes, bytearray, int, float, complex, type(None))


def _is_secret(value: object, knows: Knows) -> bool:
    # Not `isinstance`, which asks the value: a stand-in for another object would fetch that.
    kind = type(value)
    if issubclass(kind, Secret | SecretBytes | Unpicklable):
        return not issubclass(kind, Vault)
    if issubclass(kind, bytes | bytearray):
        return knows(bytes(memoryview(value)[:_MOST_BYTES]))  # type: ignore[arg-type] # it is one
    return issubclass(kind, str) and knows("".join((value,)))  # type: ignore[arg-type] # it is one
