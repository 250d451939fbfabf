"""The messages of a page to the kernel, read strictly: any other content is not a message."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bw_magics.notebook.panels.sealing import SealedMessage, from_base64

LONGEST_VALUE = 10_000
_LONGEST_TEXT = 200_000
_POINT_SIZE = 65
_IV_SIZE = 12


@dataclass(frozen=True, slots=True)
class Loaded:
    """The script runs in the browser. `is_hidden`: the page is in the background."""

    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """A person can see the panel. `key` is the panel's public key, if its page can make one."""

    key: bytes | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """Answers: sealed, or in clear if the page cannot seal."""

    nonce: str
    sealed: SealedMessage | None = None
    clear: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person cancelled."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The panel shows the value, or could not open it."""

    is_open: bool


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A question of a panel to the kernel; its content is for the panel's own reader."""

    content: Mapping[object, object]


PageMessage = Loaded | Ready | Submitted | Cancelled | Shown | Asked


def read_message(content: object) -> PageMessage | None:
    """Reads the content of a custom message; None if it is not one of ours."""
    if not isinstance(content, Mapping):
        return None
    match content.get("t"):
        case "loaded":
            return Loaded(content.get("hidden") is True)
        case "ready":
            return Ready(_bytes(content.get("key"), _POINT_SIZE))
        case "cancel":
            return Cancelled()
        case "shown":
            return Shown(content.get("ok") is True)
        case "submit":
            return _submitted(content)
        case "ask":
            return Asked(content)
    return None


def read_values(plain: bytes | Mapping[str, object], names: Collection[str]) -> dict[str, str]:
    """Reads the values of the names that were asked; leaves out empty ones.

    Raises `ValueError`, which never repeats a value.
    """
    values: object = plain
    if isinstance(plain, bytes):
        values = _json(plain)
    if not isinstance(values, Mapping):
        raise ValueError("not an object")
    read = {}
    for name in names:
        value = values.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or len(value) > LONGEST_VALUE:
            raise ValueError("not a text of reasonable length")
        if value:
            read[name] = value
    return read


def _json(plain: bytes) -> object:
    try:
        return json.loads(plain)
    except (ValueError, RecursionError):
        pass
    raise ValueError("not JSON")


def _submitted(content: Mapping[object, object]) -> Submitted | None:
    nonce, sealed, clear = (content.get(name) for name in ("nonce", "sealed", "clear"))
    if not isinstance(nonce, str) or not nonce.isascii() or len(nonce) > 64:
        return None
    if isinstance(sealed, Mapping) and clear is None:
        key = _bytes(sealed.get("key"), _POINT_SIZE)
        iv = _bytes(sealed.get("iv"), _IV_SIZE)
        data = _bytes(sealed.get("data"))
        if key is None or iv is None or data is None:
            return None
        return Submitted(nonce, sealed=SealedMessage(key, iv, data))
    if isinstance(clear, Mapping) and sealed is None:
        return Submitted(nonce, clear={str(name): value for name, value in clear.items()})
    return None


def _bytes(text: object, size: int | None = None) -> bytes | None:
    if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
        return None
    try:
        data = from_base64(text)
    except ValueError:
        return None
    return data if size is None or len(data) == size else None
