"""`Account`: the interface of an account to the session, for every kind of login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from bw_magics.answer import Answer
    from bw_magics.client.api_key_api import ApiKeyApi
    from bw_magics.client.download import Download
    from bw_magics.client.features import Features
    from bw_magics.client.identity import ApiKey, Login
    from bw_magics.client.upload import Upload
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.crypto import MasterKey
    from bw_magics.errors import CredentialsError
    from bw_magics.settings import Server


class VaultCalls(Protocol):
    """The calls that read the encrypted vault of an account."""

    def revision_date(self) -> int:
        """Asks when the account last changed, in milliseconds since 1970 by the server's clock.

        Raises `AnswerUnusable` where that is not known.
        """

    def sync(self) -> bytearray:
        """Downloads the whole vault, encrypted, as JSON."""

    def attachment(self, item_id: str, attachment_id: str) -> Answer:
        """Asks for an attachment's description, with a fresh `url`."""


class Account(Protocol):
    """A logged-in account. Every kind implements all of it; what a kind cannot do is a
    `NotOffered`.
    """

    @property
    def server(self) -> Server:
        """The server of the account."""

    @property
    def client_id(self) -> str:
        """The name of the login at that server; it is not secret."""

    @property
    def source(self) -> str:
        """Where the credentials came from, for a person to read."""

    @property
    def login(self) -> Login:
        """The answer to the last login."""

    @property
    def logged_in_moment(self) -> int:
        """The moment of that answer, in the order of `clock.next_moment`."""

    @property
    def problem(self) -> CredentialsError | None:
        """Why the server no longer accepts the credentials; None while it does."""

    @property
    def is_offline(self) -> bool:
        """Whether the server could not be reached since the login."""

    @property
    def is_unasked(self) -> bool:
        """Whether the login is the kept one, and the server was not asked yet."""

    @property
    def ends_with_lock(self) -> bool:
        """Whether locking leaves nothing that could be unlocked again."""

    @property
    def api(self) -> VaultCalls:
        """The calls that read the vault."""

    @property
    def writing(self) -> WritingApi:
        """The calls that change the vault. Raises `NotOffered`."""

    def features(self) -> Features:
        """Asks what the server can do; it is asked once."""

    @property
    def api_key(self) -> ApiKey:
        """The API key with which the token is renewed. Raises `NotOffered`."""

    def key_api(self) -> ApiKeyApi:
        """Returns the calls about the API key. Raises `NotOffered`."""

    def go_on_with(self, api_key: ApiKey) -> None:
        """Renews with another API key of the same user from now on. Raises `NotOffered`."""

    def require_master_password(self) -> None:
        """Raises `NotOffered` where a master password cannot be checked."""

    def log_in_anew(self) -> bool:
        """Logs in once more: the answer has the newest wrapped key. Returns False where that was
        done a moment ago. Raises `NotOffered`.
        """

    def is_for(self, server: Server, api_key: ApiKey) -> bool:
        """Tells whether logging in with these again would change nothing."""

    def is_same_user(self, other: Account | None) -> bool:
        """Tells whether the other account is the same user at the same server."""

    def download(self, address: str, *, largest: int) -> Download:
        """Prepares a download from an address that the server gave. Raises `NotOffered`.

        `largest` is in bytes; 0 means unlimited.
        """

    def put(self, address: str, upload: Upload, renewed: Callable[[], str]) -> None:
        """Puts an encrypted file at an address that the server gave out, without any token.
        `renewed` asks for another one, where that lasts shorter than the upload.

        Raises `NotOffered`, and `ServerError` where it was not stored.
        """

    def software(self, patience: float) -> str | None:
        """Names the server's software, asked once; None where the server does not say, or not
        within `patience` seconds.
        """

    def connector_key(self, url: str) -> MasterKey:
        """Fetches the key that a Key Connector keeps for this account. Raises `NotOffered`."""

    def renew_lock_after_fork(self) -> None:
        """Replaces the lock in a forked child, where no thread would ever release it."""

    def close(self) -> None:
        """Ends the connections and forgets the credentials."""
