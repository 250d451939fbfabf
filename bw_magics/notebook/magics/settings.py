"""`BwMagics`: the settings of the extension, `%config BwMagics.…`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Enum, Float, TraitType, Unicode
from traitlets.config import Configurable

from bw_magics.notebook.ask.prompt import MODES, TIMEOUT
from bw_magics.notebook.guard.guard import Redaction
from bw_magics.session.preferences import FIRST
from bw_magics.session.vault import LOCK_TIMEOUT, SYNC_INTERVAL
from bw_magics.settings import ServerSettings

if TYPE_CHECKING:
    _AnyTrait = TraitType[Any, Any]
    _Text = Unicode[str, str]
else:
    # Before traitlets 5.10 it has no parameters.
    _AnyTrait = TraitType
    _Text = Unicode


# The traits that say where the server is and how to reach it, in the order of `ServerSettings`.
OF_CONNECTIONS = (
    *("server", "identity", "api", "key_connector"),
    *("certificate_authority", "client_certificate", "client_key"),
)


class ServerSetting(_Text):
    """The server. Naming the same one again counts: a line may have named another since."""

    def set(self, obj: Any, value: Any) -> None:
        """Sets it, and tells the observers of an equal value too."""
        before = self.get(obj)
        super().set(obj, value)
        if self.get(obj) == before:
            obj._notify_trait(self.name, before, before)


class RedactionSetting(_AnyTrait):
    """How outputs show secrets; `True` is another word for the default."""

    default_value = "named"
    info_text = "'named', 'plain' or False"

    def validate(self, obj: Any, value: Any) -> Redaction:
        """Raises `TraitError` for other values, and what `may_show_secrets` raises for False."""
        if value is True or value == "named":
            return "named"
        if value == "plain":
            return "plain"
        if value is not False:
            self.error(obj, value)
        # Here, because %config holds back what is checked later, and could not undo it.
        if obj.may_show_secrets is not None and obj.redact is not False:
            obj.may_show_secrets()
        return False


class BwMagics(Configurable):
    """The settings that `%config BwMagics` lists; the name of the class is the name there."""

    # Returns if outputs may show secrets; raises otherwise. It is set when the settings are read.
    may_show_secrets: Callable[[], None] | None = None

    server = ServerSetting("", help="The server: us, eu or an address; empty is us.").tag(
        config=True
    )
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
        help="How to ask for a secret: 'form' is the form below the cell, 'stdin' the front end's "
        "own box, 'auto' whichever works; 'never' asks nobody, as in an unattended run.",
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
    journal = Unicode(
        "",
        help="A file to append every use of a secret to: what was used, when, by which cell, never "
        "a value. Only you can read it. Without it, uses are kept in memory (%bw_log).",
    ).tag(config=True)
    show_plain = Bool(
        True,
        help="Show user names, hosts and other values that are not secret in the vault browser; "
        "else only after a click. Neither is saved.",
    ).tag(config=True)
    redact = RedactionSetting(
        help="How outputs show secrets: as [REDACTED Warehouse DB/password] (named), as "
        "[REDACTED] (plain), or, if a person agrees, as they are (False).",
    ).tag(config=True)

    def name_servers(self, settings: ServerSettings) -> None:
        """Takes over servers and services, as `server_settings` gives them."""
        for name, value in zip(OF_CONNECTIONS, settings, strict=True):
            setattr(self, name, value)

    def server_settings(self) -> ServerSettings:
        """Gives what they name: the server and its services, not parsed yet."""
        return ServerSettings(*(getattr(self, name) for name in OF_CONNECTIONS))
