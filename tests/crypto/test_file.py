from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto import AttachmentKey, EncString, UserKey, decrypt_file, encrypt_file
from bw_magics.crypto.file import encrypt_pieces, open_file
from bw_magics.crypto.wrapping import unwrap_attachment_key, unwrap_item_key
from bw_magics.errors import AuthenticationFailed, EncryptionUnsupported, EncStringMalformed

KEY = AttachmentKey(bytes(range(64)))
BESIDE = Path(__file__).parents[3] / "shared" / "vectors-writing.json"
VECTORS = Path(os.environ.get("BW_MAGICS_WRITING_VECTORS") or BESIDE)


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


@pytest.mark.parametrize(
    "decrypted", [decrypt_file, lambda key, file: list(open_file(key, io.BytesIO(file)))]
)
def test_nothing_of_a_file_is_decrypted_before_its_mac_fits(
    decrypted: Callable[[AttachmentKey, bytes], object],
) -> None:
    changed = bytearray(encrypt_file(KEY, b"data" * 20))
    changed[20] ^= 1

    with (
        mock.patch("bw_magics.crypto.file.Cipher") as of_pieces,
        mock.patch("bw_magics.crypto.keys.Cipher") as of_the_whole,
        pytest.raises(AuthenticationFailed),
    ):
        decrypted(KEY, bytes(changed))

    of_pieces.assert_not_called()
    of_the_whole.assert_not_called()


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


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_a_file_encrypted_in_pieces_is_one_file(pieces: list[bytes]) -> None:
    file = io.BytesIO()
    size = encrypt_pieces(KEY, pieces, file)
    assert file.tell() == 0
    assert size == len(file.getvalue())
    assert decrypt_file(KEY, file.getvalue()) == b"".join(pieces)


@pytest.mark.vectors
@pytest.mark.skipif(not VECTORS.exists(), reason="no published vectors beside the checkout")
def test_attachments_are_those_of_the_official_sdk() -> None:
    vectors = {each["id"]: each for each in json.loads(VECTORS.read_text())["vectors"]}
    for name in ("attachment.itemkey", "attachment.legacy.nokey"):
        given, expected = vectors[name]["inputs"], vectors[name]["expected"]
        key: UserKey | AttachmentKey = UserKey(base64.b64decode(given["user_key_b64"]))
        if given["cipher_key"]:
            item_key = unwrap_item_key(EncString.parse(given["cipher_key"]), under=key)
            key = unwrap_attachment_key(EncString.parse(given["attachment_key"]), under=item_key)
        contents = decrypt_file(key, base64.b64decode(given["file_b64"]))
        assert base64.b64encode(contents).decode() == expected["plain_b64"]
    size = vectors["attachment.size"]
    wanted = size["expected"]["encrypted_length"]
    assert encrypt_pieces(KEY, [bytes(size["inputs"]["plain_length"])], io.BytesIO()) == wanted
