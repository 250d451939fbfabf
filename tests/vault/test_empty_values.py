"""An encrypted empty text is absent, as in `bw`: nowhere a value, nowhere a rival."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bw_magics.errors import Ambiguous, BitwardenError, FieldNotFound, NotFound
from bw_magics.vault.item import Item
from bw_magics.vault.lookup import find
from bw_magics.vault.open_vault import OpenVault
from tests.vault.conftest import Json, Writer, spoiled

PARTS: dict[str, tuple[Callable[[Item], object], Json]] = {
    "username": (lambda item: item.username, {"login": {"username": ""}}),
    "password": (lambda item: item.password, {"login": {"password": ""}}),
    "totp": (lambda item: item.totp, {"login": {"totp": ""}}),
    "uri": (lambda item: item.uri, {"login": {"uris": [{"uri": ""}]}}),
    "notes": (lambda item: item.notes, {"notes": ""}),
    "field:text": (
        lambda item: item.field("text"),
        {"fields": [{"name": "text", "value": "", "type": 0}]},
    ),
    "field:hidden": (
        lambda item: item.field("hidden"),
        {"fields": [{"name": "hidden", "value": "", "type": 1}]},
    ),
    "field:flag": (
        lambda item: item.field("flag"),
        {"fields": [{"name": "flag", "value": "", "type": 2}]},
    ),
    "field:linked": (
        lambda item: item.field("linked"),
        {"login": {"password": ""}, "fields": [{"name": "linked", "type": 3, "linkedId": 101}]},
    ),
    "code": (lambda item: item.member("code"), {"card": {"code": ""}, "type": 3}),
    "privateKey": (
        lambda item: item.member("privateKey"),
        {"sshKey": {"privateKey": ""}, "type": 5},
    ),
    "first_name": (
        lambda item: item.member("first_name"),
        {"identity": {"firstName": ""}, "type": 4},
    ),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("has_key", [False, True], ids=["owner's key", "own key"])
def test_an_encrypted_empty_text_is_absent(writer: Writer, part: str, has_key: bool) -> None:
    read, members = PARTS[part]
    item = writer.item(writer.add("Empty", has_key=has_key, **members))

    assert read(item) is None
    assert not item.holds(part)
    with pytest.raises(FieldNotFound):
        item.get(part)
    with pytest.raises(FieldNotFound):
        item.reference(part)
    assert writer.announced == []


@pytest.mark.parametrize("part", [part for part in PARTS if part.startswith("field:")])
def test_an_empty_field_is_shown_as_empty_and_offered_nowhere(writer: Writer, part: str) -> None:
    _, members = PARTS[part]
    item = writer.item(writer.add("Empty", **members))
    name = part.removeprefix("field:")

    assert dict(item.outline())[name] == "(empty)"
    with pytest.raises(FieldNotFound, match=r"'Empty' \(login\) is empty") as caught:
        item.get(part)
    assert name not in str(caught.value)


@pytest.mark.parametrize("part", PARTS)
def test_an_item_with_an_empty_part_does_not_compete(writer: Writer, part: str) -> None:
    _, empty = PARTS[part]
    full = filled(empty)
    writer.add("Twin", **empty)
    second = writer.add("Twin", **full)
    contents = writer.open()

    found = find(contents, "Twin", what=part)

    assert found.item.id == second["id"]
    assert OpenVault(contents).resolve(f"bw://Twin/{part}") is not None


@pytest.mark.parametrize("name", ["", " ", "  \t", "\u00a0", "\n", None])
def test_the_reference_of_an_item_without_a_name_resolves(writer: Writer, name: str | None) -> None:
    writer.login("other")
    record = writer.add(name, login={"password": "made-up-1"})
    contents = writer.open()
    item = contents.item(record["id"])

    assert OpenVault(contents).resolve(item.reference("password")) == "made-up-1"


@pytest.mark.parametrize("name", ["", " ", "\t", "\u00a0"])
def test_an_empty_name_is_told(writer: Writer, name: str) -> None:
    writer.add(name, login={"password": "made-up-1"})

    with pytest.raises(NotFound, match="The name is empty"):
        find(writer.open(), name)


def filled(value: Any, key: str = "") -> Any:
    """The same members with a value wherever there was an empty text."""
    if isinstance(value, dict):
        return {key: filled(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each) for each in value]
    values = {"totp": "GEZDGNBVGY3TQOJQ", "uri": "https://db.example.org", "value": "true"}
    return values.get(key, "x") if value == "" else value


def test_two_items_with_a_value_are_ambiguous(writer: Writer) -> None:
    writer.login("Twin", "ada")
    writer.login("Twin", "bob")

    with pytest.raises(Ambiguous):
        find(writer.open(), "Twin", what="password")


@pytest.mark.parametrize("value", ["x", " ", "fifteen letters", "sixteen letters!", "ü" * 200])
def test_a_short_value_is_a_value(writer: Writer, value: str) -> None:
    item = writer.item(writer.login("Short", password=value))

    assert item.holds("password")
    assert item.password == value


def test_an_unreadable_short_value_counts_as_set_so_that_it_says_why(writer: Writer) -> None:
    record = writer.login("Spoiled", password="x")
    record["login"]["password"] = spoiled(record["login"]["password"])
    item = writer.item(record)

    assert item.holds("password")
    with pytest.raises(BitwardenError, match="password of 'Spoiled'"):
        item.get("password")


def test_the_outline_leaves_empty_parts_out(writer: Writer) -> None:
    writer.add(
        "Empty",
        login={"username": "", "password": "x", "totp": "", "uris": [{"uri": ""}]},
        notes="",
    )
    contents = writer.open()

    assert [name for name, _ in contents.item_at(0).outline()] == ["password"]
    assert writer.announced == []
