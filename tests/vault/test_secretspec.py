"""A provider address of SecretSpec, which begins with `bw://` too, is not a reference."""

from __future__ import annotations

import pytest

from bw_magics import Reference
from bw_magics.errors import UsageMistake
from bw_magics.vault.machine_reference import MachineReference
from bw_magics.vault.references import parse_reference


@pytest.mark.parametrize(
    "address",
    [
        "bw://",
        "bw://dev-secrets",
        "bw://Acme%20Inc@dev-secrets",
        "bw://?type=login&field=password",
        "bw://dev-secrets?type=login",
        "bw://?server=https://vault.example.com",
        "bw://dev-secrets?server=https://vault.example.com",
        "bw://?server=https://vault.example.com/dev-secrets/bitwarden",
        "bw://dev-secrets?server=https://vault.example.com/bitwarden",
        "bw://dev-secrets?type=login&server=https://vault.example.com:8443/a/b",
        "bw://Acme%20Inc@dev-secrets?Server=HTTP://vault.example.com/",
        "bw:",
        "bw",
    ],
)
def test_an_address_is_refused_before_any_vault_is_asked(address: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        Reference.parse(address)
    assert "bw://ITEM/FIELD" in str(caught.value)
    assert "dev-secrets" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "bws://",
        "bws://9230ec4-dev-secrets?server=https://vault.example.com",
        "bws://9230ec4-dev-secrets?server=https://vault.example.com/bitwarden",
    ],
)
def test_an_address_of_the_secrets_manager_is_refused_too(address: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        parse_reference(address)
    assert "bws://PROJECT/KEY" in str(caught.value)
    assert "dev-secrets" not in str(caught.value)


@pytest.mark.parametrize(
    "reference",
    [
        Reference("Why?server=https://x", "password"),
        Reference("Site", "password", "Why?server=https://x"),
        Reference("b", "password", "a?server=https:"),
        Reference("DB?server=db1", "password"),
        Reference("Site", "password", "Work/Why?server=https:"),
    ],
)
def test_a_name_that_looks_like_an_address_is_written_and_read(reference: Reference) -> None:
    assert Reference.parse(str(reference)) == reference
    machine = MachineReference(reference.item, reference.path)
    assert MachineReference.parse(str(machine)) == machine


def test_the_shortest_reference_has_two_parts() -> None:
    assert Reference.parse("bw://dev-secrets/password").item == "dev-secrets"
