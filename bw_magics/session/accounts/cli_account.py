"""`CliAccount`: the official CLI's unlocked session in place of a login.

Every login method of the CLI (single sign-on, device approval, a second factor) works for a
notebook this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.client.identity import Login
from bw_magics.crypto import AccountKeys, UserKey
from bw_magics.errors import NotOffered
from bw_magics.secret import Secret, Unpicklable
from bw_magics.session.accounts.cli_vault import CliVault, not_with_cli
from bw_magics.session.clock import next_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from bw_magics.client.api_key_api import ApiKeyApi
    from bw_magics.client.download import Download
    from bw_magics.client.features import Features
    from bw_magics.client.identity import ApiKey
    from bw_magics.client.upload import Upload
    from bw_magics.client.writing_api import WritingApi
    from bw_magics.crypto import MasterKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.settings import Server

SOURCE = "the bw CLI's session"


class CliAccount(Unpicklable):
    """An account of the CLI. A lock ends it: only the CLI could unlock it again.

    `session` is the CLI's session key. Raises `NotOffered` where `bw` cannot be run, and
    `VaultLocked` where it is not unlocked.
    """

    def __init__(self, *, session: str) -> None:
        self.api = CliVault(session=session)
        self.logged_in_moment = next_moment()
        self.login = Login(
            access_token=Secret("none", "access token"),
            expires_at=float("inf"),
            email=None,
            user_id=None,
            name=None,
            security_stamp=None,
            unlock=None,
            unlock_problem=None,
            account_keys=AccountKeys(),
            has_master_password=True,
            uses_key_connector=False,
            force_password_reset=False,
        )

    def __repr__(self) -> str:
        return f"<CliAccount at {self.server.name}>"

    @property
    def server(self) -> Server:
        """The server that the CLI names."""
        return self.api.server

    @property
    def client_id(self) -> str:
        """A placeholder: CLI sessions have no client id."""
        return "the bw CLI"

    @property
    def source(self) -> str:
        """The CLI's session."""
        return SOURCE

    @property
    def problem(self) -> None:
        """None: the CLI renews its tokens itself."""
        return None

    @property
    def is_unasked(self) -> bool:
        """Whether nothing was asked yet: never, `bw` is asked at once."""
        return False

    @property
    def is_offline(self) -> bool:
        """Never: the CLI reads its own copy of the vault."""
        return False

    @property
    def ends_with_lock(self) -> bool:
        """Always: the keys of this session are gone with the lock."""
        return True

    @property
    def user_key(self) -> UserKey:
        """The key of this session, which opens what the CLI handed out."""
        return self.api.user_key

    @property
    def writing(self) -> WritingApi:
        """Raises `NotOffered`: this session only reads."""
        raise not_with_cli("Writing")

    def features(self) -> Features:
        """Raises `NotOffered`: only the CLI talks to the server."""
        raise not_with_cli("Writing")

    @property
    def api_key(self) -> ApiKey:
        """Raises `NotOffered`: the CLI does not hand it out."""
        raise not_with_cli("The API key")

    def key_api(self) -> ApiKeyApi:
        """Raises `NotOffered`: the CLI has no such calls."""
        raise not_with_cli("The API key")

    def go_on_with(self, api_key: ApiKey) -> None:
        """Raises `NotOffered`: the CLI keeps its own login."""
        raise not_with_cli("The API key")

    def require_master_password(self) -> None:
        """Raises `NotOffered`: `bw` has checked it, and the session has nothing to compare with."""
        raise NotOffered(
            "The bw CLI has unlocked this session, so no master password is asked for again.",
            "Read items with re-prompt as they are: they count as confirmed.",
        )

    def log_in_anew(self) -> bool:
        """Raises `NotOffered`: the CLI keeps its own login."""
        raise not_with_cli("A new login")

    def is_for(self, server: Server, api_key: ApiKey) -> bool:
        """Returns False: an API key is another login."""
        return False

    def is_same_user(self, other: Account | None) -> bool:
        """Returns False: a new CLI session has new keys."""
        return False

    def download(self, address: str, *, largest: int) -> Download:
        """Raises `NotOffered`."""
        raise not_with_cli("Attachments")

    def put(self, address: str, upload: Upload, renewed: Callable[[], str]) -> None:
        """Raises `NotOffered`."""
        raise not_with_cli("Attachments")

    def software(self, patience: float) -> None:
        """Returns None: only the CLI talks to the server."""
        return

    def connector_key(self, url: str) -> MasterKey:
        """Raises `NotOffered`."""
        raise not_with_cli("A Key Connector's key")

    def renew_lock_after_fork(self) -> None:
        """Does nothing: this account holds no lock."""

    def close(self) -> None:
        """Forgets the CLI's session."""
        self.api.forget()
