"""Prompts the user: form, stdin, or nobody."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from bw_magics.errors import CredentialsMissing, PromptCancelled
from bw_magics.notebook.ask.surroundings import cannot_show_forms, whose_machine
from bw_magics.notebook.panels.server_side import TRUST, WHY, is_server_side
from bw_magics.notebook.show.messages import Messages

if TYPE_CHECKING:
    from bw_magics.notebook.panels.question import Attempt, Field, Question
    from bw_magics.secret import Secret

MODES = ("auto", "form", "stdin", "never")
TIMEOUT = 600.0


Result = TypeVar("Result")
Came = TypeVar("Came", covariant=True)


class Panel(Protocol[Came]):
    """A form below the cell."""

    def ask(self, kernel: Any) -> Came:
        """Shows it and returns its result."""

    def progress(self, text: str) -> None:
        """Shows in it what it waits for."""


class Prompt:
    """A question in a masked form in the notebook, else in the front end's own masked box or the
    terminal.

    `mode` is `auto`, `form`, `stdin` or `never`; `timeout` is how long a form waits, in seconds.
    `on_answer` gets every value that was typed into a masked field before it is used.
    """

    def __init__(self, shell: Any, messages: Messages) -> None:
        self._shell = shell
        self._messages = messages
        self._is_formless = False
        self.mode = "auto"
        self.timeout = TIMEOUT
        self.on_answer: Callable[[Secret], None] | None = None

    @property
    def is_possible(self) -> bool:
        """Whether a person can answer.

        nbclient, papermill and nbconvert tell the kernel that nobody can (docs/jupyter.md, Being
        asked); a script has no terminal. No mode changes that. Front ends that show forms all allow
        input.
        """
        if self.mode == "never":
            return False
        kernel = self._kernel
        if kernel is not None:
            return bool(getattr(kernel, "_allow_stdin", False))
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, question: Question, attempt: Attempt) -> None:
        """Asks until `attempt` accepts the answers, then shows the line that it returns.

        Raises `PromptCancelled` for an empty answer, Cancel, a time-out or an interrupt,
        `CredentialsMissing` if the only means allowed does not work here, and what `attempt`
        raises.
        """
        if self._ask_in_form(question, attempt):
            return
        if self.mode == "form":
            raise CredentialsMissing(
                "The form could not be shown here, and BwMagics.prompt allows nothing else.",
                "%config BwMagics.prompt = 'auto' also asks in the front end's own box.",
            )
        from bw_magics.notebook.panels.question import interrupted

        try:
            self._ask_on_stdin(question, attempt)
            return
        except KeyboardInterrupt:
            pass
        raise interrupted()

    @property
    def _kernel(self) -> Any:
        return getattr(self._shell, "kernel", None)

    def show(self, make: Callable[[], Panel[Result]]) -> tuple[Result] | None:
        """Shows a panel and gives its result. None if this front end or kernel cannot show
        one; `make` makes it. Raises what the panel raises.
        """
        if self._kernel is None or self.mode not in ("auto", "form"):
            return None
        if self.mode == "auto" and (self._is_formless or cannot_show_forms(self._shell)):
            return None
        try:
            from bw_magics.notebook.panels.handshake import Unseen
            from bw_magics.notebook.panels.tap import NoTap, OtherThread
        except ImportError:
            self._is_formless = True
            return None
        try:
            panel = make()
        except Exception:
            self._is_formless = True  # widgets are missing or do not work in this kernel
            return None
        try:
            with self._messages.elsewhere(panel.progress):
                came = panel.ask(self._kernel)
        except OtherThread:
            return None  # a call in the main thread can still work
        except (NoTap, Unseen):
            if is_server_side(self._kernel):
                self._messages.say(f"{WHY} {TRUST}")
                return None  # a person can change that
            # One failure is enough, also for a form that is only out of sight: a person who waited
            # in vain should not wait at every question.
            self._is_formless = True
            return None
        self._is_formless = False  # `form` always tries, and it worked
        return (came,)

    def _ask_in_form(self, question: Question, attempt: Attempt) -> bool:
        """Asks in a form. Returns False if this front end or kernel cannot show one."""

        def make() -> Panel[None]:
            from bw_magics.notebook.panels.form import Form

            return Form(
                question,
                attempt,
                warning=whose_machine(),
                timeout=self.timeout,
                on_answer=self._answered,
            )

        return self.show(make) is not None

    def _ask_on_stdin(self, question: Question, attempt: Attempt) -> None:
        from bw_magics.notebook.panels.question import Again, tidied

        for text in (whose_machine(), question.hint):
            if text:
                self._messages.say(text)
        fields = question.fields
        kept: dict[str, Secret] = {}
        is_first = True
        while True:
            # After a mistake Enter stops: the key must not go to a server that was not meant.
            values = tidied(self._typed(fields, has_defaults=is_first), fields)
            for field in fields:
                if field.is_masked:
                    self._answered(values[field.name])
            values = kept | values
            result = attempt(values)
            if not isinstance(result, Again):
                self._messages.say(result)
                return
            self._messages.say(f"{result.problem} Try again, or press Enter to stop.")
            fields, kept, is_first = result.fields, {}, False
            if result.keeps_typed:
                fields, kept = tuple(f for f in fields if f.name == result.at), values

    def _typed(self, fields: tuple[Field, ...], *, has_defaults: bool) -> dict[str, str]:
        from bw_magics.notebook.panels.question import CLIENT_SECRET, tidied

        typed: dict[str, str] = {}
        for field in fields:
            if field is CLIENT_SECRET and tidied(typed, fields).get(field.name):
                continue  # both halves were pasted into the first field
            typed[field.name] = self._one(field, has_default=has_defaults)
        return typed

    def _one(self, field: Field, *, has_default: bool) -> str:
        import getpass

        default = field.choices[0].value if has_default and field.choices else ""
        try:
            answer = getpass.getpass(f"{_label(field, default)}: ") or default
        except EOFError:
            answer = ""
        if not answer:
            raise PromptCancelled("Nothing was typed.", "Run the cell again to be asked again.")
        return answer

    def _answered(self, value: Secret) -> None:
        if self.on_answer is not None:
            self.on_answer(value)


def _label(field: Field, default: str) -> str:
    """Returns the label of the box, with what can be typed there and what Enter means."""
    if not field.choices:
        return field.label
    values = ", ".join(choice.value for choice in field.choices)
    enter = f"; Enter: {default}" if default else ""
    return f"{field.label} ({values} or its address{enter})"
