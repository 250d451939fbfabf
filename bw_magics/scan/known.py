"""`KnownValues`: the seeker that has the values themselves, from an unlocked vault."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from bw_magics.errors import BitwardenError, VaultLocked
from bw_magics.matching.encodings.markup import ANSI, INLINE_TAGS
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.screen import load
from bw_magics.scan.seeker import Match
from bw_magics.secrecy.ordinary import DEMO, SHORTEST, is_ordinary
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import CLIENT_SECRET, MASTER_PASSWORD
from bw_magics.using import unrecorded
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
        self._matcher = Matcher()
        self._count = 0
        for value in values:
            if _is_worth_it(value):
                self._count += not self._matcher.has_learnt(str(value))
                self._matcher.learn(str(value), value.label)
        self._searched = 0
        self._is_fast = False

    def __repr__(self) -> str:
        return f"<KnownValues: {self.count}>"

    @property
    def count(self) -> int:
        """How many values are searched for."""
        return self._count

    @property
    def reach(self) -> int:
        """How many bytes a value can take at most."""
        return max(_REACH, self._matcher.longest)

    def may_hold(self, data: bytes, *, is_joined: bool = False) -> bool:
        """Returns whether a value may be in there."""
        self._searched += len(data)
        if not self._is_fast and self._searched * self._count > _MUCH:
            self._is_fast = load()
        return self._count > 0 and self._matcher.hits(data, is_joined=is_joined)

    def matches(self, data: bytes, *, is_html: bool = False) -> list[Match]:
        """Returns every place of a value, in order."""
        found: list[Match] = []
        for start, end, source in self._matcher.finds(data, is_html):
            # Colours and tags part a value; only its first part says whose it is.
            if source is None and found and _is_markup(data[found[-1].end : start]):
                found[-1] = found[-1]._replace(end=end)
            else:
                found.append(Match(start, end, tuple(sorted(source.labels if source else ()))))
        return found


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
            with unrecorded():
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
