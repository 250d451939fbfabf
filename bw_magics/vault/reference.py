"""`Reference`: a text that names a value of the vault and is safe to save (design 3, "References").

bw://[PATH/]ITEM/FIELD          bw://[PATH/]ITEM/attachment/FILE
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bw_magics.errors import (
    Ambiguous,
    FieldNotFound,
    LookupFailed,
    NotFound,
    UsageMistake,
)

if TYPE_CHECKING:
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item
    from bw_magics.vault.lookup import Found

SCHEME = "bw://"
ATTACHMENT = "attachment"

_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LOOKS_ESCAPED = re.compile(r"%(?=[0-9A-Fa-f]{2})")
_MOST_SUGGESTED = 3
_MOST_NAMES_COMPARED = 20_000


def is_reference(text: str) -> bool:
    """Whether a text is written as a reference, well or not."""
    return text.lstrip()[: len(SCHEME)].lower() == SCHEME


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value is: the item's name or id, the field, and the place that the item is in.

    `field` is an object or member as in `%bw_get`, a custom field, or `field:NAME`; it is None
    where `attachment` names a file. `path` is the name of a folder, collection or organisation, or
    ORGANISATION/COLLECTION; None is anywhere. All names are in NFC.

    `str()` writes it and `Reference.parse` reads it; they are inverse.
    """

    item: str
    field: str | None = None
    path: str | None = None
    attachment: str | None = None

    def __post_init__(self) -> None:
        for name in ("item", "field", "path", "attachment"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, unicodedata.normalize("NFC", value))
        if not self.item or not (self.field or self.attachment) or self.path == "":
            raise _malformed()
        if self.field and self.attachment:
            raise UsageMistake("A reference names a field or an attachment, not both.")

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Reads a reference; needs no vault. Raises `UsageMistake`, which does not repeat it.

        It is read from the right: the field (with the part before it, where that is `attachment`),
        then the item; whatever is left is the path, slashes and all. In a name, `%2F` is a slash;
        an escape that is none is literal.
        """
        if not isinstance(text, str) or not is_reference(text):
            raise _malformed()
        text = text.strip()
        parts = text[len(SCHEME) :].split("/")
        attachment = None
        if len(parts) > 2 and parts[-2] == ATTACHMENT:
            attachment = _decoded(parts.pop())
        field = _decoded(parts.pop())
        if not parts:
            raise _malformed()
        item = _decoded(parts.pop())
        path = "/".join(_decoded(part) for part in parts) if parts else None
        if attachment is not None:
            return cls(item, None, path, attachment)
        return cls(item, field, path)

    def __str__(self) -> str:
        parts = [] if self.path is None else [_encoded(part) for part in self.path.split("/")]
        item = _encoded(self.item)
        # As the part before the last it would announce a file.
        parts.append(item.replace("a", "%61", 1) if item == ATTACHMENT else item)
        if self.attachment is not None:
            parts.append(ATTACHMENT)
        parts.append(_encoded(self.attachment or self.field or ""))
        return SCHEME + "/".join(parts)

    @property
    def what(self) -> str:
        """The field as `Item.get` takes it; `attachment` for a file."""
        return self.field or ATTACHMENT


def resolve(contents: Contents, reference: Reference) -> object:
    """What a reference means: the value, a `Secret` where it is one.

    The item is found by id, exact name, or exact name ignoring case, never by less. Raises
    `NotFound` and `FieldNotFound` with the closest spellings, `Ambiguous`, `Unreadable`.
    """
    from bw_magics.vault.item import Item

    what = reference.field or "item"
    try:
        item = _find(contents, reference.item, reference.path, what).item
        if reference.attachment is not None:
            return item.attachment(reference.attachment).read()
        return item.get(what)
    except Ambiguous as error:
        items = [item for item in error.candidates if isinstance(item, Item)]
        each = [str(write(contents, item, what, reference.attachment)) for item in items]
        raise Ambiguous(
            error.fact, f"Write one of: {', '.join(each[:5])}", candidates=items
        ) from None
    except FieldNotFound as error:
        if reference.attachment is not None:
            raise  # it names the attachments that there are
        closest = _references(contents, [reference.item], reference, only_close=True)
        remedy = f"Closest: {' or '.join(closest)}" if closest else error.remedy
        raise FieldNotFound(error.fact, remedy) from None
    except NotFound:
        closest = _references(contents, _close_names(contents, reference), reference)
        remedy = f"Closest: {' or '.join(closest)}" if closest else "List them: %bw_list items."
        raise NotFound("No item fits the reference.", remedy, closest=closest) from None


def write(contents: Contents, item: Item, field: str, attachment: str | None = None) -> Reference:
    """The shortest reference that finds that item and no other: its name, else with its folder,
    collection or organisation before it, else its id.
    """
    name = item.name if item.problem is None else ""
    named = None if attachment else field or "field:"  # a field may have no name
    for path in (None, *_paths(item)) if name else ():
        try:
            found = _find(contents, name, path, "item" if attachment else field)
        except LookupFailed:
            continue
        if found.item.id == item.id:
            return Reference(name, named, path, attachment)
    return Reference(item.id, named, None, attachment)


def _find(contents: Contents, name: str, path: str | None, what: str) -> Found:
    # Here, so that reading and checking references needs neither keys nor their libraries.
    from bw_magics.vault.lookup import Tiebreak, find

    @dataclass(frozen=True, slots=True)
    class Place(Tiebreak):
        def fits(self, item: Item) -> bool:
            return path in _paths(item)

    return find(contents, name, what=what, tiebreak=None if path is None else Place())


def _paths(item: Item) -> list[str]:
    """Every path that leads to an item, in NFC: the shortest of each kind first."""
    paths = [item.folder, *item.collections, item.organization]
    if item.organization:
        paths += [f"{item.organization}/{collection}" for collection in item.collections]
    return [unicodedata.normalize("NFC", path) for path in paths if path]


def _close_names(contents: Contents, reference: Reference) -> list[str]:
    """Names that may have been meant: with a slash that should be `%2F`, without the path, and
    spelled a little differently.
    """
    path = [] if reference.path is None else reference.path.split("/")
    whole = [*path, reference.item]
    written = ["/".join(whole[start:]) for start in range(len(whole))]
    names = contents.names
    if len(names) <= _MOST_NAMES_COMPARED:
        folded = {name.casefold(): name for name in names}
        for name in (reference.item, "/".join(whole)):
            close = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
            written += [folded[match] for match in close]
    return written


def _references(
    contents: Contents, names: Iterable[str], reference: Reference, *, only_close: bool = False
) -> list[str]:
    """References to the items of those names, with fields that these do have."""
    found: list[str] = []
    for name in dict.fromkeys(names):
        for position in contents.with_name(name) or contents.with_folded_name(name):
            item = contents.item_at(position)
            if reference.attachment is not None:
                found.append(str(write(contents, item, "item", reference.attachment)))
                continue
            field = _close_field(item, reference.field or "", or_any=not only_close)
            if field is not None:
                found.append(str(write(contents, item, field)))
    return list(dict.fromkeys(found))[:_MOST_SUGGESTED]


def _close_field(item: Item, field: str, *, or_any: bool) -> str | None:
    """The field of the item that is spelled most like it, else its first one."""
    if item.holds(field):
        return field
    names = [name for name, _ in item.outline() if item.holds(name)]
    folded = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(field.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return folded[close[0]]
    return names[0] if names and or_any else None


def _malformed() -> UsageMistake:
    return UsageMistake(
        "This is no reference.",
        "A reference is bw://ITEM/FIELD or bw://FOLDER/ITEM/FIELD; a slash in a name is %2F.",
    )


def _encoded(part: str) -> str:
    """A name as one part: only what would be read as something else is escaped.

    That is a slash, what looks like an escape, quotes and backslashes (dotenv files, lines), the
    start of a comment, spaces at the ends, and whatever cannot be printed.
    """
    part = _LOOKS_ESCAPED.sub("%25", part)
    last = len(part) - 1
    return "".join(
        _escape(character)
        if character in '/"\\'
        or (character == " " and index in (0, last))
        or (character == "#" and part[index - 1 : index] in ("", " "))
        or not character.isprintable()
        else character
        for index, character in enumerate(part)
    )


def _escape(character: str) -> str:
    try:
        return "".join(f"%{byte:02X}" for byte in character.encode())
    except UnicodeEncodeError:
        return character  # half of a surrogate pair has no escape


def _decoded(part: str) -> str:
    return _ESCAPES.sub(lambda found: _unescaped(found[0]), part)


def _unescaped(escapes: str) -> str:
    data = bytes.fromhex(escapes.replace("%", ""))
    text = ""
    start = 0
    while True:
        try:
            return text + data[start:].decode()
        except UnicodeDecodeError as error:
            # What is no UTF-8 is no escape: it stays as it was written.
            bad, end = start + error.start, start + error.end
            text += data[start:bad].decode() + escapes[3 * bad : 3 * end]
            start = end
