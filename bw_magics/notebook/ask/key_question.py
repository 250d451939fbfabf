"""`KeyQuestion`: the part of a question that asks for the API key, and for its server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from bw_magics.errors import ApiKeyRefused, ClientIdInvalid, InsecureServer, UsageMistake
from bw_magics.notebook.ask.server_choice import SERVER, chosen_server
from bw_magics.notebook.ask.sources import KeyToAsk, Sources
from bw_magics.notebook.panels import question
from bw_magics.notebook.panels.question import Again, Field, Question
from bw_magics.secret import Secret
from bw_magics.session.accounts.credentials import Credentials
from bw_magics.settings import WHERE_THE_KEY_IS

Answers = Mapping[str, Secret]

_KEYBOARD = "the keyboard"
_HINT = f"Your personal API key is {WHERE_THE_KEY_IS}."


@dataclass(frozen=True, slots=True)
class KeyQuestion:
    """The question to a person who logs in: the key that no source has, and the server that nothing
    names.

    The key goes to the server that was named or chosen, and to no other.
    """

    sources: Sources
    dotenv: str | None
    profile: str
    key: KeyToAsk

    @classmethod
    def of(cls, sources: Sources, dotenv: str | None, server: str | None, profile: str) -> Self:
        """Finds out what has to be asked. Raises `CredentialsConflict` if a file names the
        server.
        """
        key = sources.key_to_ask(dotenv, server, profile=profile)
        return cls(sources, dotenv, profile, key)

    def question(self, title: str, button: str, *more: Field) -> Question:
        """Returns the question with `more` fields after those of the key."""
        server = self.key.settings.parse()
        return Question(
            title=title,
            fields=(*self.key.fields, *more),
            button=button,
            server="" if self._asks_for_server else server.name,
            source=self.key.told,
            hint=_HINT,
            web_vault=server.web_vault,
            is_repeatable=True,
        )

    def try_answers(
        self, answers: Answers, fields: tuple[Field, ...], log_in: Callable[[Credentials], str]
    ) -> str | Again:
        """Logs in with the answers: the line of `log_in`, or what to ask again of `fields`.

        Keeps the server that a person chose, like one that a line names, once it accepted the key.
        """
        try:
            credentials = self._credentials(answers)
        except (UsageMistake, InsecureServer) as mistaken:
            return Again(mistaken.fact, mistaken.remedy, fields, at=SERVER.name, keeps_typed=True)
        try:
            line = log_in(credentials)
        except ApiKeyRefused as refused:
            return Again(refused.fact, refused.remedy, fields, at=refused.half)
        except ClientIdInvalid as invalid:
            return Again(invalid.fact, invalid.remedy, fields, at=question.CLIENT_ID.name)
        if self._asks_for_server:
            self.sources.name_server(_chosen(answers), self.dotenv, self.profile)
        return line

    def _credentials(self, answers: Answers) -> Credentials:
        key = self.key
        if self._asks_for_server:
            key = self.sources.key_to_ask(self.dotenv, _chosen(answers), profile=self.profile)
        client_id = key.client_id or str(answers[question.CLIENT_ID.name])
        secret = answers[question.CLIENT_SECRET.name]
        return Credentials(client_id, secret, key.server, _KEYBOARD, key.settings)

    @property
    def _asks_for_server(self) -> bool:
        return SERVER in self.key.fields


def _chosen(answers: Answers) -> str:
    return chosen_server(str(answers[SERVER.name]))
