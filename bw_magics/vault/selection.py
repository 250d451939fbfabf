"""`Selection`: which items `bw list items` and `%bw_list items` show."""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.errors import Unreadable
from bw_magics.vault.contents import Contents, normal
from bw_magics.vault.item import Item
from bw_magics.vault.lookup import hostname


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of `bw list items`; None does not restrict.

    Ids may be `null` (outside any) or `notnull` (in some), as in the CLI. `search` looks into
    names, user names and URIs, ignoring case; `url` compares the host with every URI's: the same
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
        if not _id_fits(self.folder_id, (item.folder_id,)):
            return False
        if not _id_fits(self.organization_id, (item.organization_id,)):
            return False
        if not _id_fits(self.collection_id, item.collection_ids or (None,)):
            return False
        if self.url is not None and not _url_fits(self.url, item):
            return False
        return self.search is None or _search_fits(normal(self.search).casefold(), item)


def select(contents: Contents, selection: Selection) -> list[Item]:
    """The selected items, by name."""
    found = [item for item in contents.items(trashed=selection.trash) if selection.fits(item)]
    return sorted(found, key=lambda item: (item.problem is not None, item.name.casefold()))


def _id_fits(wanted: str | None, ids: tuple[str | None, ...]) -> bool:
    if wanted is None:
        return True
    if wanted in ("null", "notnull"):
        return any(ids) == (wanted == "notnull")
    return wanted in ids


def _search_fits(wanted: str, item: Item) -> bool:
    if wanted in normal(item.name).casefold():
        return True
    return any(wanted in text.casefold() for text in _texts(item))


def _texts(item: Item) -> list[str]:
    try:
        return [text for text in (item.username, *item.uris) if text]
    except Unreadable:
        return []


def _url_fits(url: str, item: Item) -> bool:
    host = hostname(url)
    if host is None:
        return False
    for uri in _texts_of_uris(item):
        other = hostname(uri)
        if other and (other == host or other.endswith(f".{host}") or host.endswith(f".{other}")):
            return True
    return False


def _texts_of_uris(item: Item) -> tuple[str, ...]:
    try:
        return item.uris
    except Unreadable:
        return ()
