"""`Matcher`: knows all secrets and finds them in a text."""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence

from bw_magics.matching.encodings.anchors import Anchors
from bw_magics.matching.encodings.cut import Cut, cuts_of
from bw_magics.matching.encodings.forms import anchors_of, needles_of
from bw_magics.matching.encodings.markup import (
    ANSI,
    INLINE_TAGS,
    JOINTS,
    STRETCHED,
    View,
    has_joints,
)
from bw_magics.matching.encodings.short_runs import LARGE, ShortRuns
from bw_magics.matching.encodings.signs import NOT_PLAIN, Signs
from bw_magics.matching.found import Found, Source
from bw_magics.matching.mask import MASK, worded
from bw_magics.matching.search.boundary import stands_alone
from bw_magics.matching.search.compiled import SOME
from bw_magics.matching.search.index import SHORT, number, pieces
from bw_magics.matching.search.needle import Span, decode, encode, joined
from bw_magics.matching.search.patterns import Patterns

# From this size on, HTML is not searched without its tags.
HUGE = 1 << 20
# Up to this size it is quick to see that a text has no escapes.
_SMALL = 1 << 10
# Fewer bytes at the end of a text do not count as the beginning of a secret.
_LEAST_PREFIX = SHORT
# Needles with the same beginning, so many or more, get a list of their own.
_MANY_ALIKE = 16
# The needles of so many values are made in about 10 ms.
_MOST_NEW = 128
# To search two parts that are as near to each other takes longer than to search all between them.
_NEAR = 1 << 14


