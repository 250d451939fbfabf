"""The access token of the process environment, and the server that the environment names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bw_magics.errors import CredentialsMissing
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.accounts.credentials import environment
from bw_magics.session.accounts.token_credentials import token_settings
from bw_magics.settings import ACCESS_TOKEN, WHERE_ACCESS_TOKENS_ARE, ServerSettings

if TYPE_CHECKING:
    from bw_magics.client.certificates import ClientCertificate


@dataclass(frozen=True, slots=True, repr=False)
class EnvironmentToken(Unpicklable):
    """An access token and how to reach its server, all from the environment."""

    access_token: Secret
    settings: ServerSettings
    source: str

    def __repr__(self) -> str:
        return "<EnvironmentToken>"

    @property
    def authority(self) -> str | None:
        """The file of a certificate authority, as the settings write it."""
        return self.settings.authority or None

    @property
    def certificate(self) -> ClientCertificate | None:
        """The client certificate, with its key."""
        from bw_magics.client.certificates import ClientCertificate

        shown, key = self.settings.client_certificate, self.settings.client_certificate_key
        return ClientCertificate(Path(shown), Path(key) if key else None) if shown else None


def environment_token() -> EnvironmentToken:
    """Reads the environment. Raises `CredentialsMissing` where it has no access token."""
    source = environment()
    token = source.get(ACCESS_TOKEN)
    if not token:
        raise CredentialsMissing(
            f"{ACCESS_TOKEN} is not set, and no access token was passed.",
            f"Set it in the environment; it is {WHERE_ACCESS_TOKENS_ARE}.",
        )
    return EnvironmentToken(
        Secret(token, f"{ACCESS_TOKEN} from {source.name}"), token_settings(source), source.name
    )
