"""The keys of a demo account, in either version of account encryption."""

from __future__ import annotations

import base64

from bw_magics.crypto import EncString, MasterKey, PrivateKey, SymmetricKey, UserKey
from bw_magics.crypto.content_type import COSE_KEY
from bw_magics.crypto.enc_string import AES_CBC
from bw_magics.crypto.wrapping import EitherUserKey, wrap_private_key
from bw_magics.demo.account import Encryption
from bw_magics.demo.json_object import Json


class AccountKeysV1:
    """A user key of 64 bytes, and an RSA key pair that it wraps."""

    def __init__(self, key_pair: PrivateKey) -> None:
        self.user_key: EitherUserKey = UserKey.generate()
        self.key_pair = key_pair
        self.public_key = base64.b64encode(key_pair.spki).decode()
        self.private_key = str(wrap_private_key(key_pair.pkcs8, under=self.user_key))

    @property
    def block(self) -> Json:
        """The official server's `AccountKeys` block."""
        return {
            "signatureKeyPair": None,
            "publicKeyEncryptionKeyPair": {
                "wrappedPrivateKey": self.private_key,
                "publicKey": self.public_key,
                "signedPublicKey": None,
                "object": "publicKeyEncryptionKeyPair",
            },
            "securityState": None,
            "object": "privateKeys",
        }


class AccountKeysV2(AccountKeysV1):
    """An XChaCha20-Poly1305 user key, an RSA key pair, and an Ed25519 signing key.

    The signing key signs the public key and the security state.
    """

    SECURITY_VERSION = 2

    def __init__(self, key_pair: PrivateKey) -> None:
        # A demo with encryption V1, the default, starts faster without COSE.
        from bw_magics.crypto.cose import cbor
        from bw_magics.crypto.cose.cose_key import UserKeyV2
        from bw_magics.crypto.cose.sign1 import SECURITY_STATE, SIGNED_PUBLIC_KEY, Sign1
        from bw_magics.crypto.cose.signing_key import SigningKey

        super().__init__(key_pair)
        user_key = UserKeyV2.generate()
        self.user_key = user_key
        self.private_key = str(wrap_private_key(key_pair.pkcs8, under=user_key))
        signing_key = SigningKey.generate()
        self._signing_key = str(user_key.encrypt(signing_key.encoded, COSE_KEY))
        self._verifying_key = base64.b64encode(signing_key.verifying_key.encoded).decode()

        def signed(payload: cbor.Value, namespace: int) -> str:
            message = Sign1.sign(signing_key, cbor.encode(payload), namespace=namespace)
            return base64.b64encode(bytes(message)).decode()

        self._signed_public_key = signed(
            {"algorithm": 0, "contentFormat": 0, "publicKey": key_pair.spki}, SIGNED_PUBLIC_KEY
        )
        self._security_state = signed({"version": self.SECURITY_VERSION}, SECURITY_STATE)

    @property
    def block(self) -> Json:
        """The block with signature key pair and security state, which only V2 has."""
        block = super().block
        block["publicKeyEncryptionKeyPair"]["signedPublicKey"] = self._signed_public_key
        block["signatureKeyPair"] = {
            "wrappedSigningKey": self._signing_key,
            "verifyingKey": self._verifying_key,
            "object": "signatureKeyPair",
        }
        block["securityState"] = {
            "securityState": self._security_state,
            "securityVersion": self.SECURITY_VERSION,
            "object": "securityState",
        }
        return block


def make_keys(encryption: Encryption, key_pair: PrivateKey) -> AccountKeysV1:
    """Makes new keys for an account with that version of encryption."""
    return AccountKeysV2(key_pair) if encryption == 2 else AccountKeysV1(key_pair)


def legacy_wrap(master_key: MasterKey, user_key: SymmetricKey) -> str:
    """Wraps a user key as before 2018: type 0, under the master key itself."""
    # AES-CBC and its padding are those of type 2; the half that authenticates is left out.
    wrapped = SymmetricKey(master_key.material * 2).encrypt(user_key.material)
    return str(EncString(AES_CBC, wrapped.data, wrapped.iv))
