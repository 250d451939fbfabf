"""`ShellSession`: the state that the magics of one shell share, while the extension is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from bw_magics.errors import JournalProblem, RepromptRequired
from bw_magics.notebook.ask.demo import Demo
from bw_magics.notebook.ask.prompt import Prompt
from bw_magics.notebook.ask.unmasking import Unmasking
from bw_magics.notebook.guard.guard import Guard
from bw_magics.notebook.magics.cell_scope import CellScope
from bw_magics.notebook.magics.settings import OF_CONNECTIONS, BwMagics
from bw_magics.notebook.panels.presenter import PanelPresenter
from bw_magics.notebook.show.messages import Messages
from bw_magics.notebook.typed.typed_secret import TypedSecrets
from bw_magics.session.accounts.configured import CONFIGURED
from bw_magics.session.presented import PresentedVault, Presenter
from bw_magics.session.vault import Vault
from bw_magics.steps import speak_to_notebooks

if TYPE_CHECKING:
    from bw_magics.notebook.ask.machine_way_in import MachineWayIn
    from bw_magics.notebook.ask.sources import Sources
    from bw_magics.notebook.ask.way_in import WayIn
    from bw_magics.notebook.line.arguments import Arguments

Result = TypeVar("Result")

_OF_VAULTS = ["lock_timeout", "sync_interval", "vault_cache", "prompt", "prompt_timeout"]
_OF_SERVERS = list(OF_CONNECTIONS[:3])
_SETTINGS_OF_VAULTS = ("on_wait", "lock_timeout", "sync_interval", "cache")


class ShellSession:
    """The vault of a shell with everything around it: settings, messages, prompt, credential
    sources, demo, output guard and the refusal of typed secrets.
    """

    def __init__(self, shell: Any, vault: Vault) -> None:
        self._shell = shell
        self._vault = vault
        self._messages = Messages()
        self._journal = vault.journal
        self._cells = 0
        self._before = {name: getattr(vault, name) for name in _SETTINGS_OF_VAULTS}
        self.settings = BwMagics(parent=shell)
        self._presenter = PanelPresenter(shell, lambda: self.settings.show_plain)
        self.prompt = Prompt(shell, self._messages)
        self.demo = Demo(vault)
        self.guard = Guard(shell, self._messages.say)
        self.typed_secrets = TypedSecrets(
            shell, self.guard, lambda: self.prompt.is_possible, self._names
        )
        self.cells = CellScope(shell)

    # For the extension.

    def open(self) -> None:
        """Begins: settings, guard and events take effect."""
        speak_to_notebooks(True)
        vault, settings = self._vault, self.settings
        self.guard.watch(self.prompt)
        for each in vault.profiles:
            each.on_wait = self._messages.waiting
        self._present(self._presenter)
        settings.name_servers(CONFIGURED.begin(settings.server_settings()))
        self._apply_settings()
        self._begin_redaction()
        settings.observe(self._apply_settings, [*_OF_VAULTS, *OF_CONNECTIONS])
        settings.observe(self._apply_redaction, ["redact"])
        settings.observe(self._forget_named_servers, _OF_SERVERS)
        # A file that cannot be written refuses the first use, and not the extension.
        self._journal.to(settings.journal or None, checks=False)
        self._journal.is_secret = self.guard.knows
        settings.observe(self._apply_journal, ["journal"])
        self._shell.configurables.append(settings)
        self._shell.events.register("pre_run_cell", self.before_cell)
        self._shell.events.register("post_run_cell", self.after_cell)
        self.cells.install()

    def end(self) -> None:
        """Logs out and stops the demo, because the process ends; secrets stay masked."""
        self._log_out()
        self.guard.end()

    def close(self) -> None:
        """Logs out, stops the demo, and leaves shell and vault as they were before `open`."""
        self.cells.uninstall()
        self._log_out()
        self.guard.close()
        while self._cells:
            self._cells -= 1
            self._release()
        for vault in self._vault.profiles:
            for name, value in self._before.items():
                setattr(vault, name, value)
        self._present(None)
        self._journal.cells.end()
        self._journal.is_secret = None
        self._journal.to(None, checks=False)
        self._shell.events.unregister("pre_run_cell", self.before_cell)
        self._shell.events.unregister("post_run_cell", self.after_cell)
        self._shell.configurables.remove(self.settings)
        speak_to_notebooks(False)

    def before_cell(self, info: object = None) -> None:
        """Says in one line if the vault locked itself since the last cell."""
        self.guard.before_cell()
        self.typed_secrets.before_cell(info)
        self._cells += 1
        self._journal.cells.begin(_count_of(self._shell), _message_of(self._shell))
        for vault in self._vault.profiles:
            reason = vault.hold()
            if reason is not None:
                gone = vault.environment.absent
                which = f" Gone from the environment: {', '.join(gone)}." if gone else ""
                what = f" of profile {vault.profile_name}" if vault.profile_name else ""
                self.say(
                    f"The vault{what} is locked: {reason}.{which} Next: {vault.status.next_step}"
                )

    def after_cell(self, result: object = None) -> None:
        """Starts the idle time when a cell ends."""
        self._messages.done()
        self.typed_secrets.after_cell(result)
        self.guard.after_cell()
        if self._cells:
            self._cells -= 1
            self._release()

    # For the magics.

    def say(self, text: str) -> None:
        """Prints a line."""
        self._messages.say(text)

    @property
    def is_logged_in(self) -> bool:
        """Whether the vault without a profile is logged in."""
        return self._vault.status.state != "unauthenticated"

    @cached_property
    def sources(self) -> Sources:
        """The sources of credentials."""
        from bw_magics.notebook.ask.sources import Sources

        return Sources(self.demo, self.settings.server_settings, CONFIGURED.named)

    def vault(self, arguments: Arguments | None = None) -> Vault:
        """Gives the vault that a line names with `--profile`; the default one without a line."""
        return self._vault.profile(arguments.profile if arguments else "")

    def can_ask(self, arguments: Arguments) -> bool:
        """Tells whether a person can be asked, and the line allows it."""
        return self.prompt.is_possible and not arguments.is_unattended

    def way_in(self, arguments: Arguments) -> WayIn:
        """Gives the way to log in to the vault that a line names, and to unlock it."""
        from bw_magics.notebook.ask.way_in import WayIn

        return WayIn(self.vault(arguments), self.prompt, self.sources, self.demo, self._messages)

    def machine_way_in(self, arguments: Arguments, *, wait: float) -> MachineWayIn:
        """Gives the way to log in to the Secrets Manager of the vault that a line names."""
        from bw_magics.notebook.ask.machine_way_in import MachineWayIn

        return MachineWayIn(
            self.vault(arguments), self.prompt, self.sources, self.demo, self._messages, wait
        )

    def waiting(self, action: Callable[[], Result]) -> Result:
        """Runs `action`, then removes the line that said what it waited for."""
        try:
            return action()
        finally:
            self._messages.done()

    def progress(self, text: str) -> None:
        """Shows how far something long is, on a line that the next one overwrites."""
        self._messages.waiting(text)

    def confirming(self, arguments: Arguments, action: Callable[[], Result]) -> Result:
        """Runs `action`, and asks a person for the master password where an item requires it."""
        confirmed: set[str] = set()
        while True:
            try:
                return action()
            except RepromptRequired as required:
                if not self.can_ask(arguments) or required.item_id in confirmed:
                    raise
                confirmed.add(required.item_id)
                self.way_in(arguments).confirm(required)

    def reveal(self, value: object) -> None:
        """Shows a value of a line with `--reveal`, which returns nothing then."""
        self._presenter.reveal(value)  # type: ignore[arg-type] # it refuses no text

    # Inside.

    def _present(self, presenter: Presenter | None) -> None:
        for vault in self._vault.profiles:
            if isinstance(vault, PresentedVault):
                vault.presenter = presenter

    def _apply_settings(self, change: object = None) -> None:
        settings = self.settings
        for vault in self._vault.profiles:
            vault.lock_timeout = settings.lock_timeout
            vault.sync_interval = settings.sync_interval
            vault.cache = settings.vault_cache
        CONFIGURED.settings = settings.server_settings()
        self.prompt.mode = settings.prompt
        self.prompt.timeout = settings.prompt_timeout

    def _begin_redaction(self) -> None:
        unmasking = Unmasking(self.prompt)
        self.settings.redact, line = unmasking.beginning(self.settings.redact)
        self.settings.may_show_secrets = unmasking.agree
        if line:
            self.say(line)
        self._apply_redaction()

    def _apply_redaction(self, change: object = None) -> None:
        self.guard.show_secrets(self.settings.redact)

    def _apply_journal(self, change: Any) -> None:
        try:
            self._journal.to(change.new or None)
        except JournalProblem:
            with self.settings.hold_trait_notifications():
                self.settings.journal = change.old
            raise

    def _forget_named_servers(self, change: object = None) -> None:
        self.sources.forget_named_servers()

    def _names(self) -> Iterator[str]:
        from bw_magics.notebook.complete.candidates import Candidates
        from bw_magics.notebook.complete.machine_candidates import MachineCandidates

        for vault in self._vault.profiles:
            yield from Candidates(vault).names()
            yield from MachineCandidates(vault).names()

    def _log_out(self) -> None:
        self.demo.stop()
        for vault in self._vault.profiles:
            vault.logout()
            vault.secrets_manager = None

    def _release(self) -> None:
        for vault in self._vault.profiles:
            vault.release()


def _count_of(shell: Any) -> int:
    """Gives the execution count of the cell that begins; since IPython 9 `execution_count` may be
    that of the next one already.
    """
    count: int = shell.execution_count
    stored = len(getattr(shell.history_manager, "input_hist_raw", ()))
    return stored if stored == count - 1 else count


def _message_of(shell: Any) -> str:
    """Gives the id of the message that runs a cell; empty in a terminal."""
    with suppress(Exception):
        return str(shell.kernel.get_parent("shell")["header"]["msg_id"])
    return ""
