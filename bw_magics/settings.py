"""Servers, devices and the names of environment variables."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Self

from bw_magics.errors import InsecureServer, UsageMistake

if TYPE_CHECKING:
    from bw_magics.address import Address

# The only place of the package's version: pyproject.toml reads it from here.
VERSION = "0.2.0"

# The Bitwarden release whose features this package handles. Servers hide item types from clients
# that claim less, and refuse a login that claims none (docs/protocol.md,
# Headers).
CLIENT_VERSION = "2026.6.0"

CLIENT_ID = "BW_CLIENTID"
CLIENT_SECRET = "BW_CLIENTSECRET"  # noqa: S105 - the name of a variable
MASTER_PASSWORD = "BW_PASSWORD"  # noqa: S105 - the name of a variable
SERVER = "BW_SERVER"
IDENTITY = "BW_IDENTITY"
API = "BW_API"
KEY_CONNECTOR = "BW_KEY_CONNECTOR"
AUTHORITY = "BW_CA_FILE"
CLIENT_CERTIFICATE = "BW_CLIENT_CERTIFICATE"
CLIENT_CERTIFICATE_KEY = "BW_CLIENT_CERTIFICATE_KEY"
DEVICE_ID = "BW_DEVICE_ID"
JOURNAL = "BW_MAGICS_JOURNAL"

# The names of the official `bws` program.
ACCESS_TOKEN = "BWS_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
ACCESS_TOKEN_SERVER = "BWS_SERVER_URL"  # noqa: S105 - the name of a variable

WHERE_THE_KEY_IS = "in the web vault under Settings → Security → Keys → View API key"
WHERE_ACCESS_TOKENS_ARE = (
    "in the Secrets Manager's web vault under Machine accounts → Access tokens, shown once when it "
    "is created"
)

_NAMESPACE = "6f0b3c1e-5d52-5c1c-9f0d-4b1f7a3f2a10"
_QUOTES = "\"'“”‘’`"


class Server(NamedTuple):
    """The addresses of a server's services: absolute URLs without a trailing slash.

    `name` is for a person to see: host, port and path without the scheme.
    `key_connector` is the address that the settings name, None where they name none.
    """

    name: str
    web_vault: str
    api: str
    identity: str
    key_connector: str | None = None

    @classmethod
    def parse(
        cls, text: str, *, identity: str = "", api: str = "", key_connector: str = ""
    ) -> Self:
        """Reads the server that `us`, `eu` or a URL names.

        A self-hosted server's address may have a path. The web vaults of the cloud are recognised
        as their region. `identity`, `api` and `key_connector` name single services elsewhere; with
        the first two the address itself may be empty. Raises `UsageMistake` for a text that is
        not an address, `InsecureServer` for plain http to another machine; neither repeats it.
        """
        if not isinstance(text, str):
            raise UsageMistake(
                f"A server is a text, and this is of type {type(text).__name__}.",
                "Use us, eu, or the address of your server such as https://vault.example.org.",
            )
        if not text.strip() and (identity or api):
            if not (identity and api):
                raise UsageMistake(
                    "One service's address does not say where the others are.",
                    "Name the server too, or both --identity and --api.",
                )
            own = _address(identity, "address of the identity service")
            server = cls(name=own.name, web_vault=own.url, api=own.url, identity=own.url)
        else:
            server = cls._whole(text)
        if identity:
            server = server._replace(identity=_address(identity, "identity address").url)
        if api:
            server = server._replace(api=_address(api, "API address").url)
        if key_connector:
            server = server._replace(key_connector=connector_address(key_connector))
        return server

    @classmethod
    def _whole(cls, text: str) -> Self:
        if text in ("us", "eu"):
            return cls._cloud(text)
        from bw_magics.address import region_of

        own = _address(text, "server").without_service()
        if region := region_of(own.host):
            return cls._cloud(region)
        return cls(
            name=own.name,
            web_vault=own.url,
            api=f"{own.url}/api",
            identity=f"{own.url}/identity",
        )

    @classmethod
    def _cloud(cls, region: str) -> Self:
        domain = "bitwarden.com" if region == "us" else "bitwarden.eu"
        return cls(
            name=f"vault.{domain}",
            web_vault=f"https://vault.{domain}",
            api=f"https://api.{domain}",
            identity=f"https://identity.{domain}",
        )

    @property
    def is_insecure(self) -> bool:
        """Whether it is reached over plain http, which is only ever this machine."""
        return self.identity.startswith("http://")

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The services at other addresses than the server's own, for a person to see."""
        own = self._whole(self.web_vault)
        services = {"identity": (self.identity, own.identity), "API": (self.api, own.api)}
        named = [
            f"{service} at {url.partition('://')[2]}"
            for service, (url, usual) in services.items()
            if url != usual
        ]
        if self.key_connector is not None:
            named.append(f"Key Connector at {self.key_connector.partition('://')[2]}")
        return tuple(named)


