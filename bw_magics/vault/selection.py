"""`Selection`: the filters of `bw list items` and `%bw_list items`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypedDict, cast

from bw_magics.errors import UsageMistake
from bw_magics.vault.contents import Contents
from bw_magics.vault.ids import same_id
from bw_magics.vault.item import Item
from bw_magics.vault.listing import Items
from bw_magics.vault.names import closest, folded
from bw_magics.vault.sealed import UNREADABLE

# A search as long as this may be the beginning of an id.
_SHORTEST_ID = 8


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of `bw list items`; None does not restrict.

    As in the CLI, an item has to fit one of the ids, and everything else that is given. Ids may be
    `null` (outside any) or `notnull` (in some). `search` looks into names, user names and URIs,
    ignoring case, and at how the id begins; `url` is compared with every URI by
    its match type, which is the base domain where it has none.
    """

    search: str | None = None
    url: str | None = None
    folder_id: str | None = None
    collection_id: str | None = None
    organization_id: str | None = None
    trash: bool = False
    archived: bool = False


_SWITCHES = ("trash", "archived")


class Filters(TypedDict, total=False):
    """The same filters as keywords."""

    search: str | None
    url: str | None
    folder_id: str | None
    collection_id: str | None
    organization_id: str | None
    trash: bool
    archived: bool


def selection_of(selection: object, filters: Mapping[str, object]) -> Selection | None:
    """Returns a selection with filters that a program gives as keywords.

    Raises `UsageMistake` for a name that is not one of a filter, and for a value of another kind.
    """
    if not isinstance(selection, Selection | None):
        raise UsageMistake("Items are selected by filters.", 'Write items(search="ware").')
    known = {**Filters.__annotations__}
    for name, value in filters.items():
        if name not in known:
            likely = closest(name, known, most=1)
            meant = f"Did you mean {likely[0]}? " if likely else ""
            raise UsageMistake(
                f"Items have no filter '{name}'.", f"{meant}There are: {', '.join(known)}."
            )
        is_switch = name in _SWITCHES
        if not isinstance(value, bool if is_switch else str | None):
            kind = "True or False" if is_switch else "a text or None"
            raise UsageMistake(f"The filter {name} is {kind}, not {type(value).__name__}.")
    return replace(selection or Selection(), **cast(Filters, filters)) if filters else selection


def select(contents: Contents, selection: Selection) -> Items:
    """Returns the selected items, by name; those that cannot be read last."""
    positions = contents.positions(
        trashed=selection.trash, archived=None if selection.trash else selection.archived
    )
    if selection.search is not None:
        positions = _mentioning(contents, selection.search, positions)
    slow: list[str] = []
    if selection.url is not None:
        positions = _for_address(contents, selection.url, positions, slow)
    names, problems = contents.catalogue.names, contents.catalogue.problems

    def order(position: int) -> str:
        name = names[position]
        return folded(UNREADABLE if name is None else name)

    # Sorted before there are items: an item is parsed when something in it is asked for.
    ordered = sorted(positions, key=order)
    ordered.sort(key=problems.__contains__)
    items: Iterable[Item] = map(contents.item_at, ordered)
    places = (selection.folder_id, selection.organization_id, selection.collection_id)
    if any(place is not None for place in places):
        items = filter(lambda item: _is_placed(selection, item), items)
    return Items(items, not_compared=slow)


def _mentioning(contents: Contents, search: str, positions: Iterable[int]) -> Iterator[int]:
    from bw_magics.vault.mention_reader import MentionReader

    wanted = folded(search).strip()
    ids = contents.with_id_beginning(wanted) if len(wanted) >= _SHORTEST_ID else set()
    reader = MentionReader(contents.keys)
    for position in positions:
        name = contents.name_at(position)
        if (
            position in ids
            or wanted in folded(UNREADABLE if name is None else name)
            or wanted in contents.mentions_at(position, reader).text
        ):
            yield position


def _for_address(
    contents: Contents, url: str, positions: Iterable[int], slow: list[str]
) -> Iterator[int]:
    """Yields the items for an address; `slow` gets the names of those that take too long."""
    from bw_magics.vault.mention_reader import MentionReader
    from bw_magics.vault.uri_match import Target

    target = Target.parse(url, contents.snapshot.default_match)
    reader = MentionReader(contents.keys)
    for position in positions:
        mentions = contents.mentions_at(position, reader)
        fits = [target.fits(uri, match) for uri, match in mentions.uris]
        if True in fits:
            yield position
        elif None in fits:
            slow.append(contents.name_at(position) or UNREADABLE)


def _is_placed(selection: Selection, item: Item) -> bool:
    """Returns whether it is in one of the places that are asked for, if any are."""
    ids = (
        (selection.folder_id, (item.folder_id,)),
        (selection.organization_id, (item.organization_id,)),
        (selection.collection_id, item.collection_ids),
    )
    asked = [_id_fits(wanted, own) for wanted, own in ids if wanted is not None]
    return not asked or any(asked)


def _id_fits(wanted: str, own: tuple[str | None, ...]) -> bool:
    if wanted in ("null", "notnull"):
        return any(own) == (wanted == "notnull")
    return any(same_id(wanted, id) for id in own if id)
