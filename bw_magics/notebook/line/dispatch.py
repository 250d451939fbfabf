"""The command of a `%bw` line, and the replacements for commands that only the CLI has."""

from __future__ import annotations

from collections.abc import Iterable

from bw_magics.errors import NotOffered, SecretTyped
from bw_magics.notebook.line.arguments import CARRY_SECRETS, ELSEWHERE, EVERYWHERE
from bw_magics.vault.names import closest

_INSTEAD = {
    "share": "Use %bw_move NAME --organization NAME --collection NAME.",
    "import": "Use the web vault or the bw CLI.",
    "confirm": "Use the admin console or the bw CLI.",
    "serve": "Nothing has to be served: the kernel itself holds the vault, and opens no port.",
    "encode": "Nothing has to be encoded: %bw_create item --json $variable takes a dict.",
    "export": "Use the web vault or the bw CLI.",
    "send": "Use the web vault or the bw CLI.",
    "receive": "Use the web vault or the bw CLI.",
    "update": "Use %pip install --upgrade bw_magics.",
    "completion": "It is for shells.",
    "device-approval": "Use the admin console or the bw CLI.",
    **dict.fromkeys(("sdk-version", "version", "--version", "-v"), "Use bw_magics.__version__."),
}


def split_command(line: str) -> tuple[str, str]:
    """Splits a `%bw` line into the command and its line. Options that the CLI takes everywhere can
    also come first.

    Raises `SecretTyped` for an option that carries a secret.
    """
    flags: list[str] = []
    command, rest = _first_word(line)
    while command in EVERYWHERE:
        flags.append(command)
        command, rest = _first_word(rest)
    if command.partition("=")[0].lower() in CARRY_SECRETS:
        raise SecretTyped("A secret does not belong on the line.", ELSEWHERE)
    return command, " ".join([*flags, rest])


def _first_word(line: str) -> tuple[str, str]:
    words = line.split(None, 1)
    if not words or words[0] == "#":
        return "", ""
    if len(words) == 1:
        return words[0].rstrip(";"), ""
    return words[0], words[1]


def not_offered(command: str, offered: Iterable[str]) -> NotOffered:
    """Returns the error for a command that this package does not have."""
    instead = _INSTEAD.get(command)
    if instead is None:
        offered = [*offered]
        likely = closest(command, offered, most=1)
        meant = f"Did you mean %bw {likely[0]}? " if likely else ""
        return NotOffered(
            "%bw does not have that command.", f"{meant}There are: {', '.join(offered)}."
        )
    return NotOffered(f"%bw {command} is not offered here.", instead)
