from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from unittest import mock

import cryptography
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf import argon2, pbkdf2
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.answer import Answer
from bw_magics.crypto import Argon2id, Kdf, MasterKey, MasterPasswordUnlock, Pbkdf2, UserKey
from bw_magics.crypto.kdf import normalise_salt, read_kdf
from bw_magics.crypto.wrapping import open_user_key
from bw_magics.errors import EncryptionUnsupported, EncStringMalformed, KdfRefused

PASSWORD = "correct horse battery staple"


class Work:
    """Counts the started derivations."""

    def __init__(self, *mocks: mock.Mock) -> None:
        self._mocks = mocks

    @property
    def count(self) -> int:
        return sum(m.call_count for m in self._mocks)


@pytest.fixture
def work() -> Iterator[Work]:
    with (
        mock.patch.object(hashlib, "pbkdf2_hmac", return_value=bytes(32)) as pythons,
        mock.patch.object(pbkdf2, "PBKDF2HMAC") as pbkdf2hmac,
        mock.patch.object(argon2, "Argon2id") as argon2id,
    ):
        pbkdf2hmac.return_value.derive.return_value = bytes(32)
        argon2id.return_value.derive.return_value = bytes(32)
        yield Work(pythons, pbkdf2hmac, argon2id)


@pytest.mark.parametrize(
    "kdf",
    [
        Pbkdf2(5_000),
        Pbkdf2(600_000),
        Pbkdf2(2_000_000),
        Argon2id(2, 16, 1),
        Argon2id(3, 64, 4),
        Argon2id(6, 32, 4),
        Argon2id(10, 1024, 16),
    ],
)
def test_costs_from_floor_to_ceiling_are_derived(kdf: Kdf, work: Work) -> None:
    kdf.derive(password=PASSWORD, salt="salt")

    assert work.count == 1


@pytest.mark.parametrize(
    ("kdf", "named"),
    [
        (Pbkdf2(0), "iterations"),
        (Pbkdf2(-1), "iterations"),
        (Pbkdf2(1), "iterations"),
        (Pbkdf2(4_999), "iterations"),
        (Pbkdf2(2_000_001), "iterations"),
        (Pbkdf2(2**63), "iterations"),
        (Argon2id(0, 0, 0), "iterations"),
        (Argon2id(1, 16, 1), "iterations"),
        (Argon2id(11, 16, 1), "iterations"),
        (Argon2id(2, 15, 1), "memory"),
        (Argon2id(2, 1025, 1), "memory"),
        (Argon2id(2, 2**40, 1), "memory"),
        (Argon2id(2, 16, 0), "parallelism"),
        (Argon2id(2, 16, 17), "parallelism"),
    ],
)
def test_costs_outside_are_refused_before_any_work(kdf: Kdf, named: str, work: Work) -> None:
    with pytest.raises(KdfRefused, match=named) as caught:
        kdf.derive(password=PASSWORD, salt="salt")

    assert work.count == 0
    assert PASSWORD not in repr(caught.value)
    assert caught.value.remedy


def test_too_little_memory_is_a_refusal_with_a_remedy() -> None:
    with mock.patch.object(argon2, "Argon2id", side_effect=MemoryError), pytest.raises(KdfRefused):
        Argon2id(2, 1024, 1).derive(password=PASSWORD, salt="salt")


def test_an_openssl_without_argon2id_is_a_refusal_with_a_remedy() -> None:
    with (
        mock.patch.object(argon2, "Argon2id", side_effect=UnsupportedAlgorithm("no")),
        pytest.raises(KdfRefused, match="Argon2id"),
    ):
        Argon2id(2, 16, 1).derive(password=PASSWORD, salt="salt")


