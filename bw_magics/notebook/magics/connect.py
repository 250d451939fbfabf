"""`%bw_connect`: a database engine from an item."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from bw_magics.notebook.line.arguments import PROFILE, read_arguments
from bw_magics.notebook.typed.typed_secret import TypedSecrets, refusing_typed_secrets

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault


@magics_class
@refusing_typed_secrets
class ConnectMagics(Magics):
    """`%bw_connect`."""

    def __init__(self, shell: Any, vault: Vault, typed_secrets: TypedSecrets) -> None:
        super().__init__(shell)
        self._vault = vault
        self.typed_secrets = typed_secrets

    @magic_arguments()
    @argument("item", metavar="ITEM", nargs="+", help="an id or a name; quotes are not needed")
    @argument("--driver", metavar="NAME", help="a database or DIALECT+DRIVER: postgresql+psycopg")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_connect(self, line: str) -> object:
        """A SQLAlchemy engine for the database of an item: engine = %bw_connect Warehouse DB

        Host, port and database come from custom fields of these names, else from the item's URI
        (postgresql://db.example.org:5432/name); user name and password are the login's. The item
        is found by its id or its exact name, ignoring case.

        The engine connects when it is first used: %sql engine (jupysql), or
        pandas.read_sql(query, engine).
        """
        shell: Any = self.shell
        arguments = read_arguments(self.bw_connect, line, shell.user_ns)
        item = self._vault.profile(arguments.profile or "").find(" ".join(arguments.item))
        from bw_magics.adapters.sql import make_engine

        url = item.sqlalchemy_url(arguments.driver)
        engine = make_engine(url)
        # Its own repr tells user and host, which would be saved with the notebook.
        text = f"Engine of '{item.name}' ({url.get_backend_name()})"
        vars(engine)["_ipython_display_"] = _shown(text)
        return engine


def _shown(text: str) -> Callable[[], None]:
    return lambda: print(text)  # noqa: T201
