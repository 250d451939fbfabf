"""What routes read from a client's request."""

from __future__ import annotations

from flask import g, request

from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.shape import Version
from bw_magics.demo.stored.stored_vault import StoredVault


def current_vault() -> StoredVault:
    """Returns the vault of the account whose token came with the request."""
    vault: StoredVault = g.vault
    return vault


def client_version() -> Version | None:
    """Returns the release that the client names, None where the header is missing or odd."""
    parts = request.headers.get("Bitwarden-Client-Version", "").split(".")
    if not 2 <= len(parts) <= 4 or not all(part.isdecimal() for part in parts):
        return None
    return tuple(int(part) for part in parts)


def body() -> Json:
    """Returns the request's JSON object; its names may be camelCase or PascalCase."""
    members = request.get_json(silent=True, force=True)
    if not isinstance(members, dict):
        return {}
    return {name[:1].lower() + name[1:]: member for name, member in members.items()}
