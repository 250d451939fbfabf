"""`Tiebreak`: what an item has to fit beside the query that it is found by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bw_magics.errors import Unreadable
from bw_magics.vault.choosing import paths_to
from bw_magics.vault.ids import same_id
from bw_magics.vault.names import normal

if TYPE_CHECKING:
    from bw_magics.vault.item import Item


@dataclass(frozen=True, slots=True)
class Tiebreak:
    """Further conditions on an item: names or ids of folder, collection, organisation; user name;
    a reference's path.

    A value of None does not restrict.
    """

    folder: str | None = None
    collection: str | None = None
    organization: str | None = None
    username: str | None = None
    path: str | None = None

    def fits(self, item: Item) -> bool:
        """Returns whether the item fits all that is given."""
        return all(
            wanted is None or _is_among(wanted, *found(item))
            for wanted, found in (
                (self.folder, lambda item: ((item.folder,), (item.folder_id,))),
                (self.collection, lambda item: (item.collections, item.collection_ids)),
                (self.organization, lambda item: ((item.organization,), (item.organization_id,))),
                (self.path, lambda item: (paths_to(item), ())),
                (self.username, lambda item: ((_username(item),), ())),
            )
        )


def _is_among(wanted: str, names: Sequence[str | None], ids: Sequence[str | None]) -> bool:
    return any(normal(wanted) == normal(name) for name in names if name) or any(
        same_id(wanted, id) for id in ids if id
    )


def _username(item: Item) -> str | None:
    try:
        return item.username
    except Unreadable:
        return None
