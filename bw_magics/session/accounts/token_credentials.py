"""Where an access token comes from: one set from one source, the first that has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bw_magics.errors import CredentialsMissing
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.accounts.server_rule import ACCESS_TOKEN_RULE
from bw_magics.session.accounts.source import Source
from bw_magics.settings import (
    ACCESS_TOKEN,
    ACCESS_TOKEN_SERVER,
    NO_SETTINGS,
    WHERE_ACCESS_TOKENS_ARE,
    ServerSettings,
)


@dataclass(frozen=True, slots=True, repr=False)
class TokenCredentials(Unpicklable):
    """An access token with the settings of the server that it is for, all from `source`."""

    access_token: Secret
    source: str
    settings: ServerSettings = NO_SETTINGS

    def __repr__(self) -> str:
        return "<TokenCredentials>"


def token_settings(source: Source) -> ServerSettings:
    """Returns the settings that a source gives for access tokens.

    The official program's own variable names the server before ours does, and then ours for single
    services do not count: they belong to another server.
    """
    own = ServerSettings.read(source.get)
    server = source.get(ACCESS_TOKEN_SERVER)
    return own if server is None else own.for_line(server)


def choose_token(
    sources: Sequence[Source], *, server: str | None = None, is_configured: bool = False
) -> TokenCredentials | None:
    """Returns the access token of the first source that has one; None where none has.

    `server` is what the line named. Otherwise the server comes from the same source as the token,
    or `is_configured` says that a person named one. Raises `CredentialsConflict` as `choose`.
    """
    for source in sources:
        found = of_source(source)
        if found is None:
            continue
        if server is not None:
            return replace(found, settings=found.settings.for_line(server))
        if not found.settings.names_server and not is_configured:
            ACCESS_TOKEN_RULE.refuse_other_source(sources, source.name)
            ACCESS_TOKEN_RULE.refuse_unread_name(source, source.name)
        return found
    return None


def missing_token() -> CredentialsMissing:
    """Returns the error for nobody to ask: which variable to set."""
    return CredentialsMissing(
        f"{ACCESS_TOKEN} is not set, and there is nobody to ask.",
        f"Set it in the environment or a .env file; it is {WHERE_ACCESS_TOKENS_ARE}.",
    )


def of_source(source: Source) -> TokenCredentials | None:
    """Returns the access token of a source, with its settings; None without one."""
    token = source.get(ACCESS_TOKEN)
    if token is None:
        return None
    secret = Secret(token, f"{ACCESS_TOKEN} from {source.name}")
    return TokenCredentials(secret, source.name, token_settings(source))
