"""`Guard`: learns every secret and masks it in this process's outputs."""

from __future__ import annotations

import base64
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from bw_magics.announcing import Announcement, leave, listen
from bw_magics.matching.search.needle import encode
from bw_magics.secrecy.ordinary import DEMO, SHORTEST, is_ordinary
from bw_magics.secret import Secret
from bw_magics.settings import ACCESS_TOKEN, CLIENT_SECRET, MASTER_PASSWORD

if TYPE_CHECKING:
    from bw_magics.matching.matcher import Matcher
    from bw_magics.notebook.guard.hooks.clear_texts import ClearTexts
    from bw_magics.notebook.guard.hooks.stream import KernelStream

SESSION = "BW_SESSION"
VARIABLES = (MASTER_PASSWORD, CLIENT_SECRET, ACCESS_TOKEN, SESSION)

# Servers accept a one-time code a little longer than it is shown.
_GRACE = 30.0
# The public members of a passkey: words of its protocol, names, its site.
_PLAIN_IN_PASSKEYS = frozenset(
    [
        "keyType",
        "keyAlgorithm",
        "keyCurve",
        "rpId",
        "rpName",
        "userName",
        "userDisplayName",
        "counter",
        "discoverable",
    ]
)
# At most so many remarks on values that are not masked.
_REMARKS = 5
# In characters: the guard learns so much of a file, and does not mask the rest.
_MOST = 1 << 18

# How secrets are shown: with the name of their source, without it, or in clear.
Redaction = Literal["named", "plain", False]

HOW_TO_LOOK = "%bw_get OBJECT NAME --reveal"


class Tap(Protocol):
    """A place where text leaves the process."""

    def remove(self) -> None:
        """Stops masking there."""


