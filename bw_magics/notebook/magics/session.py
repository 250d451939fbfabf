"""Logging in, unlocking, syncing, locking, logging out: the magics of a session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import UsageMistake
from bw_magics.lean_regex import regex
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.line.declared import (
    KNOWN_SERVERS,
    PROFILE,
    argument,
    magic_arguments,
    words_may_be_secret,
)
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.namespace.holders import holders, purge
from bw_magics.notebook.registry import REGISTRY
from bw_magics.notebook.show.status import describe, describe_machine
from bw_magics.session.vault import Vault
from bw_magics.steps import LOCK

# What a bare --access-token holds: no text that a variable could hold.
FROM_SOURCES = ("from the sources",)
_DURATION = regex(r"(\d{1,6})\s*([smhd]?)")
_UNITS = {"s": 1, "": 1, "m": 60, "h": 3600, "d": 86400}


@REGISTRY.add
class SessionMagics(VaultMagics):
    """The magics of a session, from `%bw_login` to `%bw_logout`."""

    @magic_arguments()
    @argument("--apikey", action="store_true", help="log in with the personal API key: the default")
    @argument(
        "--server",
        metavar="URL",
        completes=KNOWN_SERVERS,
        help="us, eu, or the address of your server",
    )
    @argument("--dotenv", metavar="FILE", help="read BW_CLIENTID, … from this file only")
    @argument(
        "--wait", action="store_true", help="wait and retry while the server is rate-limiting"
    )
    @argument("--remember", action="store_true", help="keep the API key in the system's keyring")
    @argument("--cli", action="store_true", help="use the unlocked session of the bw CLI instead")
    @argument(
        "--access-token",
        dest="access_token",
        metavar="$VARIABLE",
        nargs="?",
        const=FROM_SOURCES,
        carries_secret=True,
        help="log in to the Secrets Manager: its token is in the variable, in BWS_ACCESS_TOKEN, "
        "or you are asked",
    )
    @PROFILE
    @words_may_be_secret
    @no_var_expand
    @line_magic
    def bw_login(self, line: str) -> None:
        """Log in with your personal API key.

        The key comes from the first source that has it: the file of --dotenv, the environment
        (BW_CLIENTID, BW_CLIENTSECRET, BW_SERVER), a .env file, Colab's secrets, the system's
        keyring where --remember put it, or you are asked. It is in the web vault under
        Settings → Security → Keys → View API key.

        Logging in says who you are; only the master password decrypts: %bw_unlock is next.

        --access-token logs in to Bitwarden Secrets Manager, for runs without a person: no master
        password is needed, and secrets are named bws://PROJECT/KEY. The token comes from the first
        source that has BWS_ACCESS_TOKEN, or you are asked; the vault stays as it is.
        """
        arguments = self.arguments(self.bw_login, line)
        wait = self.session.settings.login_wait if arguments.wait else 0.0
        if arguments.access_token is not None:
            self._log_in_to_machine(arguments, wait)
            return
        way_in = replace(self.session.way_in(arguments), wait=wait)
        if arguments.cli:
            way_in.adopt_cli()
            return
        if arguments.remember:
            way_in.check_memory()
        way_in.log_in(arguments, can_ask=self.session.can_ask(arguments))
        if arguments.remember:
            way_in.vault.remember()
            self.session.say("  the API key is in the keyring now: %bw_logout --forget removes it")

    @magic_arguments()
    @argument("--passwordenv", metavar="NAME", help="the variable that holds the master password")
    @argument("--passwordfile", metavar="FILE", help="a file with the master password in line 1")
    @argument("--timeout", metavar="60m", help="lock after that idle time (30s, 60m, 8h, 0)")
    @argument(
        "--server",
        metavar="URL",
        completes=KNOWN_SERVERS,
        help="where to log in first, while logged out",
    )
    @argument("--dotenv", metavar="FILE", help="where the API key is, while logged out")
    @PROFILE
    @words_may_be_secret
    @no_var_expand
    @line_magic
    def bw_unlock(self, line: str) -> None:
        """Unlock the vault with your master password; logs in first if needed.

        The password comes from --passwordenv, --passwordfile, BW_PASSWORD, a .env file, or from
        you, masked. It is never an argument: a cell is saved.

        A vault that a person unlocked locks itself after an idle hour. One that a variable or file
        unlocked stays open. --timeout sets another time, also while the vault is open. %bw_lock
        locks it at any time.
        """
        arguments = self.arguments(self.bw_unlock, line)
        timeout = None if arguments.timeout is None else _seconds(arguments.timeout)
        can_ask = self.session.can_ask(arguments)
        self.session.way_in(arguments).unlock(arguments, timeout, can_ask=can_ask)

    @magic_arguments()
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_status(self, line: str) -> None:
        """Show the state (unauthenticated, locked or unlocked), why, and what to type next.

        Also the server, the source of the API key, the last sync, the time of the next auto-lock,
        and problems.
        """
        arguments = self.arguments(self.bw_status, line)
        vault = self.session.vault(arguments)
        vault.server_software(patience=0)  # asked while the rest is collected
        lines = describe(vault.status)
        machine = vault.secrets_manager
        lines += describe_machine(machine.status if machine else None)
        if vault.status.state == "unlocked":
            lines += [
                f"rotation of '{rotation.item.name}' did not end: old and new {rotation.member} "
                "are both stored. Next: item.rotation.finish() or .undo()"
                for rotation in vault.rotations()
            ]
        if software := vault.server_software():
            lines.insert(2, f"Server version: {software}")
        for text in lines:
            self.session.say(text)
        for other in vault.profiles:
            if other.profile_name and other is not vault:
                self.session.say(f"profile {other.profile_name}: {other.status.state}")

    @magic_arguments()
    @argument("-f", "--force", action="store_true", help="download everything again")
    @argument("--last", action="store_true", help="only say when the server was asked last")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_sync(self, line: str) -> None:
        """Bring the vault up to date; works while it is locked.

        Asks the server when the account changed last and downloads only what is newer. This also
        happens by itself, in the background, when a read finds the vault older than
        BwMagics.sync_interval (5 minutes).
        """
        arguments = self.arguments(self.bw_sync, line)
        if arguments.last:
            lines = describe(self.session.vault(arguments).status)
            self.session.say(next((text for text in lines if text.startswith("Last")), lines[0]))
            return
        vault = self.session.vault(arguments)
        machine = vault.secrets_manager
        has_machine = machine is not None and machine.status.is_logged_in
        if not has_machine or vault.status.state != "unauthenticated":
            news = self.session.waiting(lambda: vault.sync(force=arguments.force))
            self.session.say("✓ synced" if news else "✓ nothing new")
        if has_machine and machine is not None:
            news = self.session.waiting(lambda: machine.sync(force=arguments.force))
            what = "synced" if news else "nothing new in"
            self.session.say(f"✓ {what} the Secrets Manager")

    @magic_arguments()
    @argument("--purge", action="store_true", help="also delete the variables that hold secrets")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_lock(self, line: str) -> None:
        """Lock the vault: forget every key. Syncing goes on; %bw_unlock opens it again.

        Nothing could unlock the Secrets Manager again, so it is logged out.

        Your variables stay: those that still hold secrets or items are named. --purge deletes them,
        and the remembered outputs (Out, _, __, ___) that hold secrets.
        """
        arguments = self.arguments(self.bw_lock, line)
        vault = self.session.vault(arguments)
        was_in_machine = self._leave_machine(vault)
        if vault.status.state != "unauthenticated":
            self.session.say("✓ locked" if vault.lock() else "already locked")
        elif not was_in_machine:
            self.session.say("nothing to lock: nobody is logged in")
        for other in vault.profiles:
            if other is not vault and other.status.state == "unlocked":
                lock = LOCK.of(other.profile_name).as_magic
                self.session.say(f"  another session is still unlocked: {lock}")
        shell: Any = self.shell
        names = holders(shell.user_ns, self.session.guard.knows)
        if arguments.purge:
            purge(shell, names, self.session.guard.knows)
            self.session.say(f"  deleted: {', '.join(names) or 'no variable held a secret'}")
        elif names:
            self.session.say(
                f"  still holding secrets: {', '.join(names)}. %bw_lock --purge deletes them"
            )

    @magic_arguments()
    @argument("--forget", action="store_true", help="also what the keyring and files keep")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_logout(self, line: str) -> None:
        """Log out: forget the API key, the token, the vault and every key.

        Also what was read from the Secrets Manager, which is logged out, too.

        --forget also removes the API key from the keyring (%bw_login --remember) and the cached
        vault (BwMagics.vault_cache).
        """
        arguments = self.arguments(self.bw_logout, line)
        vault = self.session.vault(arguments)
        try:
            found = vault.forget() if arguments.forget else []
        finally:
            was_in_machine = self._leave_machine(vault)
            was_logged_in = vault.logout()
            if was_logged_in or not was_in_machine:
                self.session.say("✓ logged out" if was_logged_in else "already logged out")
        if arguments.forget:
            what = " and ".join(found)
            self.session.say(f"✓ removed {what}" if found else "nothing was remembered")

    # Inside.

    def _log_in_to_machine(self, arguments: Arguments, wait: float) -> None:
        others = {"--cli": arguments.cli, "--remember": arguments.remember}
        others["--apikey"] = arguments.apikey
        for option, is_given in others.items():
            if is_given:
                raise UsageMistake(
                    f"{option} is about the vault, and --access-token about the Secrets Manager.",
                    "Write them on two lines.",
                )
        if arguments.access_token == FROM_SOURCES:
            arguments = arguments.changed(access_token=None)
        can_ask = self.session.can_ask(arguments)
        self.session.machine_way_in(arguments, wait=wait).log_in(arguments, can_ask=can_ask)

    def _leave_machine(self, vault: Vault) -> bool:
        """Logs out of the Secrets Manager and says it; tells whether it was logged in."""
        if vault.secrets_manager is None or not vault.secrets_manager.logout():
            return False
        self.session.say("✓ logged out of the Secrets Manager")
        return True


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise UsageMistake("The time-out is not a duration.", "Write 90s, 60m, 8h, or 0 for never.")
    return float(found[1]) * _UNITS[found[2]]
