"""`BwMagics`: the settings of the extension, `%config BwMagics.…`."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Enum, Float, Unicode
from traitlets.config import Configurable

from bw_magics.notebook.ask.prompt import MODES, TIMEOUT
from bw_magics.session.preferences import FIRST
from bw_magics.session.vault import LOCK_TIMEOUT, SYNC_INTERVAL
from bw_magics.settings import ServerSettings


class BwMagics(Configurable):
    """The settings that `%config BwMagics` lists; the name of the class is the name there."""

    server = Unicode("", help="The server: us, eu or an address; empty is us.").tag(config=True)
    identity = Unicode("", help="The identity service, where it is not below the server.").tag(
        config=True
    )
    api = Unicode("", help="The API, where it is not below the server.").tag(config=True)
    key_connector = Unicode(
        "", help="The Key Connector of your organisation; then it needs no confirmation."
    ).tag(config=True)
    certificate_authority = Unicode(
        "", help="A PEM file of certificate authorities to trust for this server."
    ).tag(config=True)
    client_certificate = Unicode(
        "", help="A PEM file of the certificate to show to a server that asks for one."
    ).tag(config=True)
    client_key = Unicode("", help="The PEM file of its key, where that is another one.").tag(
        config=True
    )
    login_wait = Float(
        600,
        min=0,
        help="Seconds that %bw_login --wait waits at most while the server is rate-limiting.",
    ).tag(config=True)
    lock_timeout = Float(
        LOCK_TIMEOUT,
        min=0,
        help="Seconds of idleness after which the vault locks itself, from the next unlock on; "
        "0 is never.",
    ).tag(config=True)
    sync_interval = Float(
        SYNC_INTERVAL,
        min=0,
        help="Seconds after which a read asks the server for news; 0 is never.",
    ).tag(config=True)
    prompt = Enum(
        MODES,
        "auto",
        help="How to ask for a secret: in a form or in the front end's own box (stdin), whichever "
        "works (auto); never is unattended.",
    ).tag(config=True)
    prompt_timeout = Float(TIMEOUT, min=1, help="Seconds that a form waits for an answer.").tag(
        config=True
    )

    vault_cache: Enum[Any] = Enum(
        [False, True, FIRST],
        False,
        help="Keep the encrypted vault in a file for the next session, from the next login on; "
        "it also allows guessing the master password offline. 'first' opens that file before the "
        "server is asked.",
    ).tag(config=True)
    show_plain = Bool(
        True,
        help="Show user names, hosts and other values that are not secret in the vault browser; "
        "else only after a click. Neither is saved.",
    ).tag(config=True)
    redact = Bool(True, help="Show secrets of the vault as [REDACTED] in what cells put out.").tag(
        config=True
    )

    def server_settings(self) -> ServerSettings:
        """Gives what they name: the server and its services, not parsed yet."""
        return ServerSettings(
            self.server,
            self.identity,
            self.api,
            self.key_connector,
            self.certificate_authority,
            self.client_certificate,
            self.client_key,
        )
