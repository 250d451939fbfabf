"""`Form`: asks in a masked form below the cell, and waits for the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

from bw_magics.errors import PromptCancelled, ServerError
from bw_magics.notebook.panels.cell_output import CellOutput, dispose
from bw_magics.notebook.panels.handshake import Hidden, Inbox, wait_until_seen
from bw_magics.notebook.panels.page_message import Cancelled, Loaded, Submitted, read_values
from bw_magics.notebook.panels.question import (
    RUN_AGAIN,
    Again,
    Attempt,
    Field,
    Question,
    interrupted,
    tidied,
)
from bw_magics.notebook.panels.sealing import NotOpened, PromptKey, to_base64
from bw_magics.notebook.panels.tap import Tap, tap
from bw_magics.notebook.panels.widget import FormWidget
from bw_magics.secret import Secret

_BROKEN = "What arrived from the browser could not be opened."


class Form:
    """A masked form for one question; `attempt` tries the answers.

    `on_answer` gets each value of a masked field before it is used.
    """

    def __init__(
        self,
        question: Question,
        attempt: Attempt,
        *,
        warning: str = "",
        timeout: float,
        on_answer: Callable[[Secret], None],
    ) -> None:
        self._question = question
        self._attempt = attempt
        self._timeout = timeout
        self._on_answer = on_answer
        self._inbox = Inbox()
        self._key = PromptKey(uuid4().hex)
        self._nonce = self._key.new_nonce()
        self._again: Again | None = None
        self._widget = FormWidget(model_id=self._key.binding)
        self._about = {
            "title": question.title,
            "server": question.server,
            "source": question.source,
            "hint": question.hint,
            "webVault": question.web_vault,
            "warning": warning,
            "button": question.button,
            "fields": [
                {
                    "name": field.name,
                    "label": field.label,
                    "masked": field.is_masked,
                    "placeholder": field.placeholder,
                    "choices": [asdict(choice) for choice in field.choices],
                }
                for field in question.fields
            ],
            "binding": self._key.binding,
            "key": to_base64(self._key.public),
        }

    def ask(self, kernel: Any) -> None:
        """Shows the form, tries the answers until one is accepted, and replaces the form by a
        line.

        Raises `NoTap` and `Unseen` if a form cannot work here, `PromptCancelled` for Cancel,
        time-out and interrupt, and what the attempt raises. The form shows the `ServerError` of a
        repeatable question and keeps the typed values. The form is gone in every case.
        """
        output = CellOutput("(bw_magics is asking here)")
        line = ""
        end: PromptCancelled | None = None
        try:
            with tap(kernel, self._key.binding, self._inbox.put) as listening:
                output.show(self._widget)
                until = time.monotonic() + self._timeout
                wait_until_seen(listening, self._inbox, self._tell, until)
                line = self._converse(listening)
        except KeyboardInterrupt:
            end = interrupted()
        except Hidden:
            end = self._unanswered()
        finally:
            dispose(self._widget)
            output.replace(line)
        if end is not None:
            raise end

    def progress(self, text: str) -> None:
        """Shows in the form what it waits for."""
        self._widget.send({"t": "progress", "text": f"{text} …"})

    def _converse(self, listening: Tap) -> str:
        end = time.monotonic() + self._timeout
        while True:
            message = self._inbox.next(listening)
            if isinstance(message, Cancelled):
                raise PromptCancelled("The question was cancelled.", RUN_AGAIN)
            if isinstance(message, Loaded):
                self._tell()
            if isinstance(message, Submitted) and self._key.expects(message.nonce):
                again = self._try(message, self._fields)
                if isinstance(again, str):
                    return again
                self._again, self._nonce = again, self._key.new_nonce()
                self._tell()
                end = time.monotonic() + self._timeout
            if time.monotonic() > end:
                raise self._unanswered()

    def _unanswered(self) -> PromptCancelled:
        return PromptCancelled(f"Nobody answered within {_duration(self._timeout)}.", RUN_AGAIN)

    def _try(self, message: Submitted, fields: tuple[Field, ...]) -> str | Again:
        values = self._values(message, fields)
        if values is None:
            return Again(_BROKEN, "Please type it once more.", fields)
        for field in fields:
            if field.is_masked:
                self._on_answer(values[field.name])
        try:
            return self._attempt(values)
        except ServerError as error:
            if not self._question.is_repeatable:
                raise
            # The answers may be right: a person can try again without typing them once more.
            return Again(error.fact, error.remedy, fields, keeps_typed=True)

    def _values(self, message: Submitted, fields: tuple[Field, ...]) -> Mapping[str, Secret] | None:
        plain: bytes | Mapping[str, object] = message.clear or {}
        names = [field.name for field in fields]
        try:
            if message.sealed is not None:
                plain = self._key.open(message.sealed, message.nonce)
            values = tidied(read_values(plain, names), fields)
        except (NotOpened, ValueError):
            return None
        return values if all(values.get(name) for name in names) else None

    def _tell(self) -> None:
        """Sends the question to every view; views that know it ignore it."""
        again = self._again
        self._widget.send(
            {
                "t": "ask",
                "about": self._about,
                "nonce": self._nonce,
                "problem": f"{again.problem} {again.remedy}".strip() if again else "",
                "fields": [field.name for field in self._fields],
                "title": again.title if again else "",
                "button": again.button if again else "",
                "at": again.at if again else "",
                "keeps": again.keeps_typed if again else False,
            }
        )

    @property
    def _fields(self) -> tuple[Field, ...]:
        return self._again.fields if self._again else self._question.fields


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"
