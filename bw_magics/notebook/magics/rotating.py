"""`%bw_rotate`: a new password for a database, in the database and in its item."""

from __future__ import annotations

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import NotOffered, UsageMistake
from bw_magics.notebook.line.declared import PROFILE, Names, argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.finding import TIEBREAK, OnLine, find_exactly
from bw_magics.notebook.registry import REGISTRY
from bw_magics.vault.rotation import PASSWORD


@REGISTRY.add
class RotatingMagics(VaultMagics):
    """`%bw_rotate`."""

    @magic_arguments()
    @argument("object", metavar="OBJECT", completes=(PASSWORD,), help="password")
    @argument(
        "query",
        metavar="NAME",
        nargs="+",
        completes=Names.ITEM,
        help="an id or the exact name; quotes are not needed",
    )
    @argument("--driver", metavar="NAME", help="the SQLAlchemy driver, as for %%bw_connect")
    @argument("--finish", action="store_true", help="end a rotation: the new value is in use")
    @argument("--undo", action="store_true", help="end a rotation: the old value stays in use")
    @TIEBREAK
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_rotate(self, line: str) -> None:
        """Give a database role a new password: %bw_rotate password Warehouse DB

        The item is that of a PostgreSQL, MySQL or MariaDB role, as for %bw_connect. The new
        password is stored beside the old one, set in the database, tried by a login, and takes the
        place of the old one, which stays in the history. After an error or a dead kernel both are
        stored, and the same line goes on; --finish takes the new value over by hand, --undo keeps
        the old one. For any other secret: with bw_session[NAME].rotating(MEMBER) as new.
        """
        arguments = self.naming(self.bw_rotate, line)
        if arguments.finish and arguments.undo:
            raise UsageMistake("--finish and --undo exclude each other.", "Leave one of them out.")
        vault, query = self.session.vault(arguments), " ".join(arguments.query)
        wanted = OnLine(query, arguments.object, "%bw_rotate", line)
        item = find_exactly(self.shell, vault, wanted, choosing=arguments)
        if arguments.finish or arguments.undo:
            rotation = item.rotation
            if rotation is None:
                raise UsageMistake(f"No rotation of '{item.name}' is open.", "Nothing was changed.")
            end = rotation.finish if arguments.finish else rotation.undo
            self.session.waiting(lambda: self.session.confirming(arguments, end))
            which = "new" if arguments.finish else "old"
            self.session.say(f"✓ '{item.name}' has the {which} {rotation.member}")
            return
        if arguments.object != PASSWORD:
            raise NotOffered(
                "Only the password of a database is rotated by itself.",
                f"with bw_session['{item.name}'].rotating(MEMBER) as new: … rotates any secret.",
            )
        self.session.waiting(
            lambda: self.session.confirming(
                arguments, lambda: item.rotate_database(arguments.driver)
            )
        )
        self.session.say(f"✓ rotated the password of '{item.name}'; the database accepts it")
