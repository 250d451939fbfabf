"""The servers that a person named in this process: in a kernel's settings, on lines, for keys.

They outlive the extension: after `%reload_ext` a key goes to the same server as before. Workers
inherit them, since they inherit the environment that has the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from bw_magics.errors import BitwardenError
from bw_magics.session.accounts.workers import Texts, give, given, is_worker
from bw_magics.settings import NO_SETTINGS, Server, ServerSettings

# The name under which a worker finds that the last line named no server that can be read.
_MISREAD = "misread"


class NamedServer(NamedTuple):
    """A server that a line named, with the file of that line and the addresses that the
    sources named then, for each way to read them.
    """

    server: str
    dotenv: str | None
    addresses: Mapping[Any, tuple[str, ...]]


class Configured:
    """What a person named: `settings` are the kernel's, `named` the servers of lines by profile.

    `begun` are the settings with which the extension was loaded. `is_misread` says that the last
    line that named a server named none that can be read. The server of a key is the last
    one with which it was used: a login that failed is tried again at the same place.
    """

    def __init__(self) -> None:
        self._settings = self.begun = NO_SETTINGS
        self._of_keys: dict[str, ServerSettings] = {}
        self._at_default: set[str] = set()
        self.named: dict[str, NamedServer] = {}
        self._is_misread: bool | None = None
        self._of_parent: Texts | None = None

    @property
    def is_misread(self) -> bool:
        """Whether the last line that named a server, here or in the parent, named none."""
        return _MISREAD in self._inherited() if self._is_misread is None else self._is_misread

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Runs a block that reads the server of a line; an error is kept as `is_misread`."""
        try:
            yield
        except BitwardenError:
            self.misread()
            raise

    def misread(self) -> None:
        """Notes that a line meant to name a server, and named none that can be read."""
        self._is_misread = True
        self._hand_on()

    def understood(self) -> None:
        """Forgets that a line was misread: a later one named a server."""
        self._is_misread = False
        self._hand_on()

    @property
    def settings(self) -> ServerSettings:
        """The kernel's settings; in a worker those of the kernel that started it."""
        return self._settings or ServerSettings(*self._inherited().get("", ()))

    @settings.setter
    def settings(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._hand_on()

    def begin(self, settings: ServerSettings) -> ServerSettings:
        """Returns the settings that hold after loading: those from before a reload, unless others
        were written meanwhile.
        """
        if settings != self.begun:
            self.begun = self.settings = settings
        return self.settings

    def note(self, key_id: str, server: Server) -> None:
        """Keeps the server that is named for the API key or access token of that id."""
        self._of_keys[key_id] = ServerSettings.of(server)
        self.understood()

    def used(self, key_id: str, usual: ServerSettings) -> Server:
        """Returns the server that the settings name for a key, else the default one, and keeps
        which of these it is.
        """
        server = usual.parse()
        if usual.names_server:
            self._of_keys[key_id] = ServerSettings.of(server)
            self._hand_on()
        else:
            # Not handed on: a worker stops where nothing names the server.
            self._at_default.add(key_id)
        return server

    def of_key(self, key_id: str) -> ServerSettings:
        """Returns the server that was last named for a key, by its id; empty without one."""
        known = self._of_keys.get(key_id)
        return ServerSettings(*self._inherited().get(key_id, ())) if known is None else known

    def elsewhere(self, key_id: str) -> Server | None:
        """Returns a server other than the default one that was named on a line or for another key;
        None without one, and for a key that went to the default one before.
        """
        if key_id in self._at_default:
            return None
        usual = NO_SETTINGS.parse()
        lines = (Server.parse(line.server) for line in self.named.values())
        keys = (settings.parse() for settings in self._of_keys.values())
        others = (server for server in (*lines, *keys) if server.identity != usual.identity)
        return next(others, None)

    def forget_server(self, server: Server) -> None:
        """Forgets for which keys a server was named: it ended."""
        gone = ServerSettings.of(server)
        self._of_keys = {id: known for id, known in self._of_keys.items() if known != gone}
        self._hand_on()

    def forget_lines(self) -> None:
        """Forgets the servers of lines and keys: the kernel's settings name another one."""
        self.named.clear()
        self._of_keys.clear()
        self._at_default.clear()
        self._of_parent = {id: texts for id, texts in self._inherited().items() if not id}
        self.understood()

    def forget(self) -> None:
        """Forgets all of them."""
        self._settings = self.begun = NO_SETTINGS
        self._of_parent = {}
        self.forget_lines()

    def _inherited(self) -> Texts:
        """Returns what a worker was given when it began."""
        if self._of_parent is None and is_worker():
            self._of_parent = given()
        return self._of_parent or {}

    def _hand_on(self) -> None:
        """Gives them to the workers that this process starts later, with those of its parent."""
        inherited = {id: texts for id, texts in self._inherited().items() if id != _MISREAD}
        named = {"": self._settings, **self._of_keys}
        own = {id: tuple(settings) for id, settings in named.items() if settings}
        give({**inherited, **own, **({_MISREAD: ()} if self.is_misread else {})})


CONFIGURED = Configured()
