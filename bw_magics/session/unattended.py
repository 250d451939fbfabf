"""Opens a vault or the Secrets Manager where nobody is asked: with the credentials in the
environment or a `.env` file.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypedDict

from bw_magics.errors import CredentialsError, CredentialsMissing
from bw_magics.secret import Secret
from bw_magics.session.accounts.configured import CONFIGURED
from bw_magics.session.accounts.credentials import Credentials, choose, missing
from bw_magics.session.accounts.server_rule import ACCESS_TOKEN_RULE, API_KEY_RULE, ServerRule
from bw_magics.session.accounts.source import Source, environment
from bw_magics.session.accounts.source_files import dotenv_file, found_dotenv, found_files
from bw_magics.session.accounts.token_credentials import TokenCredentials, choose_token
from bw_magics.settings import ACCESS_TOKEN, DEVICE_ID, MASTER_PASSWORD, Server, ServerSettings

if TYPE_CHECKING:
    from bw_magics.client.certificates import ClientCertificate
    from bw_magics.session.machine.secrets_manager import SecretsManager
    from bw_magics.session.vault import Vault


class _Way(TypedDict):
    """How to reach a server, as a login takes it."""

    server: Server
    certificate_authority: str
    client_certificate: ClientCertificate | None


def has_api_key() -> bool:
    """Tells whether the environment or a `.env` file holds an API key. Asks no server."""
    return any(source.has_api_key for source in _sources())


def credentials() -> tuple[Credentials, Secret]:
    """Returns an API key and a master password, from the first source that has each.

    Raises `CredentialsMissing` and `CredentialsConflict`, which name the variables to set.
    """
    sources = _sources()
    found = choose(sources, is_configured=CONFIGURED.settings.names_server)
    if found is None:
        raise _missing(sources)
    if not (found.settings.names_server or CONFIGURED.settings.names_server):
        API_KEY_RULE.refuse_other_source(found_files(), found.source)
    password = next(filter(None, (source.get(MASTER_PASSWORD) for source in sources)), None)
    if password is None:
        raise CredentialsMissing(
            f"{MASTER_PASSWORD} is not set, and there is nobody to ask for the master password.",
            f"Set {MASTER_PASSWORD} in the environment or a .env file.",
        )
    return found, Secret(password, "master password")


def enter(vault: Vault, key: Credentials, password: Secret) -> None:
    """Logs the vault in and unlocks it. Raises what `Vault.login` and `Vault.unlock` raise."""
    vault.login(
        client_id=key.client_id,
        client_secret=key.client_secret,
        source=key.source,
        device_id=os.environ.get(DEVICE_ID),
        **_way(API_KEY_RULE, key.settings, key.client_id, key.source),
    )
    vault.unlock(password=password, is_unattended=True)


def machine_credentials() -> TokenCredentials | None:
    """Returns the access token of the environment or a `.env` file; None where none is set.

    Raises `CredentialsConflict`.
    """
    is_configured = CONFIGURED.settings.names_server
    found = choose_token(_sources(), is_configured=is_configured)
    if found is not None and not (found.settings.names_server or is_configured):
        ACCESS_TOKEN_RULE.refuse_other_source(found_files(), found.source)
    return found


def enter_machine(token: TokenCredentials) -> SecretsManager:
    """Logs in to the Secrets Manager. Raises what `SecretsManager.login` raises."""
    from bw_magics.client.access_token import AccessToken
    from bw_magics.session.machine.secrets_manager import SecretsManager

    key_id = AccessToken.parse(token.access_token).id
    way = _way(ACCESS_TOKEN_RULE, token.settings, key_id, token.source)
    return SecretsManager.login(access_token=token.access_token, source=token.source, **way)


def _sources() -> list[Source]:
    file = found_dotenv()
    return [environment(), *([] if file is None else [dotenv_file(file, is_named=False)])]


def _missing(sources: list[Source]) -> CredentialsError:
    """Returns the error for nobody to ask, with the variable that is enough for `bws://`."""
    error = missing(sources)
    if any(source.get(ACCESS_TOKEN) for source in sources):
        return error
    advice = f"{error.remedy} For bws:// references {ACCESS_TOKEN} is enough."
    return type(error)(error.fact, advice)


def _way(rule: ServerRule, own: ServerSettings, key_id: str, source: str) -> _Way:
    """Returns the server and the certificates for it.

    Files may come from the environment, and what a source lacks from a kernel that started this
    process.
    """
    # Imported here: it loads the TLS libraries.
    from bw_magics.client.certificates import ClientCertificate

    settings = own.completed(ServerSettings.read(environment().get).files)
    settings = settings.completed(CONFIGURED.settings)
    settings = rule.of_key(settings, key_id, source)
    certificate = ClientCertificate.named(
        settings.client_certificate, settings.client_certificate_key
    )
    return {
        "server": settings.parse(),
        "certificate_authority": settings.authority,
        "client_certificate": certificate,
    }
