"""References against a lifelike vault: exact steps only, and the closest spellings on a miss."""

from __future__ import annotations

import pytest

from bw_magics.errors import (
    Ambiguous,
    BitwardenError,
    FieldNotFound,
    NotFound,
    Unreadable,
    UsageMistake,
    VaultLocked,
)
from bw_magics.secret import Secret
from bw_magics.vault.item import Item
from bw_magics.vault.reference import Reference
from tests.session.conftest import WAREHOUSE, Session


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("bw://Warehouse DB/password", WAREHOUSE),
        ("bw://warehouse db/password", WAREHOUSE),
        ("bw://Work/Databases/Warehouse DB/password", WAREHOUSE),
        ("bw://Warehouse DB/username", "analyst"),
        ("bw://Warehouse DB/host", "warehouse.demo.example"),
        ("bw://Warehouse DB/field:host", "warehouse.demo.example"),
        ("bw://Warehouse DB/tls", True),
        ("bw://Warehouse DB/login name", "analyst"),
        ("bw://Work/Databases/Reporting/password", "demo-reporting-ada"),
        ("bw://Work/Reporting/password", "demo-reporting-batch"),
        ("bw://Lab %2F Mass spectrometer %2F 2/password", "demo-slash-password"),
        ("bw://Größen & Maße/Lab %2f Mass spectrometer %2f 2/username", "ada"),
        ("bw://Gro\u0308ßenmessung ✓ 測定 🔑/password", "pässwörd-測定-🔑-demo"),
        ("bw://Ada's %22quoted%22 login/username", "o'brien"),
        ('bw://Ada\'s "quoted" login/username', "o'brien"),
        ("bw://%20 spaces around %20/username", "ada"),
        ("bw://Data/Production/Production warehouse/username", "loader"),
        ("bw://Demo Analytics/Production warehouse/username", "loader"),
        ("bw://Demo Analytics/Data/Production/Production warehouse/username", "loader"),
        ("bw://Forecasting .env/notes", None),
    ],
)
def test_a_reference_means_one_value(
    unlocked: Session, reference: str, expected: str | bool | None
) -> None:
    value = unlocked.vault.resolve(reference)

    assert value == expected or (expected is None and isinstance(value, Secret))
    assert unlocked.vault.resolve(Reference.parse(reference)) == value


def test_every_field_of_every_item_has_a_reference_that_finds_it_again(unlocked: Session) -> None:
    for item in unlocked.vault.items():
        for name, _ in item.outline():
            if name == "totp" or not item.holds(name):
                continue
            try:
                expected = item.get(name)
            except Unreadable as error:
                with pytest.raises(type(error)):
                    unlocked.vault.resolve(item.reference(name))
            else:
                assert unlocked.vault.resolve(item.reference(name)) == expected


def test_a_written_reference_is_as_short_as_it_can_be(unlocked: Session) -> None:
    vault = unlocked.vault
    reporting = {item.folder: item for item in vault.items() if item.name == "Reporting"}

    assert vault["Warehouse DB"].reference("password") == "bw://Warehouse DB/password"
    assert reporting["Work"].reference("password") == "bw://Work/Reporting/password"
    assert vault["Cloud keys"].reference(attachment="bucket-policy.json") == (
        "bw://Cloud keys/attachment/bucket-policy.json"
    )
    unreadable = next(item for item in vault.items() if item.problem)
    assert unreadable.reference() == f"bw://{unreadable.id}/item"


def test_items_that_nothing_but_their_id_tells_apart_are_named_by_it(unlocked: Session) -> None:
    unlocked.rename("Warehouse DB (staging)", "Warehouse DB")
    unlocked.vault.sync()

    twins = [item for item in unlocked.vault.items() if item.name == "Warehouse DB"]

    assert len(twins) == 2
    assert [item.reference("password") for item in twins] == [
        f"bw://{item.id}/password" for item in twins
    ]
    with pytest.raises(Ambiguous) as caught:
        unlocked.vault.resolve("bw://Work/Databases/Warehouse DB/password")
    assert all(item.reference("password") in caught.value.remedy for item in twins)
    # What the other one lacks is still unique.
    assert unlocked.vault.resolve("bw://Warehouse DB/port") == "5432"


