"""The checks before a change is sent: rights, policies, places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bw_magics.errors import AnswerUnusable, NotFound, NotWritable, RepromptRequired, UsageMistake
from bw_magics.steps import CONFIRM, Remedy, create_folder, list_places
from bw_magics.vault.ids import ById, same_id
from bw_magics.vault.names import closest
from bw_magics.vault.places import find_place, places
from bw_magics.vault.record import changed_texts, kept_record, member_of
from bw_magics.vault.snapshot import MANAGERS
from bw_magics.vault.types import CARD

if TYPE_CHECKING:
    from bw_magics.base_error import Advice
    from bw_magics.steps import Step
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item
    from bw_magics.vault.types import ItemType

# The policies of an organisation that concern writing, by their numbers on the wire.
DATA_OWNERSHIP = 5
RESTRICTED_TYPES = 15


class Places:
    """The folders, organisations and collections of a vault, found by name or id for a change."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def folder(self, query: str) -> str:
        """Returns the id of a folder for an item."""
        return self._find("folder", query, "Create it first: {}.", create_folder)

    def own_folder(self, query: str) -> str:
        """Returns the id of a folder that is to be changed itself."""
        return self._find("folder", query)

    def organization(self, query: str) -> str:
        """Returns the id of an organisation that can be used."""
        found = self._find("organization", query, "Ask to be invited to it.")
        enabled = {entry.id: entry.is_enabled for entry in self._contents.snapshot.organizations}
        if not enabled.get(found, True):
            raise NotWritable(
                f"The organisation '{query}' is suspended.", "Ask its owner to renew it."
            )
        return found

    def collections(self, queries: Sequence[str], organization_id: str) -> list[str]:
        """Returns the ids of at least one collection of the organisation, all writable."""
        if isinstance(queries, str) or not queries:
            raise UsageMistake(
                "An item of an organisation has to be in a collection.",
                'Name at least one: collections=["…"].',
            )
        of_organization = {
            entry.id: entry
            for entry in self._contents.snapshot.collections
            if same_id(entry.organization_id, organization_id)
        }
        candidates = [
            place for place in places(self._contents, "collection") if place.id in of_organization
        ]
        found = []
        for query in queries:
            try:
                place = find_place(candidates, "collection", query)
            except NotFound:
                raise _not_found(
                    "collection", query, [place.name for place in candidates]
                ) from None
            if of_organization[place.id].is_read_only:
                raise NotWritable(
                    f"You may read the collection '{place.name}', and not put items into it.",
                    "Choose another one, or ask an administrator for the right to.",
                )
            found.append(place.id)
        return found

    def _find(
        self, kind: str, query: str, remedy: str = "", step: Callable[[str], Step] | None = None
    ) -> str:
        candidates = places(self._contents, kind)
        try:
            return find_place(candidates, kind, query).id
        except NotFound:
            names = [place.name for place in candidates]
            raise _not_found(kind, query, names, remedy, step) from None


def require_change(contents: Contents, item: Item, what: str) -> None:
    """Raises where an item cannot be changed here; `what` is what was to be done with it."""
    if what in ("deleted", "restored"):
        _require_permission(contents, item, what)
        return
    if item.is_trashed:
        raise NotWritable(
            f"'{item.name}' is in the trash, so it cannot be {what}.", "Restore it first."
        )
    if item.is_blob:
        raise NotWritable(
            f"'{item.name}' is stored as one encrypted block, which this version only reads.",
            "Edit it in the web vault.",
        )
    if item.item_type is None:
        raise NotWritable(
            f"'{item.name}' is of a type that this version does not know.",
            "Edit it in the web vault, or update bw_magics.",
        )
    if not item.is_editable:
        raise NotWritable(
            f"You may read '{item.name}', and not change it.",
            "Ask an administrator of the organisation for the right to.",
        )
    if item.is_hidden:
        raise NotWritable(
            f"The organisation hides the secrets of '{item.name}', so it cannot be {what}.",
            "Ask an administrator of the organisation for the right to see passwords.",
        )
    if what == "edited" and item.has_reprompt and not contents.keys.is_confirmed(item.id):
        raise RepromptRequired(
            f"'{item.name}' asks for the master password again before it is edited.",
            Remedy("Confirm it first: {}.", CONFIRM),
            item_id=item.id,
        )


def _require_permission(contents: Contents, item: Item, what: str) -> None:
    record = contents.record(item.id)
    permissions = member_of(record, "permissions")
    allowed = member_of(record, "edit")
    if isinstance(permissions, dict):
        given = member_of(permissions, "delete" if what == "deleted" else "restore")
        allowed = allowed if given is None else given
    if allowed is False:
        raise NotWritable(
            f"'{item.name}' may not be {what} by you.", "Ask an administrator of the organisation."
        )


def require_same(contents: Contents, item: Item, fresh: Mapping[str, Any]) -> None:
    """Raises where a record that was read just now cannot be that of the item: what it lacks
    would be lost by an edit.
    """
    known = contents.record(item.id)
    is_same = (
        same_id(member_of(fresh, "id"), item.id)
        and member_of(fresh, "type") == member_of(known, "type")
        and (
            member_of(fresh, "revisionDate") != member_of(known, "revisionDate")
            or not changed_texts(kept_record(known), fresh)
        )
    )
    if not is_same:
        raise AnswerUnusable(
            f"The server sent another '{item.name}' than before under the same revision.",
            "Nothing was saved. Sync, and look at the item in the web vault.",
        )
    if member_of(fresh, "deletedDate") is not None:
        raise NotWritable(f"'{item.name}' was moved to the trash elsewhere.", "Restore it first.")


def require_place(
    contents: Contents,
    organization_id: str | None,
    collection_ids: Sequence[str],
    item_type: ItemType | None,
) -> None:
    """Raises where a policy or a key keeps a new item out of a place."""
    if organization_id is not None:
        contents.keys.key_for(organization_id, None)
        return
    roles = ById((entry.id, entry.role) for entry in contents.snapshot.organizations)
    names = contents.organization_names
    for policy in contents.snapshot.policies:
        if roles.get(policy.organization_id) in MANAGERS:
            continue
        name = names.get(policy.organization_id, "your organisation")
        if (
            policy.type == RESTRICTED_TYPES
            and item_type is not None
            and item_type.number in (policy.item_types or (CARD.number,))
        ):
            raise NotWritable(
                f"A policy of {name} allows no items of the type {item_type.name}.",
                "Use a secure note with custom fields, or ask an administrator.",
            )
        if policy.type == DATA_OWNERSHIP:
            raise NotWritable(
                f"A policy of {name} keeps new items out of personal vaults.",
                f'Create it there: organization="{name}", collections=[…].',
            )


def _not_found(
    kind: str,
    query: str,
    names: list[str],
    remedy: str = "",
    step: Callable[[str], Step] | None = None,
) -> NotFound:
    """Makes the error; `step` makes the next step for a name, in the words of `remedy`."""
    fact = f"No {kind} has the name or id '{query}'."
    close = closest(query, names, most=1)
    if close:
        return NotFound(fact, f"Did you mean '{close[0]}'?", closest=close)

    def advice(name: str) -> Advice:
        if step is None:
            return remedy or Remedy("List them: {}.", list_places(kind))
        return Remedy(remedy, step(name))

    for_line = NotFound(f"No {kind} has the name on the line.", advice("NAME"))
    return NotFound(fact, advice(query), for_line=for_line)
