"""`KeyStore`: the keys of an unlocked vault."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bw_magics.announcing import Secrets
from bw_magics.answer import Answer
from bw_magics.crypto.account_keys import OpenedAccount
from bw_magics.crypto.enc_string import EncString
from bw_magics.crypto.keys import OrganizationKey
from bw_magics.crypto.wrapping import (
    EitherItemKey,
    EitherKey,
    EitherUserKey,
    unwrap_item_key,
    unwrap_private_key,
)
from bw_magics.errors import BitwardenError, CryptographyError, StateError, Unreadable
from bw_magics.secret import Unpicklable
from bw_magics.vault.blob import Blob
from bw_magics.vault.ids import id_key
from bw_magics.vault.snapshot import Organization, Provider

# RSA is imported when an organisation's key is first needed: it takes as long as opening a vault.
if TYPE_CHECKING:
    from bw_magics.crypto.rsa import PrivateKey

# So many keys of items are kept for the next read: one is opened again in a few microseconds.
_MOST_ITEM_KEYS = 1_000

OnUse = Callable[[], None]
Unopened = tuple[OpenedAccount | str | None, tuple[Organization, ...], tuple[Provider, ...]]


class KeyStore(Unpicklable):
    """The user key and the organisations' keys, until they are forgotten.

    `on_use` is called before every use and may raise (an idle vault locks itself there);
    `secrets` makes every `Secret` that is decrypted with them. After `forget` every use raises the
    error that was given to it: items that outlive a lock cannot decrypt any more.

    `security_version` is that of the account's signed state, 0 for an account of version 1;
    `is_verified` is False where its signature could not be checked here.
    """

    __slots__ = (
        "_confirmed",
        "_item_keys",
        "_on_use",
        "_opened",
        "_organization_keys",
        "_problems",
        "_refusal",
        "_unopened",
        "_user_key",
        "is_verified",
        "secrets",
        "security_version",
    )

    def __init__(
        self,
        user_key: EitherUserKey,
        *,
        secrets: Secrets | None = None,
        on_use: OnUse | None = None,
    ) -> None:
        self.security_version = 0
        self.is_verified = True
        self._user_key: EitherUserKey | None = user_key
        self._organization_keys: dict[str, OrganizationKey] = {}
        self._item_keys: dict[str, EitherItemKey] = {}
        self._opened: tuple[str, dict[str, Any]] = ("", {})
        self._problems: dict[str, str] = {}
        self._confirmed: frozenset[str] = frozenset()
        self.secrets = secrets or Secrets()
        self._on_use = on_use
        self._refusal: Callable[[], StateError] | None = None
        self._unopened: Unopened | None = None

    def __repr__(self) -> str:
        return "<KeyStore, forgotten>" if self._user_key is None else "<KeyStore>"

    def renew(
        self,
        account: OpenedAccount | str | None,
        organizations: tuple[Organization, ...],
        providers: tuple[Provider, ...] = (),
    ) -> None:
        """Takes what opens the organisations' keys; they are opened when one is first needed.

        `account` is the verified account of version 2, for version 1 the private key as an
        EncString under the user key. A provider's key may wrap an organisation's. An
        unreadable key affects only that organisation's items; reading one raises the reason.
        Raises what `forget` was given.
        """
        if self._user_key is None:
            raise self._refused()
        if isinstance(account, OpenedAccount):
            self.security_version = account.security_version
            self.is_verified = account.is_verified
        self._unopened = account, organizations, providers
        if self._user_key is None:
            self._unopened = None

    def _open_organizations(self) -> None:
        """Opens the organisations' keys with the account's RSA private key."""
        unopened, user_key = self._unopened, self.user_key
        if unopened is None:
            return
        account, organizations, providers = unopened
        keys: dict[str, OrganizationKey] = {}
        problems: dict[str, str] = {}
        pair: PrivateKey | None = None
        pair_problem = "the account has no private key."
        if isinstance(account, OpenedAccount):
            pair = account.private_key
        elif account is not None and organizations:
            from bw_magics.crypto.rsa import PrivateKey

            try:
                wrapped = EncString.parse(account)
                pair = PrivateKey.from_pkcs8(unwrap_private_key(wrapped, under=user_key))
            except CryptographyError as problem:
                pair_problem = f"the account's private key cannot be read: {problem.fact}"
        wrapping = {id_key(provider.id): provider.key for provider in providers}
        for organization in organizations:
            id = id_key(organization.id)
            if pair is None or organization.key is None:
                problems[id] = (
                    pair_problem if pair is None else "the organisation's key was not sent."
                )
                continue
            try:
                wrapped = EncString.parse(organization.key)
                provider_id = organization.provider_id
                if provider_id is None:
                    material = pair.unwrap(wrapped)
                else:
                    provider_key = EncString.parse(wrapping.get(id_key(provider_id)) or "")
                    material = OrganizationKey(pair.unwrap(provider_key)).decrypt(wrapped)
                keys[id] = OrganizationKey(material)
            except CryptographyError as problem:
                problems[id] = f"the organisation's key cannot be read: {problem.fact}"
        if self._unopened is unopened:  # else another thread has opened these, or newer ones
            self._organization_keys, self._problems, self._unopened = keys, problems, None
        if self._user_key is None:
            self._organization_keys = {}

    def forget(self, refusal: Callable[[], StateError]) -> None:
        """Drops every key; from now on every use raises what `refusal` makes."""
        self._refusal = refusal
        self._user_key = None
        self._organization_keys.clear()
        self._item_keys.clear()
        self._opened = ("", {})
        self._unopened = None

    @property
    def is_forgotten(self) -> bool:
        """Whether every use raises from now on."""
        return self._user_key is None

    @property
    def user_key(self) -> EitherUserKey:
        """The user key; raises what `forget` was given once it is forgotten."""
        key = self._user_key
        if key is None:
            raise self._refused()
        return key

    def used(self) -> None:
        """Reports a use of the vault; raises where it is or becomes locked."""
        if self._user_key is not None and self._on_use is not None:
            self._on_use()
        if self._user_key is None:
            raise self._refused()

    def key_for(
        self, organization_id: str | None, item_key: str | None, *, keep: bool = True
    ) -> EitherKey:
        """Returns the key that an item's fields are encrypted with (docs/protocol.md, Keys of
        items).

        `item_key` is the item's wrapped key, None where it does not have one; `keep` remembers
        it for the next read. Raises `Unreadable` with the reason.
        """
        owner: EitherKey = self.user_key
        if item_key is not None and (known := self._item_keys.get(item_key)) is not None:
            return known
        if organization_id is not None:
            self._open_organizations()
            organization_key = self._organization_keys.get(id_key(organization_id))
            if organization_key is None:
                reason = self._problems.get(
                    id_key(organization_id), "it is not among your organisations."
                )
                raise Unreadable(f"The organisation's items cannot be read: {reason}")
            owner = organization_key
        if item_key is None:
            return owner
        try:
            key = unwrap_item_key(EncString.parse(item_key), under=owner)
        except CryptographyError as problem:
            raise Unreadable(f"The item's own key cannot be read: {problem.fact}") from None
        if keep:
            if len(self._item_keys) >= _MOST_ITEM_KEYS:
                self._item_keys = {}
            self._item_keys[item_key] = key
            if self._user_key is None:
                # Locked meanwhile, by another thread: nothing is kept.
                self._item_keys.clear()
        return key

    def open_blob(self, record: Answer, *, keep: bool = True) -> dict[str, Any]:
        """Returns the contents of a blob item, in clear (docs/protocol.md, Blob items).

        The last one that was opened is kept until the next, or until `forget`. Raises
        `Unreadable` and `CryptographyError` with the reason.
        """
        data, item_key = record.text("data"), record.text("key")
        if data is None or item_key is None:
            raise Unreadable("Its contents or its own key were not sent.")
        text, contents = self._opened
        if text == data and self._user_key is not None:
            return contents
        key = self.key_for(record.text("organizationId"), item_key, keep=keep)
        contents = Blob.parse(data).open(key, record.integer("type"))
        self._opened = (data, contents)
        if self._user_key is None:
            self._opened = ("", {})
            raise self._refused()
        return contents

    def confirm(self, id: str) -> None:
        """Notes that the master password was given again for the item with that id; `""` stands
        for all items.
        """
        self._confirmed |= {id_key(id)}

    def is_confirmed(self, id: str) -> bool:
        """Returns whether it was, since the vault was unlocked."""
        return id_key(id) in self._confirmed or "" in self._confirmed

    def _refused(self) -> BitwardenError:
        if self._refusal is None:
            raise RuntimeError("a key store without keys has to know why")
        return self._refusal()
