"""Logs in and unlocks, with a person or without: `%bw_login` and `%bw_unlock`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from bw_magics.errors import (
    ApiKeyRefused,
    BitwardenError,
    CredentialsMissing,
    KeyConnectorUnconfirmed,
    RepromptRequired,
    UsageMistake,
    WrongMasterPassword,
)
from bw_magics.notebook.ask.key_question import Answers, KeyQuestion
from bw_magics.notebook.ask.way import Way
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.panels import question
from bw_magics.notebook.panels.question import Again, Question
from bw_magics.notebook.show.status import auto_lock
from bw_magics.secret import Secret
from bw_magics.session.accounts.credentials import Credentials
from bw_magics.session.accounts.patience import patiently
from bw_magics.session.accounts.server_rule import API_KEY_RULE
from bw_magics.session.clock import clock_time
from bw_magics.settings import Server
from bw_magics.shown import harmless
from bw_magics.steps import UNLOCK

_UNLOCKED = "✓ unlocked"
# The name of the source in `session.storage`; importing that module takes too long.
KEYRING = "the keyring"
_STALE = "The API key in the keyring was refused: %bw_login --remember replaces it."
_KEPT = "the vault kept on this machine is open, read only"
_STILL_LOCKED = "  The vault is still locked; next: "


@dataclass(frozen=True, slots=True)
class WayIn(Way):
    """The way from logged out to unlocked, with credentials from the sources and from a person."""

    def log_in(self, arguments: Arguments, *, can_ask: bool) -> None:
        """Logs in, for `%bw_login`."""
        status = self.vault.status
        if self._is_logged_in:
            held = self.sources.held(arguments.dotenv)
            wanted = arguments.server and Server.parse(arguments.server).name
            if held is None and wanted in (None, status.server):
                self.messages.say(f"already logged in at {status.server}")
                return
        hint = f"{_STILL_LOCKED}{self._unlock_command}"
        if not self._log_in_with_source(arguments, can_ask, hint=hint):
            self._ask_for_key(arguments)

    def adopt_cli(self) -> None:
        """Takes over the session of the `bw` CLI, for `%bw_login --cli`."""
        if self.demo.is_on:
            raise UsageMistake("The demo vault is on.", "Stop the demo first: %bw_demo --stop.")
        session = os.environ.get("BW_SESSION", "")
        if not session:
            raise CredentialsMissing(
                "BW_SESSION is not set: the bw CLI has no unlocked session for this kernel.",
                "Start the kernel with it: export BW_SESSION=$(bw unlock --raw).",
            )
        is_new = self._wait(lambda: self.vault.adopt_cli(session=session))
        what = "✓ unlocked with the bw CLI's session" if is_new else "already unlocked"
        self.messages.say(self._unlocked(what))

    def check_memory(self) -> None:
        """Raises the reason why `--remember` cannot work here."""
        from bw_magics.session.storage.keyring import Remembered

        if self.demo.is_on:
            raise UsageMistake(
                "The demo's API key is not remembered.", "Stop the demo first: %bw_demo --stop."
            )
        Remembered(self.vault.profile_name).check()

    def unlock(self, arguments: Arguments, timeout: float | None, *, can_ask: bool) -> None:
        """Unlocks, for `%bw_unlock`; while logged out, asks for everything at once."""
        if self.vault.status.state == "unauthenticated" and not self._log_in_with_source(
            arguments, can_ask
        ):
            password = self._password(arguments, can_ask)
            if password is None:
                self._ask_for_everything(arguments, timeout)
                return
            self._ask_for_key(arguments, is_step=True)
        if self.vault.status.state == "unlocked":
            line = self._unlocked("already unlocked")
            if timeout is not None:
                self.vault.unlock(lock_timeout=timeout)
                line += f" · {auto_lock(self.vault.status)}"
            self.messages.say(line)
            return
        if self.vault.way_to_unlock != "master-password":
            self._unlock_without_password(timeout, can_ask)
            return
        password = self._password(arguments, can_ask)
        if password is None:
            self._ask_for_password(timeout)
            return
        self._wait(
            lambda: self.vault.unlock(password=password, lock_timeout=timeout, is_unattended=True)
        )
        self.messages.say(self._unlocked(_UNLOCKED))

    def confirm(self, required: RepromptRequired) -> None:
        """Asks for the master password again, for an item that requires it."""

        def attempt(answers: Answers) -> str | Again:
            password = answers[question.MASTER_PASSWORD.name]
            try:
                self._wait(lambda: self.vault.confirm(password=password, item_id=required.item_id))
            except WrongMasterPassword as wrong:
                return _again(wrong, asked)
            return "✓ confirmed"

        asked = Question(
            title="The master password, once more",
            fields=(question.MASTER_PASSWORD,),
            button="Confirm",
            server=self.vault.status.server or "",
            hint=required.fact,
            is_repeatable=True,
        )
        self.prompt.ask(asked, attempt)

    # With the credentials of a source.

    def _log_in_with_source(self, arguments: Arguments, can_ask: bool, *, hint: str = "") -> bool:
        """Logs in with the key of a source. Returns False if a person has to type it. Prints `hint`
        if the vault is still locked.
        """
        profile = self.vault.profile_name
        if arguments.server is not None and not self._is_logged_in:
            self.sources.name_server(arguments.server, arguments.dotenv, profile)
        credentials = self.sources.credentials(
            arguments.dotenv, arguments.server, can_ask, profile=profile
        )
        if credentials is None:
            return False
        try:
            line, is_new = self._log_in(credentials)
        except ApiKeyRefused:
            if credentials.source != KEYRING or not can_ask:
                raise
            self.messages.say(_STALE)
            return False
        self.messages.say(line)
        if is_new:
            self._say_what_the_server_asks()
            if hint and self.vault.status.state == "locked":
                self.messages.say(hint)
        return True

    def _password(self, arguments: Arguments, can_ask: bool) -> Secret | None:
        named = self.sources.named_password(arguments.passwordenv, arguments.passwordfile)
        return named or self.sources.password(arguments.dotenv, can_ask)

    # With the answers of a person.

    def _ask_for_key(self, arguments: Arguments, *, is_step: bool = False) -> None:
        def attempt(answers: Answers) -> str | Again:
            line = key.try_answers(answers, asked.fields, lambda key: self._log_in(key)[0])
            is_locked = self.vault.status.state == "locked"
            if isinstance(line, Again) or is_step or not is_locked:
                return line
            return f"{line} · still locked, next: {self._unlock_command}"

        key = self._key_question(arguments)
        asked = key.question("Log in to Bitwarden", "Log in")
        self.prompt.ask(asked, attempt)
        self._say_what_the_server_asks()

    def _ask_for_everything(self, arguments: Arguments, timeout: float | None) -> None:
        def attempt(answers: Answers) -> str | Again:
            if self.vault.status.state == "unauthenticated":
                line = key.try_answers(answers, asked.fields, lambda key: self._log_in(key)[0])
                if isinstance(line, Again):
                    return line
            if self.vault.way_to_unlock != "master-password":
                return f"✓ logged in · no master password is needed, next: {self._unlock_command}"
            try:
                return self._unlock(answers, timeout)
            except WrongMasterPassword as wrong:
                only = (question.MASTER_PASSWORD,)
                return Again(
                    wrong.fact, wrong.remedy, only, "Logged in; unlock the vault", "Unlock"
                )

        key = self._key_question(arguments)
        asked = key.question(
            "Log in to Bitwarden and unlock", "Log in and unlock", question.MASTER_PASSWORD
        )
        self.prompt.ask(asked, attempt)
        self._say_what_the_server_asks()

    def _key_question(self, arguments: Arguments) -> KeyQuestion:
        return KeyQuestion.of(
            self.sources, arguments.dotenv, arguments.server, self.vault.profile_name
        )

    def _ask_for_password(self, timeout: float | None) -> None:
        def attempt(answers: Answers) -> str | Again:
            try:
                return self._unlock(answers, timeout)
            except WrongMasterPassword as wrong:
                return _again(wrong, asked)

        status = self.vault.status
        asked = Question(
            title="Unlock the vault",
            fields=(question.MASTER_PASSWORD,),
            button="Unlock",
            server=status.server or "",
            source=f"Logged in with the API key from {status.source}",
            is_repeatable=True,
        )
        self.prompt.ask(asked, attempt)

    # Without a master password.

    def _unlock_without_password(self, timeout: float | None, can_ask: bool) -> None:
        def unlock(address: str | None = None) -> str:
            self._wait(
                lambda: self.vault.unlock(
                    key_connector=address, lock_timeout=timeout, is_unattended=not can_ask
                )
            )
            return self._unlocked(_UNLOCKED)

        try:
            self.messages.say(unlock())
            return
        except KeyConnectorUnconfirmed as unconfirmed:
            if not can_ask:
                raise
            wanted = unconfirmed

        def attempt(answers: Answers) -> str | Again:
            if not question.agrees(answers):
                return Again("That was not yes.", "Nothing was sent.", asked.fields)
            return unlock(wanted.url)

        asked = Question(
            title="Unlock with a Key Connector",
            fields=(question.AGREEMENT,),
            button="Unlock",
            server=self.vault.status.server or "",
            hint=harmless(
                f"Your organisation {wanted.organization} keeps your key at "
                f"{wanted.url.removeprefix('https://')}. Your access token would be sent there."
            ),
        )
        self.prompt.ask(asked, attempt)

    # Inside.

    @property
    def _is_logged_in(self) -> bool:
        status = self.vault.status
        return status.state != "unauthenticated" and status.problem is None

    @property
    def _unlock_command(self) -> str:
        return UNLOCK.of(self.vault.profile_name).as_magic

    def _log_in(self, credentials: Credentials) -> tuple[str, bool]:
        # Imported here: %load_ext has to be quick.
        from bw_magics.client.certificates import ClientCertificate

        settings = API_KEY_RULE.of_key(
            credentials.settings, credentials.client_id, credentials.source
        )
        server = settings.parse()
        certificate = ClientCertificate.named(
            settings.client_certificate, settings.client_certificate_key
        )
        is_new = self._wait(
            lambda: patiently(
                lambda: self.vault.login(
                    client_id=credentials.client_id,
                    client_secret=credentials.client_secret,
                    server=server,
                    source=credentials.source,
                    device_id=self.sources.device_id,
                    certificate_authority=self.demo.certificate_authority or settings.authority,
                    client_certificate=certificate,
                ),
                limit=self.wait,
                on_wait=self.messages.waiting,
            )
        )
        if not is_new:
            return f"already logged in at {server.name}", False
        if self.vault.is_offline:
            return f"offline: {server.name} cannot be reached; {_KEPT}", True
        if self.vault.status.is_unconfirmed:
            return f"the vault kept on this machine comes first; {server.name} is being asked", True
        aloud = " over plain http, on this machine" if server.is_insecure else ""
        places = f" ({', '.join(server.elsewhere)})" if server.elsewhere else ""
        line = f"✓ logged in at {server.name}{places}{aloud} with the API key from "
        line += credentials.source
        return line, True

    def _unlock(self, answers: Answers, timeout: float | None) -> str:
        password = answers[question.MASTER_PASSWORD.name]
        self._wait(lambda: self.vault.unlock(password=password, lock_timeout=timeout))
        return self._unlocked(_UNLOCKED)

    def _unlocked(self, what: str) -> str:
        status = self.vault.status
        count = status.items or 0
        items = f"{count} item" if count == 1 else f"{count} items"
        line = f"{what} · {items} · {status.server}"
        if status.is_unconfirmed and status.synced_at is not None:
            line += f" · kept at {clock_time(status.synced_at)}, the server is being asked"
        if status.unreadable:
            line += f" · {_undecrypted(status.unreadable)}"
        restored = self.vault.environment.restored
        if restored.set and what == _UNLOCKED:
            line += f" · set again: {', '.join(restored.set)}"
        for name, error in restored.failed if what == _UNLOCKED else ():
            line += f" · not set again: {name}, because: {error.fact}"
        return line

    def _say_what_the_server_asks(self) -> None:
        if self.vault.must_change_password:
            self.messages.say("  your organisation asks you to change the master password")

    def _wait(self, action: Callable[[], bool | None]) -> bool | None:
        try:
            return action()
        finally:
            self.messages.done()


def _undecrypted(count: int) -> str:
    noun = "item" if count == 1 else "items"
    return f"{count} {noun} could not be decrypted"


def _again(refused: BitwardenError, asked: Question) -> Again:
    return Again(refused.fact, refused.remedy, asked.fields)
