"""Reading and writing `bw://` references; no vault is needed for any of this."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import UsageMistake
from bw_magics.vault.reference import Reference, is_reference

names = st.text(min_size=1) | st.text("/%#\"' \\attachmen25Ff?=é\u0301\n", min_size=1)
references = st.builds(
    lambda item, field, path, is_file: Reference(
        item, None if is_file else field, path, field if is_file else None
    ),
    item=names | st.just("attachment"),
    field=names | st.just("attachment"),
    path=st.none()
    | names
    | st.sampled_from(["/", "a//b", "attachment", "x/attachment", "a?server=https://b"]),
    is_file=st.booleans(),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bw://Warehouse DB/password", Reference("Warehouse DB", "password")),
        ("  bw://Warehouse DB/password\n", Reference("Warehouse DB", "password")),
        ("BW://Warehouse DB/password", Reference("Warehouse DB", "password")),
        ("bw://Work/Warehouse DB/host", Reference("Warehouse DB", "host", "Work")),
        ("bw://Work/Databases/DB/host", Reference("DB", "host", "Work/Databases")),
        ("bw://Lab %2F Scale/totp", Reference("Lab / Scale", "totp")),
        ("bw://a%2fb/c%2Fd", Reference("a/b", "c/d")),
        ("bw://DB/field:password", Reference("DB", "field:password")),
        ("bw://DB/connection string", Reference("DB", "connection string")),
        ("bw://Bob's laptop/password", Reference("Bob's laptop", "password")),
        ("bw://q?x=1#y/password", Reference("q?x=1#y", "password")),
        # An attachment takes two parts, wherever there is an item before them.
        ("bw://Keys/attachment/a.json", Reference("Keys", attachment="a.json")),
        ("bw://Cloud/Keys/attachment/a.json", Reference("Keys", None, "Cloud", "a.json")),
        ("bw://Keys/attachment/a%2Fb.json", Reference("Keys", attachment="a/b.json")),
        ("bw://attachment/password", Reference("attachment", "password")),
        ("bw://Keys/attachment", Reference("Keys", "attachment")),
        ("bw://Work/%61ttachment/password", Reference("attachment", "password", "Work")),
        ("bw://Keys/Attachment/password", Reference("Attachment", "password", "Keys")),
        # Escapes that are none stay as they are.
        ("bw://100%/password", Reference("100%", "password")),
        ("bw://100%zz/password", Reference("100%zz", "password")),
        ("bw://%E9/password", Reference("%E9", "password")),
        ("bw://%2F%ff%2f/password", Reference("/%ff/", "password")),
        ("bw://%C3%A9/password", Reference("é", "password")),
        ("bw://%25/password", Reference("%", "password")),
        ("bw://%252F/password", Reference("%2F", "password")),
        # Names are compared in NFC.
        ("bw://e\u0301/password", Reference("é", "password")),
        ("bw:///Top/DB/password", Reference("DB", "password", "/Top")),
    ],
)
def test_a_reference_is_read_from_the_right(text: str, expected: Reference) -> None:
    assert Reference.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bw://",
        "bw:///",
        "bw://password",
        "bw:///password",
        "bw://Warehouse DB/",
        "bw:///Warehouse DB/password",
        "bw://Work//password",
        "bw://Keys/attachment/",
        "bw:/Warehouse DB/password",
        "op://vault/item/field",
        "hunter2-typed-secret",
        "Warehouse DB/password",
    ],
)
def test_what_is_not_a_reference_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        Reference.parse(text)

    assert "bw://ITEM/FIELD" in caught.value.remedy
    assert len(text) < 9 or text not in str(caught.value)


@pytest.mark.parametrize("nothing", [None, 5, b"bw://a/b", ["bw://a/b"]])
def test_what_is_not_text_is_not_a_reference(nothing: Any) -> None:
    with pytest.raises(UsageMistake):
        Reference.parse(nothing)


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (Reference("Warehouse DB", "password"), "bw://Warehouse DB/password"),
        (Reference("DB", "host", "Work/Databases"), "bw://Work/Databases/DB/host"),
        (Reference("Lab / Scale", "totp"), "bw://Lab %2F Scale/totp"),
        (Reference("100% sure", "password"), "bw://100% sure/password"),
        (Reference("100%25", "password"), "bw://100%2525/password"),
        (Reference('Ada\'s "q" \\', "password"), "bw://Ada's %22q%22 %5C/password"),
        (Reference(" a ", "b #c"), "bw://%20a%20/b %23c"),
        (Reference("C#", "#"), "bw://C#/%23"),
        (Reference("two\nlines", "x\u00a0y"), "bw://two%0Alines/x%C2%A0y"),
        (Reference("測定 🔑", "password"), "bw://測定 🔑/password"),
        (Reference("attachment", "x", "Work"), "bw://Work/%61ttachment/x"),
        (Reference("Keys", attachment="a/b"), "bw://Keys/attachment/a%2Fb"),
    ],
)
def test_only_what_would_be_misread_is_escaped(reference: Reference, text: str) -> None:
    assert str(reference) == text


@given(references)
def test_writing_and_reading_are_inverse(reference: Reference) -> None:
    assert Reference.parse(str(reference)) == reference


@given(references)
def test_a_written_reference_is_one_line_that_needs_only_quotes(reference: Reference) -> None:
    text = str(reference)

    printed = [c for c in text if not "\ud800" <= c <= "\udfff"]
    assert all(c.isprintable() for c in printed)
    assert text == text.strip()
    assert '"' not in text
    assert "\\" not in text
    assert " #" not in text


@given(st.text().map("bw://".__add__) | st.text())
def test_any_text_is_a_reference_or_a_usage_mistake(text: str) -> None:
    try:
        reference = Reference.parse(text)
    except UsageMistake:
        return
    assert is_reference(text)
    assert Reference.parse(str(reference)) == reference
    assert reference.item == unicodedata.normalize("NFC", reference.item)


def test_a_reference_names_a_field_or_a_file() -> None:
    with pytest.raises(UsageMistake):
        Reference("Keys", "password", attachment="a.json")
    with pytest.raises(UsageMistake):
        Reference("Keys")
    with pytest.raises(UsageMistake):
        Reference("Keys", "password", "")


def test_reading_one_loads_no_keys_and_no_network() -> None:
    program = (
        "import sys; from bw_magics.vault.reference import Reference; "
        "Reference.parse('bw://a/b'); "
        "print([m for m in ('cryptography', 'httpx', 'msgspec', 'IPython') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.strip() == "[]", done.stderr