@pytest.mark.parametrize("field", ["pasword", "port number", "field:password"])
def test_a_field_that_is_not_there_gets_no_reference(unlocked: Session, field: str) -> None:
    with pytest.raises(FieldNotFound) as caught:
        unlocked.vault["Warehouse DB"].reference(field)
    # Only a name that resembles one of the item is repeated.
    assert field not in str(caught.value) or caught.value.closest == ("password",)
    with pytest.raises(FieldNotFound):
        unlocked.vault["Warehouse DB"].reference(attachment=field)


@pytest.mark.parametrize(
    ("reference", "error", "closest"),
    [
        ("bw://Warehose DB/password", NotFound, "bw://Warehouse DB/password"),
        ("bw://Warehouse/host", NotFound, "bw://Warehouse DB/host"),
        ("bw://Warehose DB/pasword", NotFound, "bw://Warehouse DB/password"),
        # A slash that belongs to the name has to be written as %2F.
        (
            "bw://Lab / Mass spectrometer / 2/password",
            NotFound,
            "bw://Lab %2F Mass spectrometer %2F 2/password",
        ),
        ("bw://Elsewhere/Warehouse DB/password", NotFound, "bw://Warehouse DB/password"),
        ("bw://work/Reporting/password", NotFound, "bw://Work/Reporting/password"),
        ("bw://Warehouse DB/pasword", FieldNotFound, "bw://Warehouse DB/password"),
        ("bw://Warehouse DB/Host", FieldNotFound, "bw://Warehouse DB/host"),
        ("bw://Reporting/password", Ambiguous, "bw://Work/Databases/Reporting/password"),
        ("bw://Old forum nobody has/password", NotFound, None),
        ("bw://Deleted forum/password", NotFound, None),
    ],
)
def test_a_miss_shows_the_closest_spelling(
    unlocked: Session, reference: str, error: type[BitwardenError], closest: str | None
) -> None:
    with pytest.raises(error) as caught:
        unlocked.vault.resolve(reference)

    assert reference not in str(caught.value)
    if closest is not None:
        assert closest in caught.value.remedy
        assert unlocked.vault.resolve(closest)


@pytest.mark.parametrize(
    "loose", ["bw://house DB/password", "bw://warehouse.demo.example/password"]
)
def test_nothing_less_than_the_name_finds_an_item(unlocked: Session, loose: str) -> None:
    with pytest.raises(NotFound):
        unlocked.vault.resolve(loose)


def test_all_of_several_get_a_result_or_an_error_each(unlocked: Session) -> None:
    found = unlocked.vault.resolve_all(
        [
            "bw://Warehouse DB/password",
            "nonsense",
            Reference("Warehouse DB", "port"),
            "bw://Nobody/password",
            "bw://Payroll/password",
        ]
    )

    assert found["bw://Warehouse DB/password"] == WAREHOUSE
    assert isinstance(found["nonsense"], UsageMistake)
    assert found["bw://Warehouse DB/port"] == "5432"
    assert isinstance(found["bw://Nobody/password"], NotFound)
    assert isinstance(found["bw://Payroll/password"], Unreadable)


def test_an_item_is_a_result_too(unlocked: Session) -> None:
    item = unlocked.vault.resolve("bw://Warehouse DB/item")

    assert isinstance(item, Item)
    assert item.name == "Warehouse DB"


def test_a_locked_vault_raises_that_it_is_locked(unlocked: Session) -> None:
    unlocked.vault.lock()

    with pytest.raises(VaultLocked):
        unlocked.vault.resolve("bw://Warehouse DB/password")
    errors = unlocked.vault.resolve_all(["bw://Warehouse DB/password"]).values()
    assert [type(error) for error in errors] == [VaultLocked]
