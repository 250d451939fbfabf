"""`%bw_connect`: a database engine from an item."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import NotFound
from bw_magics.notebook.line.declared import PROFILE, Names, argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.commands import machine_of
from bw_magics.notebook.magics.failed_lookup import explained
from bw_magics.notebook.registry import REGISTRY
from bw_magics.using import using
from bw_magics.vault.reference import MACHINE_SCHEME

if TYPE_CHECKING:
    import sqlalchemy


@REGISTRY.add
class ConnectMagics(VaultMagics):
    """`%bw_connect`."""

    @magic_arguments()
    @argument(
        "item",
        metavar="ITEM",
        nargs="+",
        completes=Names.ITEM,
        help="an id or a name; quotes are not needed",
    )
    @argument("--driver", metavar="NAME", help="a database, a driver, or both: postgresql+psycopg")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_connect(self, line: str) -> object:
        """Make a SQLAlchemy engine for the database of an item: engine = %bw_connect Warehouse DB

        Host, port and database come from custom fields of these names, else from the item's URI
        (postgresql://db.example.org:5432/name); user name and password are the login's. The item is
        found by its id or its exact name, ignoring case. bws://PROJECT/KEY names a secret of the
        Secrets Manager whose value is such a URI.

        The engine connects at its first use: %sql engine (jupysql), or pandas.read_sql(query,
        engine).
        """
        arguments = self.naming(self.bw_connect, line)
        vault, name = self.session.vault(arguments), " ".join(arguments.item)
        if name.lower().startswith(MACHINE_SCHEME):
            secret = self.session.waiting(lambda: machine_of(vault).find(name))
            with using("%bw_connect"):
                return _engine(secret.sqlalchemy_url(arguments.driver), secret.key)
        try:
            item = vault.find(name)
        except NotFound as error:
            failed = error
        else:
            with using("%bw_connect"):
                return _engine(item.sqlalchemy_url(arguments.driver), item.name)
        raise explained(failed, vault, "", name, magic="%bw_connect", line=line)


def _engine(url: sqlalchemy.URL, name: str) -> object:
    from bw_magics.adapters.sql import make_engine

    engine = make_engine(url)
    # Its own repr has user and host, which the notebook would save.
    text = f"Engine of '{name}' ({url.get_backend_name()})"
    vars(engine)["_ipython_display_"] = _shown(text)
    return engine


def _shown(text: str) -> Callable[[], None]:
    return lambda: print(text)  # noqa: T201
