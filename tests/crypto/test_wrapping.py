"""Keys wrapped under other keys: every kind under both versions, against an independent writer."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto import AttachmentKey, EncString, ItemKey, MasterKey, UserKey
from bw_magics.crypto.cose.cose_key import ContentKey, ItemKeyV2, UserKeyV2
from bw_magics.crypto.wrapping import (
    EitherItemKey,
    EitherUserKey,
    open_user_key,
    unwrap_attachment_key,
    unwrap_content_key,
    unwrap_item_key,
    unwrap_private_key,
    wrap_key,
    wrap_private_key,
)
from bw_magics.errors import (
    AuthenticationFailed,
    CoseMalformed,
    EncryptionUnsupported,
    EncStringMalformed,
)
from tests import account_v2 as writer

NUMBERS = [writer.XCHACHA, writer.XAES]


class TestOpeningTheUserKey:
    def test_the_stretched_key_opens_it(self) -> None:
        master_key, user_key = MasterKey.generate(), UserKey.generate()

        wrapped = master_key.stretch().encrypt(user_key.material)

        assert open_user_key(wrapped, master_key=master_key) == user_key

    def test_a_wrong_password_is_an_authentication_failure(self) -> None:
        wrapped = MasterKey.generate().stretch().encrypt(UserKey.generate().material)

        with pytest.raises(AuthenticationFailed):
            open_user_key(wrapped, master_key=MasterKey.generate())

    def test_a_legacy_key_opens_with_the_master_key_itself(self) -> None:
        master_key, user_key = MasterKey.generate(), UserKey.generate()
        padder, iv = padding.PKCS7(128).padder(), b"i" * 16
        encryptor = Cipher(algorithms.AES(master_key.material), modes.CBC(iv)).encryptor()
        data = encryptor.update(padder.update(user_key.material) + padder.finalize())

        assert open_user_key(EncString(0, data, iv), master_key=master_key) == user_key

    @given(st.binary(min_size=32, max_size=32))
    def test_a_wrong_password_for_a_legacy_key_is_an_authentication_failure(
        self, material: bytes
    ) -> None:
        wrapped = EncString(0, b"d" * 80, b"i" * 16)

        with pytest.raises(AuthenticationFailed):
            open_user_key(wrapped, master_key=MasterKey(material))

    def test_a_key_of_version_2_is_one(self) -> None:
        master_key, user_key = MasterKey.generate(), UserKeyV2.generate()

        wrapped = wrap_key(user_key, under=master_key.stretch())

        assert open_user_key(wrapped, master_key=master_key) == user_key

    def test_more_bytes_that_are_not_a_key_are_refused(self) -> None:
        master_key = MasterKey.generate()

        with pytest.raises(CoseMalformed):
            open_user_key(master_key.stretch().encrypt(bytes(80)), master_key=master_key)

    def test_a_key_of_another_length_is_refused(self) -> None:
        master_key = MasterKey.generate()

        with pytest.raises(EncStringMalformed):
            open_user_key(master_key.stretch().encrypt(bytes(32)), master_key=master_key)

    @pytest.mark.parametrize("type", [1, 3, 4, 7])
    def test_other_types_are_refused(self, type: int) -> None:
        with pytest.raises(EncryptionUnsupported):
            open_user_key(
                EncString(type, b"d" * 80, b"i" * 16, b"m" * 32), master_key=MasterKey.generate()
            )


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("inner", ["legacy", *NUMBERS])
class TestItemKeys:
    def test_under_a_key_of_version_2(self, number: int, inner: str | int) -> None:
        key, item = writer.CoseKey(number), item_key(inner)

        assert_same(
            unwrap_item_key(
                EncString.parse(key.wrap(item)), under=UserKeyV2.parse_padded(key.padded)
            ),
            item,
        )

    def test_under_a_key_of_version_1(self, number: int, inner: str | int) -> None:
        key, item = writer.LegacyKey(), item_key(inner)

        unwrapped = unwrap_item_key(EncString.parse(key.wrap(item)), under=UserKey(key.material))

        assert_same(unwrapped, item)

    def test_what_we_wrap(self, number: int, inner: str | int) -> None:
        key, item = UserKeyV2.generate(), item_key(inner)
        wrapped = (
            ItemKey(item.material)
            if isinstance(item, writer.LegacyKey)
            else ItemKeyV2.parse(item.encoded)
        )

        for under in (key, UserKey.generate()):
            assert unwrap_item_key(wrap_key(wrapped, under=under), under=under) == wrapped


def item_key(inner: str | int) -> writer.Key:
    return writer.LegacyKey() if isinstance(inner, str) else writer.CoseKey(inner)


def assert_same(read: EitherItemKey, written: writer.Key) -> None:
    assert isinstance(read, ItemKey) == isinstance(written, writer.LegacyKey)
    assert read.material == written.material
    assert read.encrypt_text("x")[:2] == ("2." if isinstance(read, ItemKey) else "7.")


@pytest.mark.parametrize("under", [UserKey.generate(), UserKeyV2.generate()], ids=["V1", "V2"])
class TestUnderBothVersions:
    def test_the_key_of_an_attachment(self, under: EitherUserKey) -> None:
        key = AttachmentKey.generate()

        assert unwrap_attachment_key(wrap_key(key, under=under), under=under) == key

    def test_the_key_of_contents(self, under: EitherUserKey) -> None:
        key = ContentKey.generate()

        assert unwrap_content_key(wrap_key(key, under=under), under=under) == key

    def test_the_private_key(self, under: EitherUserKey) -> None:
        assert unwrap_private_key(wrap_private_key(b"der", under=under), under=under) == b"der"

    def test_another_key_does_not_unwrap_it(self, under: EitherUserKey) -> None:
        wrapped = wrap_key(ItemKey.generate(), under=under)

        with pytest.raises(AuthenticationFailed):
            unwrap_item_key(wrapped, under=type(under).generate())
