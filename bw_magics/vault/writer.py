"""`Writer`: what an item asks of the session to change itself on the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from bw_magics.vault.draft import Draft

AnyItem = TypeVar("AnyItem")


class Writer(Protocol):
    """The changes to one item. Each gives the item as it is afterwards; the old object stays."""

    def edit(self, item: AnyItem, draft: Draft) -> AnyItem:
        """Saves a draft."""

    def move(self, item: AnyItem, folder: str | None) -> AnyItem:
        """Files the item in a folder, by name or id; None takes it out of its folder."""

    def favor(self, item: AnyItem, is_favorite: bool) -> AnyItem:
        """Marks the item as a favourite, or not."""

    def trash(self, item: object) -> None:
        """Puts the item into the trash."""

    def restore(self, item: AnyItem) -> AnyItem:
        """Takes the item out of the trash."""

    def archive(self, item: AnyItem, is_archived: bool) -> AnyItem:
        """Puts the item into the archive, or takes it out."""

    def delete(self, item: object, name: str) -> None:
        """Deletes the item for ever; `name` repeats its name."""

    def share(self, item: AnyItem, organization: str, collections: Sequence[str]) -> AnyItem:
        """Moves a personal item into an organisation's collections."""

    def set_collections(self, item: AnyItem, collections: Sequence[str]) -> AnyItem | None:
        """Sets the collections of an organisation's item; None where it is out of sight then."""

    def copy(self, item: AnyItem, name: str) -> AnyItem:
        """Creates a personal copy of the item, without passkeys, files and history."""
