"""The upgrade token: the user keys of both versions, each wrapped under the other.

With it, a session that holds the user key of V1 continues after another client upgraded the
account. bw_magics only reads the token: a lock drops the user key, and the next unlock gets the new
one with the master password.
"""

from __future__ import annotations

from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.crypto.content_type import LEGACY_KEY
from bw_magics.crypto.cose.cose_key import UserKeyV2
from bw_magics.crypto.enc_string import EncString
from bw_magics.crypto.keys import UserKey
from bw_magics.errors import AuthenticationFailed


@dataclass(frozen=True, slots=True, repr=False)
class UpgradeToken:
    """The `userDecryption.v2UpgradeToken` of a sync."""

    wrapped_v1: EncString
    wrapped_v2: EncString

    def __repr__(self) -> str:
        return "<UpgradeToken>"

    @classmethod
    def read(cls, user_decryption: Answer) -> UpgradeToken | None:
        """Reads the token in a sync's `userDecryption`; None if it has none."""
        token = user_decryption.object("v2UpgradeToken")
        wrapped_v1, wrapped_v2 = token.text("wrappedUserKey1"), token.text("wrappedUserKey2")
        if wrapped_v1 is None or wrapped_v2 is None:
            return None
        return cls(EncString.parse(wrapped_v1), EncString.parse(wrapped_v2))

    def upgrade(self, user_key: UserKey) -> UserKeyV2:
        """Decrypts the user key of V2 and checks that it decrypts the user key of V1.

        Raises `AuthenticationFailed` if the two directions disagree.
        """
        upgraded = UserKeyV2.parse_padded(user_key.decrypt(self.wrapped_v2))
        if UserKey(upgraded.decrypt(self.wrapped_v1, LEGACY_KEY)) != user_key:
            raise AuthenticationFailed("The upgrade token belongs to another user key.")
        return upgraded
