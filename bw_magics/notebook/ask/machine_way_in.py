"""Logs in to the Secrets Manager, with a person or without: `%bw_login --access-token`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bw_magics.errors import (
    AccessTokenInvalid,
    AccessTokenRefused,
    BitwardenError,
    CredentialsMissing,
    InsecureServer,
    UsageMistake,
)
from bw_magics.notebook.ask.server_choice import SERVER, chosen_server
from bw_magics.notebook.ask.way import Way
from bw_magics.notebook.line.arguments import Arguments
from bw_magics.notebook.panels import question
from bw_magics.notebook.panels.question import Again, Question
from bw_magics.secret import Secret
from bw_magics.session.accounts.patience import patiently
from bw_magics.session.accounts.server_rule import ACCESS_TOKEN_RULE
from bw_magics.session.accounts.token_credentials import TokenCredentials
from bw_magics.settings import WHERE_ACCESS_TOKENS_ARE, ServerSettings

if TYPE_CHECKING:
    from bw_magics.session.machine.secrets_manager import MachineStatus, SecretsManager

_VARIABLE = "a variable"
_KEYBOARD = "the keyboard"
_ALREADY = "already logged in to the Secrets Manager at"
_HINT = f"An access token is {WHERE_ACCESS_TOKENS_ARE}."
_NO_PROJECT = "none yet: give the machine account a project, under Machine accounts"


@dataclass(frozen=True, slots=True)
class MachineWayIn(Way):
    """The way into the Secrets Manager of a vault's profile."""

    def log_in(self, arguments: Arguments, *, can_ask: bool) -> None:
        """Logs in with the token in a variable, of a source, or of a person, in this order."""
        profile = self.vault.profile_name
        dotenv, server = arguments.dotenv, arguments.server
        if arguments.access_token is not None and dotenv is not None:
            raise UsageMistake(
                "--access-token $variable and --dotenv both give a token.", "Leave one of them out."
            )
        if server is not None:
            self.sources.name_server(server, dotenv, profile)
        if arguments.access_token is not None:
            found = self._of_variable(arguments.access_token, server)
        else:
            can_ask_now = can_ask or self._is_logged_in
            chosen = self.sources.access_token(dotenv, server, can_ask_now, profile=profile)
            if chosen is None:
                self._without_source(dotenv, server)
                return
            found = chosen
        self.messages.say(self._log_in(found))

    @property
    def _status(self) -> MachineStatus | None:
        """The status of the machine account that is logged in, if one is."""
        machine = self.vault.secrets_manager
        status = machine.status if machine is not None else None
        return status if status is not None and status.is_logged_in else None

    @property
    def _is_logged_in(self) -> bool:
        return (status := self._status) is not None and status.problem is None

    def _of_variable(self, token: object, server: str | None) -> TokenCredentials:
        if self.demo.is_on:
            raise UsageMistake(
                "The demo vault is on, and it takes no token of yours.",
                "Stop the demo first: %bw_demo --stop.",
            )
        if not isinstance(token, str):
            raise UsageMistake(
                "The variable of --access-token does not hold a text.", "Put the token into it."
            )
        settings = self.sources.settings_of_variable(server, profile=self.vault.profile_name)
        return TokenCredentials(Secret(token, "access token"), _VARIABLE, settings)

    def _without_source(self, dotenv: str | None, server: str | None) -> None:
        machine = self.vault.secrets_manager
        if self._is_logged_in and machine is not None:
            self.messages.say(f"{_ALREADY} {machine.status.server}")
            return
        key = self.sources.token_to_ask(dotenv, server, profile=self.vault.profile_name)

        def attempt(answers: Mapping[str, Secret]) -> str | Again:
            settings = key.settings
            try:
                if SERVER in key.fields:
                    settings = self._chosen(answers, dotenv)
            except (UsageMistake, InsecureServer) as mistaken:
                return Again(
                    mistaken.fact, mistaken.remedy, asked.fields, at=SERVER.name, keeps_typed=True
                )
            token = answers[question.ACCESS_TOKEN.name]
            try:
                return self._log_in(TokenCredentials(token, _KEYBOARD, settings))
            except (AccessTokenInvalid, AccessTokenRefused, CredentialsMissing) as refused:
                at = question.ACCESS_TOKEN.name
                return Again(refused.fact, refused.remedy, asked.fields, at=at)

        named = key.settings.parse()
        asked = Question(
            title="Log in to the Secrets Manager",
            fields=key.fields,
            button="Log in",
            server="" if SERVER in key.fields else named.name,
            source=key.told,
            hint=_HINT,
            is_repeatable=True,
        )
        self.prompt.ask(asked, attempt)

    def _chosen(self, answers: Mapping[str, Secret], dotenv: str | None) -> ServerSettings:
        """Returns the settings for the server that a person chose; it stays the profile's."""
        chosen = chosen_server(str(answers[SERVER.name]))
        profile = self.vault.profile_name
        settings = self.sources.token_to_ask(dotenv, chosen, profile=profile).settings
        self.sources.name_server(chosen, dotenv, profile)
        return settings

    def _log_in(self, credentials: TokenCredentials) -> str:
        # Imported here: %load_ext has to be quick.
        from bw_magics.client.access_token import AccessToken
        from bw_magics.client.certificates import ClientCertificate
        from bw_magics.session.machine.secrets_manager import SecretsManager

        token = credentials.access_token
        parsed = AccessToken.parse(token)
        settings = ACCESS_TOKEN_RULE.of_key(credentials.settings, parsed.id, credentials.source)
        server = settings.parse()
        before = self.vault.secrets_manager
        if before is not None and before.is_for(server, parsed):
            return f"{_ALREADY} {server.name}"
        certificate = ClientCertificate.named(
            settings.client_certificate, settings.client_certificate_key
        )
        try:
            machine = patiently(
                lambda: SecretsManager.login(
                    access_token=token,
                    server=server,
                    source=credentials.source,
                    certificate_authority=self.demo.certificate_authority or settings.authority,
                    client_certificate=certificate,
                    on_secret=self.vault.on_secret,
                    on_wait=self.messages.waiting,
                    sync_interval=self.vault.sync_interval,
                ),
                limit=self.wait,
                on_wait=self.messages.waiting,
            )
            try:
                found = _found(machine)
            except BaseException:
                machine.logout()
                raise
        except BitwardenError:
            if self._status is None:
                self.vault.secrets_manager = SecretsManager.logged_out(
                    f"the last login failed, at {server.name} with the access token from "
                    f"{credentials.source}"
                )
            raise
        finally:
            self.messages.done()
        if before is not None:
            before.logout()
        self.vault.secrets_manager = machine
        places = f" ({', '.join(server.elsewhere)})" if server.elsewhere else ""
        aloud = " over plain http, on this machine" if server.is_insecure else ""
        return (
            f"✓ logged in to the Secrets Manager at {server.name}{places}{aloud} with the access "
            f"token from {credentials.source} · secrets: {found}"
        )


def _found(machine: SecretsManager) -> str:
    count = len(machine.secrets())
    if not count:
        return _NO_PROJECT
    projects = machine.status.projects
    return f"{count} in {projects} project" + ("" if projects == 1 else "s")
