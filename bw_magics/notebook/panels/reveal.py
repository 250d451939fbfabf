"""`show`: one value, for the person and not for the file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from bw_magics.errors import NotOffered, PromptCancelled
from bw_magics.notebook.panels.cell_output import CellOutput, dispose
from bw_magics.notebook.panels.handshake import Inbox, Unseen, wait_until_seen
from bw_magics.notebook.panels.page_message import Shown
from bw_magics.notebook.panels.sealing import padded, seal_message, to_base64
from bw_magics.notebook.panels.server_side import TRUST, WHY, is_server_side
from bw_magics.notebook.panels.tap import NoTap, Tap, tap
from bw_magics.notebook.panels.widget import PanelWidget

SECONDS = 30
_PATIENCE = 60.0
_INSTEAD = "The web vault and the official apps show it too."


def show(kernel: Any, value: str, label: str) -> Callable[[], None]:
    """Shows a value in a panel below the cell for half a minute, sealed to the panel's own key. The
    cell goes on as soon as the panel has the value. Returns a function that hides it earlier.

    Raises `NotOffered` with the reason if the panel cannot work here, `PromptCancelled` for an
    interrupt.
    """
    inbox = Inbox()
    binding = uuid4().hex
    widget = PanelWidget(model_id=binding)
    # A front end without panels shows this text: it must not say that the value was shown.
    output = CellOutput(_hidden(label))
    refusal: Exception | None = None
    try:
        with tap(kernel, binding, inbox.put) as listening:
            output.show(widget)
            refusal = _hand_over(listening, inbox, widget, value, label)
    except (NoTap, Unseen):
        refusal = NotOffered("This front end shows no panel that could keep the value.", _INSTEAD)
        if is_server_side(kernel):
            refusal = NotOffered(WHY, TRUST)
    except KeyboardInterrupt:
        refusal = PromptCancelled("Showing the value was interrupted.")
    except BaseException:
        _remove(output, widget, "")
        raise
    if refusal is not None:
        _remove(output, widget, "")
        raise refusal
    left = [lambda: _remove(output, widget, f"{_hidden(label)} (shown here, not saved)")]

    def hide() -> None:
        if left:
            left.pop()()

    _later(kernel, hide)
    return hide


def _hand_over(
    listening: Tap, inbox: Inbox, widget: Any, value: str, label: str
) -> NotOffered | None:
    about = {"label": label, "binding": widget.model_id, "seconds": SECONDS}
    end = time.monotonic() + _PATIENCE
    ready = wait_until_seen(
        listening, inbox, lambda: widget.send({"t": "show", "about": about}), end
    )
    if ready.key is None:
        return NotOffered(
            "This page cannot decrypt (plain http), so the value would cross the network readable.",
            "Open this server with https.",
        )
    nonce = to_base64(uuid4().bytes)
    plain = padded(json.dumps({"value": str(value)}).encode())
    try:
        sealed = seal_message(plain, to=ready.key, binding=widget.model_id, nonce=nonce)
    except ValueError:
        return NotOffered("The panel did not send a valid key.", _INSTEAD)
    widget.send({"t": "value", "nonce": nonce, "sealed": sealed.as_message()})
    end = time.monotonic() + _PATIENCE / 4
    while time.monotonic() < end:
        message = inbox.next(listening)
        if isinstance(message, Shown) and message.is_open:
            return None
    return NotOffered("The panel did not show the value.", _INSTEAD)


def _hidden(label: str) -> str:
    return f"•••••••• {label}"


def _remove(output: CellOutput, widget: Any, line: str) -> None:
    dispose(widget)
    output.replace(line)


def _later(kernel: Any, action: Any) -> None:
    """Runs `action` after the panel hid the value, in the main thread and between two cells."""
    loop = getattr(kernel, "io_loop", None)
    if loop is not None:
        loop.call_later(SECONDS + 1, action)
