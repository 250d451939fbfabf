"""Resolving references: the value that a `Reference` names."""

from __future__ import annotations

from collections.abc import Iterable

from bw_magics.errors import Ambiguous, FieldNotFound, NotFound, Unreadable
from bw_magics.steps import LIST_ITEMS, Remedy
from bw_magics.vault.contents import Contents
from bw_magics.vault.field_name import FieldName
from bw_magics.vault.item import Item
from bw_magics.vault.lookup import find
from bw_magics.vault.names import closest
from bw_magics.vault.reference import Reference
from bw_magics.vault.tiebreak import Tiebreak

_MOST_SUGGESTED = 3


def resolve(contents: Contents, reference: Reference) -> object:
    """Returns the value that a reference names, a `Secret` where it is one.

    The item is found by id, exact name, or exact name ignoring case, never by less. Raises
    `NotFound` and `FieldNotFound` with the closest spellings, `Ambiguous`, `Unreadable`.
    """
    return _found(contents, reference, reads=True)


def check(contents: Contents, reference: Reference) -> None:
    """Finds what a reference names, and reads no value.

    Raises as `resolve`; of what cannot be decrypted, it notices whole items.
    """
    _found(contents, reference, reads=False)


def _found(contents: Contents, reference: Reference, *, reads: bool) -> object:
    what = FieldName.parse(reference.field or "item")
    try:
        tiebreak = Tiebreak(path=reference.path)
        item = find(contents, reference.item, what=what, tiebreak=tiebreak).item
        if reference.attachment is not None:
            file = item.attachment(reference.attachment)
            return file.read() if reads else None
        if reads:
            return item.get(what)
        if item.problem is not None:
            raise Unreadable(
                f"'{item.name}' cannot be decrypted: {item.problem}",
                "Open the item in the web vault and save it again.",
            )
        return None
    except Ambiguous as error:
        items = [item for item in error.candidates if isinstance(item, Item)]
        each = [
            str(contents.reference(item.id, what, attachment=reference.attachment))
            for item in items
        ]
        raise Ambiguous(
            error.fact, f"Write one of: {', '.join(each[:5])}", candidates=items
        ) from None
    except FieldNotFound as error:
        if reference.attachment is not None:
            raise  # it names the attachments
        closest = _references(contents, [reference.item], reference, only_close=True)
        remedy = f"Closest: {' or '.join(closest)}" if closest else error.remedy
        # A name that resembles none may be a secret that was put in its place.
        fact = error.fact if error.closest else "The item has no field of the reference's name."
        raise FieldNotFound(fact, remedy, closest=error.closest) from None
    except NotFound:
        closest = _references(contents, _close_names(contents, reference), reference)
        listing = Remedy("List them: {}.", LIST_ITEMS)
        advice = f"Closest: {' or '.join(closest)}" if closest else listing
        raise NotFound("No item fits the reference.", advice, closest=closest) from None


def _close_names(contents: Contents, reference: Reference) -> list[str]:
    """Returns names that may have been meant: with a slash that should be `%2F`, without the path,
    and spelled a little differently.
    """
    path = [] if reference.path is None else reference.path.split("/")
    whole = [*path, reference.item]
    written = ["/".join(whole[start:]) for start in range(len(whole))]
    names = contents.names
    return [*written, *closest(reference.item, names), *closest("/".join(whole), names)]


def _references(
    contents: Contents, names: Iterable[str], reference: Reference, *, only_close: bool = False
) -> list[str]:
    """References to the items of those names, with fields that these do have."""
    found: list[str] = []
    for name in dict.fromkeys(names):
        for position in contents.with_name(name) or contents.with_folded_name(name):
            item = contents.item_at(position)
            if reference.attachment is not None:
                found.append(str(contents.reference(item.id, attachment=reference.attachment)))
                continue
            field = _close_field(item, reference.field or "", or_any=not only_close)
            if field is not None:
                found.append(str(contents.reference(item.id, FieldName.parse(field))))
    return list(dict.fromkeys(found))[:_MOST_SUGGESTED]


def _close_field(item: Item, field: str, *, or_any: bool) -> str | None:
    """Returns the field of the item that is spelled most like it, else its first one."""
    if item.holds(field):
        return field
    names = [name for name, _ in item.outline() if item.holds(name)]
    return next(iter(closest(field, reversed(names)) or (names if or_any else ())), None)
