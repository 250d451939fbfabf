"""Folders, collections and organisations: the places of items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bw_magics.errors import Ambiguous, NotFound, UsageMistake
from bw_magics.shown import one_line, told_apart
from bw_magics.steps import Remedy, list_places
from bw_magics.vault.contents import Contents
from bw_magics.vault.field_name import PLACES
from bw_magics.vault.ids import same_id
from bw_magics.vault.names import as_name, best, closest, folded


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A folder, collection or organisation: its kind, name and id.

    `organization` is the name of a collection's organisation, else None.
    """

    kind: str
    name: str
    id: str
    organization: str | None = None

    def __repr__(self) -> str:
        owner = f" of {self.organization}" if self.organization else ""
        return f"<{self.kind.capitalize()} {one_line(self.name + owner)}>"


def places(contents: Contents, kind: str) -> list[Place]:
    """Returns all places of a kind (`folder`, `collection`, `organization`), by name.

    Raises `UsageMistake` for another kind.
    """
    kind = as_name(kind).lower().removesuffix("s").replace("organis", "organiz")
    if kind not in PLACES:
        raise UsageMistake("That is not a kind of place.", f"The kinds are: {', '.join(PLACES)}.")
    if kind == "folder":
        found = [Place(kind, name, id) for id, name in contents.folder_names.items()]
    elif kind == "collection":
        found = [
            Place(
                kind,
                contents.collection_names[entry.id],
                entry.id,
                contents.organization_names.get(entry.organization_id),
            )
            for entry in contents.snapshot.collections
        ]
    else:
        found = [Place(kind, name, id) for id, name in contents.organization_names.items()]
    return sorted(found, key=lambda place: folded(place.name))


def find_place(candidates: Sequence[Place], kind: str, query: str) -> Place:
    """Returns the one place with that id or name: exact first, then ignoring case.

    Raises `NotFound` or `Ambiguous`.
    """
    query = as_name(query)
    found = [place for place in candidates if same_id(place.id, query)] or best(
        candidates, lambda place: place.name, query
    )
    if len(found) > 1:
        raise Ambiguous(
            f"{len(found)} places fit: {', '.join(place.name for place in found)}.",
            "Choose one by its id.",
            candidates=found,
        )
    if found:
        return found[0]
    near = closest(query, [place.name for place in candidates])
    asked, *likely = told_apart([query, *near])
    raise NotFound(
        f"No {kind} is named '{asked}'.",
        f"Closest: {', '.join(likely)}." if likely else Remedy("List them: {}.", list_places(kind)),
        closest=near,
    )
