"""Values in the memory of remote workers, for the length of a `with` block.

This is the workers' side, and what both sides say to each other: a worker makes a key of its own
for the block, the values are sealed to it, and only in its process they are opened. What passes
values on (schedulers, controllers, task graphs, their logs and databases) sees public keys and
ciphertext. It is not a defence against a scheduler that lies: one that runs other code on the
workers can read what they can read.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Collection, Mapping

from bw_magics.crypto.sealed_box import BoxKey, seal_box
from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret

_LONGEST_NAME = 200

_lock = threading.Lock()
_keys: dict[str, BoxKey] = {}
_blocks: dict[str, dict[str, Secret]] = {}


def value(name: str) -> Secret:
    """For tasks: the value of that name, which the notebook put on this worker.

    Raises `NotFound` on a worker that has none: it joined or was restarted after the block began,
    or the block has ended. The value cannot be pickled, so no task returns it by mistake.
    """
    for values in reversed(list(_blocks.values())):
        if name in values:
            return values[name]
    raise NotFound(
        "This worker has no value of that name.",
        "It joined after the `with` block began, or the block has ended: enter the block again.",
    )


# What the notebook's side calls on every worker.


def offer_key(block: str) -> bytes:
    """Makes this worker's key for a block; the public half of it."""
    with _lock:
        key = _keys[block] = BoxKey()
    return key.public


def take(block: str, sealed: Mapping[bytes, bytes]) -> bool:
    """Opens what was sealed to this worker's key; whether anything was."""
    with _lock:
        key = _keys.pop(block, None)
        if key is None or key.public not in sealed:
            return False
        values: dict[str, str] = json.loads(
            key.open(sealed[key.public], context=block.encode()).decode()
        )
        _blocks[block] = {
            name: Secret(text, f"{name} (on this worker)") for name, text in values.items()
        }
        return True


def drop(block: str) -> None:
    """Forgets a block's values and key."""
    with _lock:
        _keys.pop(block, None)
        _blocks.pop(block, None)


# The notebook's side.


def new_block() -> str:
    """A name for a block that nobody else has."""
    return secrets.token_hex(8)


def seal_all(
    values: Mapping[str, str], block: str, public_keys: Collection[bytes]
) -> dict[bytes, bytes]:
    """The values, sealed to each of the keys."""
    data = json.dumps({name: str(text) for name, text in values.items()}).encode()
    return {key: seal_box(data, to=key, context=block.encode()) for key in public_keys}


def check(values: Mapping[str, str]) -> None:
    """Raises `UsageMistake` for what cannot be shared; it repeats nothing."""
    if not values:
        raise UsageMistake("No values are named for the workers.", 'Name them: {"password": …}.')
    for name, text in values.items():
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            raise UsageMistake("A name for the workers is no text.", 'Names are like "password".')
        if not isinstance(text, str):
            raise UsageMistake(
                "A value for the workers is no text.", "Give text, such as item.password."
            )
