"""The choice of an API key: one set comes from one source, the first that has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bw_magics.errors import CredentialsConflict, CredentialsError, CredentialsMissing
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.accounts.server_rule import API_KEY_RULE
from bw_magics.session.accounts.source import Source
from bw_magics.settings import (
    CLIENT_ID,
    CLIENT_SECRET,
    NO_SETTINGS,
    WHERE_THE_KEY_IS,
    ServerSettings,
)


@dataclass(frozen=True, slots=True, repr=False)
class Credentials(Unpicklable):
    """An API key with the server it is for, all from `source`. `server` None is the default."""

    client_id: str
    client_secret: Secret
    server: str | None
    source: str
    settings: ServerSettings = NO_SETTINGS


def choose(
    sources: Sequence[Source], *, server: str | None = None, is_configured: bool = False
) -> Credentials | None:
    """Returns the API key of the first source that has both halves; None where none has.

    `server` is what the line named. Otherwise the server comes from the same source as the key,
    or `is_configured` says that a person named one. Raises `CredentialsConflict` where it would
    come from another source, or a variable that is not read seems to name it.
    """
    for source in sources:
        if not source.has_api_key:
            continue
        own = ServerSettings.read(source.get)
        if server is None and not own.names_server and not is_configured:
            API_KEY_RULE.refuse_other_source(sources, source.name)
            API_KEY_RULE.refuse_unread_name(source, source.name)
        return Credentials(
            client_id=source.get(CLIENT_ID) or "",
            client_secret=Secret(source.get(CLIENT_SECRET) or "", "client_secret"),
            server=server or own.server or None,
            source=source.name,
            settings=own if server is None else own.for_line(server),
        )
    return None


def missing(sources: Sequence[Source]) -> CredentialsError:
    """Returns the error for nobody to ask: which variables to set, and where the key is."""
    homes = [
        next((source.name for source in sources if source.get(name)), None)
        for name in (CLIENT_ID, CLIENT_SECRET)
    ]
    if all(homes):
        return CredentialsConflict(
            f"{CLIENT_ID} is in {homes[0]} and {CLIENT_SECRET} in {homes[1]}: they are not "
            "combined.",
            "Put both in one place.",
        )
    absent = [
        name
        for name in (CLIENT_ID, CLIENT_SECRET)
        if not any(source.get(name) for source in sources)
    ] or [CLIENT_ID, CLIENT_SECRET]
    verb = "is" if len(absent) == 1 else "are"
    return CredentialsMissing(
        f"{' and '.join(absent)} {verb} not set, and there is nobody to ask.",
        f"Set {CLIENT_ID} and {CLIENT_SECRET} in the environment or a .env file; your personal "
        f"API key is {WHERE_THE_KEY_IS}.",
    )
