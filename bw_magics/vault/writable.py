"""`Writable`: the methods that change an item on the server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from bw_magics.vault.custom_fields import CustomField
    from bw_magics.vault.draft import Draft
    from bw_magics.vault.types import ItemType
    from bw_magics.vault.writer import Writer


class Writable:
    """The changes to an item. Each is saved on the server at once and gives the new item; the old
    object stays as it was.

    Only what is named changes; everything else goes back byte for byte. Raises `WriteRefused` and
    its kinds where nothing was sent, `WriteConflict` where somebody changed the same members
    meanwhile, `WriteUnclear` where it is not known whether it was written, `VaultLocked`, and
    the `ServerError`s.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        name: str

        @property
        def item_type(self) -> ItemType | None:
            """The type, None for one that is not known."""

        @property
        def fields(self) -> tuple[CustomField, ...]:
            """The custom fields."""

        @property
        def uris(self) -> tuple[str, ...]:
            """The URIs of a login."""

        @property
        def _writer(self) -> Writer | None: ...

    def edit(self, **members: Any) -> Self:
        """Changes members: `item.edit(password=new, fields={"host": "db2"})`.

        `fields` names the custom fields to set, `uris` is the whole new list, None empties a
        member. A secret may be a `Secret` or a plain text.
        """
        from bw_magics.vault.draft import Draft

        draft = Draft.of(self)
        draft.update(members)
        item: Self = self._writing().edit(self, draft)
        return item

    @contextmanager
    def editing(self) -> Iterator[Draft]:
        """Gives a draft to a `with` block and saves it at its end.

        An error in the block saves nothing::

            with item.editing() as draft:
                draft.username = "analyst"
                del draft.fields["old"]
                draft.uris.append("https://db.example.org")
        """
        from bw_magics.vault.draft import Draft

        writer = self._writing()
        draft = Draft.of(self)
        yield draft
        if draft.changes:
            writer.edit(self, draft)

    def move(self, folder: str | None) -> Self:
        """Files the item in a folder, by name or id; None takes it out of its folder."""
        item: Self = self._writing().move(self, folder)
        return item

    def favor(self, is_favorite: bool = True) -> Self:
        """Marks the item as a favourite, or with False takes the mark away."""
        item: Self = self._writing().favor(self, is_favorite)
        return item

    def trash(self) -> None:
        """Puts the item into the trash, from which `restore` takes it back."""
        self._writing().trash(self)

    def restore(self) -> Self:
        """Takes the item out of the trash."""
        item: Self = self._writing().restore(self)
        return item

    def archive(self) -> Self:
        """Puts the item into the archive."""
        item: Self = self._writing().archive(self, True)
        return item

    def unarchive(self) -> Self:
        """Takes the item out of the archive."""
        item: Self = self._writing().archive(self, False)
        return item

    def delete(self, *, name: str) -> None:
        """Deletes the item for ever, its files too. `name` has to repeat the item's name."""
        self._writing().delete(self, name)

    def share(self, *, organization: str, collections: Sequence[str]) -> Self:
        """Moves a personal item to an organisation, into at least one of its collections.

        It cannot be moved back. Places are named by name or id.
        """
        item: Self = self._writing().share(self, organization, collections)
        return item

    def set_collections(self, collections: Sequence[str]) -> Self | None:
        """Sets the collections that an organisation's item is in; gives None where this account
        cannot see it any more.
        """
        item: Self | None = self._writing().set_collections(self, collections)
        return item

    def copy(self, *, name: str = "") -> Self:
        """Creates a personal copy, named `name` or like the item. Passkeys, files and earlier
        passwords are not copied.
        """
        item: Self = self._writing().copy(self, name or self.name)
        return item

    def attach(self, source: object, *, name: str | None = None) -> Self:
        """Attaches a file: `item.attach("key.json")`, `item.attach(data, name="key.json")`.

        `source` is a path, bytes, a `Secret` text, or a file that is open for reading bytes. It is
        encrypted here with a key of its own. Raises `UsageMistake` where the item has a file of
        that name, `WriteRefused` where the source cannot be read or the server has no room.
        """
        item: Self = self._writing().attachments.attach(self, source, name)
        return item

    def _writing(self) -> Writer:
        writer = self._writer
        if writer is None:
            from bw_magics.vault.writer import read_only

            raise read_only()
        return writer
