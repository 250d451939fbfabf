"""pydantic-settings: references in environment variables, `.env` files and arguments.

class Settings(BaseSettings):
    password: SecretStr

    @classmethod
    def settings_customise_sources(cls, settings_cls, *sources, **named):
        sources = (*sources, *named.values())
        fields = {"password": "bw://Warehouse DB/password"}
        return (BitwardenSettingsSource(settings_cls, *sources, fields=fields),)
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from bw_magics.adapters.extra import importing
from bw_magics.integrations.source import raised_as, resolve
from bw_magics.vault.reference import is_reference
from bw_magics.vault.secret_source import ReferenceSource

with importing("pydantic-settings", extra="pydantic", what="pydantic-settings", oldest="2.4"):
    from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


class BitwardenSettingsSource(PydanticBaseSettingsSource):
    """The other sources, the first of which wins, with the values of the references in them.

    `fields` maps names of fields to references, for those that no other source gives. `source` is
    the vault, by default the current one. Raises `SettingsError`, which names the field. Warns of
    a field that is not `SecretStr`: pydantic shows its value in every repr.
    """

    def __init__(
        self,
        settings_cls: type[BaseSettings],
        *sources: PydanticBaseSettingsSource,
        fields: Mapping[str, str] | None = None,
        source: ReferenceSource | None = None,
    ) -> None:
        super().__init__(settings_cls)
        self._sources, self._fields, self._source = sources, dict(fields or {}), source

    def __call__(self) -> dict[str, Any]:
        """Returns the values of all sources, resolved."""
        values: dict[str, Any] = {}
        for source in reversed(self._sources):
            values = _merged(values, source())
        for name, field in self.settings_cls.model_fields.items():
            value, key, _ = self.get_field_value(field, name)
            if value is not None and not {name, key} & values.keys():
                values[key] = value
        return {key: self._resolved(key, value) for key, value in values.items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Returns the declared reference of a field, and the name that the model takes it by."""
        alias = field.validation_alias
        key = alias if isinstance(alias, str) else field_name
        return self._fields.get(field_name), key, False

    def _resolved(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._resolved(f"{key}.{name}", each) for name, each in value.items()}
        if isinstance(value, list | tuple | set):
            return [self._resolved(key, each) for each in value]
        if not isinstance(value, str) or not is_reference(value):
            return value
        field = self.settings_cls.model_fields.get(key)
        if field is not None and not _hides(field.annotation):
            warnings.warn(
                f"The field '{key}' shows its secret in every repr. Declare it as SecretStr.",
                stacklevel=2,
            )
        with raised_as(SettingsError, f"The field '{key}' has no value."):
            return resolve(value, self._source, way="pydantic-settings")


def _hides(annotation: object) -> bool:
    name = getattr(annotation, "__name__", "")
    return name.startswith("Secret") or any(map(_hides, get_args(annotation)))


def _merged(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**below, **above}
    for key in below.keys() & above.keys():
        under, over = below[key], above[key]
        if isinstance(under, dict) and isinstance(over, Mapping):
            merged[key] = _merged(under, over)
    return merged
