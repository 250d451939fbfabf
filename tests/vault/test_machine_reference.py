"""References to the Secrets Manager: reading and writing are inverse."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.errors import UsageMistake
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.reference import Reference, is_reference
from bw_magics.vault.references import parse_reference

READ = {
    "bws://Reporting/DB": ("DB", "Reporting"),
    "  BWS://Reporting/DB\n": ("DB", "Reporting"),
    "bws://DB": ("DB", None),
    "bws:///DB": ("DB", ""),
    "bws://Größe/50 %/a%2Fb": ("a/b", "Größe/50 %"),
    "bws://x/100 %25 sure": ("100 % sure", "x"),
    "bws://x/100 %2F": ("100 /", "x"),
    "bws://x/100 %zz": ("100 %zz", "x"),
}


@pytest.mark.parametrize(("text", "expected"), READ.items(), ids=[*READ])
def test_what_a_reference_names(text: str, expected: tuple[str, str | None]) -> None:
    reference = MachineReference.parse(text)

    assert (reference.key, reference.project) == expected
    assert is_reference(text)
    assert parse_reference(text) == reference


@pytest.mark.parametrize("text", ["", "bws://", "bws://Reporting/", "bws:", "bw://x/y", "DB", "x"])
def test_another_text_is_a_mistake_that_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageMistake, match="bws://PROJECT/KEY") as caught:
        MachineReference.parse(text)
    assert not text or f"'{text}'" not in str(caught.value)


def test_both_kinds_are_told_apart() -> None:
    assert isinstance(parse_reference("bw://Warehouse DB/password"), Reference)
    assert isinstance(parse_reference("bws://Warehouse DB/password"), MachineReference)
    with pytest.raises(UsageMistake):
        Reference.parse("bws://Warehouse DB/password")


@given(st.text(min_size=1), st.none() | st.text())
def test_writing_and_reading_are_inverse(key: str, project: str | None) -> None:
    reference = MachineReference(key, project)

    assert MachineReference.parse(str(reference)) == reference


@given(st.text(min_size=1), st.text())
def test_names_are_kept_in_one_form(key: str, project: str) -> None:
    composed = MachineReference(
        unicodedata.normalize("NFC", key), unicodedata.normalize("NFC", project)
    )
    decomposed = MachineReference(
        unicodedata.normalize("NFD", key), unicodedata.normalize("NFD", project)
    )

    assert composed == decomposed


@given(st.text())
def test_any_text_is_a_reference_or_a_mistake(text: str) -> None:
    for written in (text, f"bws://{text}"):
        try:
            reference = MachineReference.parse(written)
        except UsageMistake:
            continue
        assert MachineReference.parse(str(reference)) == reference
