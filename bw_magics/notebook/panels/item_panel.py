"""`ItemPanel`: the form for one item below the cell, which waits until it is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bw_magics.errors import BitwardenError, PromptCancelled, StateError, WriteUnclear
from bw_magics.notebook.panels.cell_output import CellOutput, dispose
from bw_magics.notebook.panels.form_field import Answer
from bw_magics.notebook.panels.handshake import Hidden, Inbox, Unseen, wait_until_seen
from bw_magics.notebook.panels.item_form import ItemForm
from bw_magics.notebook.panels.page_message import Asked, Cancelled, Loaded, Ready
from bw_magics.notebook.panels.question import RUN_AGAIN, interrupted
from bw_magics.notebook.panels.sealed_forms import SealedForms
from bw_magics.notebook.panels.sealing import PromptKey, sealed_answer
from bw_magics.notebook.panels.tap import Tap, tap
from bw_magics.notebook.panels.widget import ItemWidget

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

_SAVED = "(bw_magics is asking here)"
_LONGEST_WORD = 200


class ItemPanel:
    """A form for one item, filled in while the cell waits.

    What it shows is sealed to the panel's own key; what a person types comes back sealed to a key
    of the kernel's. `generate` makes a secret; `line` says what was saved, for the notebook.
    """

    def __init__(
        self,
        form: ItemForm,
        *,
        generate: Callable[[], str],
        line: Callable[[Item, str], str],
        timeout: float,
    ) -> None:
        self._form = form
        self._generate = generate
        self._line = line
        self._timeout = timeout
        self._inbox = Inbox()
        self._widget = ItemWidget(model_id=uuid4().hex)
        self._seal = PromptKey(self._widget.model_id)
        self._forms = SealedForms(self._seal, self._take)
        self._key: bytes | None = None
        self._saved: tuple[Item, str] | None = None
        self._is_saving = False

    def ask(self, kernel: Any) -> Item:
        """Shows the form and returns the item that was saved; a line replaces the form.

        Raises `NoTap` and `Unseen` if it cannot work here, `PromptCancelled` for Cancel, time-out
        and interrupt, `WriteUnclear` where it is not known whether the item was saved, and
        `StateError`. A refusal is shown in the form, and can be mended there.
        """
        output = CellOutput(_SAVED)
        line = ""
        try:
            with tap(kernel, self._widget.model_id, self._inbox.put) as listening:
                output.show(self._widget)
                until = time.monotonic() + self._timeout
                ready = wait_until_seen(listening, self._inbox, self._introduce, until)
                if ready.key is None:
                    raise Unseen  # such a page could not open what it is sent
                self._show(ready.key)
                item, line = self._converse(listening)
        except Hidden:
            raise self._unanswered() from None
        except KeyboardInterrupt:
            raise self._interrupted() from None
        finally:
            self._forms.forget()
            dispose(self._widget)
            output.replace(line)
        return item

    def progress(self, text: str) -> None:
        """Shows in the form what it waits for."""
        self._send({"kind": "progress", "text": f"{text} …"})

    # Inside.

    def _introduce(self) -> None:
        self._widget.send({"t": "item", "about": {"binding": self._widget.model_id}})

    def _show(self, key: bytes) -> None:
        self._key = key
        self._send(self._forms.show(self._form))

    def _converse(self, listening: Tap) -> tuple[Item, str]:
        end = time.monotonic() + self._timeout
        while self._saved is None:
            message = self._inbox.next(listening)
            if isinstance(message, Cancelled):
                raise PromptCancelled("The form was cancelled.", RUN_AGAIN)
            if isinstance(message, Loaded):
                self._introduce()
            if isinstance(message, Ready) and message.key is not None:
                self._show(message.key)  # the page was opened once more
            if isinstance(message, Asked):
                self._send({"n": message.content.get("n"), **self._answer(message.content)})
                end = time.monotonic() + self._timeout
            if time.monotonic() > end:
                raise self._unanswered()
        item, said = self._saved
        return item, self._line(item, said)

    def _answer(self, content: Mapping[object, object]) -> Answer:
        what = content.get("what_for")
        if what == "generate":
            return {"kind": "value", "value": str(self._generate())}
        if what not in ("new", "save"):
            return {"kind": "nothing"}
        try:
            if what == "save":
                return self._save(content)
            self._form = self._form.other(str(content.get("type"))[:_LONGEST_WORD])
            return self._forms.show(self._form)
        except (StateError, WriteUnclear):
            raise
        except BitwardenError as error:
            return {"kind": "problem", "text": str(error)}

    def _save(self, content: Mapping[object, object]) -> Answer:
        # After an interrupt it stays true: it is unknown then what was written.
        self._is_saving = True
        try:
            answer = self._forms.save(content)
        except BitwardenError:
            self._is_saving = False
            raise
        self._is_saving = False
        return answer

    def _take(self, item: Item, line: str) -> Answer:
        self._saved = (item, line)
        return {"kind": "saved"}

    def _send(self, answer: Answer) -> None:
        if self._key is None:
            return
        with suppress(ValueError):  # an invalid key gets no answer
            self._widget.send(sealed_answer(answer, to=self._key, binding=self._widget.model_id))

    def _unanswered(self) -> PromptCancelled:
        return PromptCancelled(f"Nobody answered within {self._timeout:.0f} seconds.", RUN_AGAIN)

    def _interrupted(self) -> BitwardenError:
        if not self._is_saving:
            return interrupted()
        return WriteUnclear(
            "The cell was interrupted while the form was saved.",
            "It may have been written: sync and look before you fill it in again.",
        )
