"""Errors name the next step as a magic in a notebook, and as a call in a program."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bw_magics import errors, steps
from bw_magics.errors import BitwardenError
from bw_magics.steps import LOG_IN, UNLOCK, Remedy, Step, speak_to_notebooks

PACKAGE = Path(steps.__file__).parent
ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, BitwardenError)
]
STEPS = [step for _, step in inspect.getmembers(steps) if isinstance(step, Step)]


@pytest.fixture
def in_a_notebook() -> Iterator[None]:
    speak_to_notebooks(True)
    yield
    speak_to_notebooks(False)


def made(kind: type[BitwardenError], remedy: str | Remedy) -> BitwardenError:
    needed: dict[str, Any] = {
        name: 0 if parameter.annotation == "int" else "x"
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    }
    return kind("The vault is locked.", remedy, **needed)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_carries_its_steps_and_words_them_as_a_call(
    kind: type[BitwardenError],
) -> None:
    error = made(kind, Remedy("Next: {}, then {}.", LOG_IN, UNLOCK))
    assert error.steps == (LOG_IN, UNLOCK)
    call = "Next: vault.login(client_id=…, client_secret=…), then vault.unlock(password=…)."
    assert error.remedy == call
    assert str(error) == f"The vault is locked. {call}"
    assert made(kind, "Wait.").steps == ()


@pytest.mark.usefixtures("in_a_notebook")
@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_in_a_notebook_every_error_words_its_steps_as_magics(kind: type[BitwardenError]) -> None:
    error = made(kind, Remedy("Next: {}, then {}.", LOG_IN, UNLOCK.of("work")))
    assert error.remedy == "Next: %bw_login, then %bw_unlock --profile work."
    assert "vault." not in str(error)


def test_a_step_for_a_profile_is_a_call_on_its_vault() -> None:
    assert str(UNLOCK.of("work")) == 'vault.profile("work").unlock(password=…)'
    assert UNLOCK.of("") == UNLOCK


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_has_words_for_both(step: Step) -> None:
    assert step.magic.startswith(("%", "bw_session"))
    assert any(owner in step.call for owner in ("vault", "secrets_manager", "SecretsManager"))
    assert "%" not in step.call


def test_only_the_notebook_and_the_steps_name_magics() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.parts[0] in ("notebook", "demo", "steps.py"):
            continue
        tree = ast.parse(path.read_text())
        told = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        found += [
            f"{place}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in told
            and any(word in node.value for word in ("%bw", "%config ", "%pip", "bw_session."))
        ]
    assert found == []
