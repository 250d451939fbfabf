"""`KeptVault`: the records of a vault in a cache file, opened page by page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, overload

import msgspec
from msgspec.structs import replace

from bw_magics.crypto.cache import CacheKey
from bw_magics.errors import CryptographyError
from bw_magics.session.storage.cache_file import (
    CATALOGUE,
    RECORDS,
    REST,
    CacheFile,
    Table,
    bound_to,
    starts,
)
from bw_magics.vault.kept import LOST, KeptCatalogue, KeptRecords
from bw_magics.vault.snapshot import MOST_ITEMS, Snapshot

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherUserKey

# In bytes of records: large enough that few keys are derived to read all, and small enough that
# one item is read at once.
PAGE = 64 * 1024
# Pages that stay open: 2 MB.
_OPEN = 32

_DECODER = msgspec.msgpack.Decoder(list[bytes])


class KeptVault(KeptRecords):
    """The records of the items, each read from its page when it is asked for.

    It holds the key of the records and not that of the catalogue: after a lock it knows what a
    downloaded vault knows, records that are still encrypted. A page that is damaged gives `LOST`
    for each of its records. `on_damage` is called with a file of which a part is damaged.

    Raises `ValueError`, `OSError` and `CryptographyError` where the file is not whole, or not of
    this account and key.
    """

    def __init__(
        self,
        file: CacheFile,
        account: Sequence[str],
        user_key: EitherUserKey,
        *,
        on_damage: Callable[[CacheFile], None],
    ) -> None:
        table, raw, at = file.table()
        self._file = file
        self._bound = bound_to(account, file.header.raw, raw)
        self._on_damage = on_damage
        key = self._derived(user_key, RECORDS)
        self.rest = key.open(REST, file.read(at, table.rest))
        self._catalogue_at, self._catalogue_size = at + table.rest, table.catalogue
        self._pages = _Pages(file, key, table, self._catalogue_at + table.catalogue, on_damage)
        self._page = lru_cache(maxsize=_OPEN)(self._pages.open)
        self._first = starts(table.counts)
        if len(self) > MOST_ITEMS:
            raise ValueError

    def __repr__(self) -> str:
        return f"<KeptVault of {len(self)} items>"

    def __len__(self) -> int:
        return self._first[-1]

    @overload
    def __getitem__(self, position: int) -> msgspec.Raw: ...
    @overload
    def __getitem__(self, position: slice) -> list[msgspec.Raw]: ...
    def __getitem__(self, position: int | slice) -> msgspec.Raw | list[msgspec.Raw]:
        if isinstance(position, slice):
            return [self[each] for each in range(len(self))[position]]
        if not 0 <= position < len(self):
            raise IndexError(position)
        number = self._page_of(position)
        return self._page(number)[position - self._first[number]]

    def __iter__(self) -> Iterator[msgspec.Raw]:
        for number in range(len(self._first) - 1):
            yield from self._page(number)

    @property
    def is_damaged(self) -> bool:
        """Whether a page that was asked for is damaged."""
        return bool(self._pages.lost)

    def is_lost(self, position: int) -> bool:
        """Tells whether the record at a position was found to be damaged."""
        return self.is_damaged and self._page_of(position) in self._pages.lost

    def catalogue(self, user_key: EitherUserKey) -> KeptCatalogue | None:
        """Returns the catalogue that is kept beside the records, None where none is usable."""
        found: KeptCatalogue | None = None
        try:
            sealed = self._file.read(self._catalogue_at, self._catalogue_size)
            found = KeptCatalogue.decoded(self._derived(user_key, CATALOGUE).open(0, sealed))
        except (OSError, ValueError, CryptographyError):
            self._on_damage(self._file)
        if found is not None and len(found.names) != len(self):
            found = None
        self.lacks_catalogue = found is None
        return found

    def snapshot(self) -> Snapshot:
        """Returns the vault, without its download. Raises `AnswerUnusable`."""
        snapshot = Snapshot.parse(self.rest, revision=self._file.header.revision)
        return replace(snapshot, records=self)

    def _page_of(self, position: int) -> int:
        return bisect_right(self._first, position) - 1

    def _derived(self, user_key: EitherUserKey, kind: bytes) -> CacheKey:
        salt = self._file.header.salt
        return CacheKey(user_key, kind=kind, salt=salt, bound=self._bound)


class _Pages:
    """Opens pages; `lost` are the numbers of those that are damaged."""

    def __init__(
        self,
        file: CacheFile,
        key: CacheKey,
        table: Table,
        at: int,
        on_damage: Callable[[CacheFile], None],
    ) -> None:
        self._file, self._key, self._table = file, key, table
        self._starts = starts(table.pages, at)
        self._on_damage = on_damage
        self.lost: set[int] = set()

    def open(self, number: int) -> list[msgspec.Raw]:
        count = self._table.counts[number]
        try:
            sealed = self._file.read(self._starts[number], self._table.pages[number])
            records = _DECODER.decode(self._key.open(REST + 1 + number, sealed))
            if len(records) == count:
                return [*map(msgspec.Raw, records)]
        except (OSError, ValueError, CryptographyError, msgspec.MsgspecError):
            pass
        self.lost.add(number)
        self._on_damage(self._file)
        return [LOST] * count


def encoded_pages(records: Iterable[msgspec.Raw]) -> Iterator[tuple[bytes, int]]:
    """Returns the records in pages, each with the number of records in it."""
    page: list[bytes] = []
    size = 0
    for record in records:
        data = bytes(record)
        if page and size + len(data) > PAGE:
            yield msgspec.msgpack.encode(page), len(page)
            page, size = [], 0
        page.append(data)
        size += len(data)
    if page:
        yield msgspec.msgpack.encode(page), len(page)
