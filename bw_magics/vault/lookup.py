"""Finding an item by what a person or a program types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bw_magics.errors import Ambiguous, BitwardenError, NotFound
from bw_magics.shown import told_apart
from bw_magics.steps import LIST_ITEMS, RESTORE, Remedy
from bw_magics.vault.choosing import anything, choose
from bw_magics.vault.contents import Contents
from bw_magics.vault.field_name import ITEM, FieldName, no_field
from bw_magics.vault.item import Item
from bw_magics.vault.names import as_name, closest, folded
from bw_magics.vault.sealed import UNREADABLE

if TYPE_CHECKING:
    from bw_magics.vault.tiebreak import Tiebreak

_SHOWN = 5


class Found(NamedTuple):
    """An item, and the step that found it: `id`, `name`, `case`, `part` or `host`."""

    item: Item
    step: str

    @property
    def is_exact(self) -> bool:
        """Whether it was found by its id or its name, letter for letter or ignoring case."""
        return self.step in ("id", "name", "case")


def find(
    contents: Contents,
    query: str,
    *,
    what: str | FieldName = ITEM,
    tiebreak: Tiebreak | None = None,
    loose: bool = False,
) -> Found:
    """Returns the one item that `query` means: id, exact name, exact name ignoring case, and with
    `loose` also the one name that contains the words, then the one item with that URI host.

    Skips items that do not hold `what` (an object, member or field as in `Item.get`), items that
    do not fit, and the trash. The first step with an item left decides. Raises `Ambiguous` with
    the candidates, `FieldNotFound` where the named item does not hold `what`, `NotFound` with the
    closest names.
    """
    contents.keys.used()
    slow: list[str] = []
    steps = _steps(contents, as_name(query), slow if loose else None)
    fits = anything if tiebreak is None else tiebreak.fits
    choice = choose(steps, FieldName.parse(what), fits)
    if len(choice.items) > 1:
        raise _ambiguous(choice.items)
    if choice.items:
        return Found(choice.items[0], choice.step)
    lacking = choice.lacking
    if lacking is not None:
        raise _no_field(lacking, FieldName.parse(what))
    raise _not_found(contents, query, slow)


def _steps(
    contents: Contents, query: str, slow: list[str] | None
) -> Iterator[tuple[str, list[Item]]]:
    """Yields the items of each step; the loose ones with a list for what takes too long."""
    if not query.strip():
        return
    for step, positions in contents.exactly(query):
        yield step, [*map(contents.item_at, positions)]
    if slow is not None:
        yield "part", [*map(contents.item_at, contents.with_words(query))]
        yield "host", [*map(contents.item_at, _with_host(contents, query, slow))]


def _with_host(contents: Contents, query: str, slow: list[str]) -> list[int]:
    """Returns the items for an address: those with its host if any, else those that match.

    Stricter than a list: the base domain only counts where an item asks for it, so that one host's
    item is not taken for another's; and a word alone is only compared with hosts, since a regular
    expression could fit any word.
    """
    from bw_magics.vault.mention_reader import MentionReader
    from bw_magics.vault.uri import hostname
    from bw_magics.vault.uri_match import Match, Target

    query = query.strip()
    if any(c.isspace() for c in query):
        return []
    # Match types that compare hosts: at a loose lookup the port does not have to be named.
    by_host = (None, Match.DOMAIN, Match.HOST)
    default = contents.snapshot.default_match
    target = Target.parse(query, default)
    host = hostname(target.text)
    same, fitting = [], []
    reader = MentionReader(contents.keys)
    for at in contents.positions():
        for uri, kind in contents.mentions_at(at, reader).uris:
            match = default if kind is None else kind
            fits = target.host is not None and match is not None and target.fits(uri, match)
            if host is not None and hostname(uri) == host and (fits or match in by_host):
                same.append(at)
            elif fits is None:
                slow.append(contents.name_at(at) or UNREADABLE)
            elif fits:
                fitting.append(at)
    return list(dict.fromkeys(same or fitting))


def _ambiguous(candidates: Sequence[Item]) -> BitwardenError:
    shown = "; ".join(_place(item) for item in candidates[:_SHOWN])
    more = f" and {len(candidates) - _SHOWN} more" if len(candidates) > _SHOWN else ""
    return Ambiguous(
        f"{len(candidates)} items fit: {shown}{more}.",
        "Choose one with --folder, --collection, --organization or --username, or by its id.",
        candidates=candidates,
    )


def _place(item: Item) -> str:
    where = item.folder or ", ".join(item.collections) or item.organization or "no folder"
    return f"{item.name} ({item.type}, {where})"


def _no_field(item: Item, what: FieldName) -> BitwardenError:
    return no_field(item.name, item.type, what, [name for name, _ in item.outline()])


def _not_found(contents: Contents, query: str, slow: Sequence[str]) -> BitwardenError:
    if not query.strip():
        return NotFound("The name is empty.", Remedy("List them: {}.", LIST_ITEMS))
    found = closest(query, contents.names)
    asked, *likely = told_apart([query, *found])
    from bw_magics.vault.listing import left_out

    remark = left_out(slow)
    remedy: str | Remedy = f"Closest: {', '.join(likely)}. {remark}".rstrip()
    if not likely:
        escaped = remark.replace("{", "{{").replace("}", "}}")
        remedy = Remedy(f"{escaped} List them: {{}}.".lstrip(), LIST_ITEMS)
    fact = f"No item is named '{asked}'."
    trashed = (contents.name_at(at) for at in contents.positions(trashed=True))
    if any(name is not None and folded(name) == folded(query) for name in trashed):
        return NotFound(
            f"'{asked}' is in the trash, which is not searched.",
            Remedy("Restore it: {}.", RESTORE),
        )
    if found and folded(found[0]) == folded(query):
        fact = (
            f"'{likely[0]}' is not in the given folder, collection or organisation, "
            "or has another user name."
        )
    return NotFound(fact, remedy, closest=found)
