"""`Candidates`: what may stand in a place where somebody types, from the vault as it is now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.tokenizer import tokenize
from bw_magics.vault.field_name import PLACES, FieldName
from bw_magics.vault.names import folded, normal
from bw_magics.vault.reference import ATTACHMENT, SCHEME, Reference

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.inventory import Inventory

MOST = 100

# What people ask for; the others are offered after these.
COMMON = ("password", "username", "item", "uri", "totp", "notes")
OBJECTS = (*COMMON, ATTACHMENT, *PLACES)

_SHORT = {"organization": "org", "collection": "coll."}
_CUT_ESCAPE = re.compile(r"%[0-9A-Fa-f]?$")
_NAMESAKES = 4


class Candidate(NamedTuple):
    """A text that may stand there, and in a word what it is."""

    text: str
    kind: str


class Candidates:
    """What a vault knows by name. Empty while it is locked, and past its idle time.

    Takes no lock, asks no server, decrypts no value, and does not count as a use of the vault.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def names(self) -> Iterator[str]:
        """The names of all items, folders, collections and organisations."""
        contents = self._contents()
        if contents is not None:
            yield from contents.names
            for named in (
                contents.folder_names,
                contents.collection_names,
                contents.organization_names,
            ):
                yield from named.values()

    def items(self, typed: str) -> Iterator[Candidate]:
        """Names of items."""
        contents = self._contents()
        if contents is not None:
            yield from (Candidate(name, "item") for name in contents.index.find(typed, MOST))

    def places(self, kinds: Iterable[str], typed: str) -> Iterator[Candidate]:
        """Names of folders, collections or organisations."""
        for kind, name, _ in self._places(kinds, typed):
            yield Candidate(name, _SHORT.get(kind, kind))

    def members(self, name: str, path: str | None = None) -> Inventory:
        """What the items of that name or id have, all of them together."""
        from bw_magics.vault.inventory import Inventory, inventory_at

        contents = self._contents()
        if contents is None:
            return Inventory()
        positions = (
            contents.with_id(name.strip())
            or contents.with_name(name)
            or contents.with_folded_name(name)
        )
        found = [inventory_at(contents, position) for position in positions[:_NAMESAKES]]
        return Inventory(
            *(
                tuple(dict.fromkeys(entry for each in found for entry in getattr(each, list)))
                for list in ("members", "fields", "files")
            )
        )

    def objects(self, name: str = "") -> Iterator[Candidate]:
        """What `get` may be asked for; of the items of that name only what they have."""
        from bw_magics.vault.types import ITEM_TYPES

        members = self.members(name) if name else None
        if members is not None and (members.members or members.fields):
            yield from (Candidate(member, "field") for member in fields_of(members))
            return
        yield from (Candidate(object, "object") for object in OBJECTS)
        others = (member for type in ITEM_TYPES.values() for member in type.members)
        for member in dict.fromkeys(others):
            if member not in OBJECTS:
                yield Candidate(member, "field")

    def references(self, typed: str) -> Iterator[Candidate]:
        """References that begin like what was typed after `bw://`: items and paths, which end
        with a slash; then fields and files.
        """
        head, slash, last = typed.rpartition("/")
        last = _decoded(_CUT_ESCAPE.sub("", last))
        before = f"{SCHEME}{head}{slash}"
        if not slash:
            for name, kind in self.items(last):
                yield Candidate(f"{before}{_encoded(name)}/", kind)
            for name, kind in self.places(PLACES, last):
                path = "/".join(_encoded(part) for part in name.split("/"))
                yield Candidate(f"{before}{path}/", kind)
            return
        *parents, item = head.split("/")
        wanted = folded(last)
        if item == ATTACHMENT and parents:
            for file in self.members(_decoded(parents[-1])).files:
                if wanted in folded(file):
                    yield Candidate(f"{before}{_encoded(file)}", "file")
        members = self.members(_decoded(item))
        for field in fields_of(members):
            if wanted in folded(field):
                yield Candidate(f"{before}{_encoded(field)}", "field")
        if members.files and wanted in ATTACHMENT:
            yield Candidate(f"{before}{ATTACHMENT}/", "file")
        yield from self._below(head, last)

    def _below(self, head: str, last: str) -> Iterator[Candidate]:
        """Items in the place of a path, places whose path goes on, and items with a slash in
        their name.
        """
        from bw_magics.vault.index import NameIndex

        contents = self._contents()
        if contents is None:
            return
        path = normal("/".join(_decoded(part) for part in head.split("/")))
        names = [
            name
            for kind, place, id in self._places(PLACES, path)
            if path in (normal(place), normal(f"{self._owner(kind, id)}/{place}"))
            for name in contents.names_in(id)
        ]
        if names:
            for name in NameIndex(names).find(last, MOST):
                yield Candidate(f"{SCHEME}{head}/{_encoded(name)}/", "item")
        longer = f"{path}/{last}"
        for name, kind in self.places(PLACES, longer):
            if folded(name).startswith(folded(longer)):
                whole = "/".join(_encoded(part) for part in name.split("/"))
                yield Candidate(f"{SCHEME}{whole}/", kind)
        for name, kind in self.items(longer):
            if folded(name).startswith(folded(longer)):
                yield Candidate(f"{SCHEME}{_encoded(name)}/", kind)

    def _places(self, kinds: Iterable[str], typed: str) -> list[tuple[str, str, str]]:
        """Kind, name and id of the places whose name contains what was typed."""
        contents = self._contents()
        if contents is None:
            return []
        named = {
            "folder": contents.folder_names,
            "collection": contents.collection_names,
            "organization": contents.organization_names,
        }
        wanted = folded(typed)
        found = [
            (kind, name, id)
            for kind in kinds
            for id, name in named[kind].items()
            if wanted in folded(name) or wanted.endswith(f"/{folded(name)}")
        ]
        found.sort(key=lambda entry: (not folded(entry[1]).startswith(wanted), entry[1]))
        return found[:MOST]

    def _owner(self, kind: str, id: str) -> str:
        contents = self._contents()
        if contents is None or kind != "collection":
            return ""
        owners = {entry.id: entry.organization_id for entry in contents.snapshot.collections}
        return contents.organization_names.get(owners.get(id, ""), "")

    def _contents(self) -> Contents | None:
        state = self._vault._current.state
        if state.deadline is not None and state.deadline.is_past:
            return None
        return state.contents


