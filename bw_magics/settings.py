"""Servers, devices and the names of environment variables."""

from __future__ import annotations

import ipaddress
import re
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import SplitResult, urlsplit

from bw_magics.errors import InsecureServer, UsageMistake

VERSION = "0.1.0"

# The Bitwarden release whose features this package handles. Servers hide item types from clients
# that claim less, and refuse a login that claims none (protocol 2.2, 6.8).
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

WHERE_THE_KEY_IS = "in the web vault under Settings → Security → Keys → View API key"

_NAMESPACE = uuid.UUID("6f0b3c1e-5d52-5c1c-9f0d-4b1f7a3f2a10")
_HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:.]+")
_PATH = re.compile(r"[^\s\\]*")
_SUCH_AS = "Use us, eu, or the address of your server such as https://vault.example.org."
_CLOUD_HOSTS = {
    "bitwarden.com": "us",
    "vault.bitwarden.com": "us",
    "api.bitwarden.com": "us",
    "identity.bitwarden.com": "us",
    "bitwarden.eu": "eu",
    "vault.bitwarden.eu": "eu",
    "api.bitwarden.eu": "eu",
    "identity.bitwarden.eu": "eu",
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server's services are: absolute URLs without a trailing slash.

    `name` is how it is shown to a person: host, port and path without the scheme.
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
        """The server that `us`, `eu` or a URL names (protocol 1).

        A self-hosted server's address may have a path. The web vaults of the cloud are recognised
        as their region. `identity`, `api` and `key_connector` name single services elsewhere; with
        the first two the address itself may be empty. Raises `UsageMistake` where a text is no
        address, `InsecureServer` for plain http to another machine; neither repeats the text.
        """
        if not text.strip() and (identity or api):
            if not (identity and api):
                raise UsageMistake(
                    "One service's address does not say where the others are.",
                    "Name the server too, or both --identity and --api.",
                )
            url, name = _address(identity, "address of the identity service")
            server = cls(name=name, web_vault=url, api=url, identity=url)
        else:
            server = cls._whole(text)
        if identity:
            server = replace(server, identity=_address(identity, "identity address")[0])
        if api:
            server = replace(server, api=_address(api, "API address")[0])
        if key_connector:
            url, _ = _address(key_connector, "Key Connector's address")
            server = replace(server, key_connector=https_only(url))
        return server

    @classmethod
    def _whole(cls, text: str) -> Self:
        region = text.strip().strip("\"'").lower()
        if region in ("us", "eu"):
            return cls._cloud(region)
        base, name = _address(text, "server")
        host = urlsplit(base).hostname or ""
        if host in _CLOUD_HOSTS:
            return cls._cloud(_CLOUD_HOSTS[host])
        return cls(name=name, web_vault=base, api=f"{base}/api", identity=f"{base}/identity")

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
        """The hosts of services that are not where the server itself is, for a person to see."""
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


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything that says which server it is and how to reach it, from one source.

    All are texts as they were written; empty ones were not given. `authority` and
    `client_certificate` are the paths of PEM files, `client_certificate_key` that of the key
    where it is in a file of its own. `is_from_line` says that a line named the server.
    """

    server: str = ""
    identity: str = ""
    api: str = ""
    key_connector: str = ""
    authority: str = ""
    client_certificate: str = ""
    client_certificate_key: str = ""
    is_from_line: bool = False

    def __bool__(self) -> bool:
        return self != type(self)()

    @property
    def names_server(self) -> bool:
        """Whether they say which server it is, and not only how to reach it."""
        return bool(self.server or self.identity or self.api)

    def for_line(self, server: str) -> Self:
        """The same for the server that a line names, with none of these addresses."""
        return replace(
            self, server=server, identity="", api="", key_connector="", is_from_line=True
        )

    def completed(self, settings: ServerSettings) -> ServerSettings:
        """These where a source gave any, else the kernel's own `settings`; the files of those also
        count for a server that the line names.
        """
        if not self:
            return settings
        if not self.is_from_line or self.authority or self.client_certificate:
            return self
        return replace(
            self,
            authority=settings.authority,
            client_certificate=settings.client_certificate,
            client_certificate_key=settings.client_certificate_key,
        )

    @classmethod
    def read(cls, get: Callable[[str], str | None]) -> Self:
        """From the variables of a source."""
        given = [get(variable) or "" for variable in SERVER_VARIABLES]
        return cls(*given)  # type: ignore[arg-type] # these are the first members, all texts

    def parse(self) -> Server:
        """The server; the default one where nothing names another."""
        text = self.server if self.names_server else "us"
        return Server.parse(
            text, identity=self.identity, api=self.api, key_connector=self.key_connector
        )


NO_SETTINGS = ServerSettings()

# In the order of the members of `ServerSettings`.
SERVER_VARIABLES = (
    SERVER,
    IDENTITY,
    API,
    KEY_CONNECTOR,
    AUTHORITY,
    CLIENT_CERTIFICATE,
    CLIENT_CERTIFICATE_KEY,
)


def https_only(url: str) -> str:
    """The address, for what is never reached otherwise, not even on this machine."""
    if not url.startswith("https://"):
        raise InsecureServer(
            "The Key Connector's address is plain http, and a key comes from there.",
            "Use its https address.",
        )
    return url


def connector_address(text: str) -> str:
    """A Key Connector's address as an organisation gives it: https, without a trailing slash.
    Raises `UsageMistake` and `InsecureServer` as `Server.parse`.
    """
    return https_only(_address(text, "Key Connector's address")[0])


def _address(text: str, what: str) -> tuple[str, str]:
    """An address without its trailing slash, and the same without scheme."""
    text = text.strip().strip("\"'")
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
        host, port = url.hostname, url.port
    except ValueError:
        host = port = None
        url = SplitResult("", "", "", "", "")
    if url.scheme not in ("https", "http") or not host or not _is_plain(text, url.path):
        raise UsageMistake(f"The {what} is not an address.", _SUCH_AS)
    if url.username is not None or url.password is not None:
        raise UsageMistake(
            f"The {_of(what)} holds a user name or password.",
            "Leave it out: the personal API key is what logs in.",
        )
    if not _HOST.fullmatch(host):
        raise UsageMistake(
            f"The {_of(what)} has a host name with characters that none can have.", _SUCH_AS
        )
    scheme = "https" if host in _CLOUD_HOSTS else url.scheme
    if scheme == "http" and not is_loopback(host):
        raise InsecureServer(
            f"The {_of(what)} is plain http, so that anyone on the way could read along.",
            "Use its https address.",
        )
    shown = f"[{host}]" if ":" in host else host
    if port is not None:
        shown = f"{shown}:{port}"
    name = shown + url.path.rstrip("/")
    return f"{scheme}://{name}", name


def _of(what: str) -> str:
    return "server's address" if what == "server" else what


def _is_plain(text: str, path: str) -> bool:
    """Whether an address can be shown and requested as it is."""
    return text.isprintable() and " " not in text and _PATH.fullmatch(path) is not None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Device:
    """What the server lists as the device that logged in.

    `type` is one of the official numbers: 23 Windows CLI, 24 macOS CLI, 25 Linux CLI.
    """

    identifier: str
    type: int
    name: str = "bw_magics"

    @classmethod
    def derive(
        cls, server: Server, client_id: str, *, profile: str = "", identifier: str | None = None
    ) -> Self:
        """The same device for the same server, client id and profile: no file, and no "new
        device" mail for every fresh container. `identifier` overrides it (`BW_DEVICE_ID`); raises
        `UsageMistake` where that is not a UUID.
        """
        if identifier is None:
            seed = f"{server.identity}\n{client_id}\n{profile}"
            identifier = str(uuid.uuid5(_NAMESPACE, seed))
        else:
            try:
                given = uuid.UUID(identifier.strip())
                identifier = str(uuid.uuid5(given, profile) if profile else given)
            except ValueError:
                raise UsageMistake(
                    f"{DEVICE_ID} is not a UUID.", "Unset it, or set it to one."
                ) from None
        return cls(identifier, {"win32": 23, "darwin": 24}.get(sys.platform, 25))
