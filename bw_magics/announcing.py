"""`Secrets`: makes every `Secret` and announces it before a caller gets it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable

from bw_magics.secret import Secret, SecretBytes, Unpicklable
from bw_magics.using import Use, record

# In bytes. What is larger is not a key or configuration but data, and would burden every output.
LARGEST_SHOWN = 256 * 1024

OnSecret = Callable[[Secret], None]


def _nowhere() -> bool:
    return False


class Announcement(Unpicklable):
    """The event that a secret was made. It is not kept: it may hold the item of the secret.

    `lifetime` is the seconds for which a one-time code is good, None for what lasts.
    """

    __slots__ = ("lifetime", "stands_elsewhere", "value")

    def __init__(
        self,
        value: Secret,
        lifetime: float | None = None,
        stands_elsewhere: Callable[[], bool] = _nowhere,
    ) -> None:
        self.value = value
        self.lifetime = lifetime
        self.stands_elsewhere = stands_elsewhere

    def __repr__(self) -> str:
        return f"<Announcement of {self.label}>"

    @property
    def label(self) -> str:
        """Where the secret comes from, such as "Warehouse DB / password"."""
        return self.value.label

    @property
    def is_elsewhere(self) -> bool:
        """Whether the same text also appears where it is not secret: its item's name, user name or
        host. Asking may decrypt these.
        """
        return self.stands_elsewhere()


Listener = Callable[[Announcement], None]

_listeners: tuple[Listener, ...] = ()
_is_told = False


def listen(listener: Listener) -> None:
    """Announces every secret of this process to a listener, whichever vault it comes from."""
    global _listeners
    if listener not in _listeners:
        _listeners = (*_listeners, listener)


def leave(listener: Listener) -> None:
    """Announces nothing to a listener any more."""
    global _listeners
    _listeners = tuple(each for each in _listeners if each != listener)


class Secrets(Unpicklable):
    """The maker of the secrets of one vault or organisation.

    Each is passed to `on_secret`, and its announcement to every listener of the process. A journal
    gets the use. `source` is the profile of the vault in there, or another name.
    """

    def __init__(self, on_secret: OnSecret | None = None, source: str = "") -> None:
        self.on_secret = on_secret
        self.source = source

    def __repr__(self) -> str:
        return "<Secrets>"

    def make(
        self,
        value: str,
        label: str,
        *,
        lifetime: float | None = None,
        stands_elsewhere: Callable[[], bool] = _nowhere,
        use: Use | None = None,
    ) -> Secret:
        """Makes a secret and announces it, then records its `use`. A part of a secret that was
        recorded, and what comes from no item, has no use.
        """
        secret = Secret(value, label)
        self._announce(Announcement(secret, lifetime, stands_elsewhere))
        if use is not None:
            record(use)
        return secret

    def make_bytes(self, value: bytes | bytearray, label: str) -> SecretBytes:
        """Makes secret bytes. Announces the text that they would be shown as: their own where they
        are text, else base64. Files too large to be shown are not announced.
        """
        if 0 < len(value) <= LARGEST_SHOWN:
            try:
                text = value.decode()
            except UnicodeDecodeError:
                import base64

                text = base64.b64encode(value).decode()
            self.make(text, label)
        return SecretBytes(value, label)

    def announce(self, secret: Secret) -> Secret:
        """Announces a secret that was read from an answer or a form; returns it."""
        self._announce(Announcement(secret))
        return secret

    def _announce(self, announcement: Announcement) -> None:
        if self.on_secret is not None:
            self.on_secret(announcement.value)
        for listener in _listeners:
            listener(announcement)
        if not _listeners:
            _tell_once()


def _tell_once() -> None:
    """Warns at the first secret in a notebook where no guard masks outputs: in marimo, and in a
    Jupyter kernel without the extension.
    """
    global _is_told
    if _is_told:
        return
    text = ""
    if "marimo" in sys.modules:
        text = (
            "bw_magics masks no outputs in marimo: a printed secret is readable on the page and in "
            "exported files."
        )
    elif _is_kernel():
        text = (
            "bw_magics masks no outputs of this kernel: a printed secret is saved with the "
            "notebook. Next: %load_ext bw_magics"
        )
    if text:
        _is_told = True
        warnings.warn(text, stacklevel=2)


def _is_kernel() -> bool:
    """Returns whether cells run in this process; an engine of ipyparallel has a guard elsewhere."""
    if "ipykernel" not in sys.modules or "ipyparallel" in sys.modules:
        return False
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
