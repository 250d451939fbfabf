"""The commands of the `bw` CLI that `%bw` offers, and what replaces the others."""

from __future__ import annotations

from bw_magics.errors import NotOffered

OFFERED = (
    "login", "unlock", "status", "sync", "get", "list", "env", "generate", "lock", "logout", "demo",
    "apikey",
)  # fmt: skip

_NO_WRITES = "The vault is only read here; the web vault or the bw CLI changes it."
_INSTEAD = {
    **dict.fromkeys(
        ("create", "edit", "delete", "restore", "move", "share", "archive", "import", "confirm"),
        _NO_WRITES,
    ),
    "serve": "Nothing has to be served: the kernel itself holds the vault, and opens no port.",
    "encode": "It prepares JSON for bw create; the vault is only read here.",
    "export": "Use the web vault or the bw CLI.",
    "send": "Use the web vault or the bw CLI.",
    "receive": "Use the web vault or the bw CLI.",
    "update": "Use %pip install --upgrade bw_magics.",
    "completion": "It is for shells.",
    "device-approval": "Use the admin console or the bw CLI.",
    "sdk-version": "Use bw_magics.__version__.",
}


def not_offered(command: str) -> NotOffered:
    """The error for a command that the CLI may have and this package does not."""
    instead = _INSTEAD.get(command)
    if instead is None:
        return NotOffered("There is no such command.", f"There are: {', '.join(OFFERED)}.")
    return NotOffered(f"%bw {command} is not offered here.", instead)
