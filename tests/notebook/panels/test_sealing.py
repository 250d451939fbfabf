"""Sealing between browser and kernel, against the browser's side written again."""

from __future__ import annotations

import pickle

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.notebook.panels.page_message import Submitted, read_message, read_values
from bw_magics.notebook.panels.sealing import (
    NotOpened,
    PromptKey,
    SealedMessage,
    from_base64,
    padded,
    seal_message,
    to_base64,
)
from tests.notebook.panels import browser_side

BINDING = "0123456789abcdef"
TYPED = {"client_id": "user.1", "client_secret": "Zwölf Ähren ☂", "master_password": '"\\\n '}


def sent(key: PromptKey, nonce: str, *, binding: str = BINDING) -> SealedMessage:
    message = {"t": "submit", "nonce": nonce}
    read = read_message({**message, "sealed": browser_side.seal(TYPED, key.public, binding, nonce)})
    assert isinstance(read, Submitted)
    assert read.sealed is not None
    return read.sealed


def test_what_the_browser_seals_the_kernel_opens() -> None:
    key = PromptKey(BINDING)
    nonce = key.new_nonce()

    opened = key.open(sent(key, nonce), nonce)

    assert read_values(opened, TYPED) == TYPED


def test_what_the_kernel_seals_the_panel_opens() -> None:
    pair = ec.generate_private_key(browser_side.CURVE)
    nonce = to_base64(b"0123456789abcdef")

    sealed = seal_message(
        b'{"value": "x"}', to=browser_side.public_bytes(pair), binding=BINDING, nonce=nonce
    )

    assert browser_side.unseal(sealed.as_message(), pair, BINDING, nonce) == {"value": "x"}
    with pytest.raises(InvalidTag):
        browser_side.unseal(sealed.as_message(), pair, "another panel", nonce)


@pytest.mark.parametrize("part", ["key", "iv", "data"])
def test_a_changed_message_is_not_opened(part: str) -> None:
    key = PromptKey(BINDING)
    nonce = key.new_nonce()
    sealed = sent(key, nonce)
    whole: bytes = getattr(sealed, part)

    for place in (0, len(whole) // 2, len(whole) - 1):
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        parts = {name: getattr(sealed, name) for name in ("key", "iv", "data")} | {part: changed}
        with pytest.raises(NotOpened):
            key.open(SealedMessage(**parts), nonce)


def test_it_is_bound_to_its_prompt_and_its_nonce() -> None:
    key, other = PromptKey(BINDING), PromptKey(BINDING)
    nonce = key.new_nonce()

    with pytest.raises(NotOpened):
        key.open(sent(key, nonce, binding="another prompt"), nonce)
    with pytest.raises(NotOpened):
        other.open(sent(key, nonce), nonce)
    with pytest.raises(NotOpened):
        key.open(sent(key, nonce), key.new_nonce())


def test_a_nonce_is_good_for_one_message() -> None:
    key = PromptKey(BINDING)
    first = key.new_nonce()

    assert not key.expects("")
    assert not key.expects(to_base64(b"0123456789abcdef"))
    assert key.expects(first)
    assert not key.expects(first), "a replay"
    second = key.new_nonce()
    assert not key.expects(first), "a late one"
    assert key.expects(second)


def test_what_is_not_a_point_of_the_curve_is_refused() -> None:
    nonce = to_base64(b"0123456789abcdef")
    key = PromptKey(BINDING)

    with pytest.raises(NotOpened):
        key.open(SealedMessage(b"\x04" + b"\x01" * 64, b"0" * 12, b"0" * 32), nonce)
    with pytest.raises(ValueError, match=r".*"):
        seal_message(b"{}", to=b"\x04" + b"\x01" * 64, binding=BINDING, nonce=nonce)


@given(st.text(max_size=700))
def test_lengths_tell_only_how_many_blocks(text: str) -> None:
    plain = padded(text.encode())

    assert len(plain) % 256 == 0
    assert plain.rstrip(b" ") == text.encode().rstrip(b" ")


@given(st.binary(max_size=100))
def test_bytes_travel_as_base64(data: bytes) -> None:
    assert from_base64(to_base64(data)) == data


def test_a_key_is_not_pickled_and_shows_nothing() -> None:
    key = PromptKey(BINDING)

    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert key.new_nonce() not in repr(key)