class Guard:
    """The mask over every learnt secret in everything that a kernel or terminal shows.

    It learns from announcements and through `learn`, and knows at once what
    the environment holds. Nothing is loaded and no place is watched before the first secret;
    what it knows it knows until the process ends, because variables outlive a lock; so does the
    guard of an extension that is loaded again. `say` prints a line.
    """

    _remembered: ClassVar[Matcher | None] = None

    def __init__(self, shell: Any, say: Callable[[str], None]) -> None:
        self._shell = shell
        self._say = say
        self._taps: list[Tap] = []
        self._streams: list[KernelStream] = []
        self._matcher_ = Guard._remembered
        self._clear: ClearTexts | None = None
        self._watched: Any = None
        self._redaction: Redaction = False
        self._has_masked = False
        self._has_said_so = False
        self._remarked: set[str] = set()
        self._lock = threading.RLock()

    # Sources of secrets.

    def watch(self, prompt: Any) -> None:
        """Learns every secret that is made in the process, and everything that is typed at a
        prompt, until `close`.
        """
        self._watched = prompt
        listen(self.hear)
        prompt.on_answer = self.learn

    def close(self) -> None:
        """Stops masking and learning; keeps what it knows for the next guard of the process."""
        self.show_secrets(False)
        Guard._remembered = self._matcher_
        if self._watched is not None:
            self._watched.on_answer, self._watched = None, None
            leave(self.hear)

    def end(self) -> None:
        """Sends what was held back when the process ends, and masks what Python still shows."""
        self._give_out()
        for original in (sys.__stdout__, sys.__stderr__):
            if original is not None:
                with contextlib.suppress(OSError, ValueError):
                    original.flush()
        matcher = self._matcher_
        if matcher is None:
            return  # no secret was learnt, so nothing is masked
        from bw_magics.notebook.guard.hooks.server_log import ServerLog

        logs = [tap for tap in self._taps if isinstance(tap, ServerLog)]
        if logs:
            # Their threads end before the last objects do, which may print once more.
            self._install_in_streams(matcher)
        for log in logs:
            log.settle()
            self._taps.remove(log)
            log.remove()

    # On and off.

    @property
    def is_on(self) -> bool:
        """Whether outputs are searched, from the first secret on."""
        return self._redaction is not False

    def show_secrets(self, how: Redaction) -> None:
        """Begins to mask, with names or without, knowing what the environment holds now; or, with
        False, stops and takes every tap away, and goes on learning.
        """
        self._redaction = how
        if self._matcher_ is not None:
            self._matcher_.is_named = how == "named"
        if not how:
            with self._lock:
                taps, self._taps, self._streams = self._taps, [], []
            for tap in reversed(taps):
                tap.remove()
            return
        for name in VARIABLES:
            value = os.environ.get(name)
            if value:
                self.learn(Secret(value, name))
        self._install()

    # Learning.

    def hear(self, announcement: Announcement) -> None:
        """Learns the secret that was announced."""
        self.learn(
            announcement.value,
            lifetime=announcement.lifetime,
            is_elsewhere=announcement.stands_elsewhere,
        )

    def learn(
        self,
        secret: Secret | bytes,
        *,
        lifetime: float | None = None,
        is_elsewhere: Callable[[], bool] | None = None,
    ) -> None:
        """Masks a secret from now on, or says once that it is too ordinary for that.

        `lifetime` is in seconds; `is_elsewhere` tells whether the text also appears where it is
        not secret.
        """
        if not isinstance(secret, Secret):
            for text in texts_of(secret):
                self.learn_quietly(text, getattr(secret, "label", ""))
            return
        if lifetime is not None:
            if len(secret) < SHORTEST:
                self._remark(secret.label)
                return
            self._matcher.learn_for(str(secret), lifetime + _GRACE, secret.label)
            self._watch_outputs()
            return
        if self._matcher_ is not None and self._matcher_.has_learnt(secret):
            self._matcher_.learn(str(secret), secret.label)
            self._watch_outputs()
            return
        what = secret.label.rpartition(" / ")[2]
        if what == "client_id" or secret == DEMO:  # typed like a secret, and none
            return
        if what.startswith("passkey ") and what.removeprefix("passkey ") in _PLAIN_IN_PASSKEYS:
            return
        if (
            len(secret.strip()) < SHORTEST
            or (is_elsewhere is not None and is_elsewhere())
            or is_ordinary(secret)
        ):
            self._remark(secret.label)
            return
        from bw_magics.secrecy.parts import LARGEST

        if len(secret) > LARGEST and self.is_on and secret.label not in self._remarked:
            self._remarked.add(secret.label)
            self._say(
                f"{secret.label} is long. Secrets after its first {LARGEST // 1024} KB are masked "
                "only together with the text around them."
            )
        self._matcher.learn(str(secret), secret.label)
        self._watch_outputs()

    def learn_quietly(self, text: str, label: str = "") -> None:
        """Masks a text if it is not too ordinary; says nothing otherwise."""
        if len(text.strip()) >= SHORTEST and not is_ordinary(text) and text != DEMO:
            self._matcher.learn(text, label)
            self._watch_outputs()

    def knows(self, text: str | bytes) -> bool:
        """Returns whether a text, or the UTF-8 of one, contains a known secret."""
        if self._matcher_ is None:
            return False
        return bool(self._matcher_.spans(encode(text) if isinstance(text, str) else text))

    # For the events of a shell.

    def before_cell(self) -> None:
        """Watches streams that took the place of others."""
        self._install()

    def after_cell(self) -> None:
        """Sends what was held back, and explains the mask once."""
        self._give_out()
        self._install()
        if self._has_masked and not self._has_said_so:
            self._has_said_so = True
            self._say(
                "bw_magics shows secrets as [REDACTED …], so that they are not saved with the "
                f"notebook. To look at a value, which is not saved then: {HOW_TO_LOOK}"
            )

    # Inside.

    @property
    def _matcher(self) -> Matcher:
        if self._matcher_ is None:
            from bw_magics.matching.matcher import Matcher

            self._matcher_ = Matcher()
            self._matcher_.is_named = self._redaction == "named"
        return self._matcher_

    def _watch_outputs(self) -> None:
        if not self._taps:
            self._install()

    def _remark(self, label: str) -> None:
        # A typed value may be wrong; nothing has checked it yet.
        if " / " not in label and label not in VARIABLES:
            return
        if label in self._remarked or not self.is_on or len(self._remarked) > _REMARKS:
            return
        self._remarked.add(label)
        if len(self._remarked) > _REMARKS:
            self._say("More values are not masked in outputs, for the same reason.")
        else:
            self._say(
                f"{label} is not masked in outputs: it is very short, a common word, date, number "
                "or address, or a name that also appears elsewhere."
            )

    def _give_out(self) -> None:
        for stream in list(self._streams):
            stream.release()

    def _noticed(self) -> None:
        self._has_masked = True

    def _install(self) -> None:
        if not self.is_on or self._matcher_ is None or self._matcher_.is_empty:
            return
        with self._lock:
            session = getattr(getattr(self._shell, "kernel", None), "session", None)
            if session is not None:
                self._install_in_kernel(session, self._matcher_)
            else:
                self._install_in_terminal(self._matcher_)
            self._install_in_pandas(self._matcher_)

    def _install_in_pandas(self, matcher: Matcher) -> None:
        from bw_magics.notebook.guard.hooks.arrow_texts import ArrowTexts, WaitingForPandas

        if any(isinstance(tap, ArrowTexts) for tap in self._taps):
            return
        if ArrowTexts.fits():
            self._taps.append(ArrowTexts(matcher))
        elif not any(isinstance(tap, WaitingForPandas) for tap in self._taps):
            self._taps.append(WaitingForPandas(self._install))

    def _install_in_kernel(self, session: Any, matcher: Matcher) -> None:
        from bw_magics.notebook.guard.hooks.clear_texts import ClearTexts
        from bw_magics.notebook.guard.hooks.kernel import KernelMessages
        from bw_magics.notebook.guard.hooks.server_log import ServerLog
        from bw_magics.notebook.guard.hooks.stream import KernelStream

        if not self._taps:
            if self._clear is None or self._clear.matcher is not matcher:
                self._clear = ClearTexts(matcher)
            self._taps.append(
                KernelMessages(
                    session,
                    matcher,
                    on_mask=self._noticed,
                    streams=self._streams,
                    clear=self._clear,
                )
            )
        for stream in (sys.stdout, sys.stderr):
            if not KernelStream.fits(stream) or any(tap.watches(stream) for tap in self._streams):
                continue
            tap = KernelStream(stream, matcher, on_mask=self._noticed)
            self._streams.append(tap)
            self._taps.append(tap)
            if ServerLog.fits(stream):
                self._taps.append(ServerLog(stream, matcher))

    def _install_in_terminal(self, matcher: Matcher) -> None:
        from bw_magics.notebook.guard.hooks.terminal import TerminalStream

        if self._taps:
            for tap in self._taps:
                if isinstance(tap, TerminalStream):
                    tap.renew()
            return
        self._install_in_streams(matcher)

    def _install_in_streams(self, matcher: Matcher) -> None:
        from bw_magics.notebook.guard.hooks.terminal import TerminalStream

        # Not their temporary replacements: a captured output stays as it is.
        for stream in (sys.__stdout__, sys.__stderr__):
            if TerminalStream.fits(stream):
                self._taps.append(TerminalStream(stream, matcher, on_mask=self._noticed))


def texts_of(data: bytes) -> tuple[str, ...]:
    """Returns the text of bytes, or their base64 and hex where they are not text."""
    data = bytes(data[:_MOST])
    try:
        return (data.decode(),)
    except UnicodeDecodeError:
        return (base64.b64encode(data).decode(), data.hex())
