"""How each library is asked for the value of a reference, and its answer where it has none."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import fsspec
import keyring
import pytest
from dlt.common.configuration.exceptions import ConfigurationException
from keyring.errors import KeyringError, KeyringLocked
from omegaconf import OmegaConf
from omegaconf.errors import InterpolationResolutionError
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsError

from bw_magics import Item, Reference, current_vault
from bw_magics.errors import BitwardenError
from bw_magics.integrations.dlt import BitwardenProvider
from bw_magics.integrations.keyring import BitwardenKeyring
from bw_magics.integrations.omegaconf import register
from bw_magics.integrations.pydantic_settings import BitwardenSettingsSource
from bw_magics.session.environment.assignments import read_file

ADAPTER = "password"


def ask_keyring(reference: str) -> object:
    """Asks by an item's name and user name."""
    named = Reference.parse(reference)
    # It knows passwords only, so an item without one stands for a field that is missing.
    name = named.item if named.field == "password" else "No password"
    return BitwardenKeyring().get_password(name, "ada" if name != "Warehouse DB" else "analyst")


def ask_keyring_by_reference(reference: str) -> object:
    return keyring.get_password(reference, "analyst")


def read_settings(**options: Any) -> object:
    """Reads the field of settings whose source has these options."""

    class Settings(BaseSettings):
        bwm_secret: SecretStr

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *given: Any, **sources: Any
        ) -> Any:
            return (BitwardenSettingsSource(settings_cls, *given, *sources.values(), **options),)

    return Settings().bwm_secret.get_secret_value()  # type: ignore[call-arg]


def ask_pydantic(reference: str) -> object:
    return read_settings(fields={"bwm_secret": reference})


def ask_pydantic_in_variable(reference: str) -> object:
    """Asks with the reference in an environment variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BWM_SECRET", reference)
        return read_settings()


def ask_omegaconf(reference: str) -> object:
    register()
    return OmegaConf.create({"x": f"${{bw:{reference}}}"}).x


def ask_dlt(reference: str) -> object:
    return BitwardenProvider({"x": reference}).get_value("x", str, None)[0]


def ask_storage(reference: str) -> object:
    """Asks for the options of an item."""
    named = Reference.parse(reference)
    item = current_vault()[named.item if named.field == "password" else "No password"]
    return item.storage_options("s3")["secret"]


def ask_fsspec(reference: str) -> object:
    """Asks for one option by its reference."""
    secret = current_vault().resolve(reference)
    files = fsspec.filesystem("s3", key="AKIADEMO", secret=secret, skip_instance_cache=True)
    return files.storage_options["secret"]


def ask_environment(reference: str) -> object:
    with current_vault().env(BWM_SECRET=reference):
        return os.environ["BWM_SECRET"]


def ask_dotenv(reference: str) -> object:
    """Asks with the reference in a dotenv file."""
    file = Path("job.env")
    file.write_text(f'BWM_SECRET="{reference}"\n')
    with current_vault().environment.scope(read_file(file)):
        return os.environ["BWM_SECRET"]


def ask_declared(reference: str) -> object:
    named = Reference.parse(reference)
    return current_vault()[named.item].adapt(named.field or "")


def password_of(item: Item) -> object:
    """An adapter of another package."""
    return item.password


@dataclass(frozen=True)
class Library:
    """How it is asked, the errors it raises, and the module that needs it.

    It `says` something else than the others for a case. `of_items`: it takes items, and so no
    reference to the Secrets Manager.
    """

    ask: Callable[[str], object]
    error: type[Exception]
    module: str = ""
    closed: type[Exception] | None = None
    gives_none: bool = False
    of_items: bool = False
    says: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, reference: str, *, is_closed: bool) -> tuple[str, str]:
        """Returns the error of a reference, and everything that is shown of it."""
        with pytest.raises(self.closed if self.closed and is_closed else self.error) as caught:
            self.ask(reference)
        shown = traceback.format_exception(caught.value)
        return str(caught.value), "".join([*shown, repr(caught.value)])


LIBRARIES = {
    "keyring": Library(
        ask_keyring, KeyringError, "keyring", KeyringLocked, gives_none=True, of_items=True
    ),
    "keyring by reference": Library(ask_keyring_by_reference, KeyringError, "", KeyringLocked),
    "pydantic-settings": Library(ask_pydantic, SettingsError, "pydantic_settings"),
    "pydantic-settings in a variable": Library(ask_pydantic_in_variable, SettingsError),
    "OmegaConf": Library(ask_omegaconf, InterpolationResolutionError, "omegaconf"),
    "dlt": Library(ask_dlt, ConfigurationException, "dlt"),
    "fsspec": Library(
        ask_storage,
        BitwardenError,
        of_items=True,
        says={"not found": "Closest: Warehouse DB.", "no such field": "has no secret access key"},
    ),
    "fsspec by reference": Library(ask_fsspec, BitwardenError),
    "environment": Library(ask_environment, BitwardenError),
    "dotenv": Library(ask_dotenv, BitwardenError),
    "another package": Library(
        ask_declared,
        BitwardenError,
        of_items=True,
        says={"not found": "Closest: Warehouse DB.", "no such field": "There are: password."},
    ),
}
OF_REFERENCES = [name for name, library in LIBRARIES.items() if not library.of_items]


@contextmanager
def chosen() -> Iterator[None]:
    """The chosen keyring is the vault, and one adapter is declared."""
    point = EntryPoint(name=ADAPTER, value=f"{__name__}:password_of", group="bw_magics.adapters")
    before = keyring.get_keyring()
    with pytest.MonkeyPatch.context() as patch:
        points = EntryPoints([point])
        patch.setattr("bw_magics.adapters.declared.entry_points", lambda group: points)
        keyring.set_keyring(BitwardenKeyring())
        yield
    keyring.set_keyring(before)
