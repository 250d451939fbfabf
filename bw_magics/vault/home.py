"""`Home`: the interface of a vault to its items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from bw_magics.vault.field_name import ITEM, FieldName

if TYPE_CHECKING:
    from bw_magics.vault.attachment import Files
    from bw_magics.vault.reference import Reference
    from bw_magics.vault.writer import Writer


class Home(Protocol):
    """The names of places, the source of files, and the writer of references."""

    @property
    def folder_names(self) -> Mapping[str, str]:
        """The folders' names by id."""

    @property
    def collection_names(self) -> Mapping[str, str]:
        """The collections' names by id."""

    @property
    def organization_names(self) -> Mapping[str, str]:
        """The organisations' names by id."""

    @property
    def files(self) -> Files | None:
        """The source of attachments; None where their contents cannot be read."""

    @property
    def writer(self) -> Writer | None:
        """The writer of changes on the server; None where the vault can only be read."""

    def reference(
        self, item_id: str, field: FieldName = ITEM, *, attachment: str | None = None
    ) -> Reference:
        """Returns the shortest reference that finds that part of that item and no other."""
