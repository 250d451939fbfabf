"""`KernelMessages`: the one place that every message of a kernel passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bw_magics.notebook.guard.automaton import Automaton, is_available
from bw_magics.notebook.guard.matcher import HUGE, Matcher
from bw_magics.notebook.guard.passage import is_open
from bw_magics.notebook.guard.payload import has_payload, masked
from bw_magics.notebook.guard.stream import Searched
from bw_magics.notebook.guard.withheld import withheld

# In a packed message: colour codes, or HTML, either of which may stand inside a value. Large HTML
# is not searched without its tags (`markup`).
_COLOUR = b"\\u001b["
_HTML = b"text/html"
_TAG = b"</"
# What is shown behind all that was printed before it, so that nothing of that is held back longer.
_BEHIND_STREAMS = frozenset(
    ["clear_output", "display_data", "error", "execute_result", "input_request"]
)
# From this size on, the code is found with the library, which is faster.
_LARGE = 1 << 16


class KernelMessages:
    """Masks the payload of what a kernel's session sends, on every channel.

    It wraps `session.serialize`, which knows what kind of message it has; the packed bytes are
    searched first, and only where they have something is the payload gone through. The message
    keeps the masked content, because the kernel logs it. If the guard fails, the payload is
    withheld and the message goes its way.
    """

    def __init__(
        self,
        session: Any,
        matcher: Matcher,
        *,
        on_mask: Callable[[], None],
        before_others: Callable[[], None] = lambda: None,
    ) -> None:
        self._session = session
        self._matcher = matcher
        self._on_mask = on_mask
        self._before_others = before_others
        self._original: Callable[..., list[bytes]] = session.serialize
        self._is_on = True
        self._colours: Automaton | None = None
        session.serialize = self._serialize

    def remove(self) -> None:
        """Takes it away; where somebody else wrapped it since, it only stops."""
        self._is_on = False
        if self._session.serialize == self._serialize:
            del self._session.serialize
            if self._session.serialize != self._original:
                self._session.serialize = self._original

    def _serialize(self, message: Any, ident: Any = None) -> list[bytes]:
        kind, content = message["header"]["msg_type"], message.get("content")
        if kind in _BEHIND_STREAMS and self._is_on:
            self._before_others()
        packed = self._original(message, ident)
        if not self._is_on or self._matcher.is_empty or is_open():
            return packed
        if not has_payload(kind, content):
            return packed
        if kind == "stream" and type(content.get("text")) is Searched:
            return packed
        try:
            clean = self._masked(kind, packed[-1])
            if clean is None:
                return packed
            sent = self._original({**message, "content": clean}, ident)
        except Exception:
            clean = withheld(kind, content)
            sent = self._original({**message, "content": clean}, ident)
        message["content"] = clean
        return sent

    def _masked(self, kind: str, packed: bytes) -> dict[str, Any] | None:
        """The content masked, or None where there is nothing to mask."""
        if packed.startswith(b"{") and not self._may_hit(kind, packed):
            return None
        # As its receiver reads it: sets, arrays and iterators are lists only in there.
        content: dict[str, Any] = self._session.unpack(packed)
        clean = masked(kind, content, self._matcher)
        if clean == content:
            return None
        self._on_mask()
        return clean

    def _may_hit(self, kind: str, packed: bytes) -> bool:
        """Whether there may be something to mask in a content that is packed as JSON."""
        has_html = len(packed) <= HUGE and (
            _HTML in packed or (kind.startswith("comm_") and _TAG in packed)
        )
        return has_html or self._has_colours(packed) or self._matcher.hits(packed)

    def _has_colours(self, packed: bytes) -> bool:
        if len(packed) < _LARGE or not is_available():
            return _COLOUR in packed
        if self._colours is None:
            self._colours = Automaton([_COLOUR])
        return any(True for _ in self._colours.spans(packed))
