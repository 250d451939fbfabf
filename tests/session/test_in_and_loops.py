"""`in`, loops, `len` and keys of another type, for everything that is read by `[name]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bw_magics.errors import BitwardenError, NotLoggedIn, UsageMistake, VaultLocked
from tests.session.conftest import Begin, Session
from tests.session.machine.conftest import Login, login, machines, server, shared

__all__ = ["login", "machines", "server", "shared"]

USES: dict[str, Callable[[Any], object]] = {
    "in": lambda source: "Warehouse DB" in source,
    "in, another type": lambda source: 5 in source,
    "loop": lambda source: [*source],
    "list": list,
    "len": len,
    "[…]": lambda source: source["Warehouse DB"],
    "[number]": lambda source: source[5],
}


@pytest.mark.parametrize(
    ("name", "is_there"),
    [
        ("Warehouse DB", True),
        ("warehouse db", True),
        ("Warehouze", False),
        ("", False),
        (5, False),
        (None, False),
    ],
)
def test_in_answers_by_name_or_id(unlocked: Session, name: object, is_there: bool) -> None:
    assert (name in unlocked.vault) == is_there


def test_what_a_loop_yields_is_in_the_vault_and_so_is_its_id(unlocked: Session) -> None:
    items = list(unlocked.vault)

    assert len(unlocked.vault) == len(items) > 3
    assert [item.id for item in items] == [item.id for item in unlocked.vault.items()]
    assert all(item in unlocked.vault and item.id in unlocked.vault for item in items)


def test_several_items_of_one_name_are_in_the_vault(unlocked: Session) -> None:
    for _ in range(2):
        unlocked.vault.create("login", name="Twin DB")

    assert "Twin DB" in unlocked.vault


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_vault_that_cannot_be_read_names_the_next_step(
    server: Any, begin: Begin, use: Callable[[Any], object]
) -> None:
    session = begin(server)
    with pytest.raises(NotLoggedIn, match="Next"):
        use(session.vault)
    session.login()
    with pytest.raises(VaultLocked, match="Next"):
        use(session.vault)

    assert bool(session.vault)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_the_secrets_manager_answers_alike(login: Login, use: Callable[[Any], object]) -> None:
    manager = login()
    secrets = list(manager)

    assert len(manager) == len(secrets) == len(manager.secrets())
    assert all(secret in manager and secret.key in manager for secret in secrets)
    assert "WAREHOUSE_PASSWORDS" not in manager

    manager.logout()
    with pytest.raises(NotLoggedIn, match="Next"):
        use(manager)
    assert bool(manager)


def test_a_key_of_another_type_is_a_typed_error(unlocked: Session, login: Login) -> None:
    with unlocked.vault["Warehouse DB"].editing() as draft:
        sources: list[Any] = [unlocked.vault, login(), draft.fields]
        for source in sources:
            with pytest.raises(UsageMistake, match="type int"):
                source[5]


@pytest.mark.parametrize("name", [5, None, ("a",)])
def test_finding_by_another_type_is_a_typed_error(unlocked: Session, name: Any) -> None:
    for find in (unlocked.vault.find, lambda each: unlocked.vault.get("password", each)):
        with pytest.raises(BitwardenError, match="is a text"):
            find(name)
