"""`CliVault`: the lists of the official CLI's unlocked session, encrypted for this session.

The CLI hands items out in plain. They are encrypted at once under keys made for this session
only, so that everything above reads them like any other vault.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from bw_magics.client.cli_serve import CliServe
from bw_magics.crypto import OrganizationKey, PrivateKey, SymmetricKey, UserKey
from bw_magics.crypto.wrapping import wrap_private_key
from bw_magics.errors import AnswerUnusable, BitwardenError, NotOffered
from bw_magics.secret import Secret, Unpicklable
from bw_magics.settings import Server
from bw_magics.steps import LOG_IN, LOG_OUT, Remedy

if TYPE_CHECKING:
    from bw_magics.answer import Answer

# Members of an item that are not encrypted on a server either.
_CLEAR = frozenset(
    [
        *("id", "organizationId", "folderId", "collectionIds", "object", "type", "key", "match"),
        *("creationDate", "revisionDate", "deletedDate", "archivedDate", "passwordRevisionDate"),
        *("lastUsedDate", "size", "sizeName", "url", "linkedId"),
    ]
)


class CliVault(Unpicklable):
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
        """Raises `AnswerUnusable`: the CLI does not tell, so every sync downloads everything."""
        raise AnswerUnusable("The bw CLI does not say when the vault last changed.")

    def sync(self) -> bytearray:
        """Returns everything the CLI has; from the second call on, the CLI syncs first."""
        fetched, self._fetched = self._fetched, None
        return self._fetch() if fetched is None else fetched

    def _fetch(self, *, is_first: bool = False) -> bytearray:
        with CliServe(session=self._session) as cli:
            status = cli.status()
            if is_first:
                self.server = _server(status.text("serverUrl") or "us")
            else:
                cli.sync()
            items = _objects(cli.list("items") + cli.list("items?trash=true"))
            folders = [each for each in _objects(cli.list("folders")) if each.get("id")]
            collections = _objects(cli.list("collections"))
            organizations = _objects(cli.list("organizations"))
        organizations = [each for each in organizations if isinstance(each.get("id"), str)]
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
        """Raises `NotOffered`."""
        raise not_with_cli("Attachments")

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


def _objects(entries: list[Any]) -> list[dict[str, Any]]:
    """Leaves out what is not an object: one odd entry does not affect the others."""
    return [each for each in entries if isinstance(each, dict)]


def _server(address: str) -> Server:
    """Names the server of the CLI. Only the CLI talks to it, so plain http is its own affair."""
    try:
        return Server.parse(re.sub(r"^http:", "https:", address, flags=re.IGNORECASE))
    except BitwardenError:
        return Server.parse("us")._replace(name="the bw CLI's server")


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


def not_with_cli(what: str) -> NotOffered:
    """Makes the error for what needs a login with the API key."""
    return NotOffered(
        f"{what} is not available through the bw CLI's session.",
        Remedy("Log in with the personal API key: {}, then {}.", LOG_OUT, LOG_IN),
    )
