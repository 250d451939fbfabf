"""`%bw_apikey`: the personal API key, viewed and rotated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from IPython.core.magic import line_magic, no_var_expand

from bw_magics.errors import CodeRefused, NotOffered, WrongMasterPassword
from bw_magics.notebook.line.declared import PROFILE, argument, magic_arguments, words_may_be_secret
from bw_magics.notebook.magics.base import VaultMagics
from bw_magics.notebook.panels import question
from bw_magics.notebook.panels.question import Again, Field, Question
from bw_magics.notebook.registry import REGISTRY
from bw_magics.secret import Secret
from bw_magics.settings import CLIENT_ID

if TYPE_CHECKING:
    from bw_magics.client.identity import ApiKey
    from bw_magics.notebook.ask.way_in import WayIn
    from bw_magics.session.api_key import Rotated
    from bw_magics.session.vault import Vault

_CODE = Field("code", "Code from the e-mail")


@REGISTRY.add
class ApiKeyMagics(VaultMagics):
    """`%bw_apikey`."""

    @magic_arguments()
    @argument("--reveal", action="store_true", help="show it to you for 30 s, and save it nowhere")
    @argument("--rotate", action="store_true", help="replace it by a new one, after asking you")
    @PROFILE
    @words_may_be_secret
    @no_var_expand
    @line_magic
    def bw_apikey(self, line: str) -> Secret | None:
        """Show your personal API key: the client_id, and the client_secret masked.

        The server wants the master password again for that, from BW_PASSWORD or from you; of
        members without one it wants a code that it sends by e-mail. The value is the
        client_secret: secret = %bw_apikey

        --rotate replaces the client_secret. You are asked in any case, and told what that ends
        and what it does not; this session goes on with the new one. Wherever else the old one is
        written down, the new one has to be put: show it with --reveal.
        """
        arguments = self.arguments(self.bw_apikey, line)
        way_in = self.session.way_in(arguments)
        can_ask = self.session.can_ask(arguments)
        key = self._rotated(way_in, can_ask) if arguments.rotate else self._viewed(way_in, can_ask)
        self.session.say(f"client_id: {key.client_id}")
        if not arguments.reveal:
            return key.client_secret
        self.session.reveal(key.client_secret)
        return None

    # Inside.

    def _viewed(self, way_in: WayIn, can_ask: bool) -> ApiKey:
        care = way_in.vault.api_key
        if not care.needs_code:
            password = way_in.sources.password(None, can_ask)
            if password is not None:
                return self.session.waiting(lambda: care.view(password=password))
        elif not can_ask:
            raise _nobody("viewed")
        found: list[ApiKey] = []

        def attempt(answers: Mapping[str, Secret]) -> str | Again:
            try:
                found.append(self.session.waiting(lambda: care.view(**_given(answers))))
            except (WrongMasterPassword, CodeRefused) as refused:
                return Again(refused.fact, refused.remedy, asked.fields)
            return "✓ here is the API key"

        asked = self._question(way_in.vault, "Show the personal API key", "Show")
        way_in.prompt.ask(asked, attempt)
        return found[0]

    def _rotated(self, way_in: WayIn, can_ask: bool) -> ApiKey:
        from bw_magics.session.api_key import WHAT_ROTATING_DOES

        care = way_in.vault.api_key
        if not can_ask:
            raise _nobody("rotated")
        done: list[Rotated] = []

        def attempt(answers: Mapping[str, Secret]) -> str | Again:
            try:
                done.append(self.session.waiting(lambda: care.rotate(**_given(answers))))
            except (WrongMasterPassword, CodeRefused) as refused:
                return Again(refused.fact, refused.remedy, asked.fields)
            if not done[0].is_seen_again:
                return "✓ rotated; this session goes on with the new API key"
            if done[0].is_new:
                return "✓ the answer was lost, and the API key is a new one; this session has it"
            return "✗ the answer was lost, and the API key is still the old one: not rotated"

        title = "Rotate the personal API key"
        asked = self._question(way_in.vault, title, "Rotate", WHAT_ROTATING_DOES)
        way_in.prompt.ask(asked, attempt)
        self._remember(way_in.vault, done[0].api_key.client_id)
        return done[0].api_key

    def _remember(self, vault: Vault, client_id: str) -> None:
        """Puts the new key into the keyring if the old one is there."""
        from bw_magics.session.storage.keyring import Remembered

        remembered = Remembered(vault.profile_name).source()
        if remembered is not None and remembered.get(CLIENT_ID) == client_id:
            vault.remember()
            self.session.say("  the keyring has the new one, too")

    def _question(self, vault: Vault, title: str, button: str, hint: str = "") -> Question:
        care = vault.api_key
        if care.needs_code:
            self.session.waiting(care.send_code)
            self.session.say("The server sends a code to the e-mail address of your account.")
            fields: tuple[Field, ...] = (_CODE,)
        else:
            fields = (question.MASTER_PASSWORD,)
        server = vault.status.server or ""
        return Question(title=title, fields=fields, button=button, server=server, hint=hint)


def _given(answers: Mapping[str, Secret]) -> dict[str, str]:
    if _CODE.name in answers:
        return {"code": answers[_CODE.name]}
    return {"password": answers[question.MASTER_PASSWORD.name]}


def _nobody(what: str) -> NotOffered:
    return NotOffered(
        f"The API key is not {what} here: a person has to confirm that, and there is nobody to "
        "ask.",
        "Run it in a notebook that is open, or use the web vault.",
    )
