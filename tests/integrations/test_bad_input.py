"""Every integration with every bad input: the library's own error, our sentence, no value."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from keyring.errors import KeyringLocked
from omegaconf import OmegaConf

from bw_magics import bw_session
from bw_magics.errors import ExtraMissing
from bw_magics.integrations.dlt import BitwardenProvider
from bw_magics.integrations.omegaconf import register
from tests.integrations.libraries import LIBRARIES, read_settings
from tests.integrations.world import World, entered, forget

pytestmark = [pytest.mark.libraries, pytest.mark.usefixtures("chosen")]

GOOD = "bw://Warehouse DB/password"
# By the name of a module, the library as a person knows it.
MODULES = {
    "keyring": "keyring",
    "pydantic_settings": "pydantic-settings",
    "omegaconf": "OmegaConf",
    "dlt": "dlt",
    "airflow": "Airflow",
}


# What is wrong, and what the error says.


@dataclass(frozen=True)
class Case:
    """`is_closed`: no vault is open. `is_missing`: the vault has no such thing."""

    says: str
    reference: str = GOOD
    is_closed: bool = False
    is_missing: bool = False


CASES = {
    "locked": Case("locked", is_closed=True),
    "logged out": Case("logged out", is_closed=True),
    "not found": Case(
        "Closest: bw://Warehouse DB/password",
        reference="bw://Warehouse BD/password",
        is_missing=True,
    ),
    "ambiguous": Case("2 items fit", "bw://Twin/password"),
    "no such field": Case(
        "Closest: bw://Warehouse DB/password",
        reference="bw://Warehouse DB/pasword",
        is_missing=True,
    ),
    "unattended": Case("BW_CLIENTID and BW_CLIENTSECRET are not set", is_closed=True),
    "no password": Case("BW_PASSWORD is not set", is_closed=True),
    "key refused": Case("API key", is_closed=True),
    "wrong password": Case("master password", is_closed=True),
    "offline": Case("refused the connection"),
}


@contextmanager
def situation(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    given = world.credentials
    changes: dict[str, dict[str, str]] = {
        "no password": {"BW_PASSWORD": ""},
        "key refused": {"BW_CLIENTSECRET": "made-up-and-wrong"},
        "wrong password": {"BW_PASSWORD": "made-up-and-wrong"},
        "offline": {"BW_SERVER": "https://localhost:1"},
    }
    with ExitStack() as stack:
        if name in changes:
            for variable, value in (given | changes[name]).items():
                monkeypatch.setenv(variable, value)
        elif name != "unattended":
            stack.enter_context(entered(world))
            if name == "locked":
                bw_session.lock()
            elif name == "logged out":
                bw_session.logout()
        yield
    forget()


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_the_librarys_own_error_without_a_value(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str, name: str
) -> None:
    kind, case = LIBRARIES[library], CASES[name]

    with situation(name, world, monkeypatch):
        if case.is_missing and kind.gives_none:
            assert kind.ask(case.reference) is None
            return
        says, shown = kind.refusal(case.reference, is_closed=case.is_closed)

    assert kind.says.get(name, case.says) in says
    assert not world.found_in(shown)
    assert "made-up-and-wrong" not in shown


@pytest.mark.parametrize("library", LIBRARIES)
def test_control_with_good_input_the_value_is_there(world: World, library: str) -> None:
    with entered(world):
        assert LIBRARIES[library].ask(GOOD) == world.password


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_program_that_never_logs_in_opens_the_vault_once(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    for variable, value in world.credentials.items():
        monkeypatch.setenv(variable, value)
    world.server.requests.clear()

    values = [LIBRARIES[library].ask(GOOD) for _ in range(3)]
    logins = [path for _, path in world.server.requests if path.endswith("/connect/token")]
    forget()

    assert values == [world.password] * 3
    assert len(logins) == 1


class Recorded:
    """A source of its own, which takes every reference."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, reference: str, /) -> object:
        self.asked.append(reference)
        return "the value"


def test_a_source_that_is_named_is_asked_in_place_of_the_vault() -> None:
    source = Recorded()
    register(source, name="other")
    values = [
        OmegaConf.create({"x": "${other:Any/password}"}).x,
        OmegaConf.create({"x": "${other:bws://Any/KEY}"}).x,
        BitwardenProvider({"x": "bws://Any/KEY"}, source=source).get_value("x", str, None)[0],
        read_settings(fields={"bwm_secret": "bw://Any/password"}, source=source),
    ]

    assert values == ["the value"] * 4
    assert source.asked == ["bw://Any/password", *["bws://Any/KEY"] * 2, "bw://Any/password"]
    BitwardenProvider({}, source=bw_session)  # a vault is one, for type checkers too


@pytest.mark.parametrize("name", ["key refused", "wrong password"])
def test_credentials_that_were_refused_are_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with situation(name, world, monkeypatch):
        for _ in range(2):
            world.server.requests.clear()
            with pytest.raises(KeyringLocked):
                LIBRARIES["keyring"].ask(GOOD)
        assert world.server.requests == []


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("found", [None, "0.1", "0.9.9rc1"])
def test_a_library_that_is_missing_or_too_old_is_one_error_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, module: str, found: str | None
) -> None:
    def version(package: str) -> str:
        if found is None:
            raise importlib.metadata.PackageNotFoundError(package)
        return found

    name, library = f"bw_magics.integrations.{module}", MODULES[module]
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr("bw_magics.adapters.extra.version", version)

    with pytest.raises(ExtraMissing) as caught:
        importlib.import_module(name)

    text = str(caught.value)
    assert text.startswith(
        f"{library} is not installed" if found is None else f"{library} {found} is too old"
    )
    assert "pip install 'bw_magics[" in text or "pip install --upgrade" in text
