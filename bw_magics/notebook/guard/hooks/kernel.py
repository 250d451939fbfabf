"""`KernelMessages`: masks every message that a kernel sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bw_magics.matching.encodings.markup import without_tags
from bw_magics.matching.matcher import HUGE, Matcher
from bw_magics.matching.search.needle import encode
from bw_magics.notebook.guard.hooks.clear_texts import ClearTexts
from bw_magics.notebook.guard.hooks.packed import readable
from bw_magics.notebook.guard.hooks.passage import is_open
from bw_magics.notebook.guard.hooks.payload import Text, has_payload, masked, texts_of
from bw_magics.notebook.guard.hooks.stream import KernelStream, Searched
from bw_magics.notebook.guard.hooks.withheld import withheld

_JSON = b"{"
_BACKSLASH, _LESS = rb"\<"
# A display of HTML has this text, too, and the same one each time.
_HTML_OBJECT = "<IPython.core.display.HTML object>"
_PLACE = "here"
# Up to this size the packed message is searched as it is: to go through it takes longer.
_SMALL = 1 << 11
# Texts of a display that are as large are searched one by one.
_LARGE = 1 << 16
# Held-back prints are sent before these messages: front ends show both in that order.
_BEHIND_STREAMS = frozenset(
    ["clear_output", "display_data", "error", "execute_result", "input_request"]
)


class KernelMessages:
    """The hook that masks the payload of what a kernel's session sends, on every channel.

    It wraps `session.serialize`, which knows what kind of message it has; the packed bytes are
    searched first; only after a hit is the payload searched part by part. The message keeps the
    masked content, because the kernel logs it. If the guard fails, the payload is withheld and
    the rest of the message is sent.
    """

    def __init__(
        self,
        session: Any,
        matcher: Matcher,
        *,
        on_mask: Callable[[], None],
        streams: Sequence[KernelStream] = (),
        clear: ClearTexts | None = None,
    ) -> None:
        self._session = session
        self._matcher = matcher
        self._clear = clear or ClearTexts(matcher)
        self._on_mask = on_mask
        self._streams = streams
        self._original: Callable[..., list[bytes]] = session.serialize
        self._is_on = True
        # Most of a small display; no secret begins in the one or ends in the other.
        self._before, self._after = _around(session.pack, {"text/plain": _PLACE})
        self._before_html, _ = _around(
            session.pack, {"text/plain": _HTML_OBJECT, "text/html": _PLACE}
        )
        session.serialize = self._serialize

    def remove(self) -> None:
        """Restores `serialize`. Where other code has wrapped it since, only stops masking."""
        self._is_on = False
        if self._session.serialize == self._serialize:
            del self._session.serialize
            if self._session.serialize != self._original:
                self._session.serialize = self._original

    def _serialize(self, message: Any, ident: Any = None) -> list[bytes]:
        # Every display passes here, so a message without secrets takes few steps.
        if not self._is_on:
            return self._original(message, ident)
        kind = message["header"]["msg_type"]
        if kind in _BEHIND_STREAMS:
            for stream in self._streams:
                if stream.holding:
                    stream.release()
        packed = self._original(message, ident)
        content = message.get("content")
        if kind == "stream" and type(content) is dict and type(content.get("text")) is Searched:
            return packed
        try:
            if not self._may_hit(kind, content, packed[-1]):
                return packed
            clean = self._masked(kind, content, packed[-1])
            if clean is None:
                return packed
            sent = self._original({**message, "content": clean}, ident)
        except Exception:
            if is_open() or not has_payload(kind, content):
                return packed
            clean = withheld(kind, content)
            sent = self._original({**message, "content": clean}, ident)
        message["content"] = clean
        return sent

    def _may_hit(self, kind: str, content: object, packed: bytes) -> bool:
        """Returns whether there may be something to mask in a message with this packed content."""
        if packed[:1] != _JSON:
            return True
        if len(packed) >= _SMALL and type(content) is dict:
            if (display := texts_of(kind, content)) is not None:
                # As they are: to undo the escapes of the packed text takes longer than a search.
                texts, is_all = display
                large = [each for each in texts if len(each.text) >= _LARGE]
                if any(map(self._hits_large, large)):
                    return True
                if is_all:
                    return self._hits_small(texts)
                for each in large:
                    # To pack the rest by itself would find its iterators at their end.
                    packed = packed.replace(self._session.pack(each.text), b'""', 1)
        else:
            packed = packed.removeprefix(self._before_html).removeprefix(self._before)
            packed = packed.removesuffix(self._after)
            # Most displays end here.
            if _BACKSLASH not in packed and _LESS not in packed:
                return self._matcher.hits(packed)
        text = readable(packed, may_be_html=len(packed) <= HUGE)
        return text is None or self._clear.hits(text)

    def _hits_large(self, each: Text) -> bool:
        if each.is_html is None:
            return False
        is_html = each.is_html and len(each.text) <= HUGE
        return self._clear.hits(encode(each.text), is_joined=False, is_html=is_html)

    def _hits_small(self, texts: list[Text]) -> bool:
        """Returns whether those that are not large may hit, in one search."""
        small = [text for text, is_html in texts if is_html is not None and len(text) < _LARGE]
        data = encode("\n".join(small))
        if _LESS in data and (untagged := without_tags(data)) is not None:
            data += b"\n" + untagged
        return self._clear.hits(data)

    def _masked(self, kind: str, content: object, packed: bytes) -> dict[str, Any] | None:
        """Returns the content masked, or None where there is nothing to mask."""
        if self._matcher.is_empty or is_open() or not has_payload(kind, content):
            return None
        # As its receiver reads it: sets, arrays and iterators are lists only in there.
        unpacked: dict[str, Any] = self._session.unpack(packed)
        clean = masked(kind, unpacked, self._matcher)
        if clean == unpacked:
            return None
        self._on_mask()
        return clean


def _around(pack: Callable[[object], bytes], data: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Returns what a packer puts before and behind the text of a display; packers differ."""
    packed = pack({"data": data, "metadata": {}, "transient": {}})
    before, _, after = packed.partition(_PLACE.encode())
    return before, after
