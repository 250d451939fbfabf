"""`Usable`: an item's connections and credentials for other libraries."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from bw_magics.errors import FieldNotFound, NotOffered
from bw_magics.using import using

if TYPE_CHECKING:
    import sqlalchemy
    from pyspark.sql import SparkSession

    from bw_magics.adapters.http import BasicAuth
    from bw_magics.vault.connection import Login
    from bw_magics.vault.storage import StoredLogin


class Usable:
    """The connections and credentials that an item gives to other libraries."""

    __slots__ = ()

    def sqlalchemy_url(self: Login, driver: str | None = None) -> sqlalchemy.URL:
        """Returns a `sqlalchemy.URL` from user name, password, URI and the custom fields host, port
        and database; fields win. Every character of a password is right as it is.

        `driver` is a database (`postgresql`), a driver (`asyncpg`) or both
        (`postgresql+asyncpg`); without it the field `driver` or the URI says it. The URL's repr
        hides the password. Raises `FieldNotFound` where the item has no host, `ExtraMissing` where
        SQLAlchemy is not installed.
        """
        from bw_magics.adapters.sql import make_url
        from bw_magics.vault.connection import Connection

        with using("SQLAlchemy"):
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

    def spark_options(
        self: Login, spark: SparkSession | None = None, **fields: str
    ) -> dict[str, str]:
        """Returns options for a reader or writer of Spark: `url`, `user` and `password` for JDBC.

        `fields` names more options, each with the custom field that it takes, or `password` or
        `username`: `item.spark_options(spark, sfToken="token")`. With these, an item that is not
        for a database has only them. Raises
        `UsageMistake` for a secret under a name that this session would show in its event log and
        UI; without a session, by Spark's own defaults. Raises `FieldNotFound` for an absent field.
        """
        from bw_magics.adapters.py4j_log import keep_out
        from bw_magics.adapters.spark import check_hidden

        with using("Spark"):
            options = _spark_options(self, fields)
        check_hidden(spark, options)
        keep_out(options.values())
        return options

    def httpx_auth(self: Login) -> BasicAuth:
        """Returns user name and password for httpx: `httpx.get(url, auth=item.httpx_auth())`."""
        from bw_magics.adapters.http import httpx_auth
        from bw_magics.vault.connection import credentials

        with using("httpx"):
            return httpx_auth(*credentials(self))

    def requests_auth(self: Login) -> tuple[Any, Any]:
        """Returns them for requests: `requests.get(url, auth=item.requests_auth())`."""
        from bw_magics.adapters.http import requests_auth
        from bw_magics.vault.connection import credentials

        with using("requests"):
            return requests_auth(*credentials(self))

    def storage_options(self: StoredLogin, protocol: str) -> dict[str, Any]:
        """Makes the `storage_options` of fsspec for `s3` or `gs`, as pandas, Dask, s3fs and gcsfs
        take them: `pandas.read_csv("s3://…", storage_options=item.storage_options("s3"))`.

        What is read from the item: docs/integrations.md, fsspec. A file system with these options
        is not pickled. Raises `FieldNotFound`, and `NotOffered` for another protocol.
        """
        from bw_magics.adapters.fsspec import google_options, s3_options
        from bw_magics.vault.storage import Storage

        with using("fsspec"):
            found = Storage.read(self, protocol)
        return google_options(found.account) if found.account else s3_options(found.parts)

    def polars_options(self: StoredLogin, protocol: str) -> dict[str, Any]:
        """Makes the arguments of Polars: `polars.scan_csv("s3://…", **item.polars_options("s3"))`.

        Raises `FieldNotFound`, and `NotOffered` for another protocol.
        """
        from bw_magics.adapters.polars import s3_options
        from bw_magics.vault.storage import Storage

        if protocol != "s3":
            raise NotOffered(
                "For Polars only the storage s3 is offered.", "Read the fields by name."
            )
        with using("Polars"):
            return s3_options(Storage.read(self, protocol).parts)

    def as_storage(self: StoredLogin, protocol: str) -> AbstractContextManager[None]:
        """Makes `storage_options(protocol)` the default of fsspec for a `with` block.

        For example::

            with item.as_storage("s3"):
                pandas.read_csv("s3://…")
        """
        from bw_magics.adapters.fsspec import default_storage

        return default_storage(protocol, Usable.storage_options(self, protocol))

    def adapt(self, adapter: str, **options: Any) -> Any:
        """Calls the adapter of another package with the item: `item.adapt("redis", db=0)`.

        The package declares the adapter as an entry point (docs/integrations.md, Your own). Raises
        `UsageMistake` for a name that no installed package declares, `ExtraMissing` for an adapter
        whose library is missing, and what the adapter raises.
        """
        from bw_magics.adapters.declared import find_adapter

        call = find_adapter(adapter)
        with using(f"adapter {adapter}", at_once=True):
            return call(self, **options)


def _spark_options(item: Login, fields: dict[str, str]) -> dict[str, str]:
    from bw_magics.adapters.spark import jdbc_options
    from bw_magics.vault.connection import Connection

    options: dict[str, str] = {}
    found = None
    try:
        found = Connection.read(item)
    except FieldNotFound:
        if not fields:
            raise
    if found is not None:
        options = jdbc_options(
            found.driver or "",
            host=found.host or "",
            port=found.port,
            database=found.database,
            username=found.username,
            password=found.password,
            query=dict(found.query),
        )
    for option, name in fields.items():
        is_member = name in ("password", "username")
        text = getattr(item, name) if is_member else item.field(name)
        if text is not None:
            options[option] = text if isinstance(text, str) else str(text).lower()
    return options
