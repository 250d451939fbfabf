"""Every member of every type is an attribute that type checkers know."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bw_magics.errors import FieldNotFound, Unreadable
from bw_magics.vault import members
from bw_magics.vault.item import Item
from bw_magics.vault.types import ITEM_TYPES, ItemType
from tests.vault.conftest import Writer

ROOT = Path(__file__).parents[2]

# The members of every item, of any type.
COMMON = {"username", "password", "totp"}


def declared() -> dict[str, str]:
    tree = ast.parse(inspect.getsource(members))
    found = (node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign))
    return {ast.unparse(node.target): ast.unparse(node.annotation) for node in found}


@pytest.mark.parametrize("type", ITEM_TYPES.values(), ids=lambda known: known.name)
def test_every_member_is_declared_in_both_spellings_with_its_type(type: ItemType) -> None:
    known = declared()
    for name in type.members:
        python = re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", name)
        expected = "Secret | None" if name in type.secret else "str | None"
        if name in COMMON:
            assert isinstance(inspect.getattr_static(Item, name), property)
        else:
            assert (known[name], known[python]) == (expected, expected)


def test_nothing_else_is_declared() -> None:
    known = {name for type in ITEM_TYPES.values() for name in type.members}
    camel = {re.sub("_([a-z])", lambda found: found[1].upper(), name) for name in declared()}
    assert camel <= known


@pytest.mark.parametrize("type", ITEM_TYPES.values(), ids=lambda known: known.name)
@pytest.mark.parametrize("given", ["value", "", None], ids=["set", "empty", "missing"])
def test_attribute_get_and_holds_agree_about_every_member(
    writer: Writer, type: ItemType, given: str | None
) -> None:
    """One rule: an attribute is None exactly where `get` raises and `holds` is false."""
    number = next(number for number, each in ITEM_TYPES.items() if each is type)
    held = dict.fromkeys(type.members, given)
    if given and "totp" in held:
        held["totp"] = "JBSWY3DPEHPK3PXP"
    members: dict[str, Any] = {type.name: held, "notes": given}
    item = writer.item(writer.add("Item", number, **members))

    for name in (*type.members, "notes"):
        value = getattr(item, name)
        assert item.holds(name) is (value is not None) is bool(given)
        if value is None:
            with pytest.raises(FieldNotFound):
                item.get(name)
        else:
            assert item.get(name) == value


def test_a_seed_without_a_code_raises_alike_everywhere(writer: Writer) -> None:
    item = writer.item(writer.login("Item", totp="otpauth://totp/x?secret="))

    with pytest.raises(Unreadable, match="secret"):
        _ = item.totp
    with pytest.raises(Unreadable, match="secret"):
        item.get("totp")
    assert item.holds("totp")


def test_a_type_checker_knows_them_and_what_is_misspelt(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from bw_magics import Item, Secret, Vault, bw_session\n"
        "def use(vault: Vault) -> None:\n"
        "    item: Item = vault['Warehouse DB']\n"
        "    password: Secret | None = item.password\n"
        "    number: Secret | None = item.number\n"
        "    key: Secret | None = item.private_key or item.privateKey\n"
        "    city: str | None = item.city\n"
        "    with vault.env(A='bw://Warehouse DB/password'):\n"
        "        text: str = item.reference('password')\n"
        "    value: object = vault.resolve(text)\n"
        "    found: dict[str, object] = vault.resolve_all([text])\n"
        "    same: Vault = bw_session\n"
        "    item.pasword\n"
    )

    checked = subprocess.run(
        [sys.executable, "-m", "mypy", str(program)],  # strict, with what lint has kept
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    errors = [line for line in checked.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1, checked.stdout + checked.stderr
    assert '"Item" has no attribute "pasword"' in errors[0]
