"""Opens a vault where nobody is asked: with the credentials in the environment or a `.env` file."""

from __future__ import annotations

import os
from pathlib import Path

from bw_magics.errors import CredentialsMissing
from bw_magics.secret import Secret
from bw_magics.session.accounts.credentials import (
    Credentials,
    Source,
    choose,
    dotenv_file,
    environment,
    found_dotenv,
    missing,
)
from bw_magics.session.vault import Vault
from bw_magics.settings import DEVICE_ID, MASTER_PASSWORD, ServerSettings


def has_api_key() -> bool:
    """Tells whether the environment or a `.env` file holds an API key. Asks no server."""
    return any(source.has_api_key for source in _sources())


def credentials() -> tuple[Credentials, Secret]:
    """Returns an API key and a master password, from the first source that has each.

    Raises `CredentialsMissing` and `CredentialsConflict`, which name the variables to set.
    """
    sources = _sources()
    found = choose(sources)
    if found is None:
        raise missing(sources)
    password = next(filter(None, (source.get(MASTER_PASSWORD) for source in sources)), None)
    if password is None:
        raise CredentialsMissing(
            f"{MASTER_PASSWORD} is not set, and there is nobody to ask for the master password.",
            f"Set {MASTER_PASSWORD} in the environment or a .env file.",
        )
    return found, Secret(password, "master password")


def enter(vault: Vault, key: Credentials, password: Secret) -> None:
    """Logs the vault in and unlocks it. Raises what `Vault.login` and `Vault.unlock` raise."""
    # Imported here: it loads the TLS libraries.
    from bw_magics.client.certificates import ClientCertificate

    settings = key.settings.completed(ServerSettings.read(environment().get).files)
    shown, own_key = _path(settings.client_certificate), _path(settings.client_certificate_key)
    vault.login(
        client_id=key.client_id,
        client_secret=key.client_secret,
        server=settings.parse(),
        source=key.source,
        device_id=os.environ.get(DEVICE_ID),
        certificate_authority=_path(settings.authority),
        client_certificate=ClientCertificate(shown, own_key) if shown else None,
    )
    vault.unlock(password=password, is_unattended=True)


def _sources() -> list[Source]:
    file = found_dotenv()
    return [environment(), *([] if file is None else [dotenv_file(file, is_named=False)])]


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None