@pytest.mark.parametrize("version", ["44.0.0", "49.0.1.dev1", cryptography.__version__])
def test_with_every_version_of_the_library_the_key_is_the_same(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cryptography.__version__", version)

    key = Pbkdf2(5_000).derive(password=PASSWORD, salt="jane@example.org")

    assert key.material == hashlib.pbkdf2_hmac(
        "sha256", PASSWORD.encode(), b"jane@example.org", 5_000
    )


def test_other_threads_run_while_a_key_is_derived() -> None:
    steps, kdf = 0, Pbkdf2(2_000_000)
    thread = threading.Thread(target=kdf.derive, kwargs={"password": PASSWORD, "salt": "salt"})

    thread.start()
    while thread.is_alive():
        steps += 1
        time.sleep(0.001)

    assert steps > 5  # one or two where the derivation lets nobody in


@pytest.mark.parametrize("kdf", [Pbkdf2(5_000), Argon2id(2, 16, 1)])
def test_the_salt_is_trimmed_and_lower_case_and_the_password_is_neither(kdf: Kdf) -> None:
    key = kdf.derive(password=PASSWORD, salt="jane@example.org")

    assert key == kdf.derive(password=PASSWORD, salt=" Jane@Example.ORG\n")
    assert key != kdf.derive(password=f"{PASSWORD} ", salt="jane@example.org")
    assert key != kdf.derive(password=PASSWORD.upper(), salt="jane@example.org")


def test_the_password_is_not_normalised() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"

    assert Pbkdf2(5_000).derive(password=composed, salt="s") != (
        Pbkdf2(5_000).derive(password=decomposed, salt="s")
    )


def test_half_characters_become_what_official_clients_make_of_them() -> None:
    broken, repaired = "pass\udc80wort", "pass\ufffdwort"

    assert Pbkdf2(5_000).derive(password=broken, salt="s") == (
        Pbkdf2(5_000).derive(password=repaired, salt="s")
    )


@given(st.text(max_size=50))
def test_normalising_a_salt_twice_changes_nothing_more(salt: str) -> None:
    once = normalise_salt(salt)

    assert normalise_salt(once.decode()) == once


class TestReadingTheDerivation:
    """The new block and the legacy members, in both spellings."""

    @pytest.mark.parametrize(
        "block",
        [
            {"kdfType": 0, "iterations": 600_000, "memory": None, "parallelism": None},
            {"KdfType": 0, "Iterations": 600_000},
            {"KdfType": 0, "iterations": "600000", "somethingNew": {"a": 1}},
        ],
    )
    def test_pbkdf2_block(self, block: dict[str, object]) -> None:
        assert read_kdf(Answer(block)) == Pbkdf2(600_000)

    @pytest.mark.parametrize(
        "block",
        [
            {"kdfType": 1, "iterations": 6, "memory": 32, "parallelism": 4},
            {"KdfType": 1, "Iterations": 6, "Memory": 32, "Parallelism": 4},
        ],
    )
    def test_argon2id_block(self, block: dict[str, object]) -> None:
        assert read_kdf(Answer(block)) == Argon2id(6, 32, 4)

    @pytest.mark.parametrize(
        "answer",
        [
            {"Kdf": 0, "KdfIterations": 600_000, "KdfMemory": None, "KdfParallelism": None},
            {"kdf": 0, "kdfIterations": 600_000},
        ],
    )
    def test_legacy_pbkdf2(self, answer: dict[str, object]) -> None:
        assert read_kdf(Answer(answer), prefix="kdf") == Pbkdf2(600_000)

    @pytest.mark.parametrize(
        "answer",
        [
            {"Kdf": 1, "KdfIterations": 3, "KdfMemory": 64, "KdfParallelism": 4},
            {"kdf": 1, "kdfIterations": 3, "kdfMemory": 64, "kdfParallelism": 4},
        ],
    )
    def test_legacy_argon2id(self, answer: dict[str, object]) -> None:
        assert read_kdf(Answer(answer), prefix="kdf") == Argon2id(3, 64, 4)

    @pytest.mark.parametrize("prefix", ["", "kdf"])
    @pytest.mark.parametrize("answer", [{}, None, {"kdf": None}, {"kdfType": True}, []])
    def test_none_where_there_is_none(self, answer: object, prefix: str) -> None:
        assert read_kdf(Answer(answer), prefix=prefix) is None

    @pytest.mark.parametrize("kind", [2, -1, 99])
    def test_a_kind_that_is_not_known_is_refused(self, kind: int) -> None:
        with pytest.raises(KdfRefused, match=str(kind)):
            read_kdf(Answer({"kdfType": kind, "iterations": 600_000}))

    @pytest.mark.parametrize("kind", [0, 1])
    def test_missing_costs_are_refused_when_derived_not_guessed(
        self, kind: int, work: Work
    ) -> None:
        kdf = read_kdf(Answer({"kdfType": kind}))

        assert kdf is not None
        with pytest.raises(KdfRefused):
            kdf.derive(password=PASSWORD, salt="s")
        assert work.count == 0


class TestMasterPasswordUnlock:
    """Both blocks with which servers describe how to unlock an account."""

    USER_KEY = UserKey(bytes(range(64)))
    KDF = Pbkdf2(5_000)

    def wrapped(self, salt: str) -> str:
        master_key = self.KDF.derive(password=PASSWORD, salt=salt)
        return str(master_key.stretch().encrypt(self.USER_KEY.material))

    def block(self, salt: str) -> dict[str, object]:
        return {
            "Kdf": {"KdfType": 0, "Iterations": 5_000, "Memory": None, "Parallelism": None},
            "MasterKeyEncryptedUserKey": self.wrapped(salt),
            "Salt": salt,
        }

    def opened(self, unlock: MasterPasswordUnlock | None) -> UserKey:
        assert unlock is not None
        user_key = unlock.open(unlock.derive(password=PASSWORD))
        assert isinstance(user_key, UserKey)
        return user_key

    def test_the_block_with_its_own_salt(self) -> None:
        block = self.block("Another Salt")

        unlock = MasterPasswordUnlock.read(Answer(block), email="jane@example.org")

        assert self.opened(unlock) == self.USER_KEY

    def test_the_block_of_sync_is_spelled_otherwise(self) -> None:
        block = {
            "kdf": {"kdfType": 0, "iterations": 5_000},
            "masterKeyWrappedUserKey": self.wrapped("jane@example.org"),
            "salt": "jane@example.org",
        }

        assert self.opened(MasterPasswordUnlock.read(Answer(block), email=None)) == self.USER_KEY

    def test_a_missing_salt_is_the_email(self) -> None:
        block = self.block("jane@example.org") | {"Salt": None}

        unlock = MasterPasswordUnlock.read(Answer(block), email="Jane@Example.org")

        assert self.opened(unlock) == self.USER_KEY

    def test_legacy_members(self) -> None:
        answer = {"Key": self.wrapped("jane@example.org"), "Kdf": 0, "KdfIterations": 5_000}

        unlock = MasterPasswordUnlock.read_legacy(Answer(answer), email="jane@example.org")

        assert self.opened(unlock) == self.USER_KEY

    @pytest.mark.parametrize("missing", ["Kdf", "MasterKeyEncryptedUserKey"])
    def test_a_block_without_what_is_needed_is_none(self, missing: str) -> None:
        block = self.block("salt")
        del block[missing]

        assert MasterPasswordUnlock.read(Answer(block), email="e") is None

    @pytest.mark.parametrize("missing", ["Key", "Kdf"])
    def test_legacy_members_without_what_is_needed_are_none(self, missing: str) -> None:
        answer: dict[str, object] = {"Key": self.wrapped("e"), "Kdf": 0, "KdfIterations": 5_000}
        del answer[missing]

        assert MasterPasswordUnlock.read_legacy(Answer(answer), email="e") is None
        assert MasterPasswordUnlock.read_legacy(Answer({"Key": "x"}), email=None) is None

    @pytest.mark.parametrize(
        ("key", "error"), [("nonsense", EncStringMalformed), ("7.AAAA", EncryptionUnsupported)]
    )
    def test_an_unusable_user_key_is_a_typed_error(self, key: str, error: type[Exception]) -> None:
        block = self.block("salt") | {"MasterKeyEncryptedUserKey": key}

        with pytest.raises(error):
            MasterPasswordUnlock.read(Answer(block), email=None)

    def test_the_repr_shows_neither_salt_nor_key(self) -> None:
        unlock = MasterPasswordUnlock.read(Answer(self.block("jane@example.org")), email=None)

        assert repr(unlock) == "MasterPasswordUnlock(Pbkdf2(iterations=5000))"


def test_a_master_key_from_a_key_connector_needs_no_derivation() -> None:
    master_key, user_key = MasterKey.generate(), UserKey.generate()

    assert (
        open_user_key(master_key.stretch().encrypt(user_key.material), master_key=master_key)
        == user_key
    )
