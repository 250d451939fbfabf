"""What get and list do with their arguments, and what is said of the CLI's other commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bw_magics.errors import Ambiguous, NotOffered, UsageMistake
from bw_magics.notebook.arguments import Arguments
from bw_magics.notebook.attachment import ATTACHMENT, get_attachment
from bw_magics.session.reading import PLACES
from bw_magics.session.vault import Vault

# What reads items is imported when it is used: loading the extension has to be quick.
if TYPE_CHECKING:
    from bw_magics.notebook.table import ItemTable, PlaceTable

OFFERED = (
    "login", "unlock", "status", "sync", "get", "list", "env", "generate", "lock", "logout", "demo",
    "apikey",
)  # fmt: skip

_NO_WRITES = "The vault is only read here; the web vault or the bw CLI changes it."
_INSTEAD = {
    **dict.fromkeys(
        ("create", "edit", "delete", "restore", "move", "share", "archive", "import", "confirm"),
        _NO_WRITES,
    ),
    "serve": "Nothing has to be served: the kernel itself holds the vault, and opens no port.",
    "encode": "It prepares JSON for bw create; the vault is only read here.",
    "export": "Use the web vault or the bw CLI.",
    "send": "Use the web vault or the bw CLI.",
    "receive": "Use the web vault or the bw CLI.",
    "update": "Use %pip install --upgrade bw_magics.",
    "completion": "It is for shells.",
    "device-approval": "Use the admin console or the bw CLI.",
    "sdk-version": "Use bw_magics.__version__.",
}
_STEPS = {"part": "by a part of its name", "host": "by the host of a URI", "case": "ignoring case"}


def get(vault: Vault, say: Callable[[str], None], arguments: Arguments, is_person: bool) -> object:
    """What `%bw_get` returns; names the item where it was not found by its exact name."""
    from bw_magics.vault.lookup import Tiebreak
    from bw_magics.vault.reference import is_reference

    query = " ".join(arguments.query)
    if is_reference(arguments.object):
        tiebreaks = (arguments.folder, arguments.collection, arguments.organization)
        if any((*tiebreaks, arguments.username)):
            raise UsageMistake(
                "A reference says itself where the item is.", "Write bw://FOLDER/ITEM/FIELD."
            )
        return vault.resolve(f"{arguments.object} {query}")
    if not query:
        raise UsageMistake("The line is not what %bw_get takes.", "%bw_get? shows how.")
    if arguments.object in PLACES:
        return vault.get(arguments.object, query)
    if arguments.object == ATTACHMENT:
        return get_attachment(vault, say, arguments, is_person=is_person)
    if arguments.itemid or arguments.output:
        raise UsageMistake("--itemid and --output are for attachments.", "%bw_get? shows how.")
    tiebreak = Tiebreak(
        arguments.folder, arguments.collection, arguments.organization, arguments.username
    )
    found = vault.locate(query, what=arguments.object, tiebreak=tiebreak, loose=is_person)
    if found.step in _STEPS:
        say(f"{found.item.name} (found {_STEPS[found.step]})")
    return found.item.get(arguments.object)


def reveal(vault: Vault, value: object) -> None:
    """What `--reveal` does with a value, instead of returning it."""
    from bw_magics.notebook.vault import NotebookVault

    if isinstance(vault, NotebookVault):
        vault.reveal(value)  # type: ignore[arg-type] # what is no text is refused there


def list_objects(vault: Vault, arguments: Arguments) -> ItemTable | PlaceTable:
    """What `%bw_list` returns."""
    from bw_magics.notebook.table import ItemTable, PlaceTable, read_columns
    from bw_magics.vault.selection import Selection

    objects = arguments.objects.lower()
    if objects == "items":
        selection = Selection(
            search=arguments.search,
            url=arguments.url,
            folder_id=arguments.folderid,
            collection_id=arguments.collectionid,
            organization_id=arguments.organizationid,
            trash=arguments.trash,
            archived=arguments.archived,
        )
        columns = read_columns(arguments.columns)
        return ItemTable(vault.items(selection), columns, sort=arguments.sort)
    kind = objects.removesuffix("s")
    if kind not in PLACES:
        raise UsageMistake(
            "There is no such list.", "There are: items, folders, collections, organizations."
        )
    if arguments.sort is not None:
        raise UsageMistake("Only items are sorted.", "Folders and the like are listed by name.")
    places = vault.places(kind)
    if arguments.search:
        wanted = arguments.search.casefold()
        places = [place for place in places if wanted in place.name.casefold()]
    with_ids = "id" in (arguments.columns or "").lower().split(",")
    return PlaceTable(places, kind, with_ids=with_ids)


def show_candidates(shell: Any, several: Ambiguous) -> None:
    """Shows the items that fit as a table, above the error."""
    from IPython.display import display

    from bw_magics.notebook.table import candidates
    from bw_magics.vault.item import Item

    items = [item for item in several.candidates if isinstance(item, Item)]
    if items:
        display(candidates(items))


def not_offered(command: str) -> NotOffered:
    """The error for a command that the CLI may have and this package does not."""
    instead = _INSTEAD.get(command)
    if instead is None:
        return NotOffered("There is no such command.", f"There are: {', '.join(OFFERED)}.")
    return NotOffered(f"%bw {command} is not offered here.", instead)
