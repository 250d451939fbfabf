"""Envelopes: COSE messages that name the kind of their contents.

Two namespaces in the protected header keep one kind from being taken for another. As in the
official SDK, a missing namespace is accepted and a wrong one is refused.
"""

from __future__ import annotations

from bw_magics.crypto.content_type import PADDED_CBOR
from bw_magics.crypto.cose import cbor
from bw_magics.crypto.cose.cose_key import ContentKey
from bw_magics.crypto.cose.encrypt0 import Encrypt0
from bw_magics.crypto.cose.padding import unpad
from bw_magics.errors import CoseMalformed

CONTENT_NAMESPACE, OBJECT_NAMESPACE = -80001, -80002

# The object namespace of contents, and the content namespace of an item's.
DATA_ENVELOPE, VAULT_ITEM = 2, 1

# Contents are padded to at least 64 bytes.
_SHORTEST = 64


def open_data_envelope(key: ContentKey, message: bytes, *, content: int) -> cbor.Value:
    """Decrypts the value in a data envelope of that content namespace."""
    envelope = Encrypt0.parse(message)
    _check(envelope, OBJECT_NAMESPACE, DATA_ENVELOPE)
    _check(envelope, CONTENT_NAMESPACE, content)
    return cbor.decode(unpad(key.decrypt_message(envelope, PADDED_CBOR)))


def make_data_envelope(key: ContentKey, value: cbor.Value, *, content: int) -> bytes:
    """Encrypts a value as a data envelope of that content namespace."""
    data = cbor.encode(value)
    count = max(_SHORTEST - len(data), 1)
    padded = data + bytes([count]) * count
    headers: cbor.Map = {OBJECT_NAMESPACE: DATA_ENVELOPE, CONTENT_NAMESPACE: content}
    return bytes(key.encrypt_message(padded, PADDED_CBOR, headers))


def _check(envelope: Encrypt0, label: int, expected: int) -> None:
    found = envelope.headers.get(label)
    if found is not None and found != expected:
        raise CoseMalformed("The envelope was made for something else.")
