from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto import AttachmentKey, decrypt_file, encrypt_file
from bw_magics.crypto.file import open_file
from bw_magics.errors import AuthenticationFailed, EncryptionUnsupported, EncStringMalformed

KEY = AttachmentKey(bytes(range(64)))


@given(st.binary(max_size=300))
def test_a_file_decrypts_to_what_was_encrypted(data: bytes) -> None:
    assert decrypt_file(KEY, encrypt_file(KEY, data)) == data


@given(st.binary(max_size=64), st.data())
def test_any_changed_byte_is_noticed(data: bytes, draw: st.DataObject) -> None:
    file = bytearray(encrypt_file(KEY, data))
    place = draw.draw(st.integers(1, len(file) - 1))
    file[place] ^= draw.draw(st.integers(1, 255))

    with pytest.raises(AuthenticationFailed):
        decrypt_file(KEY, bytes(file))


@given(st.binary(max_size=64), st.data())
def test_a_file_that_is_cut_off_is_noticed(data: bytes, draw: st.DataObject) -> None:
    file = encrypt_file(KEY, data)
    kept = draw.draw(st.integers(1, len(file) - 1))

    with pytest.raises((EncStringMalformed, AuthenticationFailed)):
        decrypt_file(KEY, file[:kept])


@pytest.mark.parametrize("type", [0, 1, 3, 7, 255])
def test_other_types_are_refused(type: int) -> None:
    with pytest.raises(EncryptionUnsupported, match=str(type)):
        decrypt_file(KEY, bytes([type]) + encrypt_file(KEY, b"data")[1:])


def test_an_empty_file_is_not_an_encrypted_one() -> None:
    with pytest.raises(EncStringMalformed):
        decrypt_file(KEY, b"")


# The same in pieces.


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 2**20 - 1, 2**20, 2**20 + 16, 3 * 2**20 + 5])
def test_a_file_opened_in_pieces_is_the_same(size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    pieces = list(open_file(KEY, io.BytesIO(encrypt_file(KEY, data))))

    assert b"".join(pieces) == data
    assert all(0 < len(piece) <= 2**20 + 16 for piece in pieces)


@given(st.binary(max_size=64), st.data())
def test_a_changed_or_cut_off_file_gives_no_piece(data: bytes, draw: st.DataObject) -> None:
    file = bytearray(encrypt_file(KEY, data))
    if draw.draw(st.booleans()):
        file[draw.draw(st.integers(0, len(file) - 1))] ^= draw.draw(st.integers(1, 255))
    else:
        del file[draw.draw(st.integers(0, len(file) - 1)) :]

    with pytest.raises((AuthenticationFailed, EncryptionUnsupported, EncStringMalformed)):
        open_file(KEY, io.BytesIO(file))


def test_another_key_opens_nothing() -> None:
    with pytest.raises(AuthenticationFailed):
        open_file(AttachmentKey(bytes(64)), io.BytesIO(encrypt_file(KEY, b"data")))
