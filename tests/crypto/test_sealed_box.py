from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto.sealed_box import BoxKey, seal_box
from bw_magics.errors import AuthenticationFailed, EncStringMalformed

KEY = BoxKey()


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_the_holder_of_the_key_opens_what_was_sealed_to_it(data: bytes, context: bytes) -> None:
    assert KEY.open(seal_box(data, to=KEY.public, context=context), context=context) == data


@given(st.binary(max_size=64), st.data())
def test_any_changed_or_missing_byte_is_noticed(data: bytes, draw: st.DataObject) -> None:
    sealed = bytearray(seal_box(data, to=KEY.public, context=b"block"))
    place = draw.draw(st.integers(0, len(sealed) - 1))
    if draw.draw(st.booleans()):
        del sealed[place:]
    elif place == 31:
        sealed[place] ^= draw.draw(st.integers(1, 127))  # X25519 ignores the highest bit
    else:
        sealed[place] ^= draw.draw(st.integers(1, 255))

    with pytest.raises(AuthenticationFailed):
        KEY.open(bytes(sealed), context=b"block")


def test_neither_another_key_nor_another_context_opens_it() -> None:
    sealed = seal_box(b"canary", to=KEY.public, context=b"block")
    for key, context in ((BoxKey(), b"block"), (KEY, b"other")):
        with pytest.raises(AuthenticationFailed):
            key.open(sealed, context=context)


def test_the_same_twice_is_never_the_same() -> None:
    first, second = (seal_box(b"canary", to=KEY.public, context=b"") for _ in range(2))
    assert first[:32] != second[:32]
    assert first[32:] != second[32:]


@pytest.mark.parametrize("public", [b"", b"short", bytes(32), bytes(33)])
def test_what_is_not_a_public_key_is_refused(public: bytes) -> None:
    with pytest.raises(EncStringMalformed):
        seal_box(b"canary", to=public, context=b"")


def test_a_key_is_neither_shown_nor_pickled() -> None:
    assert repr(KEY) == "<BoxKey>"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
