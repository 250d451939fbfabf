"""`Usable`: what an item is put to use as: a file, an SSH key, a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bw_magics.vault.attachment import Attachment, Attachments
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.sealed import Sealed


class Usable:
    """The part of an item that other libraries are given."""

    __slots__ = ()

    if TYPE_CHECKING:
        name: str
        _contents: Contents
        _sealed: Sealed

    def attachment(self, name: str) -> Attachment:
        """The attachment of that name or id; nothing is downloaded yet.

        `.read()` gives its bytes, `.text()`, `.json()` and `.open()` what they say, and
        `.as_file()` a private file for the length of a `with` block. Raises `FieldNotFound`.
        """
        return self._files.find(name)

    def find_attachment(self, name: str, *, loose: bool = False) -> Attachment:
        """The same; with `loose` also the only one whose name contains the text."""
        return self._files.find(name, loose=loose)

    @property
    def _files(self) -> Attachments:
        from bw_magics.vault.attachment import Attachments

        return Attachments(self._sealed, self._contents.files, self.name)
