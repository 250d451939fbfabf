"""`CliAccount`: the vault of the official CLI's unlocked session, in place of a login.

Every login method of the CLI (single sign-on, device approval, a second factor) works for a
notebook this way. What the CLI hands out in plain is encrypted at once under keys that are made
for this session only, so that everything above reads it like any other vault.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import msgspec

from bw_magics.client.cli_serve import CliServe
from bw_magics.client.identity import Login
from bw_magics.client.vault_api import VaultApi
from bw_magics.crypto import AccountKeys, OrganizationKey, PrivateKey, SymmetricKey, UserKey
from bw_magics.crypto.wrapping import wrap_private_key
from bw_magics.errors import AnswerUnusable, NotOffered
from bw_magics.secret import Secret
from bw_magics.session.account import Account
from bw_magics.session.deadline import Deadline
from bw_magics.settings import Server

if TYPE_CHECKING:
    from bw_magics.answer import Answer
    from bw_magics.client.download import Download
    from bw_magics.client.identity import ApiKey
    from bw_magics.crypto import MasterKey
    from bw_magics.session.vault import Vault

SOURCE = "the bw CLI's session"

# Members of an item that are not encrypted on a server either.
_CLEAR = frozenset(
    [
        *("id", "organizationId", "folderId", "collectionIds", "object", "type", "key", "match"),
        *("creationDate", "revisionDate", "deletedDate", "archivedDate", "passwordRevisionDate"),
        *("lastUsedDate", "size", "sizeName", "url", "linkedId"),
    ]
)


class CliVault(VaultApi):
    """The lists of `bw serve`, as the answer of a sync. `bw` runs only while it is asked."""

    def __init__(self, *, session: str) -> None:
        self.user_key = UserKey.generate()
        self._session = Secret(session, "BW_SESSION")
        self._key_pair: PrivateKey | None = None
        self._organization_keys: dict[str, OrganizationKey] = {}
        self.server = Server.parse("us")
        self._fetched: bytearray | None = self._fetch(is_first=True)

    def __repr__(self) -> str:
        return "<CliVault>"

    def revision_date(self) -> int:
        """Not known: every sync asks for everything."""
        raise AnswerUnusable("The bw CLI does not say when the vault last changed.")

    def sync(self) -> bytearray:
        """Everything the CLI has; from the second time on it is asked to sync first."""
        fetched, self._fetched = self._fetched, None
        return self._fetch() if fetched is None else fetched

    def _fetch(self, *, is_first: bool = False) -> bytearray:
        with CliServe(session=self._session) as cli:
            status = cli.status()
            if is_first:
                self.server = Server.parse(status.text("serverUrl") or "us")
            else:
                cli.sync()
            items = cli.list("items") + cli.list("items?trash=true")
            folders = [each for each in cli.list("folders") if each.get("id")]
            collections = cli.list("collections")
            organizations = cli.list("organizations")
        for each in organizations:
            self._organization_keys.setdefault(each["id"], OrganizationKey.generate())
        return bytearray(
            msgspec.json.encode(
                {
                    "profile": self._profile(status, organizations),
                    "folders": [_sealed(each, self.user_key) for each in folders],
                    "collections": [_sealed(each, self._owner_key(each)) for each in collections],
                    "ciphers": [self._item(each) for each in items],
                }
            )
        )

    def attachment(self, item_id: str, attachment_id: str) -> Answer:
        """Not read this way."""
        raise _not_with_cli("Attachments")

    def forget(self) -> None:
        """Forgets the CLI's session key; `bw` itself stays as it is."""
        self._session = Secret("", "BW_SESSION")

    def _owner_key(self, entry: dict[str, Any]) -> SymmetricKey:
        return self._organization_keys.get(entry.get("organizationId") or "", self.user_key)

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        key = self._owner_key(item)
        sealed: dict[str, Any] = _sealed(item, key)
        if key is self.user_key:
            sealed["organizationId"] = None
        return {**sealed, "key": None, "edit": False, "viewPassword": True}

    def _profile(self, status: Answer, organizations: list[dict[str, Any]]) -> dict[str, Any]:
        profile: dict[str, Any] = {"id": status.text("userId"), "email": status.text("userEmail")}
        if organizations:
            pair = self._key_pair = self._key_pair or PrivateKey.generate()
            profile["privateKey"] = str(wrap_private_key(pair.pkcs8, under=self.user_key))
            profile["organizations"] = [
                {**each, "key": str(pair.wrap(self._organization_keys[each["id"]].material))}
                for each in organizations
            ]
        return profile


class CliAccount(Account):
    """Takes the place of a login; a lock ends it, because only the CLI could unlock it again."""

    ends_with_lock = True

    def __init__(self, *, session: str) -> None:
        self._vault = CliVault(session=session)
        self.api = self._vault
        self.server = self._vault.server
        self.source = SOURCE
        self.problem = None
        self.logged_in_at = time.time()
        self._renewal = threading.Lock()
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

    @property
    def user_key(self) -> UserKey:
        """The key of this session, which opens what the CLI handed out."""
        return self._vault.user_key

    @property
    def client_id(self) -> str:
        """None of a server's."""
        return "the bw CLI"

    @property
    def api_key(self) -> ApiKey:
        """There is none."""
        raise _not_with_cli("The API key")

    def is_for(self, server: Server, api_key: ApiKey) -> bool:
        """Never: an API key is another login."""
        return False

    def download(self, address: str, *, largest: int) -> Download:
        """Not read this way."""
        raise _not_with_cli("Attachments")

    def connector_key(self, url: str) -> MasterKey:
        """Not read this way."""
        raise _not_with_cli("A Key Connector's key")

    def close(self) -> None:
        """Forgets the CLI's session."""
        self._vault.forget()


def open_vault(vault: Vault, account: CliAccount) -> None:
    """Takes the CLI's vault over, unlocked. Items with re-prompt count as confirmed, as for the
    CLI itself.
    """
    current = vault._current
    current.log_in(account)
    try:
        generation = current.state.generation
        contents = vault._read(vault._sync.first(), account, account.user_key)
        contents.keys.confirm("")
        deadline = Deadline(vault.lock_timeout, vault._clock, held=vault._held)
        current.unlock(generation, contents, deadline, is_unattended=False)
    except BaseException:
        vault.logout()
        raise


def _sealed(value: Any, key: SymmetricKey) -> Any:
    if isinstance(value, str):
        return key.encrypt_text(value)
    if isinstance(value, list):
        return [_sealed(element, key) for element in value]
    if isinstance(value, dict):
        return {
            name: member if name in _CLEAR else _sealed(member, key)
            for name, member in value.items()
        }
    return value


def _not_with_cli(what: str) -> NotOffered:
    return NotOffered(
        f"{what} cannot be had through the bw CLI's session.",
        "Log in with the personal API key: %bw_logout, then %bw_login.",
    )
