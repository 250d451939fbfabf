"""Finding an item: exact before loose, never a silent guess."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import Ambiguous, FieldNotFound, LookupFailed, NotFound, VaultLocked
from bw_magics.vault.contents import Contents
from bw_magics.vault.item import Item
from bw_magics.vault.lookup import find
from bw_magics.vault.places import Place, find_place, places
from bw_magics.vault.tiebreak import Tiebreak
from tests.vault.conftest import Writer, locked, spoiled, stable_id
from tests.vault.test_item import SEED, fields


@pytest.fixture
def contents(writer: Writer) -> Contents:
    work, home = writer.folder("Work"), writer.folder("Größe")
    guild = writer.organization("Guild")
    data = writer.collection("Data", guild)
    writer.login("Warehouse DB", "ada", "postgresql://db.vault.example:5432/x", folderId=work)
    writer.login("warehouse db", "low", notes="n")
    writer.login("Warehouse DB (staging)", "ada", "https://staging.vault.example")
    writer.login("Reporting", "ada", totp=SEED, folderId=work)
    writer.login("Reporting", "batch", folderId=home)
    writer.login("Reporting", "team", organizationId=guild, collectionIds=[data], has_key=True)
    writer.login(
        "Größenmessung", "ada", "https://Maß.vault.example", fields=fields((0, "port", "1"))
    )
    writer.login("Deleted", "ada", "https://gone.vault.example", deletedDate="2026-01-01T00:00:00Z")
    writer.add("Travel card", 3, card={"number": "4111", "brand": "Visa"})
    writer.login("  spaces  ", "ada")
    writer.login("db.vault.example", "named like a host")
    writer.add("Future", 99)
    bad = writer.login("Broken", "ada", has_key=True)
    bad["key"] = spoiled(bad["key"])
    bad["id"] = stable_id("broken")
    return writer.open()


@pytest.mark.parametrize("loose", [False, True], ids=["strict", "loose"])
@pytest.mark.parametrize(
    ("query", "what", "username", "step"),
    [
        ("Warehouse DB", "password", "ada", "name"),
        ("warehouse db", "password", "low", "name"),
        ("WAREHOUSE DB (STAGING)", "password", "ada", "case"),
        ("größenmessung", "password", "ada", "case"),
        ("GRÖSSENMESSUNG", "password", "ada", "case"),
        (unicodedata.normalize("NFD", "Größenmessung"), "password", "ada", "name"),
        ("  spaces  ", "password", "ada", "name"),
        ("Reporting", "totp", "ada", "name"),
        ("db.vault.example", "password", "named like a host", "name"),
        ("Warehouse DB", "notes", "low", "case"),
        ("Größenmessung", "port", "ada", "name"),
        ("Größenmessung", "field:port", "ada", "name"),
    ],
)
def test_exact_names_win(
    contents: Contents, query: str, what: str, username: str, step: str, loose: bool
) -> None:
    found = find(contents, query, what=what, loose=loose)
    assert (found.item.username, found.step, found.is_exact) == (username, step, True)


@pytest.mark.parametrize("change", [str, str.upper, " {} ".format])
def test_an_id_wins_over_everything(contents: Contents, change: Callable[[str], str]) -> None:
    wanted = contents.item_at(0)
    found = find(contents, change(wanted.id))
    assert (found.item.name, found.step) == (wanted.name, "id")


@pytest.mark.parametrize(
    ("query", "name", "step"),
    [
        ("staging", "Warehouse DB (staging)", "part"),
        ("staging warehouse", "Warehouse DB (staging)", "part"),
        ("GRÖSSEN", "Größenmessung", "part"),
        ("spaces", "  spaces  ", "part"),
        ("staging.vault.example", "Warehouse DB (staging)", "host"),
        ("https://STAGING.vault.example/login?x", "Warehouse DB (staging)", "host"),
        ("maß.vault.example", "Größenmessung", "host"),
    ],
)
def test_loose_steps_are_for_a_person_only(
    contents: Contents, query: str, name: str, step: str
) -> None:
    found = find(contents, query, loose=True)
    assert (found.item.name, found.step, found.is_exact) == (name, step, False)
    with pytest.raises(NotFound):
        find(contents, query)


@pytest.mark.parametrize(
    ("tiebreak", "username"),
    [
        (Tiebreak(folder="Work"), "ada"),
        (Tiebreak(folder=stable_id("folder Work")), "ada"),
        (Tiebreak(folder=unicodedata.normalize("NFD", "Größe")), "batch"),
        (Tiebreak(collection="Data"), "team"),
        (Tiebreak(collection=stable_id("collection Data")), "team"),
        (Tiebreak(organization="Guild"), "team"),
        (Tiebreak(organization=stable_id("organization Guild")), "team"),
        (Tiebreak(username="batch"), "batch"),
        (Tiebreak(folder="Work", username="ada"), "ada"),
    ],
)
def test_ties_are_broken(contents: Contents, tiebreak: Tiebreak, username: str) -> None:
    assert find(contents, "Reporting", tiebreak=tiebreak).item.username == username


@pytest.mark.parametrize("loose", [False, True], ids=["strict", "loose"])
def test_an_ambiguous_query_carries_its_candidates(contents: Contents, loose: bool) -> None:
    with pytest.raises(Ambiguous, match="3 items fit") as caught:
        find(contents, "Reporting", what="password", loose=loose)
    candidates = [item for item in caught.value.candidates if isinstance(item, Item)]
    assert {item.username for item in candidates} == {"ada", "batch", "team"}
    text = str(caught.value)
    assert "Reporting (login, Work)" in text
    assert "Data" in text
    for kept in ("ada", "batch", "team", *(item.id for item in candidates)):
        assert kept not in text


def test_a_tiebreak_that_nothing_fits_finds_nothing(contents: Contents) -> None:
    with pytest.raises(NotFound):
        find(contents, "Reporting", tiebreak=Tiebreak(folder="Elsewhere"))


def test_the_trash_is_not_searched(writer: Writer, contents: Contents) -> None:
    trashed = next(contents.items(trashed=True))
    for query in ("Deleted", "deleted", "delet", "gone.vault.example", trashed.id):
        with pytest.raises(NotFound) as caught:
            find(contents, query, loose=True)
        assert "Deleted" not in caught.value.closest


def test_an_item_that_lacks_the_field_is_named_with_what_it_has(contents: Contents) -> None:
    with pytest.raises(FieldNotFound) as caught:
        find(contents, "Travel card", what="password")
    assert "'Travel card' (card) has no field 'password'" in caught.value.fact
    assert "brand, number" in caught.value.remedy
    assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize(
    ("query", "closest"),
    [
        ("Warehouse BD", "warehouse db"),
        ("grossenmessung", "Größenmessung"),
        ("travel-card", "Travel card"),
        ("zzzzzzzz", None),
    ],
)
def test_no_hit_tells_the_closest_names(
    contents: Contents, query: str, closest: str | None
) -> None:
    with pytest.raises(NotFound) as caught:
        find(contents, query)
    assert (closest in caught.value.closest) if closest else not caught.value.closest
    assert f"'{query}'" in str(caught.value)
    assert (closest or "vault.items()") in str(caught.value)


@pytest.mark.parametrize("query", ["", "   ", "\t"])
@pytest.mark.parametrize("loose", [False, True])
def test_an_empty_query_finds_nothing(contents: Contents, query: str, loose: bool) -> None:
    with pytest.raises(NotFound):
        find(contents, query, loose=loose)


@pytest.mark.parametrize("query", [stable_id("broken"), "Future"])
def test_an_unreadable_item_is_found_so_that_it_can_say_why(contents: Contents, query: str) -> None:
    assert find(contents, query, what="password").item.problem


def test_an_unreadable_item_is_not_a_rival_of_one_that_can_be_read(writer: Writer) -> None:
    writer.add("Twin", 99)
    writer.login("Twin", "ada")
    assert find(writer.open(), "Twin", what="password").item.username == "ada"


def test_a_forgotten_vault_finds_nothing(contents: Contents) -> None:
    contents.keys.forget(locked)
    with pytest.raises(VaultLocked):
        find(contents, "Warehouse DB")


@given(query=st.text(max_size=20), what=st.sampled_from(["item", "password", "host", "field:x"]))
def test_any_query_is_found_or_one_typed_error(query: str, what: str) -> None:
    writer = Writer()
    writer.login("Warehouse DB", "ada", "https://db.vault.example")
    with contextlib.suppress(LookupFailed):
        assert find(writer.open(), query, what=what, loose=True).item.name == "Warehouse DB"


def test_places_are_listed_by_name_and_found_exact_first(writer: Writer) -> None:
    guild = writer.organization("Guild")
    writer.collection("Data", guild)
    for name in ("work", "Work", "Größe", "Archive"):
        writer.folder(name)
    contents = writer.open()
    folders = places(contents, "folder")
    assert [place.name for place in folders] == ["Archive", "Größe", "work", "Work"]
    assert find_place(folders, "folder", "Work").id == stable_id("folder Work")
    assert find_place(folders, "folder", unicodedata.normalize("NFD", "größe")).name == "Größe"
    assert find_place(folders, "folder", stable_id("folder work")).name == "work"
    with pytest.raises(Ambiguous):
        find_place(folders, "folder", "WORK")
    with pytest.raises(NotFound, match="No folder"):
        find_place(folders, "folder", "wor")
    assert places(contents, "collection") == [
        Place("collection", "Data", stable_id("collection Data"), "Guild")
    ]
