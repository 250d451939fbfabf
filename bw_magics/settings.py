"""Servers, devices and the names of environment variables."""

from __future__ import annotations

import ipaddress
import re
import sys
import uuid
from dataclasses import dataclass
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
DEVICE_ID = "BW_DEVICE_ID"

WHERE_THE_KEY_IS = "in the web vault under Settings → Security → Keys → View API key"

_NAMESPACE = uuid.UUID("6f0b3c1e-5d52-5c1c-9f0d-4b1f7a3f2a10")
_HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:.]+")
_PATH = re.compile(r"[^\s\\]*")
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
    """

    name: str
    web_vault: str
    api: str
    identity: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The server that `us`, `eu` or a URL names (protocol 1).

        A self-hosted server's address may have a path. The web vaults of the cloud are recognised
        as their region. Raises `UsageMistake` where the text is no address, `InsecureServer` for
        plain http to another machine; neither repeats the text.
        """
        text = text.strip().strip("\"'")
        region = text.lower()
        if region in ("us", "eu"):
            return cls._cloud(region)
        try:
            url = urlsplit(text if "://" in text else f"https://{text}")
            host, port = url.hostname, url.port
        except ValueError:
            host = port = None
            url = SplitResult("", "", "", "", "")
        if url.scheme not in ("https", "http") or not host or not _is_plain(text, url.path):
            raise UsageMistake(
                "The server is not an address.",
                "Use us, eu, or the address of your server such as https://vault.example.org.",
            )
        if url.username is not None or url.password is not None:
            raise UsageMistake(
                "The server's address holds a user name or password.",
                "Leave it out: the personal API key is what logs in.",
            )
        if not _HOST.fullmatch(host):
            raise UsageMistake(
                "The server's host name has characters that none can have.",
                "Use us, eu, or the address of your server such as https://vault.example.org.",
            )
        if host in _CLOUD_HOSTS:
            return cls._cloud(_CLOUD_HOSTS[host])
        if url.scheme == "http" and not is_loopback(host):
            raise InsecureServer(
                "The server's address is plain http, so that anyone on the way could read along.",
                "Use its https address.",
            )
        shown = f"[{host}]" if ":" in host else host
        if port is not None:
            shown = f"{shown}:{port}"
        name = shown + url.path.rstrip("/")
        base = f"{url.scheme}://{name}"
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
                identifier = str(uuid.UUID(identifier.strip()))
            except ValueError:
                raise UsageMistake(
                    f"{DEVICE_ID} is not a UUID.", "Unset it, or set it to one."
                ) from None
        return cls(identifier, {"win32": 23, "darwin": 24}.get(sys.platform, 25))
