"""The rule that a credential and its server come from one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bw_magics.errors import CredentialsConflict
from bw_magics.session.accounts.configured import CONFIGURED
from bw_magics.session.accounts.source import ENVIRONMENT, Source
from bw_magics.session.accounts.workers import is_worker
from bw_magics.settings import (
    ACCESS_TOKEN_SERVER,
    ADDRESS_VARIABLES,
    SERVER,
    SERVER_VARIABLES,
    ServerSettings,
)


@dataclass(frozen=True, slots=True)
class ServerRule:
    """How the server of one kind of credential is named.

    `variable` names it; `own` names it too, for this kind alone. `foreign` names the server of
    another kind, with what that is for.
    """

    credential: str
    variable: str
    own: tuple[str, ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()

    def refuse_other_source(self, sources: Sequence[Source], its_source: str) -> None:
        """Raises `CredentialsConflict` where a source other than that of the credential names a
        server, or where a line meant to name one.

        A certificate file counts as such a name, but for one in the environment: those belong to
        the machine and hold for every server.
        """
        if CONFIGURED.is_misread:
            raise CredentialsConflict(
                f"No server is named for the {self.credential} from {its_source}: the last line "
                "that named one could not be read.",
                "Name the server again, on the line: --server; us is Bitwarden's cloud.",
            )
        for other in sources:
            if other.name == its_source:
                continue
            usual = ADDRESS_VARIABLES if other.name == ENVIRONMENT else SERVER_VARIABLES
            names = (*self.own, *usual)
            named = next((name for name in names if other.get(name) is not None), None)
            if named is not None:
                raise CredentialsConflict(
                    f"{other.name} names the server ({named}), but the {self.credential} comes "
                    f"from {its_source}: they are not combined.",
                    "Put both in one place, or name the server on the line: --server.",
                )

    def refuse_unread_name(self, source: Source, its_source: str) -> None:
        """Raises `CredentialsConflict` where a source seems to name the server by a name that is
        not read for this credential.
        """
        foreign = dict(self.foreign)
        named = source.unread_address(*foreign)
        if named is None:
            return
        why = foreign.get(named, "is not read")
        raise CredentialsConflict(
            f"{source.name} names no server for the {self.credential} from {its_source}: {named} "
            f"{why}.",
            f"Name the server with {self.variable}: us, eu or its address.",
        )

    def of_key(self, settings: ServerSettings, key_id: str, its_source: str) -> ServerSettings:
        """Returns the settings for a key, with the server that was last named for it where they
        name none.

        Raises `CredentialsConflict` where that is nowhere named either, and another server than
        the default one was named on a line or for another key, unless this key went to the
        default one before. So it does in a worker: its parent may have named one since, or had no
        way to hand it on.
        """
        settings = settings.completed(CONFIGURED.of_key(key_id))
        if settings.names_server:
            return settings
        if (elsewhere := CONFIGURED.elsewhere(key_id)) is not None:
            raise CredentialsConflict(
                f"Nothing names the server for the {self.credential} from {its_source}, and "
                f"{elsewhere.name} was named for another login.",
                f"Name the server: {self.variable}, --server on the line, or server= in Python. "
                "us is Bitwarden's cloud.",
            )
        if is_worker():
            raise CredentialsConflict(
                f"Nothing names the server for the {self.credential} from {its_source}, and this "
                "process is a worker: it cannot know what its notebook or program named.",
                f"Set {self.variable} before the worker starts: us, eu or its address.",
            )
        return settings


API_KEY_RULE = ServerRule(
    "API key", SERVER, foreign=((ACCESS_TOKEN_SERVER, "is for access tokens"),)
)
ACCESS_TOKEN_RULE = ServerRule("access token", ACCESS_TOKEN_SERVER, own=(ACCESS_TOKEN_SERVER,))
