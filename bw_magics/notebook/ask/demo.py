"""The demo vault as a credential source of its own: `%bw_demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.errors import AlreadyLoggedIn, UsageMistake
from bw_magics.session.accounts.configured import CONFIGURED
from bw_magics.settings import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    MASTER_PASSWORD,
    SERVER,
    Server,
)

if TYPE_CHECKING:
    from bw_magics.demo import DemoServer
    from bw_magics.session.accounts.source import Source
    from bw_magics.session.vault import Vault

NAME = "the demo vault"


def _is_in_use(vault: Vault) -> bool:
    machine = vault.secrets_manager
    is_machine = machine is not None and machine.status.is_logged_in
    return is_machine or vault.status.state != "unauthenticated"


class Demo:
    """The demo server of this kernel, on or off.

    Its credentials never go into `os.environ`. Its certificate authority is trusted for its own
    address only. While it is on, it is the only source of credentials: it never gets real ones.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._server: DemoServer | None = None

    @property
    def is_on(self) -> bool:
        """Whether the demo server runs."""
        return self._server is not None

    def start(self) -> str:
        """Starts the server and returns its master password. Raises `AlreadyLoggedIn` if a real
        account is logged in, and `UsageMistake` without the `demo` extra.
        """
        if self._server is None:
            if any(map(_is_in_use, self._vault.profiles)):
                raise AlreadyLoggedIn(
                    "You are logged in to a real vault; the demo does not mix with it.",
                    "Log out first: %bw_logout.",
                )
            try:
                from bw_magics.demo import DemoServer
            except ModuleNotFoundError:
                raise UsageMistake(
                    "The demo vault needs a few more packages.",
                    "Install them: %pip install 'bw_magics[demo]'",
                ) from None
            server = DemoServer()
            server.start()
            self._server = server
        return self._server.accounts[0].master_password

    def stop(self) -> bool:
        """Logs out of the demo and stops it. Returns False if it is off."""
        if self._server is None:
            return False
        server, self._server = self._server, None
        for vault in self._vault.profiles:
            vault.logout()
        CONFIGURED.forget_server(Server.parse(server.url))
        server.stop()
        return True

    @property
    def certificate_authority(self) -> bytes | None:
        """The authority that signed the server's certificate, as PEM; None while it is off."""
        return None if self._server is None else self._server.certificate_authority

    def source(self, *, with_password: bool) -> Source | None:
        """Returns the demo's credentials, with the master password for unattended runs. None while
        it is off.
        """
        if self._server is None:
            return None
        from bw_magics.session.accounts.source import Source

        account = self._server.accounts[0]
        values = {
            CLIENT_ID: account.client_id,
            CLIENT_SECRET: account.client_secret,
            SERVER: self._server.url,
        }
        if self._server.machines is not None:
            values[ACCESS_TOKEN] = self._server.machines.store.accounts[0].access_token
        if with_password:
            values[MASTER_PASSWORD] = account.master_password
        return Source(NAME, values, is_named=True)
