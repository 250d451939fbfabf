"""`ApiKeyApi`: viewing and rotating the personal API key (docs/protocol.md, API key)."""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.client.body import UNREADABLE, parse_json
from bw_magics.client.vault_api import VaultApi
from bw_magics.errors import AnswerUnusable, CodeRefused, RequestRefused, WrongMasterPassword
from bw_magics.lean_regex import regex
from bw_magics.secret import Secret, Unpicklable

_WRITTEN = regex(r"[!-~]{8,256}")


@dataclass(frozen=True, slots=True, repr=False)
class Verification(Unpicklable):
    """The proof of who asks: the hash of the master password, or the code from an e-mail."""

    password_hash: Secret | None = None
    code: Secret | None = None

    @property
    def members(self) -> dict[str, str]:
        """Returns the members of the request."""
        if self.password_hash is not None:
            return {"masterPasswordHash": self.password_hash}
        return {"otp": self.code or ""}


class ApiKeyApi(Unpicklable):
    """The calls about the API key of the account that a `VaultApi` is for.

    Raises `WrongMasterPassword` or `CodeRefused` where the server does not accept the
    verification; the other errors are those of `VaultApi`.
    """

    def __init__(self, api: VaultApi, server: str) -> None:
        self._api = api
        self._server = server

    def view(self, verification: Verification) -> Secret:
        """Returns the present `client_secret`."""
        return self._secret("accounts/api-key", verification)

    def rotate(self, verification: Verification) -> Secret:
        """Replaces the `client_secret`, and returns the new one."""
        return self._secret("accounts/rotate-api-key", verification)

    def send_code(self) -> None:
        """Asks the server to send a code to the account's e-mail address."""
        self._api.post("accounts/request-otp", {})

    def _secret(self, path: str, verification: Verification) -> Secret:
        refusal: WrongMasterPassword | CodeRefused | None = None
        try:
            body = self._api.post(path, verification.members)
        except RequestRefused as refused:
            if refused.status != 400 or refused.is_explained:
                raise
            refusal = self._refusal(verification)
        if refusal is not None:
            raise refusal
        value = parse_json(body)
        text = Answer({} if value is UNREADABLE else value).text("apiKey") or ""
        if not _WRITTEN.fullmatch(text):
            raise AnswerUnusable(
                f"The answer of {self._server} has no API key.",
                "Look at it in the web vault under Settings → Security → Keys.",
            )
        return Secret(text, "client_secret")

    def _refusal(self, verification: Verification) -> WrongMasterPassword | CodeRefused:
        if verification.password_hash is None:
            return CodeRefused(
                f"{self._server} did not accept the code.",
                "It is good once and for a few minutes: ask for another one.",
            )
        return WrongMasterPassword(
            f"{self._server} did not accept the master password.",
            "It is the one of the web vault; nothing has changed.",
        )
