"""Names compare in one normal form, wherever a name is asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from bw_magics.errors import FieldNotFound
from bw_magics.secret import Secret
from bw_magics.vault.contents import Contents
from bw_magics.vault.inventory import inventory_at
from bw_magics.vault.lookup import find
from bw_magics.vault.names import folded
from bw_magics.vault.open_vault import OpenVault
from bw_magics.vault.places import find_place, places
from bw_magics.vault.selection import Selection, select
from bw_magics.vault.tiebreak import Tiebreak
from tests.vault.conftest import Writer

COMPOSED, DECOMPOSED = "NFC", "NFD"
FORMS = pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
STORED = pytest.mark.parametrize("stored", [COMPOSED, DECOMPOSED])


def as_form(form: Any, text: str) -> str:
    return unicodedata.normalize(form, text)


def stored_in(writer: Writer, form: str) -> Contents:
    """A vault whose names are all in that form."""
    folder = writer.folder(as_form(form, "Prüfungen"))
    guild = writer.organization(as_form(form, "Zünfte"))
    collection = writer.collection(as_form(form, "Geräte"), guild)
    writer.login(
        as_form(form, "Größe"),
        as_form(form, "zoë"),
        folderId=folder,
        fields=[
            {"name": as_form(form, "Schlüssel"), "value": "value of the field", "type": 0},
            {"name": as_form(form, "Schlüssel"), "value": "value of the second", "type": 0},
        ],
        attachments=[{"id": "file-1", "fileName": as_form(form, "Übersicht.csv"), "size": "3"}],
    )
    writer.login("Größe", "other", password=None)
    writer.login("Shared", "zoe", organizationId=guild, collectionIds=[collection])
    return writer.open()


WAYS: dict[str, Callable[[Contents, Callable[[str], str]], object]] = {
    "item": lambda vault, name: find(vault, name("Größe"), what="password").item.username,
    "item, other case": lambda vault, name: find(vault, name("GRÖSSE"), what="password").step,
    "part of a name": lambda vault, name: find(vault, name("größ"), what="password", loose=True),
    "field": lambda vault, name: first(vault).field(name("Schlüssel")),
    "get": lambda vault, name: first(vault).get(name("Schlüssel")),
    "field:": lambda vault, name: first(vault).get(name("field:Schlüssel")),
    "second field": lambda vault, name: first(vault).get(name("field:Schlüssel#2")),
    "holds": lambda vault, name: first(vault).holds(name("Schlüssel")) or None,
    "attachment": lambda vault, name: first(vault).attachment(name("Übersicht.csv")).id,
    "attachment, other case": lambda vault, name: first(vault).attachment(name("ÜBERSICHT.CSV")).id,
    "part of a file's name": lambda vault, name: (
        first(vault).find_attachment(name("über"), loose=True).id
    ),
    "user name": lambda vault, name: (
        find(vault, "Größe", tiebreak=Tiebreak(username=name("zoë"))).item
    ),
    "folder": lambda vault, name: (
        find(vault, "Größe", tiebreak=Tiebreak(folder=name("Prüfungen"))).item
    ),
    "collection": lambda vault, name: (
        find(vault, "Shared", tiebreak=Tiebreak(collection=name("Geräte"))).item
    ),
    "organisation": lambda vault, name: (
        find(vault, "Shared", tiebreak=Tiebreak(organization=name("Zünfte"))).item
    ),
    "path": lambda vault, name: (
        find(vault, "Shared", tiebreak=Tiebreak(path=name("Zünfte/Geräte"))).item
    ),
    "place": lambda vault, name: find_place(places(vault, "folder"), "folder", name("Prüfungen")),
    "place, other case": lambda vault, name: find_place(
        places(vault, "collection"), "collection", name("GERÄTE")
    ),
    "search by name": lambda vault, name: select(vault, Selection(search=name("Größ"))) or None,
    "search by user name": lambda vault, name: select(vault, Selection(search=name("ZOË"))) or None,
    "completion": lambda vault, name: vault.index.find(name("gröss"), 5) or None,
    "reference": lambda vault, name: OpenVault(vault).resolve(
        name("bw://Prüfungen/Größe/Schlüssel")
    ),
}


def first(contents: Contents) -> Any:
    return contents.item_at(0)


@pytest.mark.parametrize("way", WAYS)
@FORMS
@STORED
def test_a_name_is_found_in_either_form(writer: Writer, stored: str, typed: str, way: str) -> None:
    contents = stored_in(writer, stored)

    assert WAYS[way](contents, lambda text: as_form(typed, text)) is not None


@pytest.mark.parametrize("what", ["Schlüssel", "field:Schlüssel", "field:Schlüssel#2", "password"])
@FORMS
@STORED
def test_a_reference_that_an_item_writes_resolves(
    writer: Writer, stored: str, typed: str, what: str
) -> None:
    contents = stored_in(writer, stored)
    item = first(contents)

    reference = item.reference(as_form(typed, what))

    assert OpenVault(contents).resolve(reference) == item.get(what)
    assert reference.isprintable()


@FORMS
@STORED
def test_the_reference_of_a_file_names_it(writer: Writer, stored: str, typed: str) -> None:
    item = first(stored_in(writer, stored))

    reference = item.reference(attachment=as_form(typed, "Übersicht.csv"))

    assert reference == as_form(COMPOSED, "bw://Prüfungen/Größe/attachment/Übersicht.csv")


@STORED
def test_completion_offers_names_that_are_found(writer: Writer, stored: str) -> None:
    contents = stored_in(writer, stored)

    inventory = inventory_at(contents, 0)

    assert [first(contents).get(f"field:{name}") for name in inventory.fields] == [
        "value of the field",
        "value of the second",
    ]
    assert [first(contents).attachment(name).id for name in inventory.files] == ["file-1"]


def test_names_that_only_look_alike_stay_apart(writer: Writer) -> None:
    item = first(stored_in(writer, COMPOSED))

    with pytest.raises(FieldNotFound):
        item.field("Schlussel")


def test_a_folded_name_is_kept_once_and_a_secret_never_stays_one() -> None:
    name = "".join(["ware", "house"])
    assert folded(name) is name
    assert type(folded(Secret("warehouse", "password"))) is str
