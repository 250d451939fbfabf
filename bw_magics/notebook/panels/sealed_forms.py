"""`SealedForms`: the item forms of one panel, and their sealed answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.errors import BitwardenError, NotOffered, StateError, WriteUnclear
from bw_magics.notebook.panels.form_field import Answer
from bw_magics.notebook.panels.item_form import ItemForm
from bw_magics.notebook.panels.page_message import Submitted, read_message
from bw_magics.notebook.panels.sealing import NotOpened, PromptKey, to_base64

if TYPE_CHECKING:
    from bw_magics.vault.item import Item

Saved = Callable[["Item", str], Answer]


class SealedForms:
    """The forms of one panel, one at a time, each with one sealed answer.

    `saved` makes the answer to the panel from the saved item and a line about it.
    """

    def __init__(self, seal: PromptKey, saved: Saved) -> None:
        self._seal = seal
        self._saved = saved
        self._shown: ItemForm | None = None

    def show(self, form: ItemForm) -> Answer:
        """Returns what the panel draws of a form. The answer has to carry the nonce in it."""
        self._shown = form
        about = {"nonce": self._seal.new_nonce(), "key": to_base64(self._seal.public)}
        return {"kind": "form", **form.about(), **about}

    def save(self, content: Mapping[Any, Any]) -> Answer:
        """Saves an answer. What was refused can be sent again, with another nonce.

        Raises `NotOffered` where the answer is not for the form that is shown, `StateError`, and
        `WriteUnclear` where the form must not be sent again.
        """
        form, message = self._shown, read_message({**content, "t": "submit"})
        if form is None or not isinstance(message, Submitted) or message.sealed is None:
            raise NotOffered("The form is over.", "Open it again.")
        if not self._seal.expects(message.nonce):
            raise NotOffered("The form was sent twice.", "Open it again.")
        try:
            plain = self._seal.open(message.sealed, message.nonce)
        except NotOpened:
            raise NotOffered("The form could not be decrypted.", "Open it again.") from None
        try:
            item, line = form.save(plain)
        except WriteUnclear:
            self.forget()
            raise
        except StateError:
            raise
        except BitwardenError as error:
            return {"kind": "refused", "text": str(error), "nonce": self._seal.new_nonce()}
        self.forget()
        return self._saved(item, line)

    def forget(self) -> None:
        """Takes no answer any more."""
        self._shown = None
