"""`%bw`: the commands of the `bw` CLI; and `%bw_config`, which names the server."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import UsageMistake
from bw_magics.notebook.line.declared import (
    KNOWN_SERVERS,
    argument,
    magic_arguments,
    words_may_be_secret,
)
from bw_magics.notebook.line.dispatch import not_offered, split_command
from bw_magics.notebook.line.server_command import read_server_line
from bw_magics.notebook.line.tokenizer import substitute, tokenize
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.registry import REGISTRY
from bw_magics.session.accounts.configured import CONFIGURED


@REGISTRY.add
class BwCommand(VaultMagics):
    """`%bw COMMAND` and `%bw_config`."""

    @no_var_expand
    @line_magic
    def bw(self, line: str) -> object:
        """Run a command of the `bw` CLI: `%bw get password X` is `%bw_get password X`.

        `%bw help` lists them. `%bw_get?` explains one.
        """
        name, rest = split_command(line)
        name, commands = name.lower(), REGISTRY.commands
        if not name or name in ("help", "--help", "-h"):
            self.session.say(f"Commands: {', '.join(commands)}. %bw_get? explains one.")
            return None
        shell: Any = self.shell
        if name.rstrip("?") in commands and name.endswith("?") and not rest:
            return shell.run_line_magic("pinfo", f"%{commands[name.rstrip('?')].magic}")
        if name not in commands:
            raise not_offered(name, commands)
        return shell.find_line_magic(commands[name].magic)(rest)

    @magic_arguments()
    @argument(
        "setting", metavar="server", completes=("server",), help="the only thing that can be set"
    )
    @argument("url", metavar="URL", nargs="?", completes=KNOWN_SERVERS, help="us, eu, an address")
    @argument("--identity", metavar="URL", help="the identity service, if it is elsewhere")
    @argument("--api", metavar="URL", help="the API, if it is elsewhere")
    @argument("--key-connector", metavar="URL", help="your organisation's Key Connector")
    @words_may_be_secret
    @no_var_expand
    @line_magic
    def bw_config(self, line: str) -> None:
        """Set the server for all later logins of this kernel: %bw config server URL

        %bw config server shows it. The CLI's other services (--web-vault, --icons,
        --notifications, --events) are accepted and not used.
        """
        shell: Any = self.shell
        with CONFIGURED.naming():
            named = read_server_line(
                substitute(tokenize(line), shell.user_ns, address="the server")
            )
        settings = self.session.settings
        if named is not None:
            if self.session.is_logged_in:
                raise UsageMistake(
                    "The server is not changed while logged in.", "First: %bw_logout."
                )
            settings.server, settings.identity = named.server, named.identity
            settings.api, settings.key_connector = named.api, named.key_connector
            self.session.sources.forget_named_servers()
        server = settings.server_settings().parse()
        self.session.say(" · ".join((f"server: {server.name}", *server.elsewhere)))
