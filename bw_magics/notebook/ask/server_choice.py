"""The choice of a server by the person who types the API key, where nothing names one."""

from __future__ import annotations

import re

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.panels.question import Choice, Field
from bw_magics.settings import Server

_REGIONS = {"us": "Bitwarden, United States", "eu": "Bitwarden, European Union"}
_ADDRESS = regex(r"https?:", re.IGNORECASE)


def _choice(region: str, title: str) -> Choice:
    server = Server.parse(region)
    return Choice(region, f"{title} ({server.name})", server.web_vault)


SERVER = Field(
    "server",
    "Server",
    is_masked=False,
    placeholder="https://vault.example.org",
    choices=tuple(_choice(region, title) for region, title in _REGIONS.items()),
)


def chosen_server(answer: str) -> str:
    """Returns the server that a person chose, as a line would name it.

    An address has to begin with `https://`: a password that was typed into the wrong box must not
    become a host name, which goes to a name server. Raises `UsageMistake` and `InsecureServer`;
    neither repeats the answer.
    """
    region = answer.lower()
    if region in _REGIONS:
        return region
    if _ADDRESS.match(answer) is None:
        raise UsageMistake(
            "This is not the address of a server.",
            "Use us, eu, or the whole address of your server such as https://vault.example.org.",
        )
    Server.parse(answer)
    return answer
