"""Waits until a person can see a panel: the proof that it works here."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from bw_magics.notebook.panels.page_message import Loaded, PageMessage, Ready, read_message
from bw_magics.notebook.panels.tap import Tap

SLICE = 0.1
PATIENCE = 4.0


class Unseen(Exception):
    """Nobody can see the panel here."""


class Hidden(Unseen):
    """The page stayed in the background until the time was over."""


class Inbox:
    """The messages that arrived, in order; a tap fills it."""

    def __init__(self) -> None:
        self._messages: deque[PageMessage] = deque()
        self._arrived = threading.Event()

    def put(self, content: object) -> None:
        """Takes in the content of a custom message; drops any other."""
        message = read_message(content)
        if message is not None:
            self._messages.append(message)
            self._arrived.set()

    def next(self, tap: Tap) -> PageMessage | None:
        """Returns the next message; None if none arrives within a tenth of a second."""
        if not self._messages:
            tap.wait(self._arrived, SLICE)
        self._arrived.clear()
        return self._messages.popleft() if self._messages else None


def wait_until_seen(
    tap: Tap, inbox: Inbox, tell: Callable[[], None], until: float, patience: float = PATIENCE
) -> Ready:
    """Waits for the message that a person can see the panel.

    Calls `tell` for each view that loads, to send what it shows. Waits until `until` while the page
    is in the background. Raises `Unseen`; `Hidden` if the page stayed in the background.
    """
    is_hidden = False
    end = time.monotonic() + patience
    while True:
        message = inbox.next(tap)
        if isinstance(message, Ready):
            return message
        if isinstance(message, Loaded):
            if is_hidden and not message.is_hidden:
                end = time.monotonic() + patience
            is_hidden = message.is_hidden
            tell()
        if time.monotonic() > (until if is_hidden else end):
            raise Hidden if is_hidden else Unseen
