"""What software a server runs: Bitwarden, Vaultwarden or another, by `/api/config`."""

from __future__ import annotations

import re

from bw_magics.answer import Answer
from bw_magics.client.config import ask_config
from bw_magics.client.transport import Transport
from bw_magics.lean_regex import regex
from bw_magics.settings import Server

# A release such as 2026.8.0; anything else that calls itself a version is not shown.
_RELEASE = regex(r"\d{4}\.\d{1,2}\.\d{1,3}")
_COMMIT = regex(r"[0-9a-f]{7,40}", re.IGNORECASE)

# Servers that name themselves: Vaultwarden as `server.name`, NodeWarden in place of a commit.
_KNOWN = {"vaultwarden": "Vaultwarden", "nodewarden": "NodeWarden"}


def ask_software(transport: Transport, server: Server) -> str | None:
    """Asks the server what it is, in words for a person; None where it does not say or fails.

    Nothing depends on it, so it raises nothing. No token is sent, and addresses in the answer are
    ignored.
    """
    config = ask_config(transport, server)
    return None if config is None else read_software(config)


def read_software(config: Answer) -> str | None:
    """Reads the answer of `/api/config`; shows none of the server's own words but the release."""
    version = config.text("version") or ""
    release = f" {version}" if _RELEASE.fullmatch(version) else ""
    commit = (config.text("gitHash") or "").strip()
    name = config.object("server").text("name")
    if name is None and commit and not _COMMIT.fullmatch(commit):
        name = commit
    if known := _KNOWN.get((name or "").strip().lower()):
        return f"{known}, as release{release}" if release else known
    if name is not None:
        return f"a server that is not Bitwarden's own, as release{release}" if release else None
    if not release or config.get("environment") is None:
        return None
    is_recent = "featureStates" in config.members or "FeatureStates" in config.members
    return f"Bitwarden{release}" if is_recent else f"an older server, as release{release}"
