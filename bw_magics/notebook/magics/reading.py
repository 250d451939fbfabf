"""`%bw_get` and `%bw_list`: values and lists of the vault."""

from __future__ import annotations

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import Ambiguous, FieldNotFound, NotFound, UsageMistake
from bw_magics.notebook.complete.candidates import SECRET
from bw_magics.notebook.line.arguments import usage_mistake
from bw_magics.notebook.line.declared import PROFILE, Names, argument, magic_arguments
from bw_magics.notebook.magics import commands
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.failed_lookup import (
    explained,
    forgotten_object,
    meant_object,
)
from bw_magics.notebook.registry import REGISTRY
from bw_magics.notebook.show.table import COLUMN_NAMES, SORTED_BY
from bw_magics.session.reading import TEMPLATE
from bw_magics.using import using
from bw_magics.vault.reference import is_reference

_LISTS = ("items", "folders", "collections", "organizations", "secrets", "projects")


@REGISTRY.add
class ReadingMagics(VaultMagics):
    """`%bw_get` and `%bw_list`."""

    @magic_arguments()
    @argument(
        "object",
        metavar="OBJECT",
        completes=Names.OBJECT,
        help="item, password, username, …; or bw://ITEM/FIELD, bws://PROJECT/KEY",
    )
    @argument(
        "query",
        metavar="NAME",
        nargs="*",
        completes=Names.QUERY,
        help="an id or a name; quotes are not needed",
    )
    @argument(
        "--folder",
        metavar="NAME",
        completes=Names.FOLDER,
        help="where several items fit: the one in this folder",
    )
    @argument(
        "--collection",
        metavar="NAME",
        completes=Names.COLLECTION,
        help="the one in this collection",
    )
    @argument(
        "--organization",
        metavar="NAME",
        completes=Names.ORGANIZATION,
        help="the one of this organisation",
    )
    @argument("--username", metavar="NAME", help="the one with this user name")
    @argument(
        "--project",
        metavar="NAME",
        completes=Names.PROJECT,
        help="of a secret: the one in this project",
    )
    @argument("--reveal", action="store_true", help="show it to you for 30 s, and save it nowhere")
    @argument("--itemid", metavar="ID", help="of an attachment: the item it belongs to")
    @argument("--output", metavar="PATH", help="of an attachment: write it to this file or folder/")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_get(self, line: str) -> object:
        """Get a value from the vault: password = %bw_get password Warehouse DB

        OBJECT is item, username, password, uri, totp, notes, a member of the item's type (number,
        code, privateKey, …), the name of a custom field (field:NAME forces that), or folder,
        collection, organization. Secret values are strings that show themselves masked. A file:
        %bw_get attachment FILE --itemid ID gives its bytes; --output PATH writes it instead,
        readable by you only, and replaces an existing file, as the CLI does. A reference names
        item and field in one word, also from a variable or a parameter: %bw_get $db_ref

        Of the Secrets Manager (%bw_login --access-token): %bw_get secret API_KEY, where several
        projects have it with --project NAME; or %bw_get bws://Reporting/API_KEY. An item's custom
        field of the name is field:secret.

        The item is found by its id, its exact name, its name ignoring case; for you at the keyboard
        also by a part of its name or the host of a URI, and then it says which. Several items are
        shown as a table. Items without the member you ask for are skipped.
        """
        arguments = self.naming(self.bw_get, line)
        vault = self.session.vault(arguments)
        is_person = self.session.can_ask(arguments)

        if not arguments.query and not is_reference(arguments.object):
            listed = f"{meant_object(arguments.object) or arguments.object}s".lower()
            if listed in _LISTS and listed != "secrets":
                raise UsageMistake("%bw_get gets one, by its name.", f"All: %bw_list {listed}.")
            raise forgotten_object(vault, arguments.object) or usage_mistake(self.bw_get)

        def get() -> object:
            way = "%bw_get --reveal" if arguments.reveal else "%bw_get"
            with using(way, at_once=True):
                return commands.get(vault, self.session.say, arguments, is_person)

        try:
            value = self.session.waiting(lambda: self.session.confirming(arguments, get))
        except Ambiguous as several:
            commands.show_candidates(self.shell, several)
            raise
        except (NotFound, FieldNotFound) as error:
            if arguments.object in (TEMPLATE, SECRET):
                raise
            failed = error
        else:
            if not arguments.reveal:
                return value
            self.session.reveal(value)
            return None
        if is_reference(arguments.object):
            raise failed
        raise explained(failed, vault, arguments.object, " ".join(arguments.query), line=line)

    @magic_arguments()
    @argument(
        "objects",
        metavar="OBJECTS",
        completes=_LISTS,
        help="items, folders, collections, organizations, secrets or projects",
    )
    @argument("--search", metavar="TEXT", help="in names, user names and URIs, ignoring case")
    @argument(
        "--url", metavar="URL", help="items for this address, by the match types of their URIs"
    )
    @argument(
        "--folderid",
        metavar="ID",
        completes=("null",),
        help="items in this folder, by id or name; null is none",
    )
    @argument(
        "--collectionid",
        metavar="ID",
        completes=("null",),
        help="items in this collection, by id or name; null is none",
    )
    @argument(
        "--organizationid",
        metavar="ID",
        help="items of this organisation, by id or name; null is personal",
    )
    @argument("--project", metavar="NAME", completes=Names.PROJECT, help="secrets of this project")
    @argument("--trash", action="store_true", help="items in the trash")
    @argument("--archived", action="store_true", help="archived items")
    @argument(
        "--columns",
        metavar="NAMES",
        completes=COLUMN_NAMES,
        help="further columns: user,uri,id,created,fields,…",
    )
    @argument(
        "--sort",
        metavar="COLUMN",
        completes=SORTED_BY,
        help="name, type, folder, changed (newest first), …",
    )
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_list(self, line: str) -> object:
        """List items, folders, collections or organizations: a list that shows itself as a table.

        secrets and projects are those of the Secrets Manager (%bw_login --access-token).
        The table has name, type, folder and date, because it is saved with the notebook; --columns
        adds what you want to have saved.
        """
        try:
            arguments = self.arguments(self.bw_list, line)
        except UsageMistake:
            objects, *more = line.split()[:2] or [""]
            if objects.lower() in _LISTS and more and not more[0].startswith("-"):
                raise UsageMistake(
                    "%bw_list takes one word.", f"To search: %bw_list {objects} --search TEXT."
                ) from None
            raise
        vault = self.session.vault(arguments)
        return self.session.waiting(lambda: commands.list_objects(vault, arguments))
