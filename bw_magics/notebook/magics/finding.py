"""The one item that a magic names: found by its id or exact name, never by a guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import Ambiguous, NotFound
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import Names, argument
from bw_magics.notebook.magics import commands
from bw_magics.notebook.magics.failed_lookup import explained
from bw_magics.vault.ids import same_id
from bw_magics.vault.names import closest, folded, normal

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item

Magic = TypeVar("Magic", bound=Callable[..., Any])

_OPTIONS = (
    argument(
        "--folder",
        metavar="NAME",
        completes=Names.FOLDER,
        help="where several items have the name: the one in this folder",
    ),
    argument(
        "--collection",
        metavar="NAME",
        completes=Names.COLLECTION,
        help="the one in this collection",
    ),
    argument(
        "--organization",
        metavar="NAME",
        completes=Names.ORGANIZATION,
        help="the one of this organisation",
    ),
)


def TIEBREAK(magic: Magic) -> Magic:  # noqa: N802 # a decorator such as PROFILE
    """Declares the options that choose between items of one name."""
    for declare in reversed(_OPTIONS):
        magic = declare(magic)
    return magic


@dataclass(frozen=True, slots=True)
class OnLine:
    """The name or id of an item on a line of a magic.

    `object` is the word before it, empty where the magic has none; `line` is the whole line.
    """

    name: str
    object: str = "item"
    magic: str = "%bw_get"
    line: str = ""


def find_exactly(
    shell: Any, vault: Vault, wanted: OnLine, *, choosing: Arguments | None = None
) -> Item:
    """Finds an item by id or exact name; case is ignored last. Shows the candidates of a tie.

    The options of `choosing` choose between them. Raises `LookupFailed`, and never repeats a word
    that resembles nothing in the vault; `UsageMistake` where the line names an item without an
    object.
    """
    from bw_magics.vault.tiebreak import Tiebreak

    tiebreak = None
    if choosing is not None:
        tiebreak = Tiebreak(choosing.folder, choosing.collection, choosing.organization)
    try:
        return vault.find(wanted.name, tiebreak=tiebreak)
    except Ambiguous as several:
        commands.show_candidates(shell, several)
        raise
    except NotFound as failed:
        raise explained(
            failed, vault, wanted.object, wanted.name, magic=wanted.magic, line=wanted.line
        ) from None


def find_put_away(shell: Any, vault: Vault, query: str) -> Item:
    """Finds an item in the trash or the archive by id or exact name. Raises `LookupFailed`."""
    from bw_magics.vault.selection import Selection

    items = [*vault.items(Selection(trash=True)), *vault.items(Selection(archived=True))]
    steps = (
        [item for item in items if same_id(item.id, query)],
        [item for item in items if normal(item.name) == normal(query)],
        [item for item in items if folded(item.name) == folded(query)],
    )
    found: list[Item] = next(filter(None, steps), [])
    if len(found) > 1:
        several = Ambiguous(
            f"{len(found)} items of the trash and the archive have that name.",
            "Choose one by its id: %bw_list items --trash --columns id",
            candidates=found,
        )
        commands.show_candidates(shell, several)
        raise several
    if found:
        return found[0]
    near = closest(query, [item.name for item in items])
    raise NotFound(
        "No item of the trash or the archive has the name on the line.",
        f"Closest: {', '.join(near)}." if near else "List them: %bw_list items --trash.",
        closest=near,
    )


def place_of(item: Item) -> str:
    """Says where an item is: its folder, collections or organisation."""
    where = item.folder or ", ".join(item.collections) or item.organization
    return f"in {where}" if where else "in no folder"
