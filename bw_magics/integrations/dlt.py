"""dlt: a provider of secrets, registered with `dlt.secrets.register_provider`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bw_magics.adapters.extra import importing
from bw_magics.integrations.source import raised_as, resolve
from bw_magics.vault.secret_source import ReferenceSource

with importing("dlt", extra="dlt", what="dlt", oldest="1.20"):
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.configuration.providers.provider import ConfigProvider, get_key_name


class BitwardenProvider(ConfigProvider):
    """A provider of the values of references, by keys as `secrets.toml` names them::

        BitwardenProvider({"destination.postgres.credentials.password": "bw://Sales DB/password"})

    `source` is the vault, by default the current one. Raises `ConfigurationException`.
    """

    name = "Bitwarden"
    supports_secrets = True
    supports_sections = True

    def __init__(
        self, secrets: Mapping[str, str], *, source: ReferenceSource | None = None
    ) -> None:
        self._secrets, self._source = dict(secrets), source

    def get_value(
        self, key: str, hint: type[Any], pipeline_name: str | None, *sections: str
    ) -> tuple[Any, str]:
        """Returns the value, or None, and the whole key."""
        name = get_key_name(key, ".", *filter(None, (pipeline_name, *sections)))
        reference = self._secrets.get(name)
        if reference is None:
            return None, name
        with raised_as(ConfigurationException):
            return resolve(reference, self._source, way="dlt"), name

    @property
    def is_empty(self) -> bool:
        """Whether it has no keys."""
        return not self._secrets

    @property
    def locations(self) -> list[str]:
        """Where the values are, for a person."""
        return ["the Bitwarden vault"]
