"""`browse`: the vault in a panel, to search, to read and to copy lines of code."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bw_magics.errors import (
    BitwardenError,
    NotOffered,
    PromptCancelled,
    RepromptRequired,
    StateError,
)
from bw_magics.notebook.complete.candidates import fields_of, written
from bw_magics.notebook.panels.cell_output import CellOutput, dispose
from bw_magics.notebook.panels.handshake import Inbox, Unseen, wait_until_seen
from bw_magics.notebook.panels.page_message import Ready, read_message
from bw_magics.notebook.panels.sealing import padded, seal_message, to_base64
from bw_magics.notebook.panels.tap import NoTap, tap
from bw_magics.notebook.panels.widget import BrowserWidget
from bw_magics.shown import harmless, one_line, told_apart
from bw_magics.vault.inventory import Inventory, inventory_at
from bw_magics.vault.names import folded
from bw_magics.vault.reference import Reference

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item

SECONDS = 30
MOST = 60
_LONGEST_SEARCH = 200
_PATIENCE = 60.0
_LOOK_EVERY = 1.0
_SAVED = "The vault browser was here: bw_session.browse() shows it again. Nothing of it is saved."
_OVER = "The vault browser is closed."

Answer = dict[str, object]


def browse(kernel: Any, vault: Vault) -> None:
    """Shows the panel below the cell. The cell goes on as soon as a person can see the panel.

    Raises `NotOffered` with the reason if the panel cannot work here, `PromptCancelled` for an
    interrupt.
    """
    browser = Browser(kernel, vault)
    try:
        refusal = browser.open()
    except (NoTap, Unseen):
        refusal = NotOffered(
            "This front end shows no panel to browse in.", "%bw_list items lists the vault."
        )
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
    nothing saves. Items have numbers in the panel: their ids stay in the kernel.
    """

    def __init__(self, kernel: Any, vault: Vault) -> None:
        self._kernel = kernel
        self._vault = vault
        self._widget = BrowserWidget(model_id=uuid4().hex)
        self._output = CellOutput(_SAVED)
        self._key: bytes | None = None
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}
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
        dispose(self._widget)
        self._output.replace(line)

    def receive(self, content: object) -> None:
        """Answers a message of the panel; ignores any other message."""
        if not self._is_open or not isinstance(content, Mapping):
            return
        message = read_message(content)
        if isinstance(message, Ready) and message.key is not None:
            self._key = message.key
            with suppress(StateError):  # `_look` says why, and closes
                self._send({"kind": "list", **self._found("")})
        elif content.get("t") == "close":
            self.close(_OVER)
        elif content.get("t") == "ask":
            self._send({"n": content.get("n"), **self._answer(content)})

    def _answer(self, content: Mapping[Any, Any]) -> Answer:
        answers: dict[str, Callable[[], Answer]] = {
            "search": lambda: {"kind": "list", **self._found(_text(content.get("text")))},
            "open": lambda: {"kind": "item", **self._shown(self._item(content.get("entry")))},
            "reveal": lambda: {
                "kind": "value",
                "value": self._value(self._item(content.get("entry")), _text(content.get("what"))),
            },
        }
        answer = answers.get(_text(content.get("what_for")))
        if answer is None:
            return {"kind": "nothing"}
        try:
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

    # Answers about the vault.

    def _found(self, text: str) -> Answer:
        contents = self._contents()
        names = dict.fromkeys(contents.index.find(text, MOST + 1))
        places = (contents.folder_names, contents.collection_names, contents.organization_names)
        wanted = folded(text)
        for place in places if wanted else ():
            for id, name in place.items():
                if wanted in folded(name) and len(names) <= MOST:
                    names.update(dict.fromkeys(sorted(contents.names_in(id))))
        positions = [each for name in names for each in contents.with_name(name)]
        items = [contents.item_at(position) for position in positions[:MOST]]
        shown = told_apart([item.name for item in items])
        entries = [
            {**self._row(item), "name": name} for item, name in zip(items, shown, strict=True)
        ]
        return {
            "entries": entries,
            "total": len(contents),
            "is_cut": len(positions) > MOST,
            "is_all": not wanted,
        }

    def _row(self, item: Item) -> Answer:
        number = self._numbers.setdefault(item.id, len(self._ids))
        if number == len(self._ids):
            self._ids.append(item.id)
        place = item.folder or ", ".join(item.collections) or item.organization or ""
        return {
            "entry": number,
            "name": one_line(item.name),
            "type": item.type,
            "place": harmless(place),
            "problem": item.problem or "",
        }

    def _shown(self, item: Item) -> Answer:
        return {
            **self._row(item),
            "members": [*_members(self._contents(), item)],
            "line": _line(item, "item"),
        }

    def _value(self, item: Item, what: str) -> str:
        return str(item.get(what or "item"))

    def _item(self, number: object) -> Item:
        if not isinstance(number, int) or not 0 <= number < len(self._ids):
            raise NotOffered("There is no such item.")
        contents = self._contents()
        contents.keys.used()
        return contents.item(self._ids[number])

    def _contents(self) -> Contents:
        return self._vault._contents()

    # Sending.

    def _send(self, answer: Answer) -> None:
        if self._key is None:
            return
        nonce = to_base64(uuid4().bytes)
        plain = padded(json.dumps(answer).encode())
        with suppress(ValueError):  # an invalid key gets no answer
            sealed = seal_message(plain, to=self._key, binding=self._widget.model_id, nonce=nonce)
            self._widget.send({"t": "answer", "nonce": nonce, "sealed": sealed.as_message()})

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


def _members(contents: Contents, item: Item) -> Iterator[dict[str, str]]:
    """Yields the parts of an item: the name, the OBJECT of `%bw_get`, and the lines to copy."""
    found = Inventory()
    for position in contents.with_id(item.id):
        found = inventory_at(contents, position)
    for what in fields_of(found):
        yield {
            "name": harmless(what.removeprefix("field:")),
            "what": what,
            "line": _line(item, what),
            "reference": _reference(item, what),
        }
    for name in found.files:
        reference = _reference(item, attachment=name)
        yield {
            "name": harmless(name),
            "what": "",
            "line": f"%bw_get {written(reference, together=True) or ''}",
            "reference": reference,
        }


def _line(item: Item, what: str) -> str:
    """Returns a line for a cell that gets the part: by name if possible, else by reference."""
    reference = _reference(item, what)
    if not reference:
        return ""
    parsed = Reference.parse(reference)
    object, name = written(what), written(item.name, together=True)
    if parsed.path is None and parsed.item != item.id and object and name:
        return f"%bw_get {object} {name}"
    return f"%bw_get {written(reference, together=True) or ''}"


def _reference(item: Item, what: str = "item", *, attachment: str | None = None) -> str:
    try:
        return item.reference(what, attachment=attachment)
    except BitwardenError:
        return ""


def _text(value: object) -> str:
    return value[:_LONGEST_SEARCH] if isinstance(value, str) else ""
