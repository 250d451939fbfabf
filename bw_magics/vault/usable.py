"""`Usable`: an item's connections and credentials for other libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy

    from bw_magics.adapters.http import BasicAuth
    from bw_magics.vault.connection import Login


class Usable:
    """The connections and credentials that an item gives to other libraries."""

    __slots__ = ()

    def sqlalchemy_url(self: Login, driver: str | None = None) -> sqlalchemy.URL:
        """Returns a `sqlalchemy.URL` from user name, password, URI and the custom fields host, port
        and database; fields win. Every character of a password is right as it is.

        `driver` is a database (`postgresql`) or DIALECT+DRIVER; without it the field `driver` or
        the URI says it. The URL's repr hides the password. Raises `FieldNotFound` where the item
        has no host, `ExtraMissing` where SQLAlchemy is not installed.
        """
        from bw_magics.adapters.sql import make_url
        from bw_magics.vault.connection import Connection

        found = Connection.read(self, driver=driver)
        return make_url(
            found.driver or "",
            username=found.username,
            password=found.password,
            host=found.host,
            port=found.port,
            database=found.database,
            query=found.parameters,
        )

    def httpx_auth(self: Login) -> BasicAuth:
        """Returns user name and password for httpx: `httpx.get(url, auth=item.httpx_auth())`."""
        from bw_magics.adapters.http import httpx_auth
        from bw_magics.vault.connection import credentials

        return httpx_auth(*credentials(self))

    def requests_auth(self: Login) -> tuple[Any, Any]:
        """Returns them for requests: `requests.get(url, auth=item.requests_auth())`."""
        from bw_magics.adapters.http import requests_auth
        from bw_magics.vault.connection import credentials

        return requests_auth(*credentials(self))
