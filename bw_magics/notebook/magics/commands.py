"""The work of `%bw_get` and `%bw_list`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bw_magics.errors import Ambiguous, NotFound, UsageMistake
from bw_magics.notebook.complete.candidates import SECRET
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.magics.attachment import ATTACHMENT, get_attachment
from bw_magics.notebook.magics.failed_lookup import explained, meant_object
from bw_magics.notebook.show.table import ItemTable, PlaceTable, candidates, read_columns
from bw_magics.session.reading import TEMPLATE
from bw_magics.session.state import no_machine
from bw_magics.session.vault import Vault
from bw_magics.vault.field_name import PLACES
from bw_magics.vault.ids import is_guid
from bw_magics.vault.names import folded
from bw_magics.vault.reference import is_reference

# Imported at first use: %load_ext has to be quick.
if TYPE_CHECKING:
    from bw_magics.notebook.show.machine_table import ProjectTable, SecretTable
    from bw_magics.notebook.show.table import ItemTable, PlaceTable
    from bw_magics.session.machine.secrets_manager import SecretsManager

_MEANT_LISTS = {
    **dict.fromkeys(("login", "logins", "password", "passwords", "all", "vault"), "items"),
    **dict.fromkeys(("note", "notes", "card", "cards", "identity", "identities"), "items"),
    **dict.fromkeys(("sshkey", "sshkeys", "ssh-key", "ssh-keys", "entries", "entry"), "items"),
    "trash": "items --trash",
    "archive": "items --archived",
}
_MACHINE_LISTS = ("secrets", "projects")
# What the CLI takes in place of an id: outside any place, or in some.
_ANY_PLACE = ("null", "notnull")
_STEPS = {"part": "by a part of its name", "host": "by the host of a URI", "case": "ignoring case"}


def get(vault: Vault, say: Callable[[str], None], arguments: Arguments, is_person: bool) -> object:
    """Returns the value for `%bw_get`. Names the item unless it was found by its exact name."""
    from bw_magics.vault.tiebreak import Tiebreak

    query = " ".join(arguments.query)
    if is_reference(arguments.object):
        tiebreaks = (arguments.folder, arguments.collection, arguments.organization)
        if any((*tiebreaks, arguments.username)):
            raise UsageMistake(
                "A reference says itself where the item is.", "Write bw://FOLDER/ITEM/FIELD."
            )
        return vault.resolve(f"{arguments.object} {query}")
    if arguments.object == SECRET:
        return machine_of(vault).get(query, project=arguments.project)
    if arguments.project is not None:
        raise UsageMistake("--project is for secrets.", "Write %bw_get secret KEY --project NAME.")
    if arguments.object in (*PLACES, TEMPLATE):
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


def machine_of(vault: Vault) -> SecretsManager:
    """Returns the Secrets Manager beside a vault. Raises `NotLoggedIn`."""
    machine = vault.secrets_manager
    if machine is None:
        raise no_machine()
    return machine


def list_objects(
    vault: Vault, arguments: Arguments
) -> ItemTable | PlaceTable | SecretTable | ProjectTable:
    """Returns the table for `%bw_list`."""
    from bw_magics.vault.selection import Selection

    objects = arguments.objects.lower()
    objects = {"item": "items", "secret": "secrets", "project": "projects"}.get(objects, objects)
    if objects in _MACHINE_LISTS:
        return _list_machine(machine_of(vault), objects, arguments)
    if arguments.project is not None:
        raise UsageMistake("--project is for secrets.", "Write %bw_list secrets --project NAME.")
    if objects == "items":
        selection = Selection(
            search=arguments.search,
            url=arguments.url,
            folder_id=_place_id(vault, "folder", arguments.folderid),
            collection_id=_place_id(vault, "collection", arguments.collectionid),
            organization_id=_place_id(vault, "organization", arguments.organizationid),
            trash=arguments.trash,
            archived=arguments.archived,
        )
        columns = read_columns(arguments.columns)
        return ItemTable(vault.items(selection), columns, sort=arguments.sort)
    kind = objects.removesuffix("s")
    if kind not in PLACES:
        place = meant_object(objects)
        meant = _MEANT_LISTS.get(objects) or (place and f"{place}s")
        likely = f"Did you mean %bw_list {meant}? " if meant else ""
        raise UsageMistake(
            "%bw_list does not have that list.",
            f"{likely}There are: items, folders, collections, organizations, "
            f"{', '.join(_MACHINE_LISTS)}.",
        )
    if arguments.sort is not None:
        raise UsageMistake("Only items are sorted.", "Folders and the like are listed by name.")
    places = vault.places(kind)
    if arguments.search:
        wanted = folded(arguments.search)
        places = [place for place in places if wanted in folded(place.name)]
    with_ids = "id" in (arguments.columns or "").lower().split(",")
    return PlaceTable(places, kind, with_ids=with_ids)


def _place_id(vault: Vault, kind: str, wanted: str | None) -> str | None:
    """Returns the id for an option that takes an id, as `bw` does, or a name.

    An unknown id selects nothing, as in `bw`. Raises `NotFound` and `Ambiguous` for a name.
    """
    from bw_magics.vault.places import find_place

    if wanted is None or wanted in _ANY_PLACE or is_guid(wanted):
        return wanted
    try:
        return find_place(vault.places(kind), kind, wanted).id
    except NotFound as error:
        failed = error
    raise explained(failed, vault, kind, wanted, magic="%bw_list")


def _list_machine(
    machine: SecretsManager, objects: str, arguments: Arguments
) -> SecretTable | ProjectTable:
    from bw_magics.notebook.show.machine_table import ProjectTable, SecretTable

    with_ids = "id" in (arguments.columns or "").lower().split(",")
    wanted = folded(arguments.search or "")
    if objects == "projects":
        projects = [each for each in machine.projects() if wanted in folded(each.name)]
        return ProjectTable(projects, with_ids=with_ids)
    secrets = machine.secrets(arguments.project)
    secrets = [each for each in secrets if wanted in folded(each.key)]
    return SecretTable(secrets, with_ids=with_ids)


def show_candidates(shell: Any, several: Ambiguous) -> None:
    """Shows the items that fit as a table above the error."""
    from IPython.display import display

    from bw_magics.vault.item import Item
    from bw_magics.vault.managed_secret import ManagedSecret

    secrets = [each for each in several.candidates if isinstance(each, ManagedSecret)]
    if secrets:
        from bw_magics.notebook.show.machine_table import SecretTable

        display(SecretTable(secrets, with_ids=True))
    items = [item for item in several.candidates if isinstance(item, Item)]
    if items:
        display(candidates(items))
