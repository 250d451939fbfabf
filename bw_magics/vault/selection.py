"""`Selection`: which items `bw list items` and `%bw_list items` show."""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.vault.contents import Contents, normal
from bw_magics.vault.item import Item
from bw_magics.vault.uri import hostname

# A search as long as this may be the beginning of an id.
_SHORTEST_ID = 8


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of `bw list items`; None does not restrict.

    As in the CLI, an item has to fit one of the ids, and everything else that is given. Ids may be
    `null` (outside any) or `notnull` (in some). `search` looks into names, user names and URIs,
    ignoring case, and at how the id begins; `url` compares the host with every URI's: the same
    host, or one a subdomain of the other.
    """

    search: str | None = None
    url: str | None = None
    folder_id: str | None = None
    collection_id: str | None = None
    organization_id: str | None = None
    trash: bool = False
    archived: bool = False

    def fits(self, item: Item) -> bool:
        """Whether an item is selected."""
        if item.is_archived != self.archived and not self.trash:
            return False
        ids = (
            (self.folder_id, (item.folder_id,)),
            (self.organization_id, (item.organization_id,)),
            (self.collection_id, item.collection_ids),
        )
        asked = [_id_fits(wanted, own) for wanted, own in ids if wanted is not None]
        if asked and not any(asked):
            return False
        if self.url is not None and not _url_fits(self.url, item):
            return False
        return self.search is None or _search_fits(self.search, item)


def select(contents: Contents, selection: Selection) -> list[Item]:
    """The selected items, by name."""
    found = [item for item in contents.items(trashed=selection.trash) if selection.fits(item)]
    return sorted(found, key=lambda item: (item.problem is not None, item.name.casefold()))


def _id_fits(wanted: str, own: tuple[str | None, ...]) -> bool:
    if wanted in ("null", "notnull"):
        return any(own) == (wanted == "notnull")
    return wanted in own


def _search_fits(search: str, item: Item) -> bool:
    wanted = normal(search).strip()
    if len(wanted) >= _SHORTEST_ID and item.id.startswith(wanted.lower()):
        return True
    return item.mentions(wanted)


def _url_fits(url: str, item: Item) -> bool:
    host = hostname(url)
    return host is not None and any(
        other == host or other.endswith(f".{host}") or host.endswith(f".{other}")
        for other in item.hosts
    )