class ServerSettings(NamedTuple):
    """The settings of one source: which server it is, and how to reach it.

    All are texts as they were written; empty ones were not given. `authority` and
    `client_certificate` are the paths of PEM files, `client_certificate_key` that of the key
    where it is in a file of its own.
    """

    server: str = ""
    identity: str = ""
    api: str = ""
    key_connector: str = ""
    authority: str = ""
    client_certificate: str = ""
    client_certificate_key: str = ""

    def __bool__(self) -> bool:
        return self != type(self)()

    @property
    def names_server(self) -> bool:
        """Whether they name a server, and not only how to reach one."""
        return bool(self.server or self.identity or self.api)

    @property
    def files(self) -> Self:
        """Only the certificate files: they name no server and hold for each one."""
        return self._replace(server="", identity="", api="", key_connector="")

    def for_line(self, server: str) -> Self:
        """Returns the same for the server that a line names, with none of these addresses."""
        return self.files._replace(server=server)

    def completed(self, other: ServerSettings) -> Self:
        """Returns these settings, with what they lack from `other`.

        The addresses are one group: those of `other` count only where these name no server.
        A Key Connector belongs to the server that is named beside it. A client certificate and
        its key are a pair. So no part of one server is ever combined with part of another.
        """
        addresses = self if self.names_server else other
        connector = self.key_connector
        if not (self.names_server and other.names_server):
            connector = connector or other.key_connector
        pair, rest = (self, other) if self.client_certificate else (other, self)
        lone_key = "" if rest.client_certificate else rest.client_certificate_key
        return self._replace(
            server=addresses.server,
            identity=addresses.identity,
            api=addresses.api,
            key_connector=connector,
            authority=self.authority or other.authority,
            client_certificate=pair.client_certificate,
            client_certificate_key=pair.client_certificate_key or lone_key,
        )

    @classmethod
    def of(cls, server: Server) -> Self:
        """Returns the addresses of a server as settings."""
        # Without an address of its own a server bears that of its identity service.
        own = "" if server.web_vault == server.identity else server.web_vault
        return cls(own, server.identity, server.api, server.key_connector or "")

    @classmethod
    def read(cls, get: Callable[[str], str | None]) -> Self:
        """Reads the variables of a source."""
        given = [get(variable) or "" for variable in SERVER_VARIABLES]
        return cls(*given)

    def parse(self) -> Server:
        """Returns the server; the default one where nothing names another."""
        text = self.server if self.names_server else "us"
        return Server.parse(
            text, identity=self.identity, api=self.api, key_connector=self.key_connector
        )


NO_SETTINGS = ServerSettings()

# In the order of the members of `ServerSettings`.
ADDRESS_VARIABLES = (SERVER, IDENTITY, API, KEY_CONNECTOR)
SERVER_VARIABLES = (
    *ADDRESS_VARIABLES,
    AUTHORITY,
    CLIENT_CERTIFICATE,
    CLIENT_CERTIFICATE_KEY,
)


def _address(text: str, what: str) -> Address:
    from bw_magics.address import Address

    return Address.parse(text, what)


def connector_address(text: str) -> str:
    """Reads a Key Connector's address: https, without a trailing slash.

    Raises `UsageMistake` and `InsecureServer` as `Server.parse`.
    """
    url = _address(text, "Key Connector's address").url
    if not url.startswith("https://"):
        raise InsecureServer(
            "The Key Connector's address is plain http, and a key comes from there.",
            "Use its https address.",
        )
    return url


class Device(NamedTuple):
    """The device that the server lists as logged in.

    `type` is one of the official numbers: 23 Windows CLI, 24 macOS CLI, 25 Linux CLI.
    """

    identifier: str
    type: int
    name: str = "bw_magics"

    @classmethod
    def derive(
        cls, server: Server, client_id: str, *, profile: str = "", identifier: str | None = None
    ) -> Self:
        """Returns the same device for the same server, client id and profile: no file, and no "new
        device" mail for every fresh container. `identifier` overrides it (`BW_DEVICE_ID`); raises
        `UsageMistake` where that is not a UUID.
        """
        import uuid  # a tenth of what importing this package takes

        if identifier is None:
            seed = f"{server.identity}\n{client_id}\n{profile}"
            identifier = str(uuid.uuid5(uuid.UUID(_NAMESPACE), seed))
        else:
            try:
                given = uuid.UUID(identifier.strip())
                identifier = str(uuid.uuid5(given, profile) if profile else given)
            except ValueError:
                raise UsageMistake(
                    f"{DEVICE_ID} is not a UUID.", "Unset it, or set it to one."
                ) from None
        return cls(identifier, {"win32": 23, "darwin": 24}.get(sys.platform, 25))


def pasted(text: str | None) -> str:
    """Removes the blanks and quotes that were copied along with half of an API key.

    An unset variable is empty. Raises `UsageMistake` for what is not a text.
    """
    if text is None:
        return ""
    if not isinstance(text, str):
        raise UsageMistake(
            f"A key or token is a text, and this is of type {type(text).__name__}.",
            "Pass it as a str, such as os.environ['BW_CLIENTSECRET'].",
        )
    return text.strip().strip(_QUOTES).strip()
