"""The magics: parse the line, call the session, show what came of it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from IPython.core.magic import line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments
from traitlets import observe

from bw_magics.errors import RepromptRequired, UsageMistake
from bw_magics.notebook.ask.demo import Demo
from bw_magics.notebook.ask.prompt import Prompt
from bw_magics.notebook.ask.sources import Sources
from bw_magics.notebook.ask.way_in import WayIn
from bw_magics.notebook.guard.guard import Guard
from bw_magics.notebook.line.arguments import PROFILE, Arguments, read_arguments, split_command
from bw_magics.notebook.line.dispatch import OFFERED, not_offered
from bw_magics.notebook.line.server_command import read_server_line
from bw_magics.notebook.line.tokenizer import substitute, tokenize
from bw_magics.notebook.magics.configured import Configured
from bw_magics.notebook.namespace.holders import holders, purge
from bw_magics.notebook.show.messages import Messages
from bw_magics.notebook.show.status import describe
from bw_magics.notebook.typed.typed_secret import TypedSecrets, refusing_typed_secrets
from bw_magics.session.status import command
from bw_magics.session.vault import Vault

Result = TypeVar("Result")

_DURATION = re.compile(r"(\d{1,6})\s*([smhd]?)")
_UNITS = {"s": 1, "": 1, "m": 60, "h": 3600, "d": 86400}


@magics_class
@refusing_typed_secrets
class BwMagics(Configured):
    """A session in IPython, from `%bw_login` to `%bw_logout`, and what the other magics share."""

    def __init__(self, shell: Any, vault: Vault) -> None:
        super().__init__(shell)
        self._vault = vault
        self._messages = Messages()
        self._ask = Prompt(shell, self._messages)
        self._demo = Demo(vault)
        self._sources = Sources(self._demo, self.server_settings)
        self._way_in = WayIn(vault, self._ask, self._sources, self._demo, self._messages)
        self._cells = 0
        self._before = (vault.on_wait, vault.lock_timeout, vault.sync_interval, vault.cache)
        self._guard = Guard(shell, self._messages.say)
        self._guard.watch(vault, self._ask)
        self._guard.turn(self.redact)
        self.typed_secrets = TypedSecrets(
            shell, self._guard, lambda: self._ask.is_possible, self._names
        )
        for each in vault.profiles:
            each.on_secret, each.on_wait = vault.on_secret, self._messages.waiting
        self._settle()

    @observe("lock_timeout", "sync_interval", "vault_cache", "prompt", "prompt_timeout")
    def _setting_changed(self, change: Any) -> None:
        if hasattr(self, "_vault"):
            self._settle()

    def _settle(self) -> None:
        for vault in self._vault.profiles:
            vault.lock_timeout = self.lock_timeout
            vault.sync_interval = self.sync_interval
            vault.cache = self.vault_cache
        self._ask.mode = self.prompt
        self._ask.timeout = self.prompt_timeout

    @observe("server", "identity", "api")
    def _server_changed(self, change: Any) -> None:
        if hasattr(self, "_sources"):
            self._sources.forget_named_servers()

    @observe("redact")
    def _redact_changed(self, change: Any) -> None:
        if hasattr(self, "_guard"):
            self._guard.turn(self.redact)

    # The magics.

    @magic_arguments()
    @argument("--apikey", action="store_true", help="log in with the personal API key: the default")
    @argument("--server", metavar="URL", help="us, eu, or the address of your server")
    @argument("--dotenv", metavar="FILE", help="read BW_CLIENTID, … from this file only")
    @argument("--wait", action="store_true", help="be patient with a server that is too busy")
    @argument("--remember", action="store_true", help="keep the API key in the system's keyring")
    @argument("--cli", action="store_true", help="use the unlocked session of the bw CLI instead")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_login(self, line: str) -> None:
        """Log in with your personal API key.

        The key comes from the first source that has it: the file of --dotenv, the environment
        (BW_CLIENTID, BW_CLIENTSECRET, BW_SERVER), a .env file, Colab's secrets, the system's
        keyring where --remember put it, or you are asked. It is in the web vault under
        Settings → Security → Keys → View API key.

        Logging in says who you are; only the master password decrypts: %bw_unlock is next.
        """
        arguments = self._arguments("bw_login", line)
        way_in = replace(self.way_in(arguments), wait=self.login_wait if arguments.wait else 0.0)
        if arguments.cli:
            way_in.adopt_cli()
            return
        if arguments.remember:
            way_in.check_memory()
        way_in.log_in(arguments, can_ask=self.can_ask(arguments))
        if arguments.remember:
            way_in.vault.remember()
            self.say("  the API key is in the keyring now: %bw_logout --forget removes it")

    @magic_arguments()
    @argument("--passwordenv", metavar="NAME", help="the variable that holds the master password")
    @argument("--passwordfile", metavar="FILE", help="a file with the master password in line 1")
    @argument("--timeout", metavar="60m", help="lock after that idle time (30s, 60m, 8h, 0)")
    @argument("--server", metavar="URL", help="where to log in first, while logged out")
    @argument("--dotenv", metavar="FILE", help="where the API key is, while logged out")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_unlock(self, line: str) -> None:
        """Unlock the vault with your master password; logs in first where that is still to do.

        The password comes from --passwordenv, --passwordfile, BW_PASSWORD, a .env file, or you are
        asked, masked. It is never an argument: what stands in a cell is saved.

        A vault that a person unlocked locks itself after an hour of idleness; one that was
        unlocked from a variable or file stays open. %bw_lock locks it at any time.
        """
        arguments = self._arguments("bw_unlock", line)
        timeout = None if arguments.timeout is None else _seconds(arguments.timeout)
        self.way_in(arguments).unlock(arguments, timeout, can_ask=self.can_ask(arguments))

    @magic_arguments()
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_status(self, line: str) -> None:
        """Show the state (unauthenticated, locked or unlocked), why, and what to type next.

        Also the server, where the API key came from, when the server was last asked for changes,
        when the vault locks itself, and what is wrong although it works.
        """
        arguments = self._arguments("bw_status", line)
        vault = self.vault(arguments)
        lines = describe(vault.status)
        if software := vault.server_software():
            lines.insert(2, f"the server says it is {software}")
        for text in lines:
            self._messages.say(text)
        for other in vault.profiles:
            if other.profile_name and other is not vault:
                self._messages.say(f"profile {other.profile_name}: {other.status.state}")

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
        arguments = self._arguments("bw_sync", line)
        if arguments.last:
            lines = describe(self.vault(arguments).status)
            self._messages.say(next((text for text in lines if text.startswith("last")), lines[0]))
            return
        vault = self.vault(arguments)
        news = self.waiting(lambda: vault.sync(force=arguments.force))
        self._messages.say("✓ synced" if news else "✓ nothing new")

    @magic_arguments()
    @argument("--purge", action="store_true", help="also delete the variables that hold secrets")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_lock(self, line: str) -> None:
        """Lock the vault: forget every key. Syncing goes on; %bw_unlock opens it again.

        Your variables are yours: those that still hold secrets or items are named. --purge deletes
        them, and the remembered outputs (Out, _, __, ___) that hold any.
        """
        arguments = self._arguments("bw_lock", line)
        vault = self.vault(arguments)
        if vault.status.state == "unauthenticated":
            self._messages.say("nothing to lock: nobody is logged in")
        else:
            self._messages.say("✓ locked" if vault.lock() else "already locked")
        for other in vault.profiles:
            if other is not vault and other.status.state == "unlocked":
                lock = command("%bw_lock", other.profile_name)
                self._messages.say(f"  another session is still unlocked: {lock}")
        shell: Any = self.shell
        names = holders(shell.user_ns, self._guard.knows)
        if arguments.purge:
            purge(shell, names, self._guard.knows)
            self._messages.say(f"  deleted: {', '.join(names) or 'no variable held a secret'}")
        elif names:
            self._messages.say(
                f"  still holding secrets: {', '.join(names)}. %bw_lock --purge deletes them"
            )

    @magic_arguments()
    @argument("--forget", action="store_true", help="also what the keyring and files keep")
    @PROFILE
    @no_var_expand
    @line_magic
    def bw_logout(self, line: str) -> None:
        """Log out: forget the API key, the token, the vault and every key.

        --forget also removes the API key from the keyring (%bw_login --remember) and the vault
        that was kept for next time (BwMagics.vault_cache).
        """
        arguments = self._arguments("bw_logout", line)
        vault = self.vault(arguments)
        try:
            found = vault.forget() if arguments.forget else []
        finally:
            was_logged_in = vault.logout()
            self._messages.say("✓ logged out" if was_logged_in else "already logged out")
        if arguments.forget:
            what = " and ".join(found)
            self._messages.say(f"✓ removed {what}" if found else "nothing was remembered")

    @magic_arguments()
    @argument("--stop", action="store_true", help="stop the demo and go back to the real sources")
    @no_var_expand
    @line_magic
    def bw_demo(self, line: str) -> None:
        """Try everything with a demo vault that runs in this kernel; nothing in it is real.

        While it is on, %bw_login and %bw_unlock use it and nothing else; your own BW_* variables
        are not touched. %bw_demo --stop ends it.
        """
        arguments = self._arguments("bw_demo", line)
        if arguments.stop:
            stopped = self._demo.stop()
            self._messages.say("✓ demo stopped" if stopped else "the demo is not on")
            return
        was_on = self._demo.is_on
        password = self._demo.start()
        self._messages.say(
            ("The demo vault is on already" if was_on else "✓ The demo vault is on")
            + ": nothing in it is real, and it ends with this kernel."
        )
        self._messages.say("  Next: %bw_login --apikey, then %bw_unlock")
        if self.can_ask(arguments):
            self._messages.say(f"  Its master password, to type when you are asked: {password}")

    @no_var_expand
    @line_magic
    def bw(self, line: str) -> object:
        """The commands of the `bw` CLI: `%bw get password X` is `%bw_get password X`.

        %bw login, unlock, status, sync, get, list, env, generate, lock, logout, demo; %bw config
        server URL.
        """
        command, rest = split_command(line)
        if command == "config":
            self._config(rest)
            return None
        if not command or command in ("help", "--help", "-h"):
            self._messages.say(f"Commands: {', '.join(OFFERED)}. %bw_get? explains one.")
            return None
        shell: Any = self.shell
        magic = shell.find_line_magic(f"bw_{command}") if command in OFFERED else None
        if magic is None:
            raise not_offered(command)
        return magic(rest)

    # For the extension.

    def before_cell(self, info: object = None) -> None:
        """Says so, in one line, if the vault locked itself while nobody was here."""
        self._guard.before_cell()
        self.typed_secrets.before_cell(info)
        self._cells += 1
        for vault in self._vault.profiles:
            reason = vault.hold()
            if reason is not None:
                gone = vault.environment.absent
                which = f" Gone from the environment: {', '.join(gone)}." if gone else ""
                what = f" of profile {vault.profile_name}" if vault.profile_name else ""
                self._messages.say(
                    f"The vault{what} is locked: {reason}.{which} Next: {vault.status.next_step}"
                )

    def after_cell(self, result: object = None) -> None:
        """The idle time begins when a cell ends."""
        self._messages.done()
        self.typed_secrets.after_cell(result)
        self._guard.after_cell()
        if self._cells:
            self._cells -= 1
            self._release()

    def say(self, text: str) -> None:
        """Prints a line, for the other magics."""
        self._messages.say(text)

    def vault(self, arguments: Arguments) -> Vault:
        """The vault that a line is about."""
        return self._vault.profile(arguments.profile or "")

    def can_ask(self, arguments: Arguments) -> bool:
        """Whether somebody is there who may be asked."""
        return self._ask.is_possible and not arguments.is_unattended

    def way_in(self, arguments: Arguments) -> WayIn:
        """How a person is asked for it, and where its credentials come from."""
        return replace(self._way_in, vault=self.vault(arguments))

    def waiting(self, action: Callable[[], Result]) -> Result:
        """What `action` gives; takes away what was said while it ran."""
        try:
            return action()
        finally:
            self._messages.done()

    def confirming(self, arguments: Arguments, action: Callable[[], Result]) -> Result:
        """What `action` gives; asks for the master password again where an item wants it and
        somebody is there.
        """
        confirmed: set[str] = set()
        while True:
            try:
                return action()
            except RepromptRequired as required:
                if not self.can_ask(arguments) or required.item_id in confirmed:
                    raise
                confirmed.add(required.item_id)
                self.way_in(arguments).confirm(required)

    def end(self) -> None:
        """Logs out and stops the demo, because the process ends; secrets stay masked."""
        self._log_out()
        self._guard.end()

    def close(self) -> None:
        """Logs out, stops the demo, and leaves the vault's settings as they were."""
        self._log_out()
        self._guard.close()
        while self._cells:
            self._cells -= 1
            self._release()
        for vault in self._vault.profiles:
            vault.on_wait, vault.lock_timeout, vault.sync_interval, vault.cache = self._before

    # Inside.

    def _names(self) -> Iterator[str]:
        from bw_magics.notebook.complete.candidates import Candidates

        for vault in self._vault.profiles:
            yield from Candidates(vault).names()

    def _log_out(self) -> None:
        self._demo.stop()
        for vault in self._vault.profiles:
            vault.logout()

    def _release(self) -> None:
        for vault in self._vault.profiles:
            vault.release()

    def _arguments(self, name: str, line: str) -> Arguments:
        shell: Any = self.shell
        namespace: Mapping[str, object] = shell.user_ns
        return read_arguments(getattr(self, name), line, namespace)

    def _config(self, rest: str) -> None:
        shell: Any = self.shell
        named = read_server_line(substitute(tokenize(rest), shell.user_ns))
        if named is not None:
            if self._vault.status.state != "unauthenticated":
                raise UsageMistake(
                    "The server is not changed while logged in.", "First: %bw_logout."
                )
            self.server, self.identity, self.api = named.server, named.identity, named.api
            self.key_connector = named.key_connector
            self._sources.forget_named_servers()
        server = self.server_settings().parse()
        self._messages.say(" · ".join((f"server: {server.name}", *server.elsewhere)))


def _seconds(text: str) -> float:
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise UsageMistake("The time-out is no duration.", "Write 90s, 60m, 8h, or 0 for never.")
    return float(found[1]) * _UNITS[found[2]]
