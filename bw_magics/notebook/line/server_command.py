"""Reads `%bw config server URL …`: the server and its single services, spelled as in the CLI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.tokenizer import Token
from bw_magics.settings import NO_SETTINGS, ServerSettings

# The CLI's other services; this package does not use them.
_UNUSED = ("--web-vault", "--icons", "--notifications", "--events")
_USED = {"--identity": "identity", "--api": "api", "--key-connector": "key_connector"}
_TAKES = "%bw config server URL --identity URL --api URL --key-connector URL"


def read_server_line(tokens: Sequence[Token]) -> ServerSettings | None:
    """Reads the servers that a line of `%bw config server` names. Returns None for a line that only
    asks.

    Raises `UsageMistake` for an invalid address or line, and `InsecureServer`. No error repeats the
    line.
    """
    rest = list(tokens)
    if not rest or rest.pop(0).text != "server":
        raise UsageMistake("The line is not what %bw config takes.", _TAKES)
    named: dict[str, str] = {}
    while rest:
        token = rest.pop(0)
        member, equals, value = "server", "", token.text
        if token.is_option:
            option, equals, value = token.text.partition("=")
            if option not in _USED and option not in _UNUSED:
                raise UsageMistake("The line has an option that %bw config does not have.", _TAKES)
            member = _USED.get(option, option)
            if not equals:
                if not rest or rest[0].is_option:
                    raise UsageMistake(f"{option} of %bw config needs a value.", _TAKES)
                value = rest.pop(0).text
        if not value.strip():
            raise UsageMistake(f"The {member} of %bw config is empty.", _TAKES)
        if member in named:
            raise UsageMistake("The line is not what %bw config takes.", _TAKES)
        named[member] = value
    if not named:
        return None
    used: dict[str, Any] = {
        name: value for name, value in named.items() if not name.startswith("-")
    }
    settings = NO_SETTINGS._replace(**used)
    settings.parse()
    return settings
