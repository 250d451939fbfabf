"""`Writer`: the session's interface to items that change on the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from bw_magics.errors import NotOffered

if TYPE_CHECKING:
    from bw_magics.vault.draft import Draft


class AttachmentWriter(Protocol):
    """The changes to the files of items."""

    def attach(self, item: Any, source: object, name: str | None) -> Any:
        """Attaches a file; gives the item."""

    def replace(self, attachment: Any, source: object) -> Any:
        """Stores other contents under the same name; gives the new attachment."""

    def upgrade(self, attachment: Any) -> Any:
        """Gives the contents a key of their own; gives the new attachment."""

    def delete(self, attachment: Any) -> None:
        """Deletes a file."""


class Writer(Protocol):
    """The changes to one item. Each gives the item as it is afterwards; the old object stays."""

    @property
    def attachments(self) -> AttachmentWriter:
        """The changes to files."""

    def edit(self, item: Any, draft: Draft) -> Any:
        """Saves a draft."""

    def move(self, item: Any, folder: str | None) -> Any:
        """Files the item in a folder, by name or id; None takes it out of its folder."""

    def favor(self, item: Any, is_favorite: bool) -> Any:
        """Marks the item as a favourite, or not."""

    def trash(self, item: Any) -> None:
        """Puts the item into the trash."""

    def restore(self, item: Any) -> Any:
        """Takes the item out of the trash."""

    def archive(self, item: Any, is_archived: bool) -> Any:
        """Puts the item into the archive, or takes it out."""

    def delete(self, item: Any, name: str) -> None:
        """Deletes the item for ever; `name` repeats its name."""

    def share(self, item: Any, organization: str, collections: Sequence[str]) -> Any:
        """Moves a personal item into an organisation's collections."""

    def set_collections(self, item: Any, collections: Sequence[str]) -> Any:
        """Sets the collections of an organisation's item; None where it is out of sight then."""

    def copy(self, item: Any, name: str) -> Any:
        """Creates a personal copy of the item, without passkeys, files and history."""


def read_only() -> NotOffered:
    """Refuses a change: the vault has no writer."""
    return NotOffered(
        "This vault can only be read.", "Log in with the personal API key to change it."
    )
