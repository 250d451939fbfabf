"""`%bw_delete`, `%bw_restore`, `%bw_archive` and `%bw_move`: the place of an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import LookupFailed, NotFound, UsageMistake
from bw_magics.notebook.complete.candidates import OF_MACHINE
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import PROFILE, Names, argument, magic_arguments
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.magics.failed_lookup import forgotten_object
from bw_magics.notebook.magics.finding import (
    TIEBREAK,
    OnLine,
    find_exactly,
    find_put_away,
    place_of,
)
from bw_magics.notebook.magics.for_ever import delete_for_ever
from bw_magics.notebook.magics.machine_writing import PROJECT_OPTION, MachineWriting
from bw_magics.notebook.registry import REGISTRY

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item

_ITEM = ("item",)
_DELETED = ("item", "folder", "attachment", *OF_MACHINE)
# What the CLI and %bw_list write for "in none".
_NONE = "null"


@REGISTRY.add
class FilingMagics(VaultMagics):
    """`%bw_delete`, `%bw_restore`, `%bw_archive` and `%bw_move`."""

    @magic_arguments()
    @argument("object", metavar="OBJECT", completes=_DELETED, help=", ".join(_DELETED))
    @argument(
        "query",
        metavar="NAME",
        nargs="+",
        completes=Names.QUERY,
        help="an id or the exact name; quotes are not needed",
    )
    @argument("-p", "--permanent", action="store_true", help="for ever, and not into the trash")
    @argument("--name", metavar="NAME", help="the item's name once more, for --permanent")
    @argument(
        "--itemid", metavar="ID", completes=Names.ITEM, help="of an attachment: the item it is in"
    )
    @PROJECT_OPTION
    @TIEBREAK
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_delete(self, line: str) -> None:
        """Move an item to the trash, or delete a folder or file: %bw_delete item Old DB

        %bw_restore takes an item back. With --permanent it is deleted for ever, also out of the
        trash: then its name has to be repeated with --name, or you are asked to type it. The items
        of a deleted folder stay, outside folders. A file is gone at once: %bw_delete attachment
        key.json --itemid ITEM.

        %bw_delete secret API_KEY --project Reporting moves a secret of the Secrets Manager to its
        trash, which the web vault shows. A project is deleted for ever, and its name is repeated.
        """
        arguments = self.naming(self.bw_delete, line)
        vault, query = self.session.vault(arguments), " ".join(arguments.query)
        kind = _object(vault, arguments, "%bw_delete", _DELETED)
        if kind in OF_MACHINE:
            MachineWriting(self.shell, self.session, arguments, arguments.query).delete()
            return
        if arguments.project is not None:
            raise UsageMistake("--project is for secrets.", "%bw_delete secret KEY --project NAME")
        if kind == "folder":
            self.session.waiting(lambda: vault.delete_folder(query))
            self.session.say(f"✓ deleted the folder '{query}'; its items stay")
        elif kind == "attachment":
            self._delete_file(vault, arguments, query)
        elif arguments.permanent:
            self._delete_for_ever(vault, arguments, query)
        else:
            item = find_exactly(self.shell, vault, OnLine(query, line=line), choosing=arguments)
            self.session.waiting(item.trash)
            self.session.say(f"✓ moved '{item.name}' to the trash; %bw_restore item takes it back")

    @magic_arguments()
    @argument("object", metavar="OBJECT", completes=_ITEM, help="item")
    @argument("query", metavar="NAME", nargs="+", help="an id or the exact name")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_restore(self, line: str) -> None:
        """Take an item out of the trash or the archive: %bw_restore item Old DB"""
        arguments = self.naming(self.bw_restore, line)
        vault = self.session.vault(arguments)
        _object(vault, arguments, "%bw_restore", _ITEM)
        item = find_put_away(self.shell, vault, " ".join(arguments.query))
        restored = self.session.waiting(item.restore if item.is_trashed else item.unarchive)
        where = "the trash" if item.is_trashed else "the archive"
        self.session.say(f"✓ took '{restored.name}' out of {where} · {place_of(restored)}")

    @magic_arguments()
    @argument("object", metavar="OBJECT", completes=_ITEM, help="item")
    @argument(
        "query", metavar="NAME", nargs="+", completes=Names.ITEM, help="an id or the exact name"
    )
    @argument("--undo", action="store_true", help="take it out of the archive")
    @TIEBREAK
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_archive(self, line: str) -> None:
        """Put an item into the archive: %bw_archive item Old DB

        An archived item keeps its folder and is not listed; references and names still find it.
        --undo takes it out again.
        """
        arguments = self.naming(self.bw_archive, line)
        vault, query = self.session.vault(arguments), " ".join(arguments.query)
        _object(vault, arguments, "%bw_archive", _ITEM)
        item = find_exactly(self.shell, vault, OnLine(query, line=line), choosing=arguments)
        changed = self.session.waiting(item.unarchive if arguments.undo else item.archive)
        done = "took '{}' out of the archive" if arguments.undo else "moved '{}' to the archive"
        self.session.say(f"✓ {done.format(changed.name)}")

    @magic_arguments()
    @argument(
        "query", metavar="NAME", nargs="+", completes=Names.ITEM, help="an id or the exact name"
    )
    @argument(
        "--folder", metavar="NAME", completes=Names.FOLDER, help="to this folder; null is none"
    )
    @argument(
        "--organization",
        metavar="NAME",
        completes=Names.ORGANIZATION,
        help="to this organisation; it cannot be moved back",
    )
    @argument(
        "--collection",
        metavar="NAME",
        action="append",
        completes=Names.COLLECTION,
        help="into this collection of the organisation; can be repeated",
    )
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_move(self, line: str) -> None:
        """Move an item to a folder or an organisation: %bw_move Sales DB --folder Work/Databases

        A personal item is shared with an organisation by --organization and at least one
        --collection, and cannot be moved back. An item of an organisation is put into exactly the
        named collections. Of several items with one name, choose by the id.
        """
        arguments = self.naming(self.bw_move, line)
        vault, query = self.session.vault(arguments), " ".join(arguments.query)
        if not (arguments.folder or arguments.organization or arguments.collection):
            raise UsageMistake(
                "The line does not say where to move the item.",
                "%bw_move NAME --folder NAME, or --organization NAME --collection NAME",
            )
        item = find_exactly(self.shell, vault, OnLine(query))
        moved: Item | None = item
        collections = tuple(arguments.collection or ())
        if arguments.organization and item.organization_id is None:
            moved = self.session.waiting(
                lambda: item.share(organization=arguments.organization, collections=collections)
            )
        elif arguments.organization or collections:
            _refuse_other_owner(item, arguments.organization)
            moved = self.session.waiting(lambda: item.set_collections(collections))
        if moved is not None and arguments.folder:
            filed = moved
            folder = None if arguments.folder == _NONE else arguments.folder
            moved = self.session.waiting(lambda: filed.move(folder))
        where = "to collections that you cannot see" if moved is None else _places_of(moved)
        self.session.say(f"✓ moved '{item.name}' · {where}")

    # Inside.

    def _delete_file(self, vault: Vault, arguments: Arguments, name: str) -> None:
        if not arguments.itemid:
            raise UsageMistake(
                "An attachment belongs to an item.", "%bw_delete attachment FILE --itemid ITEM"
            )
        item = find_exactly(self.shell, vault, OnLine(arguments.itemid), choosing=arguments)
        file = item.attachment(name)
        self.session.waiting(file.delete)
        self.session.say(f"✓ deleted {file.name} of '{item.name}'")

    def _delete_for_ever(self, vault: Vault, arguments: Arguments, query: str) -> None:
        try:
            item = find_exactly(self.shell, vault, OnLine(query), choosing=arguments)
        except LookupFailed as failed:
            try:
                item = find_put_away(self.shell, vault, query)
            except NotFound:
                raise failed from None
        delete_for_ever(
            self.session,
            arguments,
            name=item.name,
            server=vault.status.server or "",
            delete=lambda name: item.delete(name=name),
            done=f"✓ deleted '{item.name}' for ever",
        )


def _object(vault: Vault, arguments: Arguments, magic: str, known: tuple[str, ...]) -> str:
    kind: str = arguments.object.lower()
    if kind not in known:
        text = " ".join((arguments.object, *arguments.query))
        raise forgotten_object(vault, text, magic=magic) or UsageMistake(
            "The line does not begin with what it is about.",
            f"The first word is {' or '.join(known)}, as in the bw CLI.",
        )
    return kind


def _refuse_other_owner(item: Item, organization: str | None) -> None:
    if organization is not None and organization not in (item.organization, item.organization_id):
        raise UsageMistake(
            f"'{item.name}' belongs to {item.organization} already.",
            "An item cannot be moved between organisations: item.copy() and share the copy.",
        )


def _places_of(item: Item) -> str:
    """Says all places of an item: its folder, its organisation and collections."""
    owner = item.organization and f"in {item.organization}: {', '.join(item.collections)}"
    return " · ".join(filter(None, (owner, place_of(item) if item.folder or not owner else "")))
