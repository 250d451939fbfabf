"""Finding an item: exact before loose, and never a silent guess (design 3, promise 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bw_magics.errors import Ambiguous, BitwardenError, FieldNotFound, NotFound, Unreadable
from bw_magics.vault.contents import Contents, normal
from bw_magics.vault.item import Item
from bw_magics.vault.uri import hostname

# The closest names are looked for among all names; past this many it takes too long.
_MOST_NAMES_COMPARED = 20_000
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Tiebreak:
    """What else the item has to fit: names or ids of folder, collection, organisation; user name.

    A value of None does not restrict.
    """

    folder: str | None = None
    collection: str | None = None
    organization: str | None = None
    username: str | None = None

    def fits(self, item: Item) -> bool:
        """Whether the item fits all that is given."""
        places = (
            (self.folder, (item.folder, item.folder_id)),
            (self.collection, (*item.collections, *item.collection_ids)),
            (self.organization, (item.organization, item.organization_id)),
        )
        for wanted, own in places:
            if wanted is not None and normal(wanted) not in [normal(name) for name in own if name]:
                return False
        return self.username is None or _username(item) == self.username


@dataclass(frozen=True, slots=True)
class Found:
    """An item, and which step found it: `id`, `name`, `case`, `part` or `host`."""

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
    what: str = "item",
    tiebreak: Tiebreak | None = None,
    loose: bool = False,
) -> Found:
    """The one item that `query` means: id, exact name, exact name ignoring case, and with `loose`
    also the one name that contains the words, then the one item with that URI host.

    Items that do not hold `what` (an object, member or field as in `Item.get`) are out of the
    race, and so is the trash. The first step with an item left decides. Raises `Ambiguous` with
    the candidates, `FieldNotFound` where the named item lacks what was asked for, `NotFound` with
    the closest names.
    """
    contents.keys.used()
    lacking: Item | None = None
    for step, positions in _steps(contents, query, loose=loose):
        named = [contents.item_at(position) for position in positions]
        if tiebreak is not None:
            named = [item for item in named if tiebreak.fits(item)]
        holding = [item for item in named if item.holds(what)]
        # One that cannot be read says why when it is read; it is no rival to one that can.
        holding = holding or [item for item in named if item.problem]
        if len(holding) > 1:
            raise _ambiguous(holding)
        if holding:
            return Found(holding[0], step)
        lacking = lacking or (named[0] if named else None)
    if lacking is not None:
        raise FieldNotFound(
            f"'{lacking.name}' ({lacking.type}) has none of what was asked for.",
            f"It has: {', '.join(name for name, _ in lacking.outline()) or 'no members'}.",
        )
    raise _not_found(contents, query)


def _steps(contents: Contents, query: str, *, loose: bool) -> Iterable[tuple[str, list[int]]]:
    if not query.strip():
        return
    steps: list[tuple[str, Callable[[str], list[int]]]] = [
        ("id", lambda query: contents.with_id(query.strip())),
        ("name", contents.with_name),
        ("case", contents.with_folded_name),
    ]
    if loose:
        steps.append(("part", contents.with_words))
        steps.append(("host", lambda host: _with_host(contents, host)))
    for step, positions in steps:
        yield step, positions(query)


def _with_host(contents: Contents, query: str) -> list[int]:
    host = query.strip().lower()
    if any(c.isspace() for c in host):
        return []
    if "://" in host:
        host = hostname(host) or host
    return [at for at in contents.positions() if host in contents.mentions_at(at).hosts]


def _username(item: Item) -> str | None:
    try:
        return item.username
    except Unreadable:
        return None


def _ambiguous(candidates: list[Item]) -> BitwardenError:
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


def _not_found(contents: Contents, query: str) -> BitwardenError:
    names = contents.names
    closest: list[str] = []
    if len(names) <= _MOST_NAMES_COMPARED:
        import difflib

        folded = {name.casefold(): name for name in names}
        close = difflib.get_close_matches(query.casefold(), folded, n=3, cutoff=0.6)
        closest = [folded[name] for name in close]
    remedy = f"Closest: {', '.join(closest)}." if closest else "List them: %bw_list items."
    return NotFound("No item fits.", remedy, closest=closest)
