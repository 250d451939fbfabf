"""`KnownValues`: the seeker that has the values themselves, from an unlocked vault."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from bw_magics.errors import BitwardenError, VaultLocked
from bw_magics.matching.encodings.cut import cuts_of
from bw_magics.matching.encodings.escapes import Unescaped
from bw_magics.matching.encodings.forms import needles_of
from bw_magics.matching.encodings.markup import ANSI, INLINE_TAGS
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import Span, encode
from bw_magics.matching.search.screen import load
from bw_magics.scan.seeker import Match
from bw_magics.secrecy.ordinary import DEMO, SHORTEST, is_ordinary
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import CLIENT_SECRET, MASTER_PASSWORD
from bw_magics.vault.selection import Selection

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item

# Longer values are searched for in pieces of such a length; six bytes an escaped character.
_REACH = 1 << 14
# From so many bytes times values on, to load numpy takes less time than it saves.
_MUCH = 1 << 32
_FILTERS = (Selection(), Selection(archived=True), Selection(trash=True))


class KnownValues(Unpicklable):
    """A seeker for values in every form that the output guard knows."""

    def __init__(self, values: Iterable[Secret]) -> None:
        self._labels: defaultdict[str, list[str]] = defaultdict(list)
        self._matcher = Matcher()
        for value in values:
            if _is_worth_it(value):
                self._matcher.learn(str(value))
                self._labels[str(value)].append(value.label)
        # The labels of each form; made at the first hit, which most scans never have.
        self._forms: dict[bytes, tuple[str, ...]] | None = None
        self._searched = 0
        self._is_fast = False

    def __repr__(self) -> str:
        return f"<KnownValues: {self.count}>"

    @property
    def count(self) -> int:
        """How many values are searched for."""
        return len(self._labels)

    @property
    def reach(self) -> int:
        """How many bytes a value can take at most."""
        return max(_REACH, self._matcher.longest)

    def may_hold(self, data: bytes, *, is_joined: bool = False) -> bool:
        """Returns whether a value may be in there."""
        self._searched += len(data)
        if not self._is_fast and self._searched * len(self._labels) > _MUCH:
            self._is_fast = load()
        return bool(self._labels) and self._matcher.hits(data, is_joined=is_joined)

    def matches(self, data: bytes, *, is_html: bool = False) -> list[Match]:
        """Returns every place of a value, in order."""
        whole: list[Span] = []
        for start, end in self._matcher.spans(data, is_html=is_html):
            # Colours and tags part a value into several spans.
            if whole and start > whole[-1][1] and _is_markup(data[whole[-1][1] : start]):
                whole[-1] = (whole[-1][0], end)
            else:
                whole.append((start, end))
        return [Match(start, end, self._names(data[start:end])) for start, end in whole]

    def _names(self, found: bytes) -> tuple[str, ...]:
        if self._forms is None:
            self._forms = self._made_forms()
        plain = INLINE_TAGS.sub(b"", ANSI.sub(b"", found))
        for form in (found, plain, Unescaped.of(plain).data, Unescaped.of(plain).data.strip()):
            if labels := self._forms.get(form):
                return labels
        # Only a part of a value: cut by a library, or parted by markup.
        part = Unescaped.of(plain).data
        inside = {
            label
            for form, labels in self._forms.items()
            if len(part) >= SHORTEST and (part in form or form in part)
            for label in labels
        }
        return tuple(sorted(inside))

    def _made_forms(self) -> dict[bytes, tuple[str, ...]]:
        forms: dict[bytes, dict[str, None]] = {}
        for value, labels in self._labels.items():
            named = dict.fromkeys(labels)
            texts = [*needles_of(value), *(cut.stub for cut in cuts_of(value)), encode(value)]
            for form in texts:
                forms.setdefault(form, {}).update(named)
        return {form: tuple(sorted(labels)) for form, labels in forms.items()}


def values_of(
    vault: Vault, *, skipped: Callable[[str], None], environment: bool = True
) -> Iterator[Secret]:
    """Yields every secret of an unlocked vault, trash included, and those of `BW_*` variables.

    `skipped` is called with a sentence for each item that cannot be read. Attachments are not
    downloaded. Raises `VaultLocked`.
    """
    if environment:
        for name in (MASTER_PASSWORD, CLIENT_SECRET):
            if value := os.environ.get(name):
                yield Secret(value, name)
    seen: set[str] = set()
    for selection in _FILTERS:
        for item in vault.items(selection):
            if item.id in seen:
                continue
            seen.add(item.id)
            yield from _secrets_of(item, skipped)


def _secrets_of(item: Item, skipped: Callable[[str], None]) -> Iterator[Secret]:
    plain = {text.strip() for text in (item.name, *_readable(lambda: [item.username or ""]))}
    readers: list[Callable[[], Iterable[object]]] = [
        lambda: (past.password for past in item.password_history),
        lambda: (field.value for field in item.fields),
        lambda: item.uris,
        lambda: [item.notes],
        lambda: (passkey.get("keyValue") for passkey in item.passkeys),
    ]
    if item.item_type is not None:
        for name in item.item_type.secret:
            readers.append(lambda name=name: [item.member(name)])  # type: ignore[misc] # a default
    if item.problem:
        skipped(f"'{item.name}' cannot be read: {item.problem}")
        return
    for read in readers:
        try:
            values = [value for value in read() if isinstance(value, Secret)]
        except VaultLocked:
            raise
        except BitwardenError as error:
            skipped(f"'{item.name}': {error}")
            continue
        yield from (value for value in values if value.strip() not in plain)


def _is_markup(between: bytes) -> bool:
    return not INLINE_TAGS.sub(b"", ANSI.sub(b"", between))


def _readable(read: Callable[[], list[str]]) -> list[str]:
    try:
        return read()
    except VaultLocked:
        raise
    except BitwardenError:
        return []


def _is_worth_it(value: str) -> bool:
    return len(value.strip()) >= SHORTEST and not is_ordinary(value) and value != DEMO
