"""The servers that a person named in this process: in a kernel's settings, and on lines.

They outlive the extension: after `%reload_ext` a key goes to the same server as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bw_magics.settings import NO_SETTINGS, ServerSettings


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server that a line named, with the file of that line and the addresses that the
    sources named then, for each way to read them.
    """

    server: str
    dotenv: str | None
    addresses: Mapping[Any, tuple[str, ...]]


class Configured:
    """What a person named: `settings` are the kernel's, `named` the servers of lines by profile.

    `begun` are the settings with which the extension was loaded.
    """

    def __init__(self) -> None:
        self.settings = self.begun = NO_SETTINGS
        self.named: dict[str, NamedServer] = {}

    def begin(self, settings: ServerSettings) -> ServerSettings:
        """Returns the settings that hold after loading: those from before a reload, unless others
        were written meanwhile.
        """
        if settings != self.begun:
            self.begun = self.settings = settings
        return self.settings

    def forget(self) -> None:
        """Forgets all of them."""
        self.settings = self.begun = NO_SETTINGS
        self.named.clear()


CONFIGURED = Configured()
