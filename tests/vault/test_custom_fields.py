"""Custom fields as they really are: twice the same name, no name, odd truth values, line breaks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import FieldNotFound, Unreadable
from bw_magics.vault.field_labels import field_labels, labelled
from bw_magics.vault.inventory import inventory_at
from bw_magics.vault.item import Item
from bw_magics.vault.open_vault import OpenVault
from tests.vault.conftest import Json, Writer

TEXT, HIDDEN, BOOLEAN = range(3)


def field(name: str | None, value: Any, type: int = TEXT) -> Json:
    return {"name": name, "value": value, "type": type}


def with_fields(writer: Writer, *fields: Json, **members: Any) -> Item:
    return writer.item(writer.add("Server", fields=list(fields), **members))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("True", True),
        ("FALSE", False),
        (" true ", True),
        ("1", True),
        ("0", False),
        (None, None),
        ("", None),
    ],
)
def test_a_boolean_field_reads_what_clients_and_importers_write(
    writer: Writer, text: str | None, value: bool | None
) -> None:
    item = with_fields(writer, field("flag", text, BOOLEAN))

    assert item.field("flag") is value
    assert item.fields[0].value is value
    assert item.holds("flag") == (value is not None)


@pytest.mark.parametrize("text", ["ture", "yes", "2", "wahr", "-", "01"])
def test_what_is_neither_true_nor_false_is_told(writer: Writer, text: str) -> None:
    item = with_fields(writer, field("flag", text, BOOLEAN), field("host", "db.example.org"))

    with pytest.raises(Unreadable, match="field 'flag' of 'Server' is neither true nor false"):
        item.field("flag")
    flag, host = item.fields
    assert flag.value is None
    assert "neither true nor false" in (flag.problem or "")
    assert host.value == "db.example.org"
    assert text not in str(flag.problem)


DUPLICATES = (
    field("key", "one"),
    field("host", "db"),
    field("key", "two", HIDDEN),
    field("key", "three"),
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("key", "one"),
        ("key#1", "one"),
        ("key#2", "two"),
        ("key#3", "three"),
        ("field:key#2", "two"),
        ("field:host#1", "db"),
    ],
)
def test_a_field_of_a_name_that_others_have_is_found_by_number(
    writer: Writer, name: str, value: str
) -> None:
    item = with_fields(writer, *DUPLICATES)

    assert item.get(name) == value
    assert item.field(name.removeprefix("field:")) == value


@pytest.mark.parametrize("name", ["key#4", "key#0", "key#", "key#x", "#1", "host#2", "key#-1"])
def test_a_number_that_no_field_has_is_not_found(writer: Writer, name: str) -> None:
    item = with_fields(writer, *DUPLICATES)

    with pytest.raises(FieldNotFound):
        item.field(name)
    assert not item.holds(name)


def test_an_exact_name_comes_before_a_number(writer: Writer) -> None:
    item = with_fields(
        writer, field("key", "one"), field("key", "two"), field("key#2", "its own name")
    )

    assert item.field("key#2") == "its own name"
    assert item.field("key#02") == "two"


def test_the_outline_names_every_field_so_that_it_is_found(writer: Writer) -> None:
    item = with_fields(
        writer,
        *DUPLICATES,
        field(None, "nameless"),
        field("", "also nameless"),
        field("password", "behind the member"),
        field("item", "behind the item"),
        field("field:x", "behind its own name"),
        field("attachments", "behind the count"),
        login={"password": "the member"},
    )

    names = [name for name, _ in item.outline()]

    assert names == [
        "password",
        "key",
        "host",
        "key#2",
        "key#3",
        "field:",
        "field:#2",
        "field:password",
        "field:item",
        "field:field:x",
        "field:attachments",
    ]
    assert [item.get(name) for name in names] == [
        "the member",
        "one",
        "db",
        "two",
        "three",
        "nameless",
        "also nameless",
        "behind the member",
        "behind the item",
        "behind its own name",
        "behind the count",
    ]


NAMES = st.sampled_from(["", "field:", "item"]) | st.text(
    st.sampled_from("ab#12/ %ü\u0308\n"), max_size=5
)


@given(names=st.lists(st.none() | NAMES, min_size=1, max_size=6))
def test_every_field_has_a_reference_that_resolves(names: list[str | None]) -> None:
    writer = Writer()
    writer.add("Server", fields=[field(name, f"value {index}") for index, name in enumerate(names)])
    contents = writer.open()
    item = contents.item_at(0)

    read = [OpenVault(contents).resolve(item.reference(name)) for name, _ in item.outline()]

    assert read == [f"value {index}" for index in range(len(names))]
    assert [item.field(name) for name in inventory_at(contents, 0).fields] == read


@given(st.lists(NAMES, max_size=8))
def test_every_label_means_its_own_name(names: list[str]) -> None:
    labels = field_labels(names)

    assert [labelled(names, label) for label in labels] == [*range(len(names))]


def files(writer: Writer, *names: str | None) -> Item:
    entries = [
        {"id": f"file-{index}", "fileName": name, "size": "5"} for index, name in enumerate(names)
    ]
    return writer.item(writer.add("Server", attachments=entries))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["key.json"], ["key.json"]),
        ([None], ["file-0"]),
        (["", "key.json"], ["file-0", "key.json"]),
        (["a", "a", "b"], ["file-0", "file-1", "b"]),
        (["a", "A"], ["file-0", "file-1"]),
    ],
)
def test_the_reference_of_an_attachment_finds_it_and_no_other(
    writer: Writer, names: list[str | None], expected: list[str]
) -> None:
    item = files(writer, *names)

    references = [item.reference(attachment=file.id) for file in item.attachments]

    assert references == [f"bw://Server/attachment/{each}" for each in expected]
    found = [item.attachment(reference.rpartition("/")[2]).id for reference in references]
    assert found == [file.id for file in item.attachments]
    assert list(inventory_at(writer.open(), 0).files) == expected


@pytest.mark.parametrize("name", ["two\nlines", "carriage\rreturn", "a\u2028b", "a\tb", "a\x85b"])
def test_a_name_with_a_line_break_stays_on_one_line(writer: Writer, name: str) -> None:
    item = with_fields(writer, field(name, "x"), field("host", "db"))

    lines = item.describe().splitlines()

    assert len(lines) == 3
    assert item.field(name) == "x"
    assert OpenVault(writer.open()).resolve(item.reference(name)) == "x"