class Matcher:
    """The known secrets, and the search for them.

    Learning only notes the value; its needles are made at the next search, or when many wait: so
    no output waits long for them. `is_named` says that a mask names the value's source.
    """

    is_named = False

    def __init__(self) -> None:
        self._known: dict[str, Source] = {}
        self._new: list[tuple[str, Source]] = []
        self._passing: dict[str, tuple[float, Source]] = {}
        # Whether a needle counts anywhere, and of which value it is.
        self._of_needle: dict[bytes, tuple[bool, Source]] = {}
        # The same for values as their anchors and cuts have them.
        self._of_value: dict[bytes, Source] = {}
        self._needles = Patterns()
        # Cuts by their stubs, which are searched for beside the needles.
        self._cuts: dict[bytes, tuple[Cut, ...]] = {}
        self._anchors = Anchors()
        self._signs = Signs()
        self._short_runs = ShortRuns()
        # Whether any anchor is known: each small output asks.
        self._has_forms = False
        self._prefixes: dict[int, Sequence[bytes]] = {}
        self._longest = 0
        # How far the escaped form of a value reaches from any escape in it.
        self._longest_escaped = 0
        self._lock = threading.Lock()
        self._process = os.getpid()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to find."""
        return not self._known and not self._passing

    @property
    def longest(self) -> int:
        """The length of the longest needle in bytes."""
        self._update()
        return self._longest

    @property
    def version(self) -> int:
        """A number that grows with each value that is learnt."""
        return len(self._known)

    @property
    def reach(self) -> int | None:
        """How many bytes a find has at most; None where the whole of a text counts, or the time."""
        self._update()
        if self._passing or not self._short_runs.are_few:
            return None
        stretched = self._longest * STRETCHED
        return max(stretched, self._longest_escaped, self._short_runs.longest)

    def has_learnt(self, value: str) -> bool:
        """Returns whether the value is known, or will be at the next search."""
        return value in self._known

    def learn(self, value: str, label: str = "") -> None:
        """Searches for a value from now on; `label` says where it comes from."""
        source = self._known.get(value)
        if source is None:
            source = Source(len(value))
            source.add(label)
            # In this order: another thread that finds it known may search at once.
            self._new.append((value, source))
            self._known[value] = source
            if len(self._new) >= _MOST_NEW:
                self._update()
        else:
            source.add(label)

    def learn_for(self, value: str, seconds: float, label: str = "") -> None:
        """Searches for a value as a whole word, for so many seconds."""
        source = Source(len(value))
        source.add(label)
        self._passing[value] = (time.monotonic() + seconds, source)

    def hits(self, data: bytes, *, is_joined: bool = True) -> bool:
        """Returns whether anything may be found in there, also inside of what is escaped in it:
        quick, and never a false no. `is_joined` where it consists of texts that are searched one
        by one later.
        """
        if self._new:
            self._update()
        if self._needles.hits(data):
            return True
        # Most displays end here.
        if (len(data) > _SMALL or NOT_PLAIN.search(data)) and self._hits_changed(data, is_joined):
            return True
        return bool(self._passing) and any(True for _ in self._passing_places(data))

    def _hits_changed(self, data: bytes, is_joined: bool) -> bool:
        """Returns whether it may hit a text without joints, or what is escaped in it."""
        if has_joints(data) and self._needles.hits(JOINTS.sub(b"", data)):
            return True
        if self._has_escaped(data):
            parts = self._near_escapes(data)
            # Larger texts are not unescaped as a whole, but smaller ones inside may be.
            whole = [(0, len(data))] if parts is None else parts
            for start, end in whole if is_joined and not self._short_runs.are_few else ():
                if end - start > LARGE and self._short_runs.may_be_in(data[start:end]):
                    return True
            return any(True for _ in self._escaped(data, parts))
        return False

    def spans(self, data: bytes, *, is_html: bool = False, is_whole: bool = True) -> list[Span]:
        """Returns the spans of secrets; see `finds`."""
        return [(found[0], found[1]) for found in self.finds(data, is_html, is_whole)]

    def finds(self, data: bytes, is_html: bool = False, is_whole: bool = True) -> list[Found]:
        """Returns the secrets with their places, in order, none overlapping another; `is_whole`
        where nothing comes before or after the text.

        Colour codes and, in HTML, inline tags inside a value do not hide it. Of several secrets in
        one place, the longest is told.
        """
        all_found = self._find(data, is_whole)
        for view in self._views(data, is_html):
            for start, end, source in self._find(view.data, is_whole):
                for part in view.original((start, end)):
                    all_found.append(Found(*part, source))
                    source = None
        all_found.sort(key=_place)
        merged: list[Found] = []
        for found in all_found:
            if merged and found.start < merged[-1].end:
                last = merged[-1]
                longest = max(last, found, key=lambda each: each.source.size if each.source else 0)
                merged[-1] = Found(last.start, max(found.end, last.end), longest.source)
            else:
                merged.append(found)
        return merged

    def mask(self, text: str, *, is_html: bool = False) -> str:
        """Returns the text with every secret masked; the very same object where there is none."""
        data = encode(text)
        all_found = self.finds(data, is_html)
        if not all_found:
            return text
        parts: list[bytes] = []
        done = 0
        for found in all_found:
            parts += (data[done : found.start], encode(self.mask_of(found)))
            done = found.end
        parts.append(data[done:])
        return decode(b"".join(parts))

    def mask_of(self, found: Found) -> str:
        """Returns the text that replaces a find.

        It is the plain mask where names are private, and where a name has a secret in it.
        """
        if not self.is_named or found.source is None:
            return MASK
        count = len(self._known) + len(self._passing)
        known_at, mask = found.source.checked_mask
        if known_at != count:
            mask = worded(found.source.labels)
            if mask != MASK and self.finds(encode(mask)):
                mask = MASK
            found.source.checked_mask = (count, mask)
        return mask

    def begun(self, data: bytes) -> int:
        """Returns how many bytes at the end may be the beginning of a secret."""
        self._update()
        tail = data[-(self._longest - 1) :] if self._longest > 1 else b""
        for start, piece in sorted(pieces(tail, _LEAST_PREFIX, self._prefixes)):
            rest, needles = tail[start:], self._prefixes[piece]
            # The needles that continue `rest` are the next in order.
            after = bisect_right(needles, rest)
            if after < len(needles) and needles[after].startswith(rest):
                return len(rest)
        return 0

    # Inside.

    def _find(self, data: bytes, is_whole: bool) -> list[Found]:
        return [
            Found(start, end, source)
            for start, end, is_free, source in self._places(data, is_whole)
            if is_free or stands_alone(data, start, end)
        ]

    def _places(
        self, data: bytes, is_whole: bool
    ) -> Iterator[tuple[int, int, bool, Source | None]]:
        """Yields the spans of matches, whether each counts anywhere, and its value."""
        self._update()
        stubs: dict[Cut, list[Span]] = {}
        for start, end in self._needles.spans(data):
            # None while another thread is learning it.
            needle = data[start:end]
            if (known := self._of_needle.get(needle)) is not None:
                yield start, end, *known
            for cut in self._cuts.get(needle, ()):
                stubs.setdefault(cut, []).append((start, end))
        for cut, places in stubs.items():
            source = self._of_value.get(cut.value)
            for start, end in cut.spans(data, places, is_whole=is_whole):
                yield start, end, True, source
        if self._has_escaped(data):
            yield from self._escaped(data, self._near_escapes(data))
        if self._passing:
            yield from self._passing_places(data)

    def _has_escaped(self, data: bytes) -> bool:
        """Returns whether there may be something that no needle finds, because it is escaped."""
        return self._has_forms and self._signs.are_in(data)

    def _passing_places(self, data: bytes) -> Iterator[tuple[int, int, bool, Source | None]]:
        now = time.monotonic()
        for value, (last, source) in list(self._passing.items()):
            if last < now:
                self._passing.pop(value, None)
                continue
            for start, end in _every(encode(value), data):
                yield start, end, False, source

    def _near_escapes(self, data: bytes) -> list[Span] | None:
        """Returns parts of a large text that hold every escaped form; None where it is all one."""
        is_worth_it = len(self._anchors) > SOME or not self._short_runs.are_few
        if len(data) <= LARGE or not is_worth_it:
            return None
        return self._signs.near(data, max(self._longest_escaped, self._short_runs.longest))

    def _escaped(
        self, data: bytes, parts: list[Span] | None
    ) -> Iterator[tuple[int, int, bool, Source | None]]:
        begun: list[Span] = []
        whole = [(0, len(data))]
        near = whole if parts is None else joined((left, right + _NEAR) for left, right in parts)
        for left, right in near:
            for start, end, anchor in self._anchors.places(data[left:right]):
                if anchor is None:
                    begun.append((left + start, left + end))
                    continue
                of = self._of_value.get(anchor.value)
                yield left + start, left + end, anchor.is_free, of
        if self._anchors.is_crowded:
            self._update()
        if self._short_runs:
            for left, right in self._short_runs.parts(data, begun, parts):
                for begin, stop, is_free, value in self._short_runs.places(data[left:right]):
                    yield left + begin, left + stop, is_free, self._of_value.get(value)

    def _views(self, data: bytes, is_html: bool) -> Iterator[View]:
        if b"\x1b" in data:
            yield View(data, ANSI)
        if has_joints(data):
            yield View(data, JOINTS)
        if is_html and len(data) <= HUGE and b"<" in data:
            view = View(data, INLINE_TAGS)
            if view.is_shorter:
                yield view

    def _update(self) -> None:
        """Makes the needles of new values, and room where anchors are looked at in vain."""
        if not self._new and not self._anchors.is_crowded:
            return
        if self._process != os.getpid():
            # After a fork, a thread of the parent may hold the lock for ever.
            self._process, self._lock = os.getpid(), threading.Lock()
        with self._lock:
            self._take_new()
            if self._anchors.is_crowded:
                self._anchors.make_room()

    def _take_new(self) -> None:
        # What says that it was done comes last: an interrupt may come between any two steps, and
        # what it left undone is done the next time.
        count = len(self._new)
        for value, source in self._new[:count]:
            entries = {is_free: (is_free, source) for is_free in (False, True)}
            for needle, is_free in needles_of(value).items():
                known = self._of_needle.get(needle)
                if known is None:
                    self._needles.add(needle)
                    self._take_prefix(needle)
                    self._longest = max(self._longest, len(needle))
                    self._of_needle[needle] = entries[is_free]
                # What is a value of its own is not told as a part of a longer one.
                elif source.size < known[1].size:
                    self._of_needle[needle] = entries[is_free or known[0]]
                elif is_free and not known[0]:
                    self._of_needle[needle] = (True, known[1])
            for cut in cuts_of(value):
                self._of_value.setdefault(cut.value, source)
                others = self._cuts.get(cut.stub, ())
                if cut not in others:
                    self._cuts[cut.stub] = (*others, cut)
                if not others and cut.stub not in self._of_needle:
                    self._needles.add(cut.stub)
            for anchor in anchors_of(value):
                if len(anchor.value) < SHORT:
                    continue
                of_value = self._of_value.get(anchor.value)
                if of_value is None or source.size < of_value.size:
                    self._of_value[anchor.value] = source
                self._signs.learn(anchor.value)
                self._has_forms = True
                if anchor.is_bare:
                    self._anchors.take_beginnings(anchor, self._short_runs.take(anchor))
                    continue
                self._longest_escaped = max(self._longest_escaped, anchor.longest)
                self._anchors.take(anchor)
        del self._new[:count]

    def _take_prefix(self, needle: bytes) -> None:
        prefix = number(needle[:_LEAST_PREFIX])
        known = self._prefixes.get(prefix, ())
        if isinstance(known, list):
            insort(known, needle)
        else:
            # The garbage collector leaves tuples alone; to make many anew would take longer.
            known = sorted((*known, needle))
            self._prefixes[prefix] = tuple(known) if len(known) < _MANY_ALIKE else known


def _place(found: Found) -> Span:
    return found.start, found.end


def _every(needle: bytes, data: bytes) -> Iterator[Span]:
    start = data.find(needle)
    while start >= 0:
        yield start, start + len(needle)
        start = data.find(needle, start + 1)
