"""Values in the memory of remote workers, for the length of a `with` block.

A worker makes its own key for the block, the notebook seals the values to it, and only the worker's
process decrypts them. Schedulers, controllers, task graphs, logs and databases see public keys and
ciphertext. This does not protect from a malicious scheduler: code that it runs on the workers can
read the values.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Collection, Mapping

from bw_magics.crypto.sealed_box import BoxKey, seal_box
from bw_magics.errors import NotFound, UsageMistake
from bw_magics.secret import Secret
from bw_magics.using import Use, record, using

_LONGEST_NAME = 200

_lock = threading.Lock()
_keys: dict[str, BoxKey] = {}
_blocks: dict[str, dict[str, Secret]] = {}


def value(name: str) -> Secret:
    """Returns the value that the notebook put on this worker under that name; for tasks.

    Raises `NotFound` if the worker joined or restarted after the block began, or if the block has
    ended. The value cannot be pickled, so a task cannot return it by mistake.
    """
    for values in reversed(list(_blocks.values())):
        if name in values:
            return values[name]
    raise NotFound(
        "This worker has no value of that name.",
        "It joined after the `with` block began, or the block has ended: enter the block again.",
    )


# Called by the notebook on every worker.


def offer_key(block: str) -> bytes:
    """Makes this worker's key for a block; returns the public half."""
    with _lock:
        key = _keys[block] = BoxKey()
    return key.public


def take(block: str, sealed: Mapping[bytes, bytes]) -> bool:
    """Decrypts the values sealed to this worker's key; returns False if there are none."""
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
    """Deletes a block's values and key."""
    with _lock:
        _keys.pop(block, None)
        _blocks.pop(block, None)


def has_blocks() -> bool:
    """Returns whether this process has the values of any block."""
    return bool(_blocks)


# Called in the notebook.


def new_block() -> str:
    """Makes a unique name for a block."""
    return secrets.token_hex(8)


def seal_all(
    values: Mapping[str, str], block: str, public_keys: Collection[bytes], way: str = "workers"
) -> dict[bytes, bytes]:
    """Seals the values to each of the public keys. `way` names the workers, for the journal: that
    a value went to them is a use of its own.
    """
    with using(way):
        for text in values.values():
            if isinstance(text, Secret) and text.label:
                item, _, field = text.label.rpartition(" / ")
                record(Use(item or field, field if item else "value"))
    data = json.dumps({name: str(text) for name, text in values.items()}).encode()
    return {key: seal_box(data, to=key, context=block.encode()) for key in public_keys}


def check(values: Mapping[str, str]) -> None:
    """Raises `UsageMistake` for values that cannot be shared; the error repeats none of them."""
    if not values:
        raise UsageMistake("No values are named for the workers.", 'Name them: {"password": …}.')
    for name, text in values.items():
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            raise UsageMistake(
                "A name for the workers is not a text.", 'Names are like "password".'
            )
        if not isinstance(text, str):
            raise UsageMistake(
                "A value for the workers is not a text.", "Give text, such as item.password."
            )
