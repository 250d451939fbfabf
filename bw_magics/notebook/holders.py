"""Which variables still hold secrets after a lock, and deleting them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from bw_magics.secret import Secret, SecretBytes, Unpicklable
from bw_magics.session.vault import Vault

# So many elements of a container are looked at.
_MOST = 10_000
_OWN = frozenset({"In", "Out", "bw_session", "exit", "quit", "get_ipython"})
_LAST_RESULTS = ("_", "__", "___")


def holders(namespace: Mapping[str, object], knows: Callable[[str], bool]) -> list[str]:
    """The names of the user's variables that hold secrets, items of a vault, or texts in which
    `knows` finds a secret; also one level deep in lists, tuples, sets and dictionaries.
    """
    return sorted(
        name
        for name, value in namespace.items()
        if not name.startswith("_") and name not in _OWN and _holds(value, knows)
    )


def purge(shell: Any, names: list[str], knows: Callable[[str], bool]) -> None:
    """Deletes these variables, and every remembered output that holds a secret."""
    for name in names:
        shell.del_var(name)
    namespace = shell.user_ns
    outputs = namespace.get("_oh", {})
    for number, value in list(outputs.items()):
        if _holds(value, knows):
            del outputs[number]
            namespace.pop(f"_{number}", None)
    for name in _LAST_RESULTS:
        for holder in (vars(shell.displayhook), namespace):
            if name in holder and _holds(holder[name], knows):
                holder[name] = ""


def _holds(value: object, knows: Callable[[str], bool]) -> bool:
    if _is_secret(value, knows):
        return True
    return any(_is_secret(part, knows) for part in islice(_parts(value), _MOST))


def _is_secret(value: object, knows: Callable[[str], bool]) -> bool:
    if isinstance(value, Secret | SecretBytes | Unpicklable):
        # A vault takes care of itself.
        return not isinstance(value, Vault)
    if isinstance(value, bytes | bytearray):
        value = value.decode("latin-1")
    return isinstance(value, str) and knows(value)


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield key
            yield part
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
