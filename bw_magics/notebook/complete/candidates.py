"""`Candidates`: the texts that can complete a word, from the vault in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.line.tokenizer import tokenize
from bw_magics.shown import harmless
from bw_magics.vault.field_name import PLACES, FieldName
from bw_magics.vault.names import folded, normal
from bw_magics.vault.reference import ATTACHMENT, SCHEME, Reference
from bw_magics.vault.types import ITEM_TYPES

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.inventory import Inventory

MOST = 100

# The common ones, offered before the others.
COMMON = ("password", "username", "item", "uri", "totp", "notes")
# OBJECTs of the Secrets Manager.
OF_MACHINE = SECRET, PROJECT = "secret", "project"
OBJECTS = (*COMMON, ATTACHMENT, *PLACES, SECRET)

_SHORT = {"organization": "org", "collection": "coll."}
_CUT_ESCAPE = regex(r"%[0-9A-Fa-f]?$")
_NAMESAKES = 4


class Candidate(NamedTuple):
    """A text that completes a word, and its kind in one word."""

    text: str
    kind: str


class Candidates:
    """The names that a vault knows. Empty while the vault is locked or past its idle time.

    Takes no lock, asks no server, decrypts no value, and does not count as a use of the vault.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def names(self) -> Iterator[str]:
        """Yields the names of all items, folders, collections and organisations."""
        from bw_magics.vault.open_vault import OpenVault

        contents = self._contents()
        if contents is not None:
            yield from OpenVault(contents).names()

    def items(self, typed: str) -> Iterator[Candidate]:
        """Yields names of items."""
        contents = self._contents()
        if contents is not None:
            yield from (Candidate(name, "item") for name in contents.index.find(typed, MOST))

    def places(self, kinds: Iterable[str], typed: str) -> Iterator[Candidate]:
        """Yields names of folders, collections or organisations."""
        for kind, name, _ in self._places(kinds, typed):
            yield Candidate(name, _SHORT.get(kind, kind))

    def members(self, name: str, path: str | None = None) -> Inventory:
        """Returns the parts of all items with that name or id."""
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
        """Yields the OBJECTs of `%bw_get`; with a `name`, only those that its items have."""
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
        """Yields references that begin like the text after `bw://`: items, paths with a final
        slash, then fields and files.
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
        """Yields items inside a path, longer paths, and items with a slash in their name."""
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
        """Returns kind, name and id of the places whose name contains the text."""
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
    """Yields the OBJECT of `%bw_get` for each part of an item."""
    yield from members.members
    for field in members.fields:
        yield str(FieldName.custom(field, (*OBJECTS, *members.members)))


def written(text: str, quote: str = "", *, together: bool = False) -> str | None:
    """Returns a text as a magic's line holds it, in quotes where they are needed: where `quote` was
    typed, or where the line would mean something else.

    With `together`, several words need no quotes. Returns None for a text that a line cannot hold.
    """
    if not quote and _survives(text, together=together):
        return text
    for mark in (quote, *(("'", '"') if '"' in text else ('"', "'"))):
        if mark and _is_one_word(f"{mark}{text}{mark}", text):
            return f"{mark}{text}{mark}"
    return None


def _survives(text: str, *, together: bool) -> bool:
    # Before the extension is loaded, a final question mark asks for help.
    if not _is_visible(text) or text.endswith("?") or text[:1] in "%!":
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
    if not _is_visible(text):
        return False
    try:
        words = tokenize(f"{quoted} --end")
    except UsageMistake:
        return False
    return len(words) == 2 and words[0].quoted == text and not words[0].head


def _is_visible(text: str) -> bool:
    return text.isprintable() and harmless(text) == text


def _encoded(part: str) -> str:
    return str(Reference("x", part))[len(f"{SCHEME}x/") :] if part else ""


def _decoded(part: str) -> str:
    return Reference.parse(f"{SCHEME}x/{part}.").what[:-1]
