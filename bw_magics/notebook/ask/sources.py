"""The sources of credentials in a notebook, in their order (docs/account.md, Where credentials
come from).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bw_magics.errors import CredentialsConflict, CredentialsMissing
from bw_magics.notebook.ask.colab import userdata_source
from bw_magics.notebook.ask.demo import Demo
from bw_magics.notebook.ask.server_choice import SERVER as ASK_SERVER
from bw_magics.notebook.panels.question import ACCESS_TOKEN as ASK_ACCESS_TOKEN
from bw_magics.notebook.panels.question import CLIENT_ID as ASK_CLIENT_ID
from bw_magics.notebook.panels.question import CLIENT_SECRET as ASK_CLIENT_SECRET
from bw_magics.notebook.panels.question import Field
from bw_magics.secret import Secret
from bw_magics.session.accounts.configured import CONFIGURED, NamedServer
from bw_magics.session.accounts.credentials import Credentials, choose, missing
from bw_magics.session.accounts.server_rule import ACCESS_TOKEN_RULE, API_KEY_RULE
from bw_magics.session.accounts.source import ENVIRONMENT, Source, environment
from bw_magics.session.accounts.source_files import (
    dotenv_file,
    found_dotenv,
    found_files,
    password_from_file,
)
from bw_magics.session.accounts.token_credentials import (
    TokenCredentials,
    choose_token,
    missing_token,
    token_settings,
)
from bw_magics.settings import (
    ACCESS_TOKEN_SERVER,
    CLIENT_ID,
    DEVICE_ID,
    MASTER_PASSWORD,
    NO_SETTINGS,
    SERVER,
    SERVER_VARIABLES,
    Server,
    ServerSettings,
)

Read = Callable[[Source], ServerSettings]


def read_settings(source: Source) -> ServerSettings:
    """Reads the server that a source names for its API key."""
    return ServerSettings.read(source.get)


@dataclass(frozen=True, slots=True)
class KeyToAsk:
    """The part of the API key, or the access token, that a person types, and its server.

    `server` is None if nothing names one, and then the server is one of the `fields`. `told`
    says where the rest comes from; `settings` name the server.
    """

    fields: tuple[Field, ...]
    server: str | None
    client_id: str | None
    told: str
    settings: ServerSettings = NO_SETTINGS


class Sources:
    """The sources of the API key and the master password, and the server that gets them.

    The server is the one that the line names, else the one that the source of the key names,
    else the one that `configured` gives, else the default. A server that a line named once
    stays the profile's server: a login that failed is tried again at the same place.
    While the demo is on, it is the only source.
    """

    def __init__(
        self,
        demo: Demo,
        configured: Callable[[], ServerSettings],
        named: dict[str, NamedServer] | None = None,
    ) -> None:
        self._demo = demo
        self._configured = configured
        self._named: dict[str, NamedServer] = {} if named is None else named

    @property
    def device_id(self) -> str | None:
        """The value of `BW_DEVICE_ID`; None to derive it."""
        return None if self._demo.is_on else os.environ.get(DEVICE_ID)

    def name_server(self, server: str, dotenv: str | None, profile: str) -> None:
        """Keeps the server that a line names for later logins of the profile. Raises
        `UsageMistake` or `InsecureServer` where it is not a server's address.
        """
        if self._demo.is_on:
            return
        with CONFIGURED.naming():
            Server.parse(server)
        CONFIGURED.understood()
        sources = self._all(dotenv)
        reads: tuple[Read, ...] = (read_settings, token_settings)
        addresses = {read: _addresses(sources, read) for read in reads}
        self._named[profile] = NamedServer(server, dotenv, addresses)

    def forget_named_servers(self) -> None:
        """Forgets the servers that lines named: the kernel's settings name another one."""
        self._named.clear()
        CONFIGURED.forget_lines()

    def held(self, dotenv: str | None) -> Source | None:
        """Returns the first source that has a whole API key, or None."""
        return next((source for source in self._all(dotenv) if source.has_api_key), None)

    def credentials(
        self, dotenv: str | None, server: str | None, can_ask: bool, *, profile: str = ""
    ) -> Credentials | None:
        """Returns the API key of the first source that has one; the keyring of the profile is
        checked last. None means: ask a person.

        Raises `CredentialsMissing` if nobody can be asked, and `CredentialsConflict` if key and
        server come from different places.
        """
        sources = self._all_for_login(dotenv, server)
        server, configured = self._server_for(sources, dotenv, server, profile)
        found = choose(sources, server=server, is_configured=configured.names_server)
        if found is None and dotenv is None and not self._demo.is_on:
            found = self._remembered(profile, server, can_ask)
        if found is not None:
            settings = self._completed(found.settings, configured)
            if not (settings.names_server or self._demo.is_on):
                API_KEY_RULE.refuse_other_source(self._beside(), found.source)
            return replace(found, settings=settings)
        if not can_ask:
            raise missing(sources)
        return None

    def _all_for_login(self, dotenv: str | None, server: str | None) -> list[Source]:
        if self._demo.is_on and (server is not None or dotenv is not None):
            raise CredentialsConflict(
                "The demo vault is on, and the line names another server or file.",
                "Stop the demo first: %bw_demo --stop.",
            )
        return self._all(dotenv)

    def key_to_ask(self, dotenv: str | None, server: str | None, *, profile: str = "") -> KeyToAsk:
        """Returns what to ask if no source has the whole key. Raises `CredentialsConflict` if a
        file names the server.
        """
        sources = self._all(dotenv)
        server, configured = self._server_for(sources, dotenv, server, profile)
        if server is not None:
            own = ServerSettings(server=server)
        else:
            beside = [] if dotenv is None else [environment()]
            own = self._settings_to_ask_for([*beside, *sources])
        settings = self._completed(own, configured)
        named = settings.server or None
        told = []
        if server is None and own.server:
            told.append(f"Server named by {SERVER} in the environment")
        fields: tuple[Field, ...] = (ASK_CLIENT_ID, ASK_CLIENT_SECRET)
        client_id = None
        for source in sources:
            if server is None and own.names_server and source.name != ENVIRONMENT:
                continue  # an id and a server from two sources are not combined
            if client_id := source.get(CLIENT_ID):
                fields = fields[1:]
                told.append(f"client_id from {source.name}")
                break
        if not settings.names_server:
            fields = (*fields, ASK_SERVER)
        return KeyToAsk(fields, named, client_id, " · ".join(told), settings)

    def access_token(
        self, dotenv: str | None, server: str | None, can_ask: bool, *, profile: str = ""
    ) -> TokenCredentials | None:
        """Returns the access token of the first source that has one; None means: ask a person.

        Raises `CredentialsMissing` if nobody can be asked, and `CredentialsConflict` if token and
        server come from different places.
        """
        sources = self._all_for_login(dotenv, server)
        server, configured = self._server_for(sources, dotenv, server, profile, read=token_settings)
        found = choose_token(sources, server=server, is_configured=configured.names_server)
        if found is not None:
            settings = self._completed(found.settings, configured)
            if not (settings.names_server or self._demo.is_on):
                ACCESS_TOKEN_RULE.refuse_other_source(self._beside(), found.source)
            return replace(found, settings=settings)
        if not can_ask:
            raise missing_token()
        return None

    def token_to_ask(
        self, dotenv: str | None, server: str | None, *, profile: str = ""
    ) -> KeyToAsk:
        """Returns what to ask if no source has an access token. Raises `CredentialsConflict` if a
        file names the server.
        """
        sources = self._all(dotenv)
        server, configured = self._server_for(sources, dotenv, server, profile, read=token_settings)
        if server is not None:
            own = ServerSettings(server=server)
        else:
            beside = [] if dotenv is None else [environment()]
            own = self._settings_to_ask_for([*beside, *sources], read=token_settings)
        settings = self._completed(own, configured)
        fields: tuple[Field, ...] = (ASK_ACCESS_TOKEN,)
        if not settings.names_server:
            fields = (*fields, ASK_SERVER)
        told = "Server named by the environment" if server is None and own.server else ""
        return KeyToAsk(fields, settings.server or None, None, told, settings)

    def settings_of_variable(self, server: str | None, *, profile: str = "") -> ServerSettings:
        """Returns the server for an access token in a variable, which names none: the one that the
        line, an earlier line, the kernel's settings or the environment names.
        """
        sources = self._all(None)
        server, configured = self._server_for(sources, None, server, profile, read=token_settings)
        if server is not None:
            return self._completed(ServerSettings(server=server), configured)
        own = configured.completed(token_settings(environment()))
        return self._completed(own, configured)

    def password(self, dotenv: str | None, can_ask: bool) -> Secret | None:
        """Returns the master password of the first source that has it. None means: ask a person.
        Raises `CredentialsMissing` if nobody can be asked.
        """
        for source in self._all(dotenv, with_password=not can_ask):
            value = source.get(MASTER_PASSWORD)
            if value is not None:
                return Secret(value, "master password")
        if can_ask:
            return None
        raise CredentialsMissing(
            f"{MASTER_PASSWORD} is not set, and there is nobody to ask for the master password.",
            f"Set {MASTER_PASSWORD} in the environment or a .env file, or use --passwordenv NAME "
            "or --passwordfile FILE.",
        )

    def named_password(self, variable: str | None, file: str | None) -> Secret | None:
        """Returns the master password from the variable or file on the line."""
        if variable is not None:
            value = os.environ.get(variable)
            if not value:
                raise CredentialsMissing(
                    "The variable named by --passwordenv is not set or empty.",
                    "Set it in the environment of the kernel.",
                )
            return Secret(value, "master password")
        return None if file is None else password_from_file(_path(file))

    def _remembered(self, profile: str, server: str | None, can_ask: bool) -> Credentials | None:
        """Returns the key in the keyring. It is for the server that accepted it, and for no other
        that a line names: then a person is asked, or `CredentialsConflict` raised.
        """
        from bw_magics.session.storage.keyring import Remembered

        source = Remembered(profile).source()
        found = None if source is None else choose([source])
        if found is None or server is None:
            return found
        own, other = found.settings.parse(), Server.parse(server)
        if (own.identity, own.api) == (other.identity, other.api):
            return found
        if can_ask:
            return None
        raise CredentialsConflict(
            f"The API key in {found.source} is for {own.name}, and the line names another server.",
            "Leave out --server, or set the API key for that server in the environment.",
        )

    def _beside(self) -> list[Source]:
        """Returns the environment and the `.env` files of the project, as far as they can be read:
        what a line passes over by naming a file, and the files above the nearest one.
        """
        return [environment(), *found_files()]

    def _all(self, dotenv: str | None, *, with_password: bool = True) -> list[Source]:
        demo = self._demo.source(with_password=with_password)
        if demo is not None:
            return [demo]
        if dotenv is not None:
            return [dotenv_file(_path(dotenv))]
        sources = [environment()]
        found = found_dotenv()
        if found is not None:
            sources.append(dotenv_file(found, is_named=False))
        userdata = userdata_source()
        if userdata is not None:
            sources.append(userdata)
        return sources

    def _server_for(
        self,
        sources: Sequence[Source],
        dotenv: str | None,
        server: str | None,
        profile: str,
        *,
        read: Read = read_settings,
    ) -> tuple[str | None, ServerSettings]:
        """Returns the server that a line names, this one or an earlier one, and the kernel's
        settings.

        An earlier line counts like this one while nothing else changed. Where this line names
        another file, or a source came to name another server, it counts where no setting does.
        """
        configured = self._configured()
        named = self._named.get(profile)
        if server is not None or named is None or self._demo.is_on:
            return server, configured
        if named.dotenv == dotenv and _addresses(sources, read) in ((), named.addresses[read]):
            return named.server, configured
        if configured.names_server:
            return None, configured
        return None, ServerSettings(server=named.server).completed(configured)

    def _completed(self, own: ServerSettings, configured: ServerSettings) -> ServerSettings:
        """Returns the settings of one source, with what they lack from the environment's
        certificate files and from the kernel's settings. Nothing is added to the demo's.
        """
        if self._demo.is_on:
            return own
        files = ServerSettings.read(environment().get).files
        return own.completed(files).completed(configured)

    def _settings_to_ask_for(
        self, sources: list[Source], *, read: Read = read_settings
    ) -> ServerSettings:
        own = ServerSettings()
        for source in sources:
            settings = read(source)
            if source.name == ENVIRONMENT:
                own = settings
                if own.names_server:
                    break
            elif settings:
                names = (ACCESS_TOKEN_SERVER, *SERVER_VARIABLES)
                named = next(name for name in names if source.get(name))
                raise CredentialsConflict(
                    f"{source.name} names the server ({named}), and the API key would be typed "
                    "by you: they are not combined.",
                    "Put the key in the same file, or name the server on the line: --server.",
                )
        return own


def _addresses(sources: Sequence[Source], read: Read = read_settings) -> tuple[str, ...]:
    """Returns the addresses of the first source that names a server."""
    for source in sources:
        settings = read(source)
        if settings.names_server:
            return (settings.server, settings.identity, settings.api)
    return ()


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)  # no such home: reading the file reports that
