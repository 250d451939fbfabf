"""`browse`: the vault in a panel, to search, to read and to copy lines of code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bw_magics.errors import (
    BitwardenError,
    NotOffered,
    PromptCancelled,
    RepromptRequired,
    StateError,
)
from bw_magics.notebook.panels.browsed import Answer, Browsed
from bw_magics.notebook.panels.cell_output import CellOutput, dispose
from bw_magics.notebook.panels.handshake import Inbox, Unseen, wait_until_seen
from bw_magics.notebook.panels.item_form import ItemForm
from bw_magics.notebook.panels.page_message import Ready, read_message
from bw_magics.notebook.panels.sealed_forms import SealedForms
from bw_magics.notebook.panels.sealing import PromptKey, sealed_answer
from bw_magics.notebook.panels.server_side import TRUST, WHY, is_server_side
from bw_magics.notebook.panels.tap import NoTap, tap
from bw_magics.notebook.panels.widget import BrowserWidget
from bw_magics.using import using

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item

SECONDS = 30
_LONGEST_SEARCH = 200
_PATIENCE = 60.0
_LOOK_EVERY = 1.0
# Also the text of a front end that shows no panel: it must not say that one was shown.
_SAVED = "bw_session.browse() shows the vault browser here. It is not saved."
_OVER = "The vault browser is closed."


def browse(kernel: Any, vault: Vault, *, shows_plain: bool = True) -> None:
    """Shows the panel below the cell. The cell goes on as soon as a person can see the panel.

    `shows_plain` says whether values that are not secret are shown at once.

    Raises `NotOffered` with the reason if the panel cannot work here, `PromptCancelled` for an
    interrupt.
    """
    browser = Browser(kernel, vault, shows_plain=shows_plain)
    try:
        refusal = browser.open()
    except (NoTap, Unseen):
        refusal = NotOffered(
            "This front end shows no panel to browse in.", "%bw_list items lists the vault."
        )
        if is_server_side(kernel):
            refusal = NotOffered(WHY, TRUST)
    except KeyboardInterrupt:
        refusal = PromptCancelled("Opening the vault browser was interrupted.")
    except BaseException:
        browser.close("")
        raise
    if refusal is not None:
        browser.close("")
        raise refusal


class Browser:
    """The kernel's side of one panel.

    Everything about the vault, names too, is sealed to the panel's own key, in messages that
    nothing saves. A form that a person fills in comes back sealed to a key of the kernel's.
    """

    def __init__(self, kernel: Any, vault: Vault, *, shows_plain: bool = True) -> None:
        self._kernel = kernel
        self._vault = vault
        self._widget = BrowserWidget(model_id=uuid4().hex)
        self._output = CellOutput(_SAVED)
        self._key: bytes | None = None
        self._browsed = Browsed(vault, shows_plain=shows_plain)
        self._seal = PromptKey(self._widget.model_id)
        self._forms = SealedForms(self._seal, self._saved)
        self._is_open = False

    def open(self) -> BitwardenError | None:
        """Shows the panel and waits until a person can see it. Returns the reason if that is not
        possible.
        """
        inbox = Inbox()
        early: list[object] = []

        def arrived(content: object) -> None:
            inbox.put(content)
            early.append(content)

        about = {"binding": self._widget.model_id, "seconds": SECONDS}
        with tap(self._kernel, self._widget.model_id, arrived) as listening:
            self._output.show(self._widget)
            ready = wait_until_seen(
                listening,
                inbox,
                lambda: self._widget.send({"t": "browse", "about": about}),
                time.monotonic() + _PATIENCE,
            )
        if ready.key is None:
            return NotOffered(
                "This page cannot decrypt (plain http), so names would cross the network readable.",
                "Open this server with https.",
            )
        self._is_open = True
        self._widget.on_msg(lambda widget, content, buffers: self.receive(content))
        for content in early:
            self.receive(content)
        self._look()
        return None

    def close(self, line: str) -> None:
        """Replaces the panel by a line."""
        self._is_open = False
        self._key = None
        self._forms.forget()
        dispose(self._widget)
        self._output.replace(line)

    def receive(self, content: object) -> None:
        """Answers a message of the panel; ignores any other message."""
        if not self._is_open or not isinstance(content, Mapping):
            return
        message = read_message(content)
        if isinstance(message, Ready) and message.key is not None:
            self._key = message.key
            with suppress(StateError):  # `_look` shows the reason, and closes
                self._send({"kind": "list", **self._browsed.found("")})
        elif content.get("t") == "close":
            self.close(_OVER)
        elif content.get("t") == "ask":
            self._send({"n": content.get("n"), **self._answer(content)})

    def _answer(self, content: Mapping[Any, Any]) -> Answer:
        browsed, forms = self._browsed, self._forms

        def item() -> Item:
            return browsed.item(content.get("entry"))

        answers: dict[str, Callable[[], Answer]] = {
            "search": lambda: {"kind": "list", **browsed.found(_text(content.get("text")))},
            "open": lambda: {"kind": "item", **browsed.shown(item())},
            "reveal": lambda: self._reveal(item(), _text(content.get("what")) or "item"),
            "new": lambda: forms.show(ItemForm.new(self._vault, _text(content.get("type")))),
            "edit": lambda: forms.show(ItemForm.of(self._vault, item())),
            "generate": lambda: {"kind": "value", "value": str(self._vault.generate())},
            "save": lambda: forms.save(content),
            "trash": lambda: self._trash(item()),
        }
        answer = answers.get(_text(content.get("what_for")))
        if answer is None:
            return {"kind": "nothing"}
        try:
            with _quietly(self._vault):
                return answer()
        except StateError:
            return {"kind": "nothing"}
        except RepromptRequired as required:
            return {
                "kind": "problem",
                "text": f"{required.fact} Run its line in a cell first: it asks you.",
            }
        except BitwardenError as error:
            return {"kind": "problem", "text": str(error)}

    # Inside.

    def _saved(self, item: Item, line: str) -> Answer:
        return {"kind": "saved", "text": line, **self._browsed.row(item)}

    @staticmethod
    def _reveal(item: Item, what: str) -> Answer:
        """Gives a value to the panel, to show or to copy."""
        with using("vault browser"):
            return {"kind": "value", "value": str(item.get(what))}

    def _trash(self, item: Item) -> Answer:
        item.trash()
        return {"kind": "gone", "text": f"✓ moved '{item.name}' to the trash"}

    def _send(self, answer: Answer) -> None:
        if self._key is None:
            return
        with suppress(ValueError):  # an invalid key gets no answer
            self._widget.send(sealed_answer(answer, to=self._key, binding=self._widget.model_id))

    def _look(self) -> None:
        """Checks every second whether the vault is still open, and closes the panel if not. The
        check does not count as a use of the vault, and locks nothing.
        """
        if not self._is_open:
            return
        state = self._vault._current.state
        if state.contents is None:
            self.close(f"{_OVER} {state.refusal()}")
        elif state.deadline is not None and state.deadline.is_past:
            self.close(f"{_OVER} The vault was idle for too long. Next: %bw_unlock.")
        else:
            loop = getattr(self._kernel, "io_loop", None)
            if loop is not None:
                loop.call_later(_LOOK_EVERY, self._look)


@contextmanager
def _quietly(vault: Vault) -> Iterator[None]:
    """Prints nothing about waiting: such a line names the item, and is not sealed."""
    before, vault.on_wait = vault.on_wait, None
    try:
        yield
    finally:
        vault.on_wait = before


def _text(value: object) -> str:
    return value[:_LONGEST_SEARCH] if isinstance(value, str) else ""
