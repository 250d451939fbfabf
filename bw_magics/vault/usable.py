"""`Usable`: what an item is put to use as: a file, an SSH key, a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bw_magics.errors import FieldNotFound

if TYPE_CHECKING:
    import sqlalchemy

    from bw_magics.adapters.http import BasicAuth
    from bw_magics.vault.attachment import Attachment, Attachments
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item
    from bw_magics.vault.sealed import Sealed
    from bw_magics.vault.ssh_key import SshKey


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
    def ssh_key(self) -> SshKey:
        """The SSH key: `.as_file()`, `.paramiko()`, `.asyncssh()`, `.fingerprint`. Raises
        `FieldNotFound` where the item is none.
        """
        from bw_magics.vault.ssh_key import SshKey

        if not self._item.holds("privateKey"):
            raise FieldNotFound(
                f"'{self.name}' holds no SSH key.", "List them: %bw_list items --search ssh."
            )
        return SshKey(self._item, self._contents.files)

    def sqlalchemy_url(self, driver: str | None = None) -> sqlalchemy.URL:
        """A `sqlalchemy.URL` from user name, password, URI and the custom fields host, port and
        database; fields win. Every character of a password is right as it is.

        `driver` is a database (`postgresql`) or DIALECT+DRIVER; without it the field `driver` or
        the URI says it. The URL's repr hides the password. Raises `FieldNotFound` where the item
        has no host, `ExtraMissing` where SQLAlchemy is not installed.
        """
        from bw_magics.adapters.sql import make_url
        from bw_magics.vault.connection import Connection

        found = Connection.read(self._item, driver=driver)
        return make_url(
            found.driver or "",
            username=found.username,
            password=found.password,
            host=found.host,
            port=found.port,
            database=found.database,
            query=dict(found.query),
        )

    def httpx_auth(self) -> BasicAuth:
        """User name and password for httpx: `httpx.get(url, auth=item.httpx_auth())`."""
        from bw_magics.adapters.http import httpx_auth
        from bw_magics.vault.connection import credentials

        return httpx_auth(*credentials(self._item))

    def requests_auth(self) -> tuple[Any, Any]:
        """User name and password for requests: `requests.get(url, auth=item.requests_auth())`."""
        from bw_magics.adapters.http import requests_auth
        from bw_magics.vault.connection import credentials

        return requests_auth(*credentials(self._item))

    @property
    def _item(self) -> Item:
        return cast("Item", self)

    @property
    def _files(self) -> Attachments:
        from bw_magics.vault.attachment import Attachments

        return Attachments(self._sealed, self._contents.files, self.name)
