"""Lists of a vault's items: filters as keywords, and a repr that is short and harmless."""

from __future__ import annotations

from typing import Any

import pytest

import bw_magics
from bw_magics import Selection, Tiebreak
from bw_magics.errors import FieldNotFound, UsageMistake
from tests.session.conftest import Session


@pytest.mark.parametrize(
    "filters",
    [
        {"search": "ware"},
        {"url": "https://hub.demo.example"},
        {"trash": True},
        {"archived": True},
        {"folder_id": "null"},
        {"search": "d", "organization_id": "notnull"},
        {"search": None},
    ],
    ids=str,
)
def test_filters_are_keywords_or_a_selection(unlocked: Session, filters: dict[str, Any]) -> None:
    vault = unlocked.vault
    by_keywords = [item.id for item in vault.items(**filters)]

    assert by_keywords == [item.id for item in vault.items(Selection(**filters))]
    assert by_keywords
    if filters != {"search": None}:
        assert len(by_keywords) < len(vault.items())


def test_keywords_narrow_a_selection(unlocked: Session) -> None:
    found = unlocked.vault.items(Selection(search="d"), search="db (staging)")

    assert [item.name for item in found] == ["Warehouse DB (staging)"]


def test_a_filter_that_is_none_is_a_mistake(unlocked: Session) -> None:
    with pytest.raises(UsageMistake, match="no filter 'serach'"):
        unlocked.vault.items(serach="ware")  # type: ignore[call-arg]


def test_a_list_of_items_shows_itself_as_a_short_table(unlocked: Session) -> None:
    items = unlocked.vault.items()
    lines = repr(items).split("\n")

    assert len(items) > 20
    assert len(lines) == 21
    assert lines[-1] == f"{len(items)} items, the first 20 shown"
    assert repr(unlocked.vault.items(search="db (staging)")) == (
        "Warehouse DB (staging) · login · Work/Databases\n1 item"
    )
    assert repr(unlocked.vault.items(search="nothing of ours")) == "0 items"
    assert not any(item.id in repr(items) for item in items)


def test_places_show_their_names_and_no_ids(unlocked: Session) -> None:
    for kind in ("folder", "collection", "organization"):
        for place in unlocked.vault.places(kind):
            assert place.name in repr(place)
            assert place.id not in repr(place)
            assert repr(place).startswith(f"<{kind.capitalize()} ")


MEMBERS = ("password", "username", "totp", "uri", "notes", "number", "code", "ssn", "private_key")


def test_an_attribute_is_none_exactly_where_get_raises(unlocked: Session) -> None:
    seen = set()
    for item in unlocked.vault.items():
        if item.problem or item.has_reprompt:
            continue
        for member in MEMBERS:
            try:
                value = getattr(item, member)
            except (AttributeError, bw_magics.BitwardenError):
                continue
            try:
                got = item.get(member)
            except FieldNotFound:
                got = None
            assert (value is None) == (got is None), (item.name, member)
            seen.add((member, value is None))
    assert {("totp", True), ("totp", False), ("password", True), ("password", False)} <= seen


def test_what_get_and_items_take_is_public() -> None:
    for name in ("Selection", "Tiebreak"):
        assert name in bw_magics.__all__
        assert name in dir(bw_magics)
    assert Tiebreak(folder="Work").folder == "Work"
