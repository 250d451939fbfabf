"""`AccountKeys`: the wrapped keys and the signed state of an account, as a server sends them.

A login sends the block as `AccountKeys`, a sync as `profile.accountKeys` (docs/protocol.md,
Encryption V2). Only accounts with V2 need its contents, so COSE is imported only for them.
"""

from __future__ import annotations

import binascii
import hmac
from typing import TYPE_CHECKING, NamedTuple, Self

from bw_magics.answer import Answer
from bw_magics.crypto.content_type import COSE_KEY, PKCS8
from bw_magics.crypto.enc_string import COSE_ENCRYPT0, EncString
from bw_magics.errors import CryptographyError, SecurityStateRefused
from bw_magics.secret import Unpicklable

if TYPE_CHECKING:
    from bw_magics.crypto.cose.cose_key import UserKeyV2
    from bw_magics.crypto.cose.sign1 import Sign1
    from bw_magics.crypto.cose.signing_key import VerifyingKey
    from bw_magics.crypto.rsa import PrivateKey

# The lowest security version of an account with encryption V2.
FIRST_SECURITY_VERSION = 2

_REMEDY = "Nothing was opened. Look at the account in the official web vault."


class OpenedAccount(Unpicklable):
    """An opened account with encryption V2.

    `is_verified` is False if the installed `cryptography` package cannot check this kind of
    signature. The security version is then the server's claim.
    """

    __slots__ = ("is_verified", "private_key", "security_version")

    def __init__(self, private_key: PrivateKey, security_version: int, is_verified: bool) -> None:
        self.private_key = private_key
        self.security_version = security_version
        self.is_verified = is_verified

    def __repr__(self) -> str:
        return f"<OpenedAccount, security version {self.security_version}>"


class AccountKeys(NamedTuple):
    """An account's key pairs as a server sends them; every member may be missing.

    The keys are EncStrings in their text form. `security_state` and `signed_public_key` are
    COSE_Sign1 messages in base64.
    """

    private_key: str | None = None
    signing_key: str | None = None
    signed_public_key: str | None = None
    security_state: str | None = None

    def __repr__(self) -> str:
        return f"<AccountKeys, {'signed' if self.is_signed else 'not signed'}>"

    @classmethod
    def read(cls, answer: Answer) -> Self:
        """Reads a token answer or a profile; falls back on the legacy `PrivateKey`."""
        keys = answer.object("accountKeys")
        pair = keys.object("publicKeyEncryptionKeyPair")
        return cls(
            private_key=pair.text("wrappedPrivateKey") or answer.text("privateKey"),
            signing_key=keys.object("signatureKeyPair").text("wrappedSigningKey"),
            signed_public_key=pair.text("signedPublicKey"),
            security_state=keys.object("securityState").text("securityState"),
        )

    @property
    def is_of_version_2(self) -> bool:
        """True if the private key is wrapped as in an account with encryption V2."""
        return self.private_key is not None and self.private_key.startswith(f"{COSE_ENCRYPT0}.")

    @property
    def is_signed(self) -> bool:
        """True if the server sends a signing key and a signed state."""
        return self.signing_key is not None and self.security_state is not None

    def open(self, user_key: UserKeyV2) -> OpenedAccount:
        """Decrypts the account's key pair and verifies its signed state.

        The verifying key is derived from the signing key, which only the user key decrypts, so a
        server cannot sign for itself. Raises `SecurityStateRefused` with the reason.
        """
        try:
            return self._open(user_key)
        except SecurityStateRefused:
            raise
        except CryptographyError as problem:
            fact = problem.fact
        raise SecurityStateRefused(f"The account's signed keys cannot be used: {fact}", _REMEDY)

    def _open(self, user_key: UserKeyV2) -> OpenedAccount:
        # Accounts with encryption V1 start faster without COSE and RSA.
        from bw_magics.crypto.cose import cbor
        from bw_magics.crypto.cose.sign1 import SECURITY_STATE, SIGNED_PUBLIC_KEY
        from bw_magics.crypto.cose.signing_key import SigningKey
        from bw_magics.crypto.rsa import PrivateKey

        if self.private_key is None or self.signing_key is None or self.security_state is None:
            raise _refused("the server left out a key or the security state.")
        private_key = PrivateKey.from_pkcs8(
            user_key.decrypt(EncString.parse(self.private_key), PKCS8)
        )
        verifying_key = SigningKey.parse(
            user_key.decrypt(EncString.parse(self.signing_key), COSE_KEY)
        ).verifying_key
        if self.signed_public_key is not None:
            signed = _payload(_message(self.signed_public_key), verifying_key, SIGNED_PUBLIC_KEY)
            public_key = cbor.decode_map(signed).get("publicKey")
            if not isinstance(public_key, bytes) or not hmac.compare_digest(
                public_key, private_key.spki
            ):
                raise _refused("the signed public key is not that of the private key.")
        state = _payload(_message(self.security_state), verifying_key, SECURITY_STATE)
        version = cbor.decode_map(state).get("version")
        if isinstance(version, bool) or not isinstance(version, int):
            raise _refused("the security state has no version.")
        if version < FIRST_SECURITY_VERSION:
            raise _refused(f"the security state says version {version}, which V2 cannot have.")
        return OpenedAccount(private_key, version, verifying_key.can_verify)


def _message(text: str) -> Sign1:
    # Only accounts with encryption V2 get here; see `_open`.
    from bw_magics.crypto.cose.sign1 import Sign1

    try:
        return Sign1.parse(binascii.a2b_base64(text, strict_mode=True))
    except ValueError:
        raise _refused("a signed message is not base64.") from None


def _payload(message: Sign1, key: VerifyingKey, namespace: int) -> bytes:
    if key.can_verify:
        return message.verify(key, namespace=namespace)
    return message.unverified(key, namespace=namespace)


def _refused(reason: str) -> SecurityStateRefused:
    return SecurityStateRefused(f"The account's signed keys cannot be used: {reason}", _REMEDY)
