"""Who is told of every secret in this process, whichever vault or organisation it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bw_magics.secret import Secret
    from bw_magics.vault.key_store import OnSecret

_listeners: tuple[OnSecret, ...] = ()


def listen(listener: OnSecret) -> None:
    """Tells it every secret from now on, before it is handed out."""
    global _listeners
    if listener not in _listeners:
        _listeners = (*_listeners, listener)


def leave(listener: OnSecret) -> None:
    """Tells it nothing any more."""
    global _listeners
    _listeners = tuple(each for each in _listeners if each != listener)


def announce(secret: Secret, on_secret: OnSecret | None) -> None:
    """Tells a secret to whom it was asked to be told, and to all listeners, once each."""
    if on_secret is not None:
        on_secret(secret)
    for listener in _listeners:
        if listener != on_secret:
            listener(secret)