def fields_of(members: Inventory) -> Iterator[str]:
    """What `get` takes for each of them."""
    yield from members.members
    for field in members.fields:
        yield str(FieldName.custom(field, (*OBJECTS, *members.members)))


def written(text: str, quote: str = "", *, together: bool = False) -> str | None:
    """A text as it stands in a magic's line, in quotes only where it has to be: where `quote` was
    typed, or where the line would be read as something else. `together` says that several words
    need none. None where it cannot be written there.
    """
    if not quote and _survives(text, together=together):
        return text
    for mark in (quote, '"', "'"):
        if mark and _is_one_word(f"{mark}{text}{mark}", text):
            return f"{mark}{text}{mark}"
    return None


def _survives(text: str, *, together: bool) -> bool:
    # A question mark at the end of a line opens the manual, braces and dollars are variables.
    if not text.isprintable() or text.endswith("?") or text[:1] in "%!":
        return False
    try:
        words = tokenize(text)
    except UsageMistake:
        return False
    if any(word.is_option or word.head == "--" or word.text[:1] in "${" for word in words):
        return False
    if not together and len(words) != 1:
        return False
    return (
        all(word.quoted is None for word in words) and " ".join(word.text for word in words) == text
    )


def _is_one_word(quoted: str, text: str) -> bool:
    if not text.isprintable():
        return False
    try:
        words = tokenize(f"{quoted} --end")
    except UsageMistake:
        return False
    return len(words) == 2 and words[0].quoted == text and not words[0].head


def _encoded(part: str) -> str:
    return str(Reference("x", part))[len(f"{SCHEME}x/") :] if part else ""


def _decoded(part: str) -> str:
    return Reference.parse(f"{SCHEME}x/{part}.").what[:-1]
