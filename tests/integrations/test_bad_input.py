"""Every integration with every bad input: the library's own error, our sentence, no value."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import keyring
import pytest
from dlt.common.configuration.exceptions import ConfigurationException
from keyring.errors import KeyringError, KeyringLocked
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsError

from bw_magics import Item, bw_session, current_vault
from bw_magics.errors import BitwardenError, ExtraMissing
from bw_magics.integrations.dlt import BitwardenProvider
from bw_magics.integrations.keyring import BitwardenKeyring
from bw_magics.integrations.omegaconf import register
from bw_magics.integrations.pydantic_settings import BitwardenSettingsSource
from tests.integrations.world import World, entered, forget

pytestmark = pytest.mark.libraries

ITEM, FIELD = "Warehouse DB", "password"


# How each library is asked for a field of an item.


def ask_keyring(item: str, field: str) -> object:
    # It knows passwords only, so an item without one stands for a field that is missing.
    name = item if field == FIELD else "No password"
    return BitwardenKeyring().get_password(name, "ada" if name != ITEM else "analyst")


def ask_pydantic(item: str, field: str) -> object:
    class Settings(BaseSettings):
        secret: SecretStr

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: Any, **__: Any
        ) -> Any:
            fields = {"secret": f"bw://{item}/{field}"}
            return (BitwardenSettingsSource(settings_cls, fields=fields),)

    return Settings().secret.get_secret_value()  # type: ignore[call-arg]


def ask_omegaconf(item: str, field: str) -> object:
    register()
    return OmegaConf.create({"x": f"${{bw:{item}/{field}}}"}).x


def ask_dlt(item: str, field: str) -> object:
    return BitwardenProvider({"x": f"bw://{item}/{field}"}).get_value("x", str, None)[0]


def ask_fsspec(item: str, field: str) -> object:
    options = current_vault()[item if field == FIELD else "No password"].storage_options("s3")
    return options["secret"]


def ask_declared(item: str, field: str) -> object:
    return current_vault()[item].adapt(field)


def password_of(item: Item) -> object:
    """An adapter of another package."""
    return item.password


@dataclass(frozen=True)
class Library:
    """How it is asked, the errors it raises, and the module that needs it.

    It `says` something else than the others for a case.
    """

    ask: Callable[[str, str], object]
    error: type[Exception]
    module: str = ""
    closed: type[Exception] | None = None
    gives_none: bool = False
    says: Mapping[str, str] = field(default_factory=dict)


LIBRARIES = {
    "keyring": Library(ask_keyring, KeyringError, "keyring", KeyringLocked, gives_none=True),
    "pydantic-settings": Library(ask_pydantic, SettingsError, "pydantic_settings"),
    "OmegaConf": Library(ask_omegaconf, InterpolationResolutionError, "omegaconf"),
    "dlt": Library(ask_dlt, ConfigurationException, "dlt"),
    "fsspec": Library(
        ask_fsspec,
        BitwardenError,
        says={"not found": "Closest: Warehouse DB.", "no such field": "has no secret access key"},
    ),
    "another package": Library(
        ask_declared,
        BitwardenError,
        says={"not found": "Closest: Warehouse DB.", "no such field": "There are: password."},
    ),
}
WITH_A_MODULE = [name for name, library in LIBRARIES.items() if library.module]


# What is wrong, and what the error says.


@dataclass(frozen=True)
class Case:
    """`is_closed`: no vault is open. `is_missing`: the vault has no such thing."""

    says: str
    item: str = ITEM
    field: str = FIELD
    is_closed: bool = False
    is_missing: bool = False


CASES = {
    "locked": Case("locked", is_closed=True),
    "logged out": Case("logged out", is_closed=True),
    "not found": Case("Closest: bw://Warehouse DB/password", item="Warehouse BD", is_missing=True),
    "ambiguous": Case("2 items fit", item="Twin"),
    "no such field": Case("Closest: bw://Warehouse DB/password", field="pasword", is_missing=True),
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


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The chosen keyring is the vault, one adapter is declared, and no `.env` file is near."""
    monkeypatch.chdir(tmp_path)
    point = EntryPoint(name=FIELD, value=f"{__name__}:password_of", group="bw_magics.adapters")
    monkeypatch.setattr(
        "bw_magics.adapters.declared.entry_points", lambda group: EntryPoints([point])
    )
    before = keyring.get_keyring()
    keyring.set_keyring(BitwardenKeyring())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_the_librarys_own_error_without_a_value(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str, name: str
) -> None:
    kind, case = LIBRARIES[library], CASES[name]

    with situation(name, world, monkeypatch):
        if case.is_missing and kind.gives_none:
            assert kind.ask(case.item, case.field) is None
            return
        with pytest.raises(kind.closed if kind.closed and case.is_closed else kind.error) as caught:
            kind.ask(case.item, case.field)

    assert kind.says.get(name, case.says) in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value))
    assert not world.found_in(shown, repr(caught.value))
    assert "made-up-and-wrong" not in shown


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("library", LIBRARIES)
def test_control_with_good_input_the_value_is_there(world: World, library: str) -> None:
    with entered(world):
        assert LIBRARIES[library].ask(ITEM, FIELD) == world.password


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_program_that_never_logs_in_opens_the_vault_once(
    world: World, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    for variable, value in world.credentials.items():
        monkeypatch.setenv(variable, value)
    world.server.requests.clear()

    values = [LIBRARIES[library].ask(ITEM, FIELD) for _ in range(3)]
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
    class Settings(BaseSettings):
        secret: SecretStr

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: Any, **__: Any
        ) -> Any:
            fields = {"secret": "bw://Any/password"}
            return (BitwardenSettingsSource(settings_cls, fields=fields, source=source),)

    source = Recorded()
    register(source, name="other")
    values = [
        OmegaConf.create({"x": "${other:Any/password}"}).x,
        OmegaConf.create({"x": "${other:bws://Any/KEY}"}).x,
        BitwardenProvider({"x": "bws://Any/KEY"}, source=source).get_value("x", str, None)[0],
        Settings().secret.get_secret_value(),  # type: ignore[call-arg]
    ]

    assert values == ["the value"] * 4
    assert source.asked == ["bw://Any/password", *["bws://Any/KEY"] * 2, "bw://Any/password"]
    BitwardenProvider({}, source=bw_session)  # a vault is one, for type checkers too


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize("name", ["key refused", "wrong password"])
def test_credentials_that_were_refused_are_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with situation(name, world, monkeypatch):
        for _ in range(2):
            world.server.requests.clear()
            with pytest.raises(KeyringLocked):
                ask_keyring(ITEM, FIELD)
        assert world.server.requests == []


@pytest.mark.parametrize("library", WITH_A_MODULE)
@pytest.mark.parametrize("found", [None, "0.1", "0.9.9rc1"])
def test_a_library_that_is_missing_or_too_old_is_one_error_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, library: str, found: str | None
) -> None:
    def version(package: str) -> str:
        if found is None:
            raise importlib.metadata.PackageNotFoundError(package)
        return found

    module = f"bw_magics.integrations.{LIBRARIES[library].module}"
    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr("bw_magics.adapters.extra.version", version)

    with pytest.raises(ExtraMissing) as caught:
        importlib.import_module(module)

    text = str(caught.value)
    assert text.startswith(
        f"{library} is not installed" if found is None else f"{library} {found} is too old"
    )
    assert "pip install 'bw_magics[" in text or "pip install --upgrade" in text
