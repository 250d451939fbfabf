"""A provider address of SecretSpec, which begins with `bw://` too, is not a reference."""

from __future__ import annotations

import pytest

from bw_magics import Reference
from bw_magics.errors import UsageMistake


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
        "bw:",
        "bw",
    ],
)
def test_an_address_is_refused_before_any_vault_is_asked(address: str) -> None:
    with pytest.raises(UsageMistake) as caught:
        Reference.parse(address)
    assert "bw://ITEM/FIELD" in str(caught.value)
    assert "dev-secrets" not in str(caught.value)


def test_the_shortest_reference_has_two_parts() -> None:
    assert Reference.parse("bw://dev-secrets/password").item == "dev-secrets"
