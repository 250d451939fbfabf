"""Values of another type than a call takes: a typed error, for every call and each of its
parameters.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics import PassphraseRules, PasswordRules, Vault
from bw_magics.errors import BitwardenError, UsageMistake
from bw_magics.session.presented import PresentedVault
from tests.demo_vault import demo_vault

WRONG: list[object] = [
    None, 3, -1, 3.5, True, b"x", [], ["x"], {}, {"a": 1}, ("a", "b"), object(), "", "x\0y",
    "\ud800", float("nan"), 10**30, lambda: 1,
]  # fmt: skip
# They end the session, or wait for a person; the journal is told by our own modules only.
LEFT_OUT = {"logout", "lock", "login", "unlock", "wait", "browse", "note", "server_software"}
# What Python says of a call against the signature.
SIGNATURE = ("missing", "unexpected", "takes", "positional")


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    with demo_vault() as vault:
        yield vault


def attached(vault: Vault) -> object:
    item = next(item for item in vault.items() if item.attachments)
    return item.attachment(item.attachments[0].name)


OBJECTS: dict[str, Callable[[Vault], object]] = {
    "a vault": lambda vault: vault,
    "the session": lambda vault: PresentedVault(),
    "an item": lambda vault: vault["Warehouse DB"],
    "an attachment": attached,
    "the environment": lambda vault: vault.environment,
    "the journal": lambda vault: vault.journal,
}


def calls(target: object) -> Iterator[tuple[str, Callable[..., object], dict[str, object]]]:
    """Every public call of an object, with each of its parameters wrong in turn."""
    for name in dir(target):
        if name.startswith("_") or name in LEFT_OUT:
            continue
        try:
            method = getattr(target, name)
        except (AttributeError, BitwardenError):
            continue
        if not inspect.ismethod(method):
            continue
        parameters = [
            each
            for each in inspect.signature(method).parameters.values()
            if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        ]
        needed = {each.name: "x" for each in parameters if each.default is each.empty}
        for parameter in parameters:
            for wrong in WRONG:
                yield f"{name}({parameter.name}={wrong!r})", method, {
                    **needed, parameter.name: wrong
                }  # fmt: skip


@pytest.mark.parametrize("target", OBJECTS.values(), ids=OBJECTS)
def test_a_value_of_another_type_is_a_typed_error(
    vault: Vault,
    target: Callable[[Vault], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    tried, raw = 0, []
    for label, call, arguments in calls(target(vault)):
        tried += 1
        try:
            call(**arguments)
        except BitwardenError:
            continue
        except Exception as error:
            if not (isinstance(error, TypeError) and any(word in str(error) for word in SIGNATURE)):
                raw.append(f"{label}: {error!r}")

    assert tried >= 2 * len(WRONG)
    assert not raw


RULES: list[tuple[Callable[[Any], object], str]] = [
    (lambda wrong: PasswordRules(length=wrong), "length"),
    (lambda wrong: PasswordRules(min_number=wrong), "min_number"),
    (lambda wrong: PasswordRules(special=True, min_special=wrong), "min_special"),
    (lambda wrong: PassphraseRules(words=wrong), "words"),
    (lambda wrong: PassphraseRules(separator=wrong), "separator"),
]


@pytest.mark.parametrize("wrong", [None, 3.5, b"x", True, ["20"], {}], ids=repr)
@pytest.mark.parametrize(("rules", "name"), RULES, ids=[name for _, name in RULES])
def test_a_rule_of_another_type_is_named(
    vault: Vault, rules: Callable[[Any], Any], name: str, wrong: object
) -> None:
    with pytest.raises(UsageMistake, match=f"The rule {name} is a") as caught:
        vault.generate(rules(wrong))

    assert type(wrong).__name__ in str(caught.value)


def test_variables_are_set_from_assignments(vault: Vault) -> None:
    wrong: Any = {"DB_PASSWORD": "bw://Warehouse DB/password"}
    with pytest.raises(UsageMistake, match=r"with vault\.env"):
        vault.environment.set(wrong)
