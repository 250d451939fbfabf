"""References in pydantic-settings: from every source, into every kind of field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bw_magics import Vault
from bw_magics.errors import NotFound
from bw_magics.integrations.pydantic_settings import BitwardenSettingsSource
from tests.integrations.world import World

PASSWORD = "bw://Warehouse DB/password"
TOKEN = "bw://Warehouse DB/token"


class Database(BaseModel):
    host: str = "localhost"
    password: SecretStr = SecretStr("")
    spares: list[SecretStr] = []


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", env_nested_delimiter="__")

    password: SecretStr | None = None
    token: SecretStr | None = Field(default=None, validation_alias="APP_API_TOKEN")
    database: Database = Database()
    plain: str = ""

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *given: Any, **sources: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        fields = {"password": PASSWORD, "token": TOKEN}
        return (BitwardenSettingsSource(settings_cls, *given, *sources.values(), fields=fields),)


def value(secret: SecretStr | None) -> str:
    assert secret is not None
    return secret.get_secret_value()


@pytest.fixture(autouse=True)
def elsewhere(vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_declared_field_comes_from_the_vault(world: World) -> None:
    settings = Settings()

    assert value(settings.password) == world.password
    assert value(settings.token) == world.token
    assert not world.found_in(repr(settings), str(settings), settings.model_dump_json())


@pytest.mark.parametrize(
    ("variables", "arguments", "expected"),
    [
        ({"APP_PASSWORD": TOKEN}, {}, "token"),
        ({"APP_PASSWORD": "of the environment"}, {}, "of the environment"),
        ({"APP_PASSWORD": TOKEN}, {"password": "of the call"}, "of the call"),
        ({"APP_PASSWORD": "of the environment"}, {"password": TOKEN}, "token"),
        ({"APP_PASSWORD": f"  {TOKEN}"}, {}, "token"),
    ],
)
def test_the_first_source_wins_and_its_reference_is_resolved(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    arguments: dict[str, Any],
    expected: str,
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)

    assert value(Settings(**arguments).password) == getattr(world, expected, expected)


def test_references_in_nested_models_lists_and_json_are_resolved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_DATABASE", f'{{"spares": ["{TOKEN}", "plain"]}}')
    monkeypatch.setenv("APP_DATABASE__PASSWORD", PASSWORD)

    settings = Settings(database={"host": "bw://Warehouse DB/host"})  # type: ignore[arg-type]

    assert settings.database.host == "warehouse.demo.example"
    assert value(settings.database.password) == world.password
    assert [value(each) for each in settings.database.spares] == [world.token, "plain"]
    assert not world.found_in(repr(settings), settings.model_dump_json())


def test_an_alias_is_filled_only_where_nothing_else_gives_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("APP_API_TOKEN", "of the environment")
    assert value(Settings().token) == "of the environment"


def test_a_field_that_shows_its_secret_is_warned_of(world: World) -> None:
    with pytest.warns(UserWarning, match="'plain' shows its secret") as caught:
        settings = Settings(plain=PASSWORD)
    assert not world.found_in(str(caught[0].message))
    assert world.found_in(repr(settings)), "control: it does show it"
    assert world.found_in(settings.model_dump_json())


def test_an_error_names_the_field_and_has_its_cause() -> None:
    with pytest.raises(
        SettingsError, match=r"The field 'database\.password' has no value"
    ) as caught:
        Settings(database={"password": "bw://Warehouse BD/password"})  # type: ignore[arg-type]
    assert "Warehouse DB" in str(caught.value)
    assert isinstance(caught.value.__cause__, NotFound)
